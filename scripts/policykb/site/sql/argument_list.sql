-- Arguments that meet the filters, the most connected first; one more than a page shows. Walks the index of ties.
with listed as (
  select g.id, g.title, g.scheme, g.ties
  from arguments g
  where g.withdrawn_on is null
    and (:stance = '[]' or exists (select 1 from stances s where s.argument = g.id and s.stance in (select value from json_each(:stance))))
    and (:unanswered = '' or not exists (select 1 from argument_relations r where r.other = g.id and r.type in (select id from argument_relation_types where answers = 1)))
  order by g.ties desc, g.id
  limit :most offset :skip)
select l.id, l.title, l.scheme, l.ties,
       (select count(*) from argument_relations r where r.other = l.id and r.type in (select id from argument_relation_types where answers = 0)) as supporters,
       (select count(*) from argument_relations r where r.other = l.id and r.type in (select id from argument_relation_types where answers = 1)) as answers,
       (select count(*) from appearances p where p.argument = l.id) as places,
       (select p.speakers from appearances p where p.argument = l.id order by p.id limit 1) as who
from listed l
order by l.ties desc, l.id
