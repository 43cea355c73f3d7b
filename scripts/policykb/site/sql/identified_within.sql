-- Actions with what was typed anywhere in an official identifier, the shortest of the first 200 first.
select i.action, a.title, i.display, i.url
from (select rowid from search_identifiers where search_identifiers match :phrase limit 200) f
join action_identifiers i on i.id = f.rowid join actions a on a.id = i.action
order by length(i.folded), i.action
limit 100
