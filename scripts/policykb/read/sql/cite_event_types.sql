select id, label from event_types
