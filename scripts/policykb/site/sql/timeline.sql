-- name: actions
-- Actions by jurisdiction, with events in a time where :moving is 1; one more than a page shows.
select a.id, coalesce(a.short_title, a.title) as title, a.number, a.jurisdiction
from actions a
where a.withdrawn_on is null and a.jurisdiction between :first and :last
  and (:jurisdiction = '[]' or a.jurisdiction in (select value from json_each(:jurisdiction)))
  and (:moving = '' or exists (select 1 from events e where e.action = a.id and e.date_latest >= :start and e.date_earliest < :end))
order by a.jurisdiction, a.id
limit :size + 1 offset :skip

-- name: events
select e.id, e.action, e.type, e.date, e.date_earliest, e.date_latest, e.qualifier, e.unconfirmed, case when e.type = 'other' then substr(e.note, 1, 200) end as note,
       (select m.id from events m where m.supersedes = e.id limit 1) as moved_to
from json_each(:ids) j
join events e on e.action = j.value
order by e.action, e.date_earliest, e.position
limit 5000

-- name: periods
select p.action, p.position, p.stage, p.legal_force, p.from_date, p.to_date, p.event
from json_each(:ids) j
join periods p on p.action = j.value
order by p.action, p.position
limit 5000
