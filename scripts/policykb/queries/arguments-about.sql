-- Arguments for and against an action.
-- Every argument that takes a stance on the action, who makes it and where, and how often it was answered. Written before action: 1 if every text that makes it was published before the first event of the action. Inherited: 1 if the stance follows only from the thesis of the text.
-- :action id. The action.
select s.stance, g.id as argument, g.title, s.action, s.note, s.as_of,
       (select min(v.written_before_action) from voices v where v.action = s.action and v.argument = g.id and v.stance = s.stance) as written_before_action,
       s.drawn_by, s.inherited,
       (select group_concat(said, '; ') from (
          select p.speakers || coalesce(', ' || p.locator, '') as said from appearances p where p.argument = g.id order by p.id)) as made_by,
       (select count(*) from argument_relations r where r.other = g.id and r.type <> 'supports') as answers
from stances s
join arguments g on g.id = s.argument
join stance_types t on t.id = s.stance
where s.action in (select value from json_each(choices(:action))) and g.withdrawn_on is null
order by t.position, s.inherited, g.id
