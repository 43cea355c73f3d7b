-- name: changes
-- The latest events up to a day, the newest first. Those of a part are left out where the whole has one on the same day,
-- those of an action that relates to another (implements, amends ...) where the other has one of the same type; so are events of the types :unofficial, a JSON list, that began no status.
select e.id, e.action, coalesce(a.short_title, a.title) as title, a.number, j.name as jurisdiction_name, e.type, e.date, e.note, e.unconfirmed
from events e cross join actions a on a.id = e.action join jurisdictions j on j.id = a.jurisdiction
where e.date_latest <= :on and a.withdrawn_on is null
  and not exists (select 1 from events m where m.supersedes = e.id and m.moved_on <= :on)
  and not exists (select 1 from events w where w.action = a.part_of and w.date = e.date)
  and not exists (select 1 from action_relations r join events w on w.action = r.other where r.action = e.action and w.date = e.date and w.type = e.type
                  and (w.action < e.action or not exists (select 1 from action_relations b where b.action = r.other and b.other = e.action)))
  and (e.type not in (select value from json_each(:unofficial)) or exists (select 1 from periods p where p.action = e.action and p.event = e.id))
order by e.date_latest desc, e.id
limit 8

-- name: upcoming
-- What is due after a day, as the law is on that day, the soonest first. Days of a part, and of an
-- action that relates to another, are left out as for `changes`.
select e.id, e.action, coalesce(a.short_title, a.title) as title, a.number, j.name as jurisdiction_name, e.type, e.date, e.note, e.unconfirmed
from events e cross join actions a on a.id = e.action join jurisdictions j on j.id = a.jurisdiction
where e.date_latest > :on and (e.moved_on is null or e.moved_on <= :on) and a.withdrawn_on is null
  and not exists (select 1 from events m where m.supersedes = e.id and m.moved_on <= :on)
  and not exists (select 1 from events w where w.action = a.part_of and w.date = e.date)
  and not exists (select 1 from action_relations r join events w on w.action = r.other where r.action = e.action and w.date = e.date and w.type = e.type
                  and (w.action < e.action or not exists (select 1 from action_relations b where b.action = r.other and b.other = e.action)))
order by e.date_latest, e.id
limit 8

-- name: matrix
-- How many actions of each jurisdiction and of those within it have which legal force on a day, those with most actions first.
select m.jurisdiction, j.name, m.number as actions, f.id as legal_force,
       (select sum(coalesce((select number from counts c where c.kind = 'action' and c.filter = 'force' and c.jurisdiction = k.id and c.value = f.id
                             and c.from_date <= :on order by c.from_date desc limit 1), 0))
        from jurisdictions k where m.jurisdiction in (k.id, k.part_of)) as number
from (select value as jurisdiction, number from counts where kind = 'action' and filter = 'jurisdiction' and jurisdiction is null
      order by number desc, value limit 12) m
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
