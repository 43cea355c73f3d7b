-- name: actions
-- Actions by jurisdiction that pass every filter, with events in a time where :moving is 1; one more than a page shows.
-- A filter is a JSON list of which any value passes; an empty list lets everything pass. Ideas only where :ideas is 1.
-- Where :few, a JSON list, names all that can pass, these alone are read; else the walk by jurisdiction stops when the page is full.
with matches as not materialized (
  select a.id, coalesce(a.short_title, a.title) as title, a.number, a.jurisdiction
  from actions a
  where a.withdrawn_on is null
    and (:instrument = '[]' or a.instrument in (select value from json_each(:instrument)))
    and (:effect = '[]' or a.effect in (select value from json_each(:effect)))
    and (:ideas = '1' or a.instrument not in (select id from instruments where idea = 1))
    and (:topic = '[]' or exists (
           select 1 from action_topics t where t.action = a.id and t.topic in (
             select k.id from json_each(:topic) v join topics k on v.value in (k.id, k.part_of))))
    and (:stage = '[]' and :force = '[]' or exists (
           select 1 from periods p
           where p.action = a.id and coalesce(p.from_date, '0001-01-01') <= :on and (p.to_date is null or p.to_date > :on)
             and (:stage = '[]' or p.stage in (select value from json_each(:stage)))
             and (:force = '[]' or p.legal_force in (select value from json_each(:force)))))
    and (:moving = '' or exists (select 1 from events e where e.action = a.id and e.date_latest >= :start and e.date_earliest < :end))),
places as not materialized (
  select id, name from jurisdictions j
  where :jurisdiction = '[]' or exists (select 1 from json_each(:jurisdiction) v where v.value in (j.id, j.part_of)))
select * from (
  select m.*, j.name as place from places j cross join matches m on m.jurisdiction = j.id where :few = ''
  order by j.name collate nocase, j.id, m.id limit :size + 1 offset :skip)
union all
select * from (
  select m.*, j.name as place
  from json_each(coalesce(nullif(:few, ''), '[]')) f cross join matches m on m.id = f.value cross join places j on j.id = m.jurisdiction
  order by j.name collate nocase, j.id, m.id limit :size + 1 offset :skip)

-- name: months
-- How many events there were up to each month: of everything, or of a jurisdiction or topic.
select from_date, number from counts
where kind = 'event' and filter = :filter and jurisdiction is null and value = :place
order by from_date
limit 5000

-- name: places
-- All, jurisdictions and topics that have numbers of events, as parameters of `months`.
select distinct filter, value as place from counts
where kind = 'event' and filter in ('all', 'jurisdiction', 'topic') and jurisdiction is null

-- name: events
select e.id, e.action, e.type, e.date, e.date_earliest, e.date_latest, e.qualifier, e.unconfirmed, case when e.type = 'other' then substr(e.note, 1, 200) end as note,
       (select m.id from events m where m.supersedes = e.id limit 1) as moved_to
from json_each(:ids) j
join events e on e.action = j.value
order by e.action, e.date_earliest, e.position
limit 5000

-- name: shown
-- The events of these actions that may fall into a time, if one is given, by action and day; one more than a file has.
select e.id
from json_each(:ids) j join events e on e.action = j.value
where e.date_latest >= :start and (:end = '' or e.date_earliest < :end)
order by j.key, e.date_earliest, e.position
limit 5001

-- name: periods
select p.action, p.position, p.stage, p.legal_force, p.from_date, p.to_date, p.event
from json_each(:ids) j
join periods p on p.action = j.value
order by p.action, p.position
limit 5000
