select e.id, e.action, e.type, e.date, e.date_earliest, e.date_latest, e.qualifier, e.unconfirmed, case when e.type = 'other' then substr(e.note, 1, 200) end as note,
       (select m.id from events m where m.supersedes = e.id limit 1) as moved_to
from json_each(:ids) j
join events e on e.action = j.value
order by e.action, e.date_earliest, e.position
limit 5000
