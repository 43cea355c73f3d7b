-- Deadlines and changes ahead.
-- Every dated event after a day, by the dates as they are now.
-- :on day = today. The day to look ahead from.
-- :jurisdiction id. Only these jurisdictions and those within them (empty: all).
-- :topic id. Only these topics and those within them (empty: all).
-- :until day. The last day to look at, or how far ahead, such as 30 days (empty: no end).
with recursive places(id) as (
  select value from json_each(choices(:jurisdiction))
  union select j.id from places w join jurisdictions j on j.part_of = w.id
), subjects(id) as (
  select value from json_each(choices(:topic))
  union select t.id from subjects w join topics t on t.part_of = w.id
)
select e.date_earliest as due, e.date, a.id as action, a.title, a.jurisdiction, e.type, e.note, e.unconfirmed, a.as_of
from events e
join actions a on a.id = e.action
where e.date_latest > coalesce(nullif(:on, ''), date('now')) and a.withdrawn_on is null
  and (:until = '' or e.date_earliest <= :until)
  and not exists (select 1 from events m where m.supersedes = e.id)
  and not exists (
    select 1 from periods p where p.action = a.id and p.legal_force = 'ended' and p.from_date <= coalesce(nullif(:on, ''), date('now')) and p.to_date is null)
  and (:jurisdiction = '' or a.jurisdiction in (select id from places))
  and (:topic = '' or a.id in (select t.action from action_topics t join subjects s on s.id = t.topic))
order by e.date_earliest, a.id, e.position
