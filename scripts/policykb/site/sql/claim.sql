-- name: claim
select id, text, kind, finding, as_of, note, withdrawn_on, withdrawn_reason from claims where id = :id

-- name: evidence
select v.finding, v.document, v.locator, v.note, d.title, coalesce(nullif(d.authors, ''), d.publisher, d.container) as authors, d.issued, d.grade, d.interests
from evidence v
join documents d on d.id = v.document
join grades g on g.id = d.grade
join evidence_findings f on f.id = v.finding
where v.claim = :id
order by f.position, g.position, d.issued_latest desc, v.id
limit 200

-- name: arguments
select g.id, g.title, g.scheme,
       (select count(*) from argument_relations r where r.other = g.id and r.type in (select id from argument_relation_types where answers = 1)) as answers
from argument_claims l join arguments g on g.id = l.argument
where l.claim = :id and g.withdrawn_on is null
order by g.id
limit 200

-- name: list
-- Claims that pass the filters, in the order :sort, with a minus the other way round; one more than a page shows. Each order walks an index.
-- Where few records pass a filter, these alone are read and put in order, since a walk passes (all / few) records for each row of the page.
with most as materialized (select min(1000000, 40 * value) as square from kb_info where key = 'count_claim'),
of_finding as materialized (select id from claims where :finding <> '[]' and withdrawn_on is null and finding in (select value from json_each(:finding)) limit 1001),
of_kind as materialized (select id from claims where :kind <> '[]' and withdrawn_on is null and kind in (select value from json_each(:kind)) limit 1001),
narrow as materialized (
  select (:size + 1) * holds as picked, (:size + 1) * (1 - holds) as walked
  from (select :finding <> '[]' and (select count(*) * count(*) from of_finding) <= (select square from most)
             or :kind <> '[]' and (select count(*) * count(*) from of_kind) <= (select square from most) as holds)),
few as (select id from of_finding where (select count(*) * count(*) from of_finding) <= (select square from most)
  union select id from of_kind where (select count(*) * count(*) from of_kind) <= (select square from most)),
matches as not materialized (
  select c.id, c.text, c.kind, c.finding, c.as_of
  from claims c
  where c.withdrawn_on is null
    and (:finding = '[]' or c.finding in (select value from json_each(:finding)))
    and (:kind = '[]' or c.kind in (select value from json_each(:kind)))),
sorted as (
  select * from (select * from matches where :sort = 'id' order by id limit (select walked from narrow) offset :skip)
  union all
  select * from (select * from matches where :sort = '-id' order by id desc limit (select walked from narrow) offset :skip)
  union all
  select * from (select * from matches where :sort = 'text' order by text collate nocase, id limit (select walked from narrow) offset :skip)
  union all
  select * from (select * from matches where :sort = '-text' order by text collate nocase desc, id desc limit (select walked from narrow) offset :skip)
  union all
  select * from (select * from matches where :sort = 'kind' order by kind, id limit (select walked from narrow) offset :skip)
  union all
  select * from (select * from matches where :sort = '-kind' order by kind desc, id desc limit (select walked from narrow) offset :skip)
  union all
  select * from (select * from matches where :sort = 'finding' order by finding, id limit (select walked from narrow) offset :skip)
  union all
  select * from (select * from matches where :sort = '-finding' order by finding desc, id desc limit (select walked from narrow) offset :skip)
  union all
  select * from (select * from matches where :sort = 'as_of' order by as_of, id limit (select walked from narrow) offset :skip)
  union all
  select * from (select * from matches where :sort = '-as_of' order by as_of desc, id desc limit (select walked from narrow) offset :skip)
  union all
  select * from (
    select m.* from few f cross join matches m on m.id = f.id
    order by case :sort when 'text' then m.text when 'kind' then m.kind when 'finding' then m.finding when 'as_of' then m.as_of end collate nocase,
             case :sort when '-text' then m.text when '-kind' then m.kind when '-finding' then m.finding when '-as_of' then m.as_of end collate nocase desc,
             case when :sort glob '-*' then m.id end desc, m.id limit (select picked from narrow) offset :skip)),
page as (select *, row_number() over () as place from sorted)
select p.id, p.text, p.kind, p.finding, p.as_of,
       (select count(*) from argument_claims l where l.claim = p.id) as arguments,
       (select count(*) from evidence v where v.claim = p.id) as evidence
from page p
order by p.place
