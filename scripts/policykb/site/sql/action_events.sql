select e.id, e.position, e.type, e.date, e.date_earliest, e.date_latest, e.note, e.unconfirmed, e.supersedes, e.moved_on, e.moved_by,
       (select json_group_array(f.former) from (select former from event_former_ids where event = e.id order by rowid) f) as former,
       coalesce(m.short_title, m.title) as moved_by_title
from events e left join actions m on m.id = e.moved_by
where e.action = :id
order by e.date_earliest desc, e.position desc
limit 500
