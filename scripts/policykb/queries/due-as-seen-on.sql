-- What was due, as seen on a day.
-- The events ahead as the law stood on that day: dates that were moved later appear as they were then.
-- :on day = today. The day from which to look.
select e.date_earliest as due, e.date, a.id as action, a.title, e.type, e.note,
       (select min(m.moved_on) from events m where m.supersedes = e.id and m.moved_on > coalesce(nullif(:on, ''), date('now'))) as moved_later_on
from events e
join actions a on a.id = e.action
where e.date_latest > coalesce(nullif(:on, ''), date('now'))
  and coalesce(e.moved_on, '0001-01-01') <= coalesce(nullif(:on, ''), date('now'))
  and not exists (select 1 from events m where m.supersedes = e.id and m.moved_on <= coalesce(nullif(:on, ''), date('now')))
  and exists (select 1 from events f where f.action = a.id and f.date_earliest <= coalesce(nullif(:on, ''), date('now')))
  and a.withdrawn_on is null
order by e.date_earliest, a.id, e.position
