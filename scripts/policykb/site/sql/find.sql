-- name: actions
-- The actions whose ids are in the JSON list :ids.
select a.id, a.title, a.short_title from actions a join json_each(:ids) l on l.value = a.id

-- name: periods
select p.action, p.stage, p.legal_force, p.from_date, p.to_date
from periods p join json_each(:ids) l on l.value = p.action
order by p.action, p.position
