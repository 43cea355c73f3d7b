-- Arguments on an action, those with most answers and supporters first.
select s.stance, s.note as stance_note, s.as_of as stance_as_of, s.drawn_by, s.inherited, g.id as argument, g.title, g.scheme,
       (select count(*) from argument_relations r where r.other = g.id or r.argument = g.id) as connected
from stances s join arguments g on g.id = s.argument join stance_types t on t.id = s.stance
where s.action = :id and g.withdrawn_on is null
order by t.position, s.inherited, connected desc, g.id
limit 200
