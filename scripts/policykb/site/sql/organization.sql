-- name: organization
select o.*, j.name as jurisdiction_name, p.name as part_of_name
from organizations o left join jurisdictions j on j.id = o.jurisdiction left join organizations p on p.id = o.part_of
where o.id = :id

-- name: parts
select id, name from organizations where part_of = :id and withdrawn_on is null order by name limit 100

-- name: voices
-- What an organization argues in its 100 newest documents, at which place, and its stance on which action.
with latest as materialized (
  select distinct document from (
    select document from document_authors where organization = :id order by issued_latest desc, document limit 100))
select g.id as argument, g.title as argument_title, d.id as document, d.title as document_title, d.issued, p.locator,
       s.stance, s.drawn_by, s.inherited,
       coalesce(s.as_of, d.issued_latest) < a.began as written_before_action, s.action, coalesce(a.short_title, a.title) as action_title
from latest w cross join documents d on d.id = w.document join appearances p on p.document = d.id join arguments g on g.id = p.argument
left join stances s on s.argument = g.id left join actions a on a.id = s.action and a.withdrawn_on is null
where g.withdrawn_on is null
  and exists (select 1 from speakers m where m.argument = g.id and m.appearance = p.id and m.organization = :id and m.named_by = 'author')
order by g.id, d.id, s.action
limit 400

-- name: documents
-- The documents of an organization, the newest first.
select d.id, d.title, d.issued, d.grade, d.type from document_authors w join documents d on d.id = w.document
where w.organization = :id and d.withdrawn_on is null order by w.issued_latest desc, w.document limit 100

-- name: roles
-- The roles of an organization in the actions :ids (JSON array).
select b.action, b.role
from json_each(:ids) l cross join action_bodies b on b.organization = :id and b.action = l.value join body_roles r on r.id = b.role
order by b.action, r.position

-- name: list
-- Organizations of some kinds, in the order :sort, with a minus the other way round; one more than a page shows. Each order walks an index.
-- Where few records pass a filter, these alone are read and put in order, since a walk passes (all / few) records for each row of the page.
with most as materialized (select min(1000000, 40 * value) as square from kb_info where key = 'count_organization'),
of_kind as materialized (select id from organizations where :kind <> '[]' and kind in (select value from json_each(:kind)) limit 1001),
narrow as materialized (
  select (:size + 1) * holds as picked, (:size + 1) * (1 - holds) as walked
  from (select :kind <> '[]' and (select count(*) * count(*) from of_kind) <= (select square from most) as holds)),
few as (select id from of_kind where (select count(*) * count(*) from of_kind) <= (select square from most)),
matches as not materialized (
  select o.id, o.name, o.short_name, o.kind, o.jurisdiction
  from organizations o
  where o.withdrawn_on is null and (:kind = '[]' or o.kind in (select value from json_each(:kind)))),
sorted as (
  select * from (select * from matches where :sort = 'name' order by name collate nocase, id limit (select walked from narrow) offset :skip)
  union all
  select * from (select * from matches where :sort = '-name' order by name collate nocase desc, id desc limit (select walked from narrow) offset :skip)
  union all
  select * from (select * from matches where :sort = 'kind' order by kind, name collate nocase, id limit (select walked from narrow) offset :skip)
  union all
  select * from (
    select m.* from few f cross join matches m on m.id = f.id
    order by case when :sort = 'kind' then m.kind end, case when :sort = '-name' then m.name end collate nocase desc, case when :sort <> '-name' then m.name end collate nocase,
             case when :sort glob '-*' then m.id end desc, m.id limit (select picked from narrow) offset :skip)),
page as (select *, row_number() over () as place from sorted)
select p.id, p.name, p.short_name, p.kind, j.name as jurisdiction_name, coalesce(a.number, 0) as actions, coalesce(d.number, 0) as documents
from page p left join jurisdictions j on j.id = p.jurisdiction
left join counts a on a.kind = 'action' and a.filter = 'organization' and a.jurisdiction is null and a.value = p.id
left join counts d on d.kind = 'document' and d.filter = 'organization' and d.jurisdiction is null and d.value = p.id
order by p.place
