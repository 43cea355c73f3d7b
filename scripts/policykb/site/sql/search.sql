-- name: index_of_titles
-- What a static copy looks through before it has loaded the knowledge base.
select r.kind, r.id, r.title, coalesce((select group_concat(i.display, '; ') from action_identifiers i where i.action = r.id), '') as numbers
from records r order by r.number

-- name: hits
-- Ranked hits; :from and :to mark the words found.
select r.kind, r.id, r.title, snippet(search, 0, :from, :to, '…', 48) as title_marked, snippet(search, 1, :from, :to, '…', 28) as snippet
from search
join records r on r.number = search.rowid
where search match :match and (:kind = '[]' or r.kind in (select value from json_each(:kind)))
order by search.rank
limit :size + 1 offset :skip

-- name: identifiers
-- Actions with an official identifier that is, or begins like, what was typed, letters and digits only; walks the index.
select 'action' as kind, i.action as id, a.title, i.display, i.url
from action_identifiers i join actions a on a.id = i.action
where i.folded >= :folded and i.folded < :folded || char(1114111)
order by i.folded
limit 100

-- name: parts_of_identifiers
-- Actions with what was typed anywhere in an official identifier, the shortest of the first 200 first.
select 'action' as kind, i.action as id, a.title, i.display, i.url
from (select rowid from search_identifiers where search_identifiers match :phrase limit 200) f
join action_identifiers i on i.id = f.rowid join actions a on a.id = i.action
order by length(i.folded), i.action
limit 100

-- name: titles
-- Titles in which a word begins like one that was not found.
select r.kind, r.id, r.title
from search
join records r on r.number = search.rowid
where search match :match
order by search.rank
limit 200

-- name: statuses
-- The period of each of these actions that holds the day.
select p.action, p.stage, p.legal_force
from json_each(:ids) j
join periods p on p.action = j.value and coalesce(p.from_date, '0001-01-01') <= :on and coalesce(p.to_date, '9999-12-31') > :on
