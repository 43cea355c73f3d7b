select e.*, t.label as kind from events e join event_types t on t.id = e.type where e.action = :id order by e.date_earliest, e.position
