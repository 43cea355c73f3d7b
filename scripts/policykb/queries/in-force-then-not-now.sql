-- In force on one day but not on a later day.
-- Actions that were binding, fully or in part, on the first day and are not on the second, and why.
-- :from day = 180 days. The day on which they were binding, or how long ago, such as 30 days.
-- :to day = today. The day on which they are no longer binding.
-- :jurisdiction id. Only these jurisdictions and those within them (empty: all).
select a.id as action, a.title, a.jurisdiction, p.legal_force as force_then, q.legal_force as force_now, q.from_date as since, e.label as because
from periods p
join periods q on q.action = p.action
join actions a on a.id = p.action
join jurisdictions j on j.id = a.jurisdiction
left join events e on e.id = q.event
where p.legal_force in ('in_force', 'partly') and q.legal_force not in ('in_force', 'partly')
  and p.from_date <= coalesce(nullif(:from, ''), date('now', '-180 days')) and coalesce(p.to_date, '9999-12-31') > coalesce(nullif(:from, ''), date('now', '-180 days'))
  and q.from_date <= coalesce(nullif(:to, ''), date('now')) and coalesce(q.to_date, '9999-12-31') > coalesce(nullif(:to, ''), date('now'))
  and a.withdrawn_on is null and (:jurisdiction = '' or j.id in (select value from json_each(choices(:jurisdiction))) or j.part_of in (select value from json_each(choices(:jurisdiction))))
order by a.id
