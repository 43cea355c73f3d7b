-- What was due, as seen on a day.
-- Dates fixed in advance, as they were on that day. A date that moved later appears as it was then.
-- :on day = today. The day from which to look.
select e.date_earliest as due, e.date, a.id as action, a.title, e.type, e.note,
       (select min(m.moved_on) from events m where m.supersedes = e.id and m.moved_on > coalesce(nullif(:on, ''), date('now'))) as moved_later_on
from events e
join actions a on a.id = e.action
join event_types t on t.id = e.type and t.foreseeable = 'yes'
where e.date_latest > coalesce(nullif(:on, ''), date('now'))
  and coalesce(e.moved_on, '0001-01-01') <= coalesce(nullif(:on, ''), date('now'))
  and not exists (select 1 from events m where m.supersedes = e.id and m.moved_on <= coalesce(nullif(:on, ''), date('now')))
  and exists (
    select 1 from events f join event_types k on k.id = f.type
    where f.action = a.id and f.date_earliest <= coalesce(nullif(:on, ''), date('now'))
      and (k.stage = 'adopted' or e.type in ('deadline', 'consultation_closed')))
  and not exists (
    select 1 from periods p where p.action = a.id and p.legal_force = 'ended' and p.from_date <= coalesce(nullif(:on, ''), date('now')) and p.to_date is null)
  and a.withdrawn_on is null
order by e.date_earliest, a.id, e.position
