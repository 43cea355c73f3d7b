-- What changed between two days.
-- Every change of stage or legal force after the first day and up to the second, and the event that made it.
-- :from day = 2026-06-01. The earlier day.
-- :to day = today. The later day.
select p.from_date as day, a.id as action, a.title, a.jurisdiction, q.stage as stage_before, p.stage, q.legal_force as force_before,
       p.legal_force, e.label as because, e.note
from periods p
join actions a on a.id = p.action
left join periods q on q.action = p.action and q.position = p.position - 1
left join events e on e.id = p.event
where p.from_date > coalesce(nullif(:from, ''), date('now')) and p.from_date <= coalesce(nullif(:to, ''), date('now'))
  and a.withdrawn_on is null
order by p.from_date, a.id
