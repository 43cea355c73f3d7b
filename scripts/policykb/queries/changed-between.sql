-- What changed between two days.
-- Every change of stage or legal force after the first day and up to the second, and the event that caused it. On request, every other event too.
-- :from day = 30 days. The earlier day, or how long ago, such as 30 days.
-- :to day = today. The later day.
-- :jurisdiction id. Only these jurisdictions and those within them (empty: all).
-- :topic id. Only these topics and those within them (empty: all).
-- :events yes. yes: list every event of these days (empty: only those that changed a status).
with recursive places(id) as (
  select value from json_each(choices(:jurisdiction))
  union select j.id from places w join jurisdictions j on j.part_of = w.id
), subjects(id) as (
  select value from json_each(choices(:topic))
  union select t.id from subjects w join topics t on t.part_of = w.id
), changes(day, action, stage_before, stage, force_before, legal_force, event) as (
  select p.from_date, p.action, q.stage, p.stage, q.legal_force, p.legal_force, p.event
  from periods p
  left join periods q on q.action = p.action and q.position = p.position - 1
  where p.from_date > coalesce(nullif(:from, ''), date('now', '-30 days')) and p.from_date <= coalesce(nullif(:to, ''), date('now'))
  union all
  select e.date_latest, e.action, null, null, null, null, e.id
  from events e
  where :events = 'yes'
    and e.date_latest > coalesce(nullif(:from, ''), date('now', '-30 days')) and e.date_latest <= coalesce(nullif(:to, ''), date('now'))
    and not exists (select 1 from events m where m.supersedes = e.id)
    and not exists (select 1 from periods p where p.action = e.action and p.event = e.id)
)
select c.day, a.id as action, a.title, a.jurisdiction, c.stage_before, c.stage, c.force_before, c.legal_force, e.label as because, e.note
from changes c
join actions a on a.id = c.action
left join events e on e.id = c.event
where a.withdrawn_on is null
  and (:jurisdiction = '' or a.jurisdiction in (select id from places))
  and (:topic = '' or a.id in (select t.action from action_topics t join subjects s on s.id = t.topic))
order by c.day, a.id, e.position
