-- name: sitemap
-- Every record with the day of its last change.
select r.kind, r.id, substr(max(m.time), 1, 10) as day
from records r left join changes c on c.record = r.id left join commits m on m.id = c."commit"
group by r.number
order by r.number
limit 45000

-- name: edition
-- The day of the last change of all.
select substr(time, 1, 10) as day from commits order by position desc limit 1

-- name: coverage
-- How many actions of each kind a place has, and the first and last day on which one was checked.
select j.id as jurisdiction, j.name, a.instrument, count(a.id) as number, min(a.as_of) as oldest, max(a.as_of) as newest
from jurisdictions j left join actions a on a.jurisdiction = j.id and a.withdrawn_on is null
where j.withdrawn_on is null
group by j.id, a.instrument
order by j.name, j.id

-- name: missing
-- What editors looked for and did not find: open questions, and events that no source confirms.
select a.jurisdiction, a.id as action, coalesce(a.short_title, a.title) as title, q.question as what
from open_questions q join actions a on a.id = q.action
where a.withdrawn_on is null
union all
select a.jurisdiction, a.id, coalesce(a.short_title, a.title), 'No source confirms: ' || e.label
from events e join actions a on a.id = e.action
where e.unconfirmed and a.withdrawn_on is null
order by 1, 3, 4
limit 2000
