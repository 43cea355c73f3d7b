-- Status of everything on a day.
-- The stage and legal force of every action on that day, and the event that decided it.
-- :on day = today. The day to look at.
-- :jurisdiction id. Only these jurisdictions and those within them (empty: all).
select a.id as action, a.title, a.jurisdiction, a.instrument, p.stage, p.legal_force, p.from_date as since, e.label as because, a.as_of
from actions a
join periods p on p.action = a.id
  and coalesce(p.from_date, '0001-01-01') <= coalesce(nullif(:on, ''), date('now'))
  and coalesce(p.to_date, '9999-12-31') > coalesce(nullif(:on, ''), date('now'))
left join events e on e.id = p.event
join jurisdictions j on j.id = a.jurisdiction
where a.withdrawn_on is null and (:jurisdiction = '' or j.id in (select value from json_each(choices(:jurisdiction))) or j.part_of in (select value from json_each(choices(:jurisdiction))))
order by a.jurisdiction, a.id
