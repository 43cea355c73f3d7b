-- Arguments for and against an action.
-- Every argument that takes a stance on the action, who makes it and where, and how often it was answered.
-- :action id. The action.
select s.stance, g.id as argument, g.title, s.note, s.as_of,
       (select group_concat(d.authors || coalesce(', ' || p.locator, ''), '; ') from appearances p join documents d on d.id = p.document
        where p.argument = g.id) as made_by,
       (select count(*) from argument_relations r where r.other = g.id and r.type <> 'supports') as answers
from stances s
join arguments g on g.id = s.argument
join stance_types t on t.id = s.stance
where s.action = :action and g.withdrawn_on is null
order by t.position, g.id
