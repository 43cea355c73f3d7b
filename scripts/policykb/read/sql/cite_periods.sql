select p.position, p.stage, p.legal_force, p.from_date, p.from_latest, p.to_date, p.event, p.stage_event, p.force_event, p.order_ambiguous,
       e.date as event_date, e.date_earliest as event_earliest, e.type as event_type
from periods p left join events e on e.id = p.event
where p.action = :id
order by p.position
