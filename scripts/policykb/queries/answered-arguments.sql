-- Arguments and their answers.
-- Each argument about the action that another argument rebuts, undercuts or qualifies, with that answer.
-- :action id. The action (empty: all).
-- :stance id. Only arguments with this stance (empty: all).
with asked as (
  select argument, action, stance from stances where :action = ''
  union all
  select s.argument, s.action, s.stance from json_each(choices(:action)) v cross join stances s on s.action = v.value)
select distinct s.argument, g.title, s.stance, s.action, r.type as answer_type, h.id as answer, h.title as answer_title, r.target, r.drawn_by, r.note
from asked s
join arguments g on g.id = s.argument
join argument_relations r on r.other = g.id and r.type <> 'supports'
join arguments h on h.id = r.argument
where (:stance = '' or s.stance in (select value from json_each(choices(:stance)))) and g.withdrawn_on is null and h.withdrawn_on is null
order by s.argument, s.action, r.type, h.id
