-- name: sitemap
-- The records from a number to another, with the day of the last change of each.
select r.kind, r.id, substr(max(m.time), 1, 10) as day
from records r left join changes c on c.record = r.id left join commits m on m.id = c."commit"
where r.number between :first and :last
group by r.number
order by r.number

-- name: records
-- How many records there are.
select max(number) as number from records

-- name: edition
-- The day of the last change of all.
select substr(time, 1, 10) as day from commits order by position desc limit 1

-- name: coverage
-- How many actions of each kind a place has, and the first and last day on which one of its actions was checked.
select j.id as jurisdiction, j.name, c.value as instrument, c.number,
       (select min(a.as_of) from actions a where a.jurisdiction = j.id and a.withdrawn_on is null) as oldest,
       (select max(a.as_of) from actions a where a.jurisdiction = j.id and a.withdrawn_on is null) as newest
from jurisdictions j
left join counts c on c.kind = 'action' and c.filter = 'instrument' and c.jurisdiction = j.id
where j.withdrawn_on is null
order by j.name, j.id, c.value

-- name: missing
-- What editors looked for and did not find: open questions, and events that no source confirms.
select a.jurisdiction, a.id as action, coalesce(a.short_title, a.title) as title, q.question as what
from open_questions q join actions a on a.id = q.action
where a.withdrawn_on is null
union all
select a.jurisdiction, a.id, coalesce(a.short_title, a.title), 'No source confirms: ' || e.label
from events e join actions a on a.id = e.action
where e.unconfirmed = 1 and a.withdrawn_on is null
order by 1, 3, 4
limit 2000
