-- Actions with what was typed anywhere in an official identifier, among the first identifiers only: no index helps here.
select i.action, a.title, i.display, i.url
from (select action, display, url, folded from action_identifiers order by id limit 5000) i join actions a on a.id = i.action
where instr(i.folded, :folded) > 0
order by length(i.folded), i.action
limit 100
