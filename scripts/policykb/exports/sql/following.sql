-- name: actions
-- The actions of a choice: in any of its jurisdictions and with any of its topics, JSON lists of ids; parts count too, and an empty list lets all pass.
with recursive places(id) as (
  select value from json_each(:jurisdictions)
  union select j.id from places p join jurisdictions j on j.part_of = p.id
), subjects(id) as (
  select value from json_each(:topics)
  union select t.id from subjects s join topics t on t.part_of = s.id
)
select a.id from actions a
where (:jurisdictions = '[]' or a.jurisdiction in (select id from places))
  and (:topics = '[]' or a.id in (select t.action from action_topics t join subjects s on s.id = t.topic));

-- name: steps
-- The status that each of some events began, and the status before it.
select p.event, p.stage, p.legal_force, q.stage as stage_before, q.legal_force as force_before
from json_each(:ids) w
join events e on e.id = w.value
join periods p on p.action = e.action and p.event = e.id
left join periods q on q.action = p.action and q.position = p.position - 1;

-- name: about
-- The actions :scope, a JSON list of ids, and the records that are about them.
select value as id from json_each(:scope)
union select r.id from json_each(:scope) s join redirects r on r.to_id = s.value
union select t.argument from json_each(:scope) s join stances t on t.action = s.value
union select c.claim from json_each(:scope) s join stances t on t.action = s.value join argument_claims c on c.argument = t.argument
union select m.document from json_each(:scope) s join mentions m on m.action = s.value
union select c.document from json_each(:scope) s join citations c on c.action = s.value;

-- name: learned
-- News, corrections and new records of the change log since a day, the newest first; not what the first commit brought.
-- Of the records `about` the actions :scope, a JSON list of ids, or of all where :scope is null. They are looked for only if there is news.
select c."commit", m.time, m.subject, c.kind, c.record, coalesce(a.short_title, r.title, c.record) as title,
       r.id is not null as present, c.change, c.pointer, c."before", c."after", c.class, c.stated,
       (select value from kb_info where key = 'effect_on') as effect_on
from changes c
join commits m on m.id = c."commit"
left join records r on r.id = c.record
left join actions a on a.id = c.record
where m.time >= :since and m.position > (select min(position) from commits)
  and (c.class in (select id from change_classes where followed = 1) or (c.pointer = '' and c.change = 'added' and r.id is not null))
  and (c.kind in ('action', 'argument', 'claim', 'document') or c.pointer <> '')
  and (:scope is null or c.record in (select id from about))
order by c.id desc
limit 5000;

-- name: choices
-- The jurisdictions and topics that may be followed, by kind and name.
select r.kind, r.id, r.title from records r
left join jurisdictions j on j.id = r.id left join topics t on t.id = r.id
where r.kind in ('jurisdiction', 'topic') and coalesce(j.withdrawn_on, t.withdrawn_on) is null
order by r.kind, r.title;
