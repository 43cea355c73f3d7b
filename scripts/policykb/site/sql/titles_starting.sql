-- Titles in which a word begins like one that was not found.
select r.kind, r.id, r.title
from search
join records r on r.number = search.rowid
where search match :match
order by search.rank
limit 200
