-- News and corrections from the change log, the newest first: of all records, or of the actions in a scope.
with recursive places(id) as (
  select :id
  union select j.id from jurisdictions j join places p on j.part_of = p.id where :kind = 'jurisdiction'
  union select t.id from topics t join places p on t.part_of = p.id where :kind = 'topic'
), scope(id) as (
  select :id where :kind = 'action'
  union select r.id from redirects r where r.to_id = :id and :kind = 'action'
  union select a.id from actions a join places p on a.jurisdiction = p.id where :kind = 'jurisdiction'
  union select t.action from action_topics t join places p on t.topic = p.id where :kind = 'topic'
)
select c.id, c."commit", m.time, m.subject, c.kind, c.record, coalesce(a.short_title, r.title, c.record) as title, r.id is not null as present,
       c.change, c.pointer, c."before", c."after", c.class
from changes c join commits m on m.id = c."commit" left join records r on r.id = c.record left join actions a on a.id = c.record
where c.class in (select id from change_classes where followed = 1) and (:kind = 'all' or c.record in (select id from scope))
order by c.id desc
limit 2000
