-- The event that an earlier address of an event leads to, the address as it was asked for first.
select event from event_former_ids where former in (:asked, :now) order by former <> :asked limit 1
