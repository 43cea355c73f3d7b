-- name: changes
-- The latest events up to a day, the newest first.
select e.id, e.action, coalesce(a.short_title, a.title) as title, a.number, j.name as jurisdiction_name, e.type, e.date, e.note, e.unconfirmed
from events e cross join actions a on a.id = e.action join jurisdictions j on j.id = a.jurisdiction
where e.date_latest <= :on and a.withdrawn_on is null
  and not exists (select 1 from events m where m.supersedes = e.id and m.moved_on <= :on)
order by e.date_latest desc, e.id
limit 8

-- name: upcoming
-- What is due after a day, as the law is on that day, the soonest first.
select e.id, e.action, coalesce(a.short_title, a.title) as title, a.number, j.name as jurisdiction_name, e.type, e.date, e.note, e.unconfirmed
from events e cross join actions a on a.id = e.action join jurisdictions j on j.id = a.jurisdiction
where e.date_latest > :on and (e.moved_on is null or e.moved_on <= :on) and a.withdrawn_on is null
  and not exists (select 1 from events m where m.supersedes = e.id and m.moved_on <= :on)
order by e.date_latest, e.id
limit 8

-- name: matrix
-- How many actions of each jurisdiction have which legal force on a day, the jurisdictions with most actions first.
select m.jurisdiction, j.name, m.number as actions, f.id as legal_force,
       coalesce((select number from counts c where c.kind = 'action' and c.filter = 'force' and c.jurisdiction = m.jurisdiction and c.value = f.id
                 and c.from_date <= :on order by c.from_date desc limit 1), 0) as number
from (select jurisdiction, number from counts where kind = 'action' and filter = 'all' and jurisdiction is not null
      order by number desc, jurisdiction limit 12) m
join jurisdictions j on j.id = m.jurisdiction
join legal_forces f
order by m.number desc, m.jurisdiction

-- name: argued
-- The actions most argued about, with the number of arguments of each stance and their status on a day.
with most as (select id, title, short_title, arguments, argument_documents, argument_speakers from actions where withdrawn_on is null and arguments > 0 order by arguments desc, id limit 8)
select m.id as action, m.arguments, m.argument_documents, m.argument_speakers, coalesce(m.short_title, m.title) as title, p.stage, p.legal_force,
       c.supports, c.opposes, c.supports_if, c.warns
from most m
cross join stance_counts c on c.action = m.id
left join periods p on p.action = m.id and coalesce(p.from_date, '0001-01-01') <= :on and (p.to_date is null or p.to_date > :on)
order by m.arguments desc, m.id
