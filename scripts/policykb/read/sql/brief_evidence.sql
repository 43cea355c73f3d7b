-- The evidence for and against the claims among the premises of arguments on an action, the best first.
select distinct v.id, v.claim, v.document, v.locator, v.finding, g.position
from stances s join argument_claims x on x.argument = s.argument join evidence v on v.claim = x.claim join documents d on d.id = v.document join grades g on g.id = d.grade
where s.action = :id
order by v.claim, g.position, v.id
