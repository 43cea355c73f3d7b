select g.id, g.title, g.scheme,
       (select count(*) from argument_relations r where r.other = g.id and r.type in (select id from argument_relation_types where answers = 1)) as answers
from argument_claims l join arguments g on g.id = l.argument
where l.claim = :id and g.withdrawn_on is null
order by g.id
limit 200
