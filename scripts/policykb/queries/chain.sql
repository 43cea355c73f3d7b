-- What amends, revokes or carries out an action.
-- Every action related to one action, directly or through others, with the relation that links them.
-- :action id. The action to start from.
-- :depth number = 4. How many steps to follow.
with recursive linked(action, other, type, note) as (
  select action, other, type, note from action_relations
  where type in ('amends', 'revokes', 'replaces', 'implements', 'based_on', 'successor_of')),
reached(id, steps) as (
  select value, 0 from json_each(choices(:action))
  union
  select case when l.action = r.id then l.other else l.action end, r.steps + 1
  from reached r join linked l on r.id in (l.action, l.other)
  where r.steps < min(cast(coalesce(nullif(:depth, ''), 4) as integer), 10)),
nearest(id, steps) as (select id, min(steps) from reached group by id)
select l.action, a.title as action_title, l.type, l.other, b.title as other_title, l.note, min(n.steps, m.steps) as steps
from linked l
join nearest n on n.id = l.action
join nearest m on m.id = l.other
join actions a on a.id = l.action
join actions b on b.id = l.other
order by steps, l.action, l.type, l.other
