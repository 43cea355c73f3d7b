-- The next events from a day on, of all actions or of those in a scope; not of actions that have ended.
with recursive places(id) as (
  select :id
  union select j.id from jurisdictions j join places p on j.part_of = p.id where :kind = 'jurisdiction'
  union select t.id from topics t join places p on t.part_of = p.id where :kind = 'topic'
), scope(id) as (
  select :id where :kind = 'action'
  union select a.id from actions a join places p on a.jurisdiction = p.id where :kind = 'jurisdiction'
  union select t.action from action_topics t join places p on t.topic = p.id where :kind = 'topic'
)
select id from (
  select e.id from events e cross join actions a on a.id = e.action
  where :kind = 'all' and a.withdrawn_on is null and e.date_latest >= :today
    and not exists (select 1 from periods p where p.action = a.id and p.legal_force in (select id from legal_forces where ceased = 1) and p.from_date <= :today and p.to_date is null)
  order by e.date_latest, e.id
  limit :most)
union all
select id from (
  select e.id from scope join events e on e.action = scope.id join actions a on a.id = e.action
  where a.withdrawn_on is null and e.date_latest >= :today
    and not exists (select 1 from periods p where p.action = a.id and p.legal_force in (select id from legal_forces where ceased = 1) and p.from_date <= :today and p.to_date is null)
  order by e.date_latest, e.id
  limit :most)
