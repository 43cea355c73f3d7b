-- Parts and related actions in both directions, each with its stage and legal force on the day asked for.
with related(direction, type, other, note, place) as (
  select 'part', 'part', id, null, 0 from actions where part_of = :id and withdrawn_on is null
  union all select 'to', type, other, note, id from action_relations where action = :id
  union all select 'from', type, action, note, id from action_relations where other = :id)
select r.direction, r.type, r.other as id, r.note, coalesce(a.short_title, a.title) as title, a.jurisdiction, p.stage, p.legal_force
from related r join actions a on a.id = r.other
left join periods p on p.action = a.id and coalesce(p.from_date, '0001-01-01') <= :on and (p.to_date is null or p.to_date > :on)
order by r.direction, r.place, a.id
limit 300
