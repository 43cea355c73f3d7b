-- Open tasks.
-- Duties to do something once that no event says were done, as of a day: those due first come first. Tasks of actions that have ended are left out.
-- :on day = today. The day.
-- :jurisdiction id. Only these jurisdictions and those within them (empty: all).
-- :action id. Only these actions (empty: all).
with recursive places(id) as (
  select value from json_each(choices(:jurisdiction))
  union select j.id from places w join jurisdictions j on j.part_of = w.id
)
select s.label as state, p.due, d.action, a.title, a.jurisdiction, d.who, d.what, d.outcome, a.as_of
from task_periods p
join task_states s on s.id = p.state
join duties d on d.id = p.duty
join actions a on a.id = d.action
where p.state in ('overdue', 'due', 'undated') and a.withdrawn_on is null
  and coalesce(p.from_date, '0001-01-01') <= coalesce(nullif(:on, ''), date('now'))
  and coalesce(p.to_date, '9999-12-31') > coalesce(nullif(:on, ''), date('now'))
  and (:jurisdiction = '' or a.jurisdiction in (select id from places))
  and (:action = '' or a.id in (select value from json_each(choices(:action))))
order by s.position, p.due_latest, a.id, d.position
