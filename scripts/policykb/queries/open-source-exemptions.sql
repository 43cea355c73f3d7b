-- Actions that exempt open source, by jurisdiction.
-- What frees open source or open weights from a duty, from what, and whether it is in force on the day.
-- :on day = today. The day to look at.
select j.name as jurisdiction, a.id as action, a.title, a.part_of, p.stage, p.legal_force, a.openness_note as from_what, a.as_of
from actions a
join jurisdictions j on j.id = a.jurisdiction
left join periods p on p.action = a.id
  and coalesce(p.from_date, '0001-01-01') <= coalesce(nullif(:on, ''), date('now'))
  and coalesce(p.to_date, '9999-12-31') > coalesce(nullif(:on, ''), date('now'))
where a.openness_effect = 'exempts' and a.withdrawn_on is null
order by j.name, a.id
