-- name: actions
-- The actions with the ids :ids (JSON array), in that order.
select a.id, coalesce(a.short_title, a.title) as title, a.title as full_title, a.jurisdiction, j.name as jurisdiction_name, a.instrument,
       a.bindingness, a.effect, a.effect_note, a.as_of, a.withdrawn_on
from json_each(:ids) v join actions a on a.id = v.value join jurisdictions j on j.id = a.jurisdiction
order by v.key

-- name: identifiers
select i.action, i.display, i.url
from json_each(:ids) v join action_identifiers i on i.action = v.value
order by v.key, i.id
limit 500

-- name: periods
select p.action, p.position, p.stage, p.legal_force, p.from_date, p.from_latest, p.to_date, p.event, p.stage_event, p.force_event, p.order_ambiguous,
       e.date as event_date, e.date_earliest as event_earliest, e.type as event_type
from json_each(:ids) v join periods p on p.action = v.value left join events e on e.id = p.event
order by p.action, p.position
limit 2000

-- name: events
select e.id, e.action, e.position, e.type, e.date, e.date_earliest, e.date_latest, e.note, e.unconfirmed, e.supersedes, e.moved_on
from json_each(:ids) v join events e on e.action = v.value
order by e.action, e.position
limit 5000

-- name: duties
-- The duties of these actions, in the order of their types. A task has what became of it by the day :on: its state, its due date,
-- and the event by which it was done, if that had happened.
select d.id, d.action, d.position, d.who, d.rule, d.type, d.what, d.threshold, d.applies_from, d.applies_until, d.penalty, d.treatment,
       d.exemption, d.locator, coalesce(a.short_title, a.title) as title, a.jurisdiction,
       p.state, p.due, p.due_latest, p.deadline, d.outcome, e.id as done_by, e.date as done_on, e.date_earliest as done_earliest, e.unconfirmed
from json_each(:ids) v join duties d on d.action = v.value join actions a on a.id = d.action join duty_types t on t.id = d.type
left join task_periods p on p.duty = d.id and coalesce(p.from_date, '0001-01-01') <= :on and (p.to_date is null or p.to_date > :on)
left join events e on e.id = d.done_by and e.date_earliest <= :on
order by v.key, t.position, d.position
limit 5000

-- name: enforcers
select e.duty, e.organization as id, o.name
from json_each(:ids) v join duties d on d.action = v.value join duty_enforcers e on e.duty = d.id join organizations o on o.id = e.organization
order by e.id
limit 5000

-- name: citations
-- The sources of the effects of these actions, and of the events with the ids :event_ids (JSON array), official ones first and then the best.
with cited(fact, document, locator, note, id) as (
  select c.effect, c.document, c.locator, c.note, c.id from json_each(:ids) v join citations c on c.effect = v.value
  union all select c.event, c.document, c.locator, c.note, c.id from json_each(:event_ids) v join citations c on c.event = v.value)
select c.fact, c.document, c.locator, c.note, d.title, d.authors, d.container, d.publisher, d.issued, d.url, d.grade, d.official
from cited c join documents d on d.id = c.document join grades g on g.id = d.grade
order by d.official = 0, g.position, c.id
limit 10000

-- name: duty_sources
-- The sources of the duties of these actions, official ones first and then the best.
select c.duty as fact, c.document, c.locator, c.note, d.title, d.authors, d.container, d.publisher, d.issued, d.url, d.grade, d.official
from json_each(:ids) v join duties k on k.action = v.value join citations c on c.duty = k.id join documents d on d.id = c.document join grades g on g.id = d.grade
order by d.official = 0, g.position, c.id
limit 10000

-- name: sides
-- How many arguments take each side on these actions; inherited stances are left out.
select s.action, t.side, count(distinct s.argument) as number
from json_each(:ids) v join stances s on s.action = v.value join stance_types t on t.id = s.stance join arguments g on g.id = s.argument
where s.inherited = 0 and g.withdrawn_on is null and t.side <> ''
group by s.action, t.side

-- name: passing
-- The duties that pass the filters, by their actions; one more than are read. Walks the index of duties.
-- A filter is a JSON list of which any value passes; an empty list lets everything pass. The days :from and :until, '' for none,
-- are the first and the last on which a duty may begin to apply or a task may be due.
select d.action, d.id
from duties d
cross join actions a on a.id = d.action
left join periods p on p.action = d.action and coalesce(p.from_date, '0001-01-01') <= :on and (p.to_date is null or p.to_date > :on)
left join task_periods t on t.duty = d.id and coalesce(t.from_date, '0001-01-01') <= :on and (t.to_date is null or t.to_date > :on)
where a.withdrawn_on is null
  and (:type = '[]' or d.type in (select value from json_each(:type)))
  and (:rule = '[]' or d.rule in (select value from json_each(:rule)))
  and (:treatment = '[]' or d.treatment in (select value from json_each(:treatment)))
  and (:task = '[]' or t.state in (select value from json_each(:task)))
  and (:from = '' or coalesce(t.due_latest, d.from_earliest) >= :from)
  and (:until = '' or coalesce(t.due_latest, d.from_earliest) <= :until)
  and (:jurisdiction = '[]' or a.jurisdiction in (
         select j.id from json_each(:jurisdiction) v join jurisdictions j on v.value in (j.id, j.part_of)))
  and (:topic = '[]' or exists (
         select 1 from action_topics t where t.action = d.action and t.topic in (
           select k.id from json_each(:topic) v join topics k on v.value in (k.id, k.part_of))))
  and (:force = '[]' or p.legal_force in (select value from json_each(:force)))
order by d.action, d.position
limit :most + 1

-- name: everything
-- The actions that may be compared.
select id from actions order by id
