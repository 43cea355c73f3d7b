-- What answers the arguments on an action, and what answers those answers, three deep.
with recursive thread(other, argument, type, target, drawn_by, note, depth) as (
  select r.other, r.argument, r.type, r.target, r.drawn_by, r.note, 1
  from stances s join argument_relations r on r.other = s.argument
  where s.action = :id and r.type in (select id from argument_relation_types where answers = 1)
  union
  select r.other, r.argument, r.type, r.target, r.drawn_by, r.note, t.depth + 1
  from thread t join argument_relations r on r.other = t.argument
  where t.depth < 3 and r.type in (select id from argument_relation_types where answers = 1)
  limit 600)
select distinct t.other, t.argument, t.type, t.target, t.drawn_by, t.note, g.title
from thread t join arguments g on g.id = t.argument join argument_relation_types k on k.id = t.type
where g.withdrawn_on is null
order by k.position, t.argument
