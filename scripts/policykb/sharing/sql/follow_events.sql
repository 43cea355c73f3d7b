-- Events by id, moved ones too, with what the change log says of them.
select e.id, e.action, coalesce(a.short_title, a.title) as title, e.type, e.date, e.date_earliest, e.date_latest, e.precision, e.qualifier, e.note, e.unconfirmed,
       a.as_of, e.id = e.action || '#' || e.position as unnamed,
       (select s.date from events s where s.supersedes = e.id and (s.moved_on is null or s.moved_on <= :today) order by s.moved_on desc, s.position limit 1) as moved_to,
       (select count(*) from changes c where c.record = e.action and c.pointer = 'events' || substr(e.id, length(e.action) + 1) || '.date') as redated,
       (select max(m.time) from changes c join commits m on m.id = c."commit"
        where c.record = e.action and (c.pointer = 'events' || substr(e.id, length(e.action) + 1) or c.pointer glob 'events' || substr(e.id, length(e.action) + 1) || '.*')) as touched,
       (select max(m.time) from changes c join commits m on m.id = c."commit"
        where c.record = e.action and c.pointer = 'events' || substr(e.id, length(e.action) + 1) and c.class = 'world' and c.change in ('added', 'moved')) as announced
from json_each(:ids) wanted join events e on e.id = wanted.value join actions a on a.id = e.action
order by e.date_earliest, e.action, e.position
