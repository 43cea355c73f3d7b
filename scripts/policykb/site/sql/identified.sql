-- Actions with an official identifier that is, or begins like, what was typed, letters and digits only; walks the index.
select i.action, a.title, i.display, i.url
from action_identifiers i join actions a on a.id = i.action
where i.folded >= :folded and i.folded < :folded || char(1114111)
order by i.folded
limit 100
