-- Duties from a day on.
-- Duties that begin to apply, and tasks that are due, on a day or later, under the law of today. Duties of actions that have ended are left out.
-- :from day = today. The first day.
-- :until day. The last day, or how far ahead, such as 30 days (empty: no end).
-- :jurisdiction id. Only these jurisdictions and those within them (empty: all).
with recursive places(id) as (
  select value from json_each(choices(:jurisdiction))
  union select j.id from places w join jurisdictions j on j.part_of = w.id
)
select coalesce(t.due, d.applies_from) as day, case when t.due is null then 'applies' else 'due' end as kind,
       d.action, a.title, a.jurisdiction, p.legal_force, d.who, d.rule, d.what, d.threshold, d.treatment, d.penalty
from duties d
join actions a on a.id = d.action
left join task_periods t on t.duty = d.id and coalesce(t.from_date, '0001-01-01') <= date('now') and coalesce(t.to_date, '9999-12-31') > date('now')
left join periods p on p.action = d.action and coalesce(p.from_date, '0001-01-01') <= date('now') and coalesce(p.to_date, '9999-12-31') > date('now')
where coalesce(t.due_latest, d.from_earliest) >= coalesce(nullif(:from, ''), date('now')) and a.withdrawn_on is null
  and (:until = '' or coalesce(t.due_latest, d.from_earliest) <= :until)
  and (p.legal_force is null or p.legal_force not in (select id from legal_forces where ceased = 1))
  and (:jurisdiction = '' or a.jurisdiction in (select id from places))
order by coalesce(t.due_latest, d.from_earliest), a.id, d.position
