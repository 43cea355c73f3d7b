-- Actions not checked for a long time.
-- Actions whose status no one has confirmed for a long time, the oldest first.
-- :on day = today. The day from which to count.
-- :days number = 180. After how many days an action is listed.
select a.id as action, a.title, a.jurisdiction, a.as_of,
       cast(julianday(coalesce(nullif(:on, ''), date('now'))) - julianday(a.as_of) as integer) as days_old
from actions a
where a.as_of <= date(coalesce(nullif(:on, ''), date('now')), '-' || cast(coalesce(nullif(:days, ''), 180) as integer) || ' days')
  and a.withdrawn_on is null
order by a.as_of, a.id
