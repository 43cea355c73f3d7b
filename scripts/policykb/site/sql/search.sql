-- name: index_of_titles
-- What a static copy looks through before it has loaded the knowledge base: titles, and names and numbers of actions.
select r.kind, r.id, r.title,
       coalesce((select group_concat(n.name, '; ') from names n where n.record = r.id and n.rank not in (1, 5)), '') as numbers
from records r order by r.number

-- name: known
-- Whether any record has a word.
select 1 from search where search match :match limit 1

-- name: titles
-- Titles in which a word begins like one that was not found.
select r.kind, r.id, r.title
from search
join records r on r.number = search.rowid
where search match :match
order by search.rank
limit 200
