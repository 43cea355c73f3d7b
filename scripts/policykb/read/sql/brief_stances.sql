-- Arguments on an action, those with most ties to others first.
select s.stance, s.note as stance_note, s.as_of as stance_as_of, s.drawn_by, s.inherited, g.id as argument, g.title
from stances s join arguments g on g.id = s.argument join stance_types t on t.id = s.stance
where s.action = :id and g.withdrawn_on is null
order by t.position, s.inherited, g.ties desc, g.id
