-- Claims among the premises of arguments on an action.
select distinct x.argument, c.id, c.text, c.as_of, c.finding, f.label, c.note, f.position
from stances s join argument_claims x on x.argument = s.argument join claims c on c.id = x.claim join findings f on f.id = c.finding
join arguments g on g.id = s.argument
where s.action = :id and c.withdrawn_on is null and g.withdrawn_on is null
order by c.id
