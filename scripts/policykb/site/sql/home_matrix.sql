-- How many actions of each jurisdiction have which legal force on a day, the jurisdictions with most actions first.
with most as (
  select jurisdiction, count(*) as actions from actions where withdrawn_on is null group by jurisdiction order by actions desc, jurisdiction limit 12)
select m.jurisdiction, j.name, m.actions, p.legal_force, count(*) as number
from most m join jurisdictions j on j.id = m.jurisdiction join actions a on a.jurisdiction = m.jurisdiction and a.withdrawn_on is null
left join periods p on p.action = a.id and coalesce(p.from_date, '0001-01-01') <= :on and (p.to_date is null or p.to_date > :on)
group by m.jurisdiction, p.legal_force
order by m.actions desc, m.jurisdiction
