-- name: action
-- The columns of lists of actions as files: the actions :ids (JSON array) in that order, with their status on the day :on.
select a.id, a.title, a.short_title,
       (select i.display from action_identifiers i where i.action = a.id order by i.id limit 1) as number,
       a.jurisdiction, j.name as jurisdiction_name, a.instrument, a.bindingness, p.stage, p.legal_force, p.from_date as since, a.effect,
       e.date as latest_date, e.type as latest_type, e.note as latest_note, a.arguments, a.argument_documents, a.argument_speakers,
       (select group_concat(topic, '; ') from (select t.topic from action_topics t where t.action = a.id order by t.id)) as topics,
       a.as_of, a.confidence
from json_each(:ids) v
join actions a on a.id = v.value
join jurisdictions j on j.id = a.jurisdiction
left join periods p on p.action = a.id and coalesce(p.from_date, '0001-01-01') <= :on and (p.to_date is null or p.to_date > :on)
left join events e on e.rowid = (select n.rowid from events n where n.action = a.id and n.date_latest <= :on order by n.date_latest desc, n.position desc limit 1)
order by v.key

-- name: argument
select g.id, g.title, g.scheme,
       (select group_concat(text, ' / ') from (select m.text from premises m where m.argument = g.id order by m.position)) as premises,
       (select group_concat(said, '; ') from (select s.stance || ' ' || s.action as said from stances s where s.argument = g.id order by s.id)) as stances,
       (select group_concat(speakers, '; ') from (select distinct a.speakers from appearances a where a.argument = g.id order by a.id)) as speakers,
       (select count(*) from appearances a where a.argument = g.id) as places,
       (select count(*) from argument_relations r where r.other = g.id and r.type in (select id from argument_relation_types where answers = 0)) as supporters,
       (select count(*) from argument_relations r where r.other = g.id and r.type in (select id from argument_relation_types where answers = 1)) as answers,
       g.ties as connections
from json_each(:ids) v join arguments g on g.id = v.value
order by v.key

-- name: claim
select c.id, c.text, c.kind, c.finding, c.as_of,
       (select count(*) from argument_claims l where l.claim = c.id) as arguments,
       (select count(*) from evidence e where e.claim = c.id) as evidence
from json_each(:ids) v join claims c on c.id = v.value
order by v.key

-- name: document
select d.id, d.type, d.title, d.authors, d.issued, d.container, d.publisher, d.number, d.doi, d.url, d.archive_url, d.language, d.grade,
       (select count(*) from citations c where c.document = d.id) as facts
from json_each(:ids) v join documents d on d.id = v.value
order by v.key

-- name: organization
select o.id, o.name, o.short_name, o.kind, o.jurisdiction, o.url, coalesce(a.number, 0) as actions, coalesce(d.number, 0) as documents
from json_each(:ids) v join organizations o on o.id = v.value
left join counts a on a.kind = 'action' and a.filter = 'organization' and a.jurisdiction is null and a.value = o.id
left join counts d on d.kind = 'document' and d.filter = 'organization' and d.jurisdiction is null and d.value = o.id
order by v.key

-- name: event
select e.id, e.action, coalesce(a.short_title, a.title) as title, a.number, a.jurisdiction, j.name as jurisdiction_name, e.date, e.type, e.note,
       e.unconfirmed, (select m.id from events m where m.supersedes = e.id limit 1) as moved_to
from json_each(:ids) v join events e on e.id = v.value join actions a on a.id = e.action join jurisdictions j on j.id = a.jurisdiction
order by v.key

-- name: record
-- Records of any kind.
select r.id, r.kind, r.title
from json_each(:ids) v join records r on r.id = v.value
order by v.key

-- name: sources
-- The documents that records or events rest on, official ones first and then the best, with address, grade and place.
with cited(record, document, locator, id) as (
  select v.value, c.document, c.locator, c.id from json_each(:ids) v join citations c on c.action = v.value
  union all select v.value, c.document, c.locator, c.id from json_each(:ids) v join citations c on c.effect = v.value
  union all select v.value, c.document, c.locator, c.id from json_each(:ids) v join events e on e.action = v.value join citations c on c.event = e.id
  union all select v.value, c.document, c.locator, c.id from json_each(:ids) v join citations c on c.event = v.value
  union all select v.value, c.document, c.locator, c.id from json_each(:ids) v join duties d on d.action = v.value join citations c on c.duty = d.id
  union all select v.value, c.document, c.locator, c.id from json_each(:ids) v join disputes d on d.action = v.value join citations c on c.dispute = d.id
  union all select v.value, a.document, a.locator, a.id from json_each(:ids) v join appearances a on a.argument = v.value
  union all select v.value, a.document, a.locator, a.id from json_each(:ids) v join appearances a on a.claim = v.value
  union all select v.value, e.document, e.locator, e.id from json_each(:ids) v join evidence e on e.claim = v.value
  union all select v.value, d.id, null, d.id from json_each(:ids) v join documents d on d.id = v.value)
select c.record, c.document, d.title, d.url, d.grade, min(c.locator) as locator
from cited c join documents d on d.id = c.document join grades g on g.id = d.grade
group by c.record, c.document
order by c.record, d.official = 0, g.position, c.document

-- name: kinds
-- The kinds of the records :ids.
select r.id, r.kind from json_each(:ids) v join records r on r.id = v.value order by v.key
