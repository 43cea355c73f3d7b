-- name: action
select id, coalesce(short_title, title) as title from actions where id = :id

-- name: topic
-- The actions of a topic and of those within it that are argued about, those with most arguments first.
select a.id, coalesce(a.short_title, a.title) as title
from topics t
join action_topics x on x.id in (
  select y.id from action_topics y where y.topic = t.id and y.arguments > 0 order by y.arguments desc, y.action limit 60)
join actions a on a.id = x.action
where :id in (t.id, t.part_of)
group by a.id
order by x.arguments desc, a.id
limit 60

-- name: stances
-- Arguments on actions, those with most ties first.
select s.action, s.stance, s.note, s.as_of, s.drawn_by, s.inherited, g.id, g.title
from json_each(:ids) j join stances s on s.action = j.value join arguments g on g.id = s.argument join stance_types t on t.id = s.stance
where g.withdrawn_on is null
order by j.key, t.position, s.inherited, g.ties desc, g.id
limit 800

-- name: ties
-- How arguments and what answers them, three deep, bear on each other.
with recursive thread(argument, depth) as (
  select value, 0 from json_each(:ids)
  union
  select r.argument, t.depth + 1
  from thread t join argument_relations r on r.other = t.argument join arguments g on g.id = r.argument
  where t.depth < 3 and g.withdrawn_on is null and r.type in (select id from argument_relation_types where answers = 1)
  limit 2000),
members as (select distinct argument from thread limit 600)
select r.argument as id, r.other, r.type, r.target, r.drawn_by, r.note, g.title
from members m join argument_relations r on r.other = m.argument join arguments g on g.id = r.argument join argument_relation_types k on k.id = r.type
where r.argument in (select argument from members)
order by r.other, k.position, r.argument
limit 2000

-- name: speakers
-- Who makes arguments, each once, the earliest first.
select p.argument, p.speakers, p.document, min(d.issued_latest) as issued
from json_each(:ids) j join appearances p on p.argument = j.value join documents d on d.id = p.document
group by p.argument, p.speakers
order by p.argument, issued, p.speakers
limit 2000
