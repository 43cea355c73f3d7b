-- The events of an action as its record says them, in its order, with the name an event has of its own.
select case when id <> action || '#' || position then substr(id, length(action) + 2) end as name, id as key, date, type, note, unconfirmed,
       substr(supersedes, length(action) + 2) as supersedes, moved_on, moved_by
from events where action = :id order by position
