-- name: index_of_titles
-- What a static copy looks through before it has loaded the knowledge base: titles, and names and numbers of actions.
select r.kind, r.id, r.title,
       coalesce((select group_concat(n.name, '; ') from names n where n.record = r.id and n.rank not in (1, 5)), '') as numbers
from records r order by r.number

-- name: titles
-- Titles in which a word begins like one that was not found.
select r.kind, r.id, r.title
from search
join records r on r.number = search.rowid
where search match :match
order by search.rank
limit 200

-- name: marked_titles
-- The titles of some of the hits for :q with marks around the words; read as in the question `search`.
select r.id, highlight(search, 0, :from, :to) as title
from (select w.value as words from json_each(search_ways(:q)) w where exists (select 1 from search where search match w.value) limit 1) w
cross join json_each(:ids) j cross join records r on r.id = j.value cross join search on search.rowid = r.number
where search match w.words
