-- name: actions
-- Actions by jurisdiction that pass every filter, with events in a time where :moving is 1; one more than a page shows.
-- A filter is a JSON list of which any value passes; an empty list lets everything pass. Ideas only where :ideas is 1.
select a.id, coalesce(a.short_title, a.title) as title, a.number, a.jurisdiction, j.name as place
from jurisdictions j
cross join actions a on a.jurisdiction = j.id
where a.withdrawn_on is null
  and (:jurisdiction = '[]' or exists (select 1 from json_each(:jurisdiction) v where v.value in (j.id, j.part_of)))
  and (:topic = '[]' or exists (
         select 1 from action_topics t where t.action = a.id and t.topic in (
           select k.id from json_each(:topic) v join topics k on v.value in (k.id, k.part_of))))
  and (:instrument = '[]' or a.instrument in (select value from json_each(:instrument)))
  and (:openness = '[]' or a.openness_effect in (select value from json_each(:openness)))
  and (:stage = '[]' and :force = '[]' or exists (
         select 1 from periods p
         where p.action = a.id and coalesce(p.from_date, '0001-01-01') <= :on and (p.to_date is null or p.to_date > :on)
           and (:stage = '[]' or p.stage in (select value from json_each(:stage)))
           and (:force = '[]' or p.legal_force in (select value from json_each(:force)))))
  and (:ideas = '1' or a.instrument not in (select id from instruments where idea = 1))
  and (:moving = '' or exists (select 1 from events e where e.action = a.id and e.date_latest >= :start and e.date_earliest < :end))
order by j.name collate nocase, j.id, a.id
limit :size + 1 offset :skip

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

-- name: periods
select p.action, p.position, p.stage, p.legal_force, p.from_date, p.to_date, p.event
from json_each(:ids) j
join periods p on p.action = j.value
order by p.action, p.position
limit 5000
