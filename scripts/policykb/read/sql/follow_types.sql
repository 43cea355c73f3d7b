-- Kinds of events by id.
select id, label from event_types
