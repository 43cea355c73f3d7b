-- What rests on a document: facts it is the source of, and claims it is evidence for or against.
select 'event' as what, e.action as id, coalesce(a.short_title, a.title) as title, e.type as detail, e.date as date, e.id as event, c.locator, c.note
from citations c join events e on e.id = c.event join actions a on a.id = e.action where c.document = :id
union all
select 'action', a.id, coalesce(a.short_title, a.title), null, null, null, c.locator, c.note from citations c join actions a on a.id = c.action where c.document = :id
union all
select 'openness', a.id, coalesce(a.short_title, a.title), null, null, null, c.locator, c.note from citations c join actions a on a.id = c.openness where c.document = :id
union all
select 'dispute', a.id, coalesce(a.short_title, a.title), d.about, null, null, c.locator, c.note
from citations c join disputes d on d.id = c.dispute join actions a on a.id = d.action where c.document = :id
union all
select 'evidence', l.id, l.text, v.finding, null, null, v.locator, v.note from evidence v join claims l on l.id = v.claim where v.document = :id
order by 1, 3, 5
limit 500
