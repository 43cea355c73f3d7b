-- Actions by their effect on {effect_on}.
-- What each action does to {effect_on}, and whether it is in force on the day.
-- :effect id. Only these kinds of effect (empty: all).
-- :on day = today. The day to look at.
select j.name as jurisdiction, a.id as action, a.title, a.part_of, a.effect, p.stage, p.legal_force, a.effect_note as note, a.as_of
from actions a
join jurisdictions j on j.id = a.jurisdiction
left join periods p on p.action = a.id
  and coalesce(p.from_date, '0001-01-01') <= coalesce(nullif(:on, ''), date('now'))
  and coalesce(p.to_date, '9999-12-31') > coalesce(nullif(:on, ''), date('now'))
where a.effect is not null and a.withdrawn_on is null and (:effect = '' or a.effect in (select value from json_each(choices(:effect))))
order by j.name, a.id
