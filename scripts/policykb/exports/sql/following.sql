-- name: scope
-- The jurisdictions and topics of a choice, JSON lists of ids, with their parts.
with recursive places(id) as (
  select value from json_each(:jurisdictions)
  union select j.id from places p join jurisdictions j on j.part_of = p.id
), subjects(id) as (
  select value from json_each(:topics)
  union select t.id from subjects s join topics t on t.part_of = s.id
)
select 'places' as kind, id from places union all select 'subjects', id from subjects;

-- name: actions
-- The actions of a choice.
select a.id from actions a where exists ({choice.has});

-- name: past
-- The latest events of a choice from a day to another.
select e.id
from events e cross join actions a on a.id = e.action
where a.withdrawn_on is null and e.date_latest >= :since and e.date_latest <= :today
  and exists ({choice.has})
order by e.date_latest desc, e.id
limit :most;

-- name: ahead
-- The next events of a choice from a day on that may fall on the days up to another; not of actions that have ended. A date is a year at most.
select e.id
from events e cross join actions a on a.id = e.action
where a.withdrawn_on is null and e.date_latest >= :today and e.date_latest <= date(:until, '+366 days') and e.date_earliest <= :until
  and exists ({choice.has})
  and not exists (
    select 1 from periods p
    where p.action = a.id and p.legal_force in (select id from legal_forces where ceased = 1) and p.from_date <= :today and p.to_date is null)
order by e.date_latest, e.id
limit :most;

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
-- Of the records about the actions of a choice, or of all where it has neither :places nor :subjects.
{changes.rows}
where m.time >= :since and m.position > (select min(position) from commits)
  and (c.class in (select id from change_classes where followed = 1) or (c.pointer = '' and c.change = 'added' and r.id is not null))
  and (c.kind in ('action', 'argument', 'claim', 'document') or c.pointer <> '')
  and (:places || :subjects = '[][]' or exists (
    select 1
    from (select c.record as action
          union all select to_id from redirects where id = c.record
          union all select action from stances where argument = c.record
          union all select s.action from argument_claims g join stances s on s.argument = g.argument where g.claim = c.record
          union all select action from mentions where document = c.record
          union all select action from citations where document = c.record and action is not null) x
    join actions a on a.id = x.action
    where exists ({choice.has})))
order by c.id desc
limit 5000;

-- name: choices
-- The jurisdictions and topics that may be followed, by kind and name.
select r.kind, r.id, r.title from records r
left join jurisdictions j on j.id = r.id left join topics t on t.id = r.id
where r.kind in ('jurisdiction', 'topic') and coalesce(j.withdrawn_on, t.withdrawn_on) is null
order by r.kind, r.title;
