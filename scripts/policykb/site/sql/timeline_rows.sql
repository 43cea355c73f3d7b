-- Actions by jurisdiction; one more than a page shows.
select a.id, coalesce(a.short_title, a.title) as title, a.jurisdiction
from actions a
where a.withdrawn_on is null and a.jurisdiction between :first and :last
  and (:jurisdiction = '[]' or a.jurisdiction in (select value from json_each(:jurisdiction)))
  and (:moving = '' or exists (select 1 from events e where e.action = a.id and e.date_latest >= :start and e.date_earliest < :end))
order by a.jurisdiction, a.id
limit :most offset :skip
