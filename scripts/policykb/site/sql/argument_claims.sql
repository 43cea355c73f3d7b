select c.id, c.text, c.kind, c.finding, c.as_of, (select count(*) from evidence v where v.claim = c.id) as evidence
from argument_claims l join claims c on c.id = l.claim
where l.argument = :id and c.withdrawn_on is null
order by c.id
limit 200
