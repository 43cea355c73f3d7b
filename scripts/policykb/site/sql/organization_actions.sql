-- Actions in which an organization has a part, each with its stage and legal force on the day asked for.
select a.id, coalesce(a.short_title, a.title) as title, a.jurisdiction, j.name as jurisdiction_name, a.instrument, a.openness_effect, b.role, b.note,
       p.stage, p.legal_force, e.date as latest, e.type as latest_type, (select count(*) from stances s where s.action = a.id) as arguments
from action_bodies b join actions a on a.id = b.action join jurisdictions j on j.id = a.jurisdiction
left join periods p on p.action = a.id and coalesce(p.from_date, '0001-01-01') <= :on and (p.to_date is null or p.to_date > :on)
left join events e on e.rowid = (select n.rowid from events n where n.action = a.id and n.date_latest <= :on order by n.date_latest desc, n.position desc limit 1)
where b.organization = :id and a.withdrawn_on is null
order by e.date_latest is null, e.date_latest desc, a.id
limit 200
