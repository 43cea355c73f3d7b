-- How many actions of each jurisdiction have which legal force on a day, the jurisdictions with most actions first.
select m.jurisdiction, j.name, m.number as actions, f.id as legal_force,
       coalesce((select number from counts c where c.kind = 'action' and c.filter = 'force' and c.jurisdiction = m.jurisdiction and c.value = f.id
                 and c.from_date <= :on order by c.from_date desc limit 1), 0) as number
from (select jurisdiction, number from counts where kind = 'action' and filter = 'all' and jurisdiction is not null
      order by number desc, jurisdiction limit 12) m
join jurisdictions j on j.id = m.jurisdiction
join legal_forces f
order by m.number desc, m.jurisdiction
