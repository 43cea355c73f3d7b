-- Arguments and their answers.
-- Each argument about the action that another argument rebuts, undercuts or qualifies, with that answer.
-- :action id. The action (empty: all).
-- :stance id. Only arguments with this stance (empty: all).
select distinct g.id as argument, g.title, s.stance, s.action, r.type as answer_type, h.id as answer, h.title as answer_title, r.target, r.drawn_by, r.note
from stances s
join arguments g on g.id = s.argument
join argument_relations r on r.other = g.id and r.type <> 'supports'
join arguments h on h.id = r.argument
where (:action = '' or s.action in (select value from json_each(choices(:action)))) and (:stance = '' or s.stance in (select value from json_each(choices(:stance)))) and g.withdrawn_on is null and h.withdrawn_on is null
order by g.id, s.action, r.type, h.id
