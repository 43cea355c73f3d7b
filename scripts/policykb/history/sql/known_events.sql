-- The events of an action as its record says them, in its order, with the id of its own that an event has and its former ids, as JSON.
select case when id <> action || '#' || position then substr(id, length(action) + 2) end as name, id as key, date, type, note, unconfirmed,
       substr(supersedes, length(action) + 2) as supersedes, moved_on, moved_by,
       (select json_group_array(case when substr(f.former, 1, length(action) + 1) = action || '#' then substr(f.former, length(action) + 2) else f.former end)
        from (select former from event_former_ids where event = events.id order by rowid) f) as former
from events where action = :id order by position
