-- All claims, or those with some findings and kinds; one more than a page shows.
select c.id, c.text, c.kind, c.finding, c.as_of,
       (select count(*) from argument_claims l where l.claim = c.id) as arguments,
       (select count(*) from evidence v where v.claim = c.id) as evidence
from claims c
where c.withdrawn_on is null and (:finding = '[]' or c.finding in (select value from json_each(:finding))) and (:kind = '[]' or c.kind in (select value from json_each(:kind)))
order by c.id
limit :most offset :skip
