-- name: document
select * from documents where id = :id

-- name: authors
select w.name, w.organization, o.name as organization_name from document_authors w left join organizations o on o.id = w.organization
where w.document = :id order by w.position limit 200

-- name: keywords
select keyword from document_keywords where document = :id order by id limit 100

-- name: mentions
select m.action as id, coalesce(a.short_title, a.title) as title, m.locator, m.words, m.portrayed_as, m.note, p.stage, p.legal_force
from mentions m join actions a on a.id = m.action
left join periods p on p.action = a.id and coalesce(p.from_date, '0001-01-01') <= :on and (p.to_date is null or p.to_date > :on)
where m.document = :id
order by m.id
limit 300

-- name: appearances
-- Arguments and claims that a document makes, with the place and the speakers if not all its authors.
select 'argument' as kind, g.id, g.title, p.locator, p.words, p.note, null as finding, case when exists (select 1 from appearance_speakers b where b.appearance = p.id) then p.speakers end as speakers
from appearances p join arguments g on g.id = p.argument where p.document = :id and g.withdrawn_on is null
union all
select 'claim', c.id, c.text, p.locator, p.words, p.note, c.finding, case when exists (select 1 from appearance_speakers b where b.appearance = p.id) then p.speakers end
from appearances p join claims c on c.id = p.claim where p.document = :id and c.withdrawn_on is null
order by 1, 2
limit 400

-- name: rests
-- What rests on a document: facts it is the source of, and claims it is evidence for or against.
select 'event' as what, e.action as id, coalesce(a.short_title, a.title) as title, e.type as detail, e.date as date, e.id as event, c.locator, c.note
from citations c join events e on e.id = c.event join actions a on a.id = e.action where c.document = :id
union all
select 'action', a.id, coalesce(a.short_title, a.title), null, null, null, c.locator, c.note from citations c join actions a on a.id = c.action where c.document = :id
union all
select 'effect', a.id, coalesce(a.short_title, a.title), null, null, null, c.locator, c.note from citations c join actions a on a.id = c.effect where c.document = :id
union all
select 'dispute', a.id, coalesce(a.short_title, a.title), d.about, null, null, c.locator, c.note
from citations c join disputes d on d.id = c.dispute join actions a on a.id = d.action where c.document = :id
union all
select 'duty', a.id, coalesce(a.short_title, a.title), d.who || ' ' || lower(r.label) || ' ' || d.what, null, null, c.locator, c.note
from citations c join duties d on d.id = c.duty join duty_rules r on r.id = d.rule join actions a on a.id = d.action where c.document = :id
union all
select 'evidence', l.id, l.text, v.finding, null, null, v.locator, v.note from evidence v join claims l on l.id = v.claim where v.document = :id
order by 1, 3, 5
limit 500

-- name: facets
-- How many documents there are of each grade and type.
select filter as facet, value, number from counts where kind = 'document' and filter in ('grade', 'type') and jurisdiction is null

-- name: list
-- Documents that pass the filters, in the order :sort, with a minus the other way round; one more than a page shows. Each order walks an index.
-- Where few records pass a filter, these alone are read and put in order, since a walk passes (all / few) records for each row of the page.
with most as materialized (select min(1000000, 40 * value) as square from kb_info where key = 'count_document'),
of_grade as materialized (select id from documents where :grade <> '[]' and grade in (select value from json_each(:grade)) limit 1001),
of_type as materialized (select id from documents where :type <> '[]' and type in (select value from json_each(:type)) limit 1001),
of_words as materialized (select id from ({matches.best})),
narrow as materialized (
  select (:size + 1) * holds as picked, (:size + 1) * (1 - holds) as walked
  from (select :grade <> '[]' and (select count(*) * count(*) from of_grade) <= (select square from most)
             or :type <> '[]' and (select count(*) * count(*) from of_type) <= (select square from most)
             or :words <> '' and (select count(*) * count(*) from of_words) <= (select square from most) as holds)),
few as (select id from of_grade where (select count(*) * count(*) from of_grade) <= (select square from most)
  union select id from of_type where (select count(*) * count(*) from of_type) <= (select square from most)
  union select id from of_words where (select count(*) * count(*) from of_words) <= (select square from most)),
matches as not materialized (
  select d.id, d.type, d.title, d.authors, d.container, d.publisher, d.issued, d.issued_earliest, d.grade
  from documents d
  where d.withdrawn_on is null
    and (:words = '' or d.id in (select id from of_words))
    and (:grade = '[]' or d.grade in (select value from json_each(:grade)))
    and (:type = '[]' or d.type in (select value from json_each(:type)))),
sorted as (
  select * from (select * from matches where :sort = 'issued' order by issued_earliest desc, id limit (select walked from narrow) offset :skip)
  union all
  select * from (select * from matches where :sort = '-issued' order by issued_earliest, id desc limit (select walked from narrow) offset :skip)
  union all
  select * from (select * from matches where :sort = 'title' order by title collate nocase, id limit (select walked from narrow) offset :skip)
  union all
  select * from (select * from matches where :sort = '-title' order by title collate nocase desc, id desc limit (select walked from narrow) offset :skip)
  union all
  select * from (select * from matches where :sort = 'authors' order by authors collate nocase, id limit (select walked from narrow) offset :skip)
  union all
  select * from (select * from matches where :sort = '-authors' order by authors collate nocase desc, id desc limit (select walked from narrow) offset :skip)
  union all
  select * from (select * from matches where :sort = 'grade' order by grade, issued_earliest desc, id limit (select walked from narrow) offset :skip)
  union all
  select * from (select * from matches where :sort = 'type' order by type, issued_earliest desc, id limit (select walked from narrow) offset :skip)
  union all
  select * from (
    select m.* from few f cross join matches m on m.id = f.id
    order by case :sort when 'grade' then m.grade when 'type' then m.type when 'title' then m.title when 'authors' then m.authors when '-issued' then m.issued_earliest end collate nocase,
             case when :sort = '-title' then m.title when :sort = '-authors' then m.authors when :sort in ('issued', 'grade', 'type') then m.issued_earliest end collate nocase desc,
             case when :sort glob '-*' then m.id end desc, m.id limit (select picked from narrow) offset :skip)),
page as (select *, row_number() over () as place from sorted)
select p.id, p.type, p.title, p.authors, p.container, p.publisher, p.issued, p.grade,
       (select count(*) from citations c where c.document = p.id) as facts
from page p
order by p.place

-- name: matches
-- Documents that have the words and pass the filters, the best matches first.
select d.id, d.type, d.title, d.authors, d.container, d.publisher, d.issued, d.grade,
       (select count(*) from citations c where c.document = d.id) as facts
from ({matches.best}) b
join documents d on d.id = b.id
where d.withdrawn_on is null and (:grade = '[]' or d.grade in (select value from json_each(:grade))) and (:type = '[]' or d.type in (select value from json_each(:type)))
order by b.score, d.id
limit :size + 1 offset :skip
