-- Events of the actions in a scope that may mean a day from :first to :last, moved ones too, with what the change log says of them.
with recursive places(id) as (
  select :id
  union select j.id from jurisdictions j join places p on j.part_of = p.id where :kind = 'jurisdiction'
  union select t.id from topics t join places p on t.part_of = p.id where :kind = 'topic'
), scope(id) as (
  select :id where :kind = 'action'
  union select a.id from actions a join places p on a.jurisdiction = p.id where :kind = 'jurisdiction'
  union select t.action from action_topics t join places p on t.topic = p.id where :kind = 'topic'
  union select a.id from actions a where :kind = 'all'
)
select e.id, e.action, coalesce(a.short_title, a.title) as title, e.type, e.date, e.date_earliest, e.date_latest, e.precision, e.qualifier, e.note, e.unconfirmed,
       a.as_of, e.id = e.action || '#' || e.position as unnamed,
       (select s.date from events s where s.supersedes = e.id and (s.moved_on is null or s.moved_on <= :today) order by s.moved_on desc, s.position limit 1) as moved_to,
       (select count(*) from changes c where c.record = e.action and c.pointer = 'events' || substr(e.id, length(e.action) + 1) || '.date') as redated,
       (select max(m.time) from changes c join commits m on m.id = c."commit"
        where c.record = e.action and (c.pointer = 'events' || substr(e.id, length(e.action) + 1) or c.pointer glob 'events' || substr(e.id, length(e.action) + 1) || '.*')) as touched,
       (select max(m.time) from changes c join commits m on m.id = c."commit"
        where c.record = e.action and c.pointer = 'events' || substr(e.id, length(e.action) + 1) and c.class = 'world' and c.change in ('added', 'moved')) as announced
from scope join events e on e.action = scope.id join actions a on a.id = e.action
where a.withdrawn_on is null and e.date_latest between :first and :last
  and (:ahead = 0 or not exists (
    select 1 from periods p where p.action = a.id and p.legal_force = 'ended' and p.from_date <= :today and p.to_date is null))
order by case when :ahead then e.date_earliest end, e.date_latest desc, e.id
limit :most
