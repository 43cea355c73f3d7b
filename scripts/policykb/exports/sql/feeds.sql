-- name: about
-- The facts about the knowledge base, the last commit, and the last day for which any status is known.
select key, value from kb_info
union all select 'last_commit', (select time from commits order by position desc limit 1)
union all select 'last_as_of', (select max(as_of) from actions);

-- name: title
-- What a record is called in running text.
select coalesce(a.short_title, r.title) as title
from records r left join actions a on a.id = r.id
where r.id = :id and r.kind = :kind;

-- name: scope
-- An action with its former ids, or the actions of a jurisdiction or topic and of its parts.
with recursive places(id) as (
  select :id
  union select j.id from jurisdictions j join places p on j.part_of = p.id where :kind = 'jurisdiction'
  union select t.id from topics t join places p on t.part_of = p.id where :kind = 'topic'
)
select :id as id where :kind = 'action'
union select id from redirects where to_id = :id and :kind = 'action'
union select a.id from actions a join places p on a.jurisdiction = p.id where :kind = 'jurisdiction'
union select t.action from action_topics t join places p on t.topic = p.id where :kind = 'topic';

-- name: news
-- News and new records from the change log, the newest first: of those in `scope`, a JSON list of ids, or of all actions; no record of the first commit.
{changes.rows}
where (c.class in (select id from change_classes where news = 1)
    or ((:scope is not null or c.kind = 'action') and c.pointer = '' and c.change = 'added' and r.id is not null and m.position > (select min(position) from commits)))
  and (:scope is null or c.record in (select value from json_each(:scope)))
order by c.id desc
limit 2000;

-- name: corrections
-- Corrections from the change log, the newest first: of the records in `scope` or of all.
{changes.rows}
where c.class in (select id from change_classes where followed = 1 and news = 0) and not (c.change = 'added' and c.pointer = '')
  and (:scope is null or c.record in (select value from json_each(:scope)))
order by c.id desc
limit 2000;

-- name: corrected
-- How many corrections there are: commits that correct a record in `scope`, or any record.
select count(*) as number from (
  select distinct c."commit", c.record from changes c
  where c.class in (select id from change_classes where followed = 1 and news = 0) and not (c.change = 'added' and c.pointer = '')
    and (:scope is null or c.record in (select value from json_each(:scope))));

-- name: past
-- The latest events up to a day, of the actions in `scope` or of all.
select id from (
  select e.id from events e cross join actions a on a.id = e.action
  where :scope is null and a.withdrawn_on is null and e.date_latest <= :today
  order by e.date_latest desc, e.id
  limit :most)
union all
select id from (
  select e.id from json_each(:scope) s join events e on e.action = s.value join actions a on a.id = e.action
  where a.withdrawn_on is null and e.date_latest <= :today
  order by e.date_latest desc, e.id
  limit :most);

-- name: ahead
-- The next events from a day on, of the actions in `scope` or of all; not of actions that have ended.
select id from (
  select e.id from events e cross join actions a on a.id = e.action
  where :scope is null and a.withdrawn_on is null and e.date_latest >= :today
    and not exists (
      select 1 from periods p
      where p.action = a.id and p.legal_force in (select id from legal_forces where ceased = 1) and p.from_date <= :today and p.to_date is null)
  order by e.date_latest, e.id
  limit :most)
union all
select id from (
  select e.id from json_each(:scope) s join events e on e.action = s.value join actions a on a.id = e.action
  where a.withdrawn_on is null and e.date_latest >= :today
    and not exists (
      select 1 from periods p
      where p.action = a.id and p.legal_force in (select id from legal_forces where ceased = 1) and p.from_date <= :today and p.to_date is null)
  order by e.date_latest, e.id
  limit :most);

-- name: events
-- Events by id, moved ones too, with what the change log says of them under every name that they had.
-- `place` is the first address of an event that was published without an id: the place in its record.
-- A place in another action counts for an event that a merge brought, not for one that both actions had.
-- Entries under a place count until the event got its id; later ones are of another event at that place.
with wanted(id) as (
  select value from json_each(:ids)
), named(event, record, pointer, placed, until) as (
  select e.id, e.action, 'events' || substr(e.id, length(e.action) + 1), e.id = e.action || '#' || e.position, 9223372036854775807
  from wanted join events e on e.id = wanted.id
  union all
  select e.id, substr(f.former, 1, instr(f.former, '#') - 1), 'events' || substr(f.former, instr(f.former, '#')),
         substr(f.former, instr(f.former, '#') + 1) not glob '*[^0-9]*',
         coalesce((select min(c.id) from changes c where c.record = e.action and c.pointer = 'events' || substr(e.id, length(e.action) + 1) || '.id'), 9223372036854775807)
  from wanted join events e on e.id = wanted.id join event_former_ids f on f.event = e.id
), places(event, place) as (
  select n.event, coalesce(min(case when n.record = e.action then e.action || substr(n.pointer, 7) end), min(n.record || substr(n.pointer, 7)))
  from named n join events e on e.id = n.event
  where n.placed and (n.record = e.action or exists (
    select 1 from changes c where c.record = e.action and c.pointer = 'events' || substr(e.id, length(e.action) + 1)
      and c.change in ('added', 'moved') and instr(c."after", '"' || n.record || substr(n.pointer, 7) || '"')))
  group by n.event
), said(event, placed, id, time, key, change, class, "before", "after") as (
  select n.event, n.placed, c.id, m.time, substr(c.pointer, length(n.pointer) + 2), c.change, c.class, c."before", c."after"
  from named n join changes c on c.record = n.record and c.id < n.until and (c.pointer = n.pointer or c.pointer glob n.pointer || '.*')
  left join commits m on m.id = c."commit"
), first_dates as (
  select event, "before" as date, min(id) from said where key = 'date' and not placed group by event
), first_types as (
  select event, "before" as type, min(id) from said where key = 'type' and not placed group by event
), history as (
  select s.event, sum(s.key = 'date' and not s.placed) as redated, max(case when s.key not in ('id', 'former_ids') then s.time end) as touched,
         max(case when s.key = '' and s.class in (select id from change_classes where news = 1) and s.change in ('added', 'moved') and (not s.placed or json_extract(s."after", '$.type') = e.type) then s.time end) as announced
  from said s join events e on e.id = s.event group by s.event
)
select e.id, e.action, coalesce(a.short_title, a.title) as title, e.type, e.date, e.date_earliest, e.date_latest, e.precision, e.qualifier, e.note, e.unconfirmed,
       a.as_of, p.place, coalesce(d.date, e.date) as first_date, coalesce(t.type, e.type) as first_type,
       (select s.date from events s where s.supersedes = e.id and (s.moved_on is null or s.moved_on <= :today) order by s.moved_on desc, s.position limit 1) as moved_to,
       coalesce(h.redated, 0) as redated, h.touched, h.announced
from wanted join events e on e.id = wanted.id join actions a on a.id = e.action
left join places p on p.event = e.id left join history h on h.event = e.id
left join first_dates d on d.event = e.id left join first_types t on t.event = e.id
order by e.date_earliest, e.action, e.position;
