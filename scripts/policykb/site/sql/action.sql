-- name: action
select a.*, j.name as jurisdiction_name, p.title as part_of_title, p.short_title as part_of_short
from actions a join jurisdictions j on j.id = a.jurisdiction left join actions p on p.id = a.part_of
where a.id = :id

-- name: events
select e.id, e.position, e.type, e.date, e.date_earliest, e.date_latest, e.note, e.unconfirmed, e.supersedes, e.moved_on, e.moved_by,
       (select json_group_array(f.former) from (select former from event_former_ids where event = e.id order by rowid) f) as former,
       coalesce(m.short_title, m.title) as moved_by_title
from events e left join actions m on m.id = e.moved_by
where e.action = :id
order by e.date_earliest desc, e.position desc
limit 500

-- name: periods
select p.position, p.stage, p.legal_force, p.from_date, p.from_latest, p.to_date, p.event, p.stage_event, p.force_event, p.order_ambiguous,
       e.date as event_date, e.date_earliest as event_earliest, e.type as event_type
from periods p left join events e on e.id = p.event
where p.action = :id
order by p.position

-- name: citations
-- Every source of an action, official ones first and then the best, with the fact it is a source for.
with cited(id, document, locator, note, about, key) as (
  select id, document, locator, note, 'action', action from citations where action = :id
  union all select id, document, locator, note, 'effect', effect from citations where effect = :id
  union all select c.id, c.document, c.locator, c.note, 'event', c.event from events e join citations c on c.event = e.id where e.action = :id
  union all select c.id, c.document, c.locator, c.note, 'dispute', c.dispute from disputes d join citations c on c.dispute = d.id where d.action = :id
  union all select c.id, c.document, c.locator, c.note, 'duty', c.duty from duties d join citations c on c.duty = d.id where d.action = :id)
select c.about, c.key, c.id as place, c.document, d.type, c.locator, c.note, d.title, d.authors, d.container, d.publisher, d.issued, d.url, d.grade, d.official
from cited c join documents d on d.id = c.document join grades g on g.id = d.grade
order by d.official = 0, g.position, c.id
limit 1000

-- name: bodies
select b.organization, b.role, b.note, o.name, o.short_name
from action_bodies b join organizations o on o.id = b.organization join body_roles r on r.id = b.role
where b.action = :id
order by r.position, b.id
limit 200

-- name: names
-- Short facts of an action in one list: identifiers, legal bases, aliases, topics, open questions.
select 'identifier' as what, null as id, i.display as text, i.url, i.scheme, i.value from action_identifiers i where i.action = :id
union all select 'basis', null, citation, null, null, null from action_legal_bases where action = :id
union all select 'alias', null, alias, null, null, null from action_aliases where action = :id
union all select 'topic', t.id, t.name, null, null, null from action_topics x join topics t on t.id = x.topic where x.action = :id
union all select 'question', null, question, null, null, null from open_questions where action = :id
limit 500

-- name: disputes
select id, about, note from disputes where action = :id order by id limit 100

-- name: related
-- Parts and related actions in both directions, each with its stage and legal force on the day asked for.
with related(direction, type, other, note, place) as (
  select 'part', 'part', id, null, 0 from actions where part_of = :id and withdrawn_on is null
  union all select 'to', type, other, note, id from action_relations where action = :id
  union all select 'from', type, action, note, id from action_relations where other = :id)
select r.direction, r.type, r.other as id, r.note, coalesce(a.short_title, a.title) as title, a.jurisdiction, p.stage, p.legal_force
from related r join actions a on a.id = r.other
left join periods p on p.action = a.id and coalesce(p.from_date, '0001-01-01') <= :on and (p.to_date is null or p.to_date > :on)
order by r.direction, r.place, a.id
limit 300

-- name: stances
-- Arguments on an action, those with most answers and supporters first.
select s.stance, s.note as stance_note, s.as_of as stance_as_of, s.drawn_by, s.inherited, g.id as argument, g.title, g.scheme,
       (select count(*) from argument_relations r where r.other = g.id or r.argument = g.id) as connected
from stances s join arguments g on g.id = s.argument join stance_types t on t.id = s.stance
where s.action = :id and g.withdrawn_on is null
order by t.position, s.inherited, connected desc, g.id
limit 200

-- name: answers
-- What answers the arguments on an action, and what answers those answers, three deep; whether it takes a side on the action, its whole or a part, or on none.
with recursive thread(other, argument, type, target, drawn_by, note, depth) as (
  select r.other, r.argument, r.type, r.target, r.drawn_by, r.note, 1
  from stances s join argument_relations r on r.other = s.argument
  where s.action = :id and r.type in (select id from argument_relation_types where answers = 1)
  union
  select r.other, r.argument, r.type, r.target, r.drawn_by, r.note, t.depth + 1
  from thread t join argument_relations r on r.other = t.argument
  where t.depth < 3 and r.type in (select id from argument_relation_types where answers = 1)
  limit 600)
select distinct t.other, t.argument, t.type, t.target, t.drawn_by, t.note, g.title,
       not exists (select 1 from stances where argument = t.argument) or exists (select 1 from stances s join actions a on a.id = s.action
               where s.argument = t.argument and (:id in (a.id, a.part_of) or a.id = (select part_of from actions where id = :id))) as bearing
from thread t join arguments g on g.id = t.argument join argument_relation_types k on k.id = t.type
where g.withdrawn_on is null
order by k.position, t.argument

-- name: voices
-- Where the arguments on an action, and their answers, are made, and by whom.
with recursive thread(argument, depth) as (
  select argument, 0 from stances where action = :id
  union
  select r.argument, t.depth + 1 from thread t join argument_relations r on r.other = t.argument where t.depth < 3 and r.type in (select id from argument_relation_types where answers = 1)
  limit 600)
select p.argument, p.document, p.locator, p.speakers, p.words, d.title, d.authors, d.container, d.publisher, d.issued, d.grade
from (select distinct argument from thread) t join appearances p on p.argument = t.argument join documents d on d.id = p.document
order by p.argument, d.issued_latest, p.id
limit 1000

-- name: speakers
-- Who takes a side on an action or a part of it, by which argument, where and when.
select v.speaker_key, v.speaker, v.organization, v.speaker_kind, v.named_by, v.document, v.document_title, v.issued, v.stance, v.argument,
       v.argument_title, v.locator, v.note, v.drawn_by, v.inherited, v.as_of, v.written_before_action, v.about_another_action,
       p.id as part, coalesce(p.short_title, p.title) as part_title
from (select :id as action union all select id from actions where part_of = :id and withdrawn_on is null) own
cross join voices v on v.action = own.action
left join actions p on p.id = v.action and v.action <> :id
order by p.id, v.speaker, v.argument, v.document
limit 1000

-- name: mentions
select m.document, m.locator, m.words, m.portrayed_as, m.note, d.title, d.authors, d.issued, d.grade, d.official
from mentions m join documents d on d.id = m.document
where m.action = :id
order by d.issued_latest, m.id
limit 200
