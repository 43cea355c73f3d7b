-- Ranked hits; :from and :to mark the words found.
select r.kind, r.id, r.title, snippet(search, 0, :from, :to, '…', 48) as title_marked, snippet(search, 1, :from, :to, '…', 28) as snippet
from search
join records r on r.number = search.rowid
where search match :match and (:kind = '[]' or r.kind in (select value from json_each(:kind)))
order by search.rank
limit :most offset :skip
