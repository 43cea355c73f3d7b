-- What an argument supports or attacks, and what supports or attacks it.
select r.argument as source, r.other as target, r.type, r.target as about, r.drawn_by, r.note, case when r.argument = :id then 'out' else 'in' end as direction,
       g.id, g.title, (select p.speakers from appearances p where p.argument = g.id order by p.id limit 1) as who
from (select id from argument_relations where argument = :id union select id from argument_relations where other = :id) m
join argument_relations r on r.id = m.id
join arguments g on g.id = case when r.argument = :id then r.other else r.argument end
join argument_relation_types t on t.id = r.type
where g.withdrawn_on is null
order by direction, t.position, g.id
limit 200
