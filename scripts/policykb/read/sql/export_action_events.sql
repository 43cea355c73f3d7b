-- An event whose date was moved stands in the event it was moved to, as `previous`. `former` are earlier ids, as JSON.
select e.action as of, e.id, e.type, t.label, e.date, e.note, e.unconfirmed, o.date as previous,
       (select json_group_array(f.former) from (select former from event_former_ids where event = e.id order by rowid) f) as former
from events e join event_types t on t.id = e.type left join events o on o.id = e.supersedes
where e.action between :first and :last and not exists (select 1 from events n where n.supersedes = e.id)
order by e.action, e.position
