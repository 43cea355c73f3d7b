-- name: info
select key, value from kb_info

-- name: found
-- The record with an id, or the one that took its place.
select r.id, r.kind, r.title, null as old, null as reason from records r where r.id = :id
union all
select r.id, r.kind, r.title, o.id as old, o.reason from redirects o join records r on r.id = o.to_id where o.id = :id
limit 1

-- name: action
select a.*, j.name as jurisdiction_name from actions a join jurisdictions j on j.id = a.jurisdiction where a.id = :id

-- name: identifiers
select scheme, value, url from action_identifiers where action = :id order by id

-- name: bodies
select b.role, o.name from action_bodies b join organizations o on o.id = b.organization where b.action = :id order by b.id limit 200

-- name: events
select id, position, type, date, date_earliest, date_latest, supersedes, moved_on, moved_by, note from events where action = :id order by date_earliest, position

-- name: sources
-- The documents cited for an action as a whole, then those for its events, in the order in which they are cited.
select d.id, d.type, d.title, d.url, d.grade, 0 as later, c.id as place from citations c join documents d on d.id = c.document where c.action = :id
union all
select d.id, d.type, d.title, d.url, d.grade, 1, c.id from events e join citations c on c.event = e.id join documents d on d.id = c.document where e.action = :id
order by later, place
limit 200

-- name: periods
select p.position, p.stage, p.legal_force, p.from_date, p.from_latest, p.to_date, p.event, p.stage_event, p.force_event, p.order_ambiguous,
       e.date as event_date, e.date_earliest as event_earliest, e.type as event_type
from periods p left join events e on e.id = p.event
where p.action = :id
order by p.position

-- name: event_source
-- The document that is the best source for an event.
select c.document, c.locator from citations c join documents d on d.id = c.document join grades g on g.id = d.grade
  join document_types t on t.id = d.type
where c.event = :id
order by t.law = 0, d.official = 0, g.position, c.id
limit 1

-- name: former_event
-- The event that an earlier address of an event leads to, the address as it was asked for first.
select event from event_former_ids where former in (:asked, :now) order by former <> :asked limit 1

-- name: document
select * from documents where id = :id

-- name: authors
select name, family, given from document_authors where document = :id order by position

-- name: names_in
-- Names of organizations and jurisdictions in a title.
select name from organizations where instr(:title, name) > 0
union select short_name from organizations where length(short_name) > 2 and instr(:title, short_name) > 0
union select name from jurisdictions where instr(:title, name) > 0
limit 40

-- name: edition
-- The day of the newest commit that changed the content.
select substr(time, 1, 10) as day from commits order by position desc limit 1

-- name: argument
select id, title, withdrawn_on, withdrawn_reason from arguments where id = :id

-- name: claim
select c.id, c.text as title, c.as_of, f.label as finding, c.withdrawn_on, c.withdrawn_reason from claims c join findings f on f.id = c.finding where c.id = :id

-- name: appearances
-- Where an argument or a claim is made, in the order of its record.
select id, document, locator from appearances where argument = :id or claim = :id order by cast(substr(id, instr(id, '@') + 1) as integer)

-- name: withdrawn
select withdrawn_on, withdrawn_reason from organizations where id = :id
union all select withdrawn_on, withdrawn_reason from jurisdictions where id = :id
union all select withdrawn_on, withdrawn_reason from topics where id = :id

-- name: ids
-- Ids that begin alike, of records and old ones, to look for the nearest one among.
select * from (select id from records where id >= :start and id < :start || '{' order by id limit 500)
union all select * from (select id from redirects where id >= :start and id < :start || '{' order by id limit 500)
