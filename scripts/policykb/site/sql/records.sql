-- name: record
select r.id, r.kind, r.title, 0 as moved, null as reason from records r where r.id = :id
union all
select r.id, r.kind, r.title, 1 as moved, o.reason from redirects o join records r on r.id = o.to_id where o.id = :id
limit 1

-- name: nearest
-- Records whose id begins alike, then records with the same words; both lists are bounded.
select id, kind, title from (
  select id, kind, title from records where id >= :start and id < :start || '{' order by id limit 200)
union
select id, kind, title from (
  select r.id, r.kind, r.title from search join records r on r.number = search.rowid
  where search match escape_fts(:words) order by search.rank limit 20)

-- name: of_kind
-- Ids to choose from in a form.
select id, title from records where kind = :kind order by number limit 500

-- name: titles
-- Titles of the records with the ids :ids (JSON array), and the numbers of those that are actions.
select r.id, r.title, a.number from records r left join actions a on a.id = r.id where r.id in (select value from json_each(:ids))

-- name: appearances
-- Where an argument or a claim is made, in which words, and by whom.
select coalesce(p.argument, p.claim) as key, substr(p.id, instr(p.id, '@') + 1) as place, p.document, p.locator, p.words, p.note, d.title, d.issued, d.grade, d.type, p.speakers as who
from appearances p
join documents d on d.id = p.document
where (:kind = 'argument' and p.argument = :id) or (:kind = 'claim' and p.claim = :id)
order by d.issued_earliest, p.id
limit 200
