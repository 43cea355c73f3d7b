-- What is due after a day, as the law stands on it, the soonest first.
select e.id, e.action, coalesce(a.short_title, a.title) as title, j.name as jurisdiction_name, e.type, e.date, e.note, e.unconfirmed
from events e cross join actions a on a.id = e.action join jurisdictions j on j.id = a.jurisdiction
where e.date_latest > :on and (e.moved_on is null or e.moved_on <= :on) and a.withdrawn_on is null
  and not exists (select 1 from events m where m.supersedes = e.id and m.moved_on <= :on)
order by e.date_latest, e.id
limit 8
