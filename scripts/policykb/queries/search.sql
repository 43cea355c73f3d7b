-- Search.
-- Records of all kinds that have the words, the best first. A phrase in quotes is looked for as such.
-- :q text. What to look for.
select r.kind, r.id, r.title, snippet(search, 1, '[', ']', '…', 16) as snippet
from search join records r on r.number = search.rowid
where search match escape_fts(:q)
order by search.rank
limit 100
