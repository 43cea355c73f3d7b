-- Actions, those with the latest news first; walks the events backwards from the day asked for, then those without any.
select a.id, coalesce(a.short_title, a.title) as title, a.jurisdiction, j.name as jurisdiction_name, a.instrument, a.openness_effect,
       p.stage, p.legal_force, p.from_date as since, l.date as latest, l.type as latest_type,
       (select count(*) from stances s where s.action = a.id) as arguments
from (
  select action, date, type from (
    select e.action, e.date, e.type from events e join actions a on a.id = e.action
    where e.date_latest <= :on and a.withdrawn_on is null
      and not exists (select 1 from events n where n.action = e.action and n.date_latest <= :on
                      and (n.date_latest > e.date_latest or (n.date_latest = e.date_latest and n.position > e.position)))
    order by e.date_latest desc)
  union all
  select a.id, null, null from actions a
  where a.withdrawn_on is null and not exists (select 1 from events e where e.action = a.id and e.date_latest <= :on)
  limit :size + 1 offset :skip) l
join actions a on a.id = l.action
join jurisdictions j on j.id = a.jurisdiction
left join periods p on p.action = a.id and coalesce(p.from_date, '0001-01-01') <= :on and (p.to_date is null or p.to_date > :on)
