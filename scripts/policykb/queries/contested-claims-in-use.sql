-- Claims in use that the evidence does not support.
-- Contested or unsupported claims that arguments rest on, with the arguments and the editors' reason.
select c.id as claim, c.text, c.finding, c.note, g.id as argument, g.title as argument_title
from claims c
join argument_claims l on l.claim = c.id
join arguments g on g.id = l.argument
where c.finding in ('contested', 'unsupported') and c.withdrawn_on is null and g.withdrawn_on is null
order by c.id, g.id
