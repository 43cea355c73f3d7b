-- Actions by jurisdiction; one more than a page shows.
select a.id, coalesce(a.short_title, a.title) as title, a.jurisdiction
from actions a
where a.withdrawn_on is null and (:jurisdiction = '' or a.jurisdiction = :jurisdiction)
  and (:moving = '' or exists (select 1 from events e where e.action = a.id and e.date_latest >= :start and e.date_earliest < :end))
order by a.jurisdiction, a.rowid
limit :most offset :skip
