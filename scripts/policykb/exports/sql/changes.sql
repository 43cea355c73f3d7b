-- name: rows
-- The changes of the change log with their commits and records, as entries of feeds need them.
select c."commit", m.time, m.subject, c.kind, c.record, coalesce(a.short_title, r.title, c.record) as title,
       r.id is not null as present, c.change, c.pointer, c."before", c."after", c.class, c.stated,
       (select value from kb_info where key = 'effect_on') as effect_on
from changes c
join commits m on m.id = c."commit"
left join records r on r.id = c.record
left join actions a on a.id = c.record
