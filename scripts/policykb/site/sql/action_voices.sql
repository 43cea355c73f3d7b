-- Where the arguments on an action, and their answers, are made, and by whom.
with recursive thread(argument, depth) as (
  select argument, 0 from stances where action = :id
  union
  select r.argument, t.depth + 1 from thread t join argument_relations r on r.other = t.argument where t.depth < 3 and r.type in (select id from argument_relation_types where answers = 1)
  limit 600)
select p.argument, p.document, p.locator, p.speakers, p.words, d.title, d.authors, d.container, d.publisher, d.issued, d.grade
from (select distinct argument from thread) t join appearances p on p.argument = t.argument join documents d on d.id = p.document
order by p.argument, d.issued_latest, p.id
limit 1000
