-- name: bears_on
-- The actions that a record of another kind bears on.
select action from stances where argument = :id
union select action from mentions where document = :id
union select action from action_topics where topic = :id
union select id from actions where jurisdiction = :id
union select action from action_bodies where organization = :id
union select s.action from argument_claims c join stances s on s.argument = c.argument where c.claim = :id
order by 1
limit 5;

-- name: names
-- What records are called in running text; `ids` is a JSON list.
select r.id, coalesce(a.short_title, r.title) as name
from json_each(:ids) i join records r on r.id = i.value left join actions a on a.id = r.id;

-- name: documents
-- Official ones rank first, and then those of the best grade.
select d.id, d.title, d.authors, d.container, d.publisher, d.issued, d.url, d.grade, rank() over (order by d.official = 0, g.position) as rank
from json_each(:ids) i join documents d on d.id = i.value join grades g on g.id = d.grade;

-- name: events
select e.*, t.label as kind
from events e join event_types t on t.id = e.type
where e.action = :id
order by e.date_earliest, e.position;

-- name: periods
select p.position, p.stage, p.legal_force, p.from_date, p.from_latest, p.to_date, p.event, p.stage_event,
       p.force_event, p.order_ambiguous, e.date as event_date, e.date_earliest as event_earliest, e.type as event_type
from periods p left join events e on e.id = p.event
where p.action = :id
order by p.position;

-- name: tasks
-- What became of the tasks of an action by the day :on.
select d.position, p.state, p.due, p.due_latest, e.date as done_on, e.date_earliest as done_earliest, e.unconfirmed
from duties d join task_periods p on p.duty = d.id and coalesce(p.from_date, '0001-01-01') <= :on and (p.to_date is null or p.to_date > :on)
left join events e on e.id = d.done_by and e.date_earliest <= :on
where d.action = :id;

-- name: stances
-- Arguments on an action, those with most ties to others first.
select s.stance, s.note as stance_note, s.as_of as stance_as_of, s.drawn_by, s.inherited, g.id as argument, g.title
from stances s join arguments g on g.id = s.argument join stance_types t on t.id = s.stance
where s.action = :id and g.withdrawn_on is null
order by t.position, s.inherited, g.ties desc, g.id;

-- name: answers
-- What answers the arguments on an action, and what answers those answers, three deep.
with recursive thread(other, argument, type, target, drawn_by, depth) as (
  select r.other, r.argument, r.type, r.target, r.drawn_by, 1
  from stances s join argument_relations r on r.other = s.argument
  where s.action = :id and r.type in (select id from argument_relation_types where answers = 1)
  union
  select r.other, r.argument, r.type, r.target, r.drawn_by, t.depth + 1
  from thread t join argument_relations r on r.other = t.argument
  where t.depth < 3 and r.type in (select id from argument_relation_types where answers = 1)
  limit 600)
select distinct t.other, t.argument, t.type, t.target, t.drawn_by, g.title
from thread t join arguments g on g.id = t.argument join argument_relation_types k on k.id = t.type
where g.withdrawn_on is null
order by k.position, t.argument;

-- name: voices
-- Where the arguments on an action, and their answers, are made, and by whom.
with recursive thread(argument, depth) as (
  select argument, 0 from stances where action = :id
  union
  select r.argument, t.depth + 1
  from thread t join argument_relations r on r.other = t.argument
  where t.depth < 3 and r.type in (select id from argument_relation_types where answers = 1)
  limit 600)
select p.argument, p.document, p.locator, p.speakers, d.title, d.authors, d.container, d.publisher, d.issued_earliest
from (select distinct argument from thread) t
join appearances p on p.argument = t.argument
join documents d on d.id = p.document
order by p.argument, d.issued_latest, p.id;

-- name: speakers
-- Who takes a side on an action in which document, and whether the text was out before the action began.
select distinct stance, argument, document, speaker_key, inherited, written_before_action, about_another_action
from voices
where action = :id;

-- name: claims
-- Claims among the premises of arguments on an action.
select distinct x.argument, c.id, c.text, c.as_of, c.finding, c.note, f.position
from stances s
join argument_claims x on x.argument = s.argument
join claims c on c.id = x.claim
join findings f on f.id = c.finding
join arguments g on g.id = s.argument
where s.action = :id and c.withdrawn_on is null and g.withdrawn_on is null
order by c.id;

-- name: evidence
-- The evidence for and against these claims, the best first.
select distinct v.id, v.claim, v.document, v.locator, v.finding, g.position
from stances s
join argument_claims x on x.argument = s.argument
join evidence v on v.claim = x.claim
join documents d on d.id = v.document
join grades g on g.id = d.grade
where s.action = :id
order by v.claim, g.position, v.id;
