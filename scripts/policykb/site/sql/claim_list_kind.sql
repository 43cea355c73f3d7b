-- Claims of one kind; one more than a page shows.
select c.id, c.text, c.kind, c.finding, c.as_of,
       (select count(*) from argument_claims l where l.claim = c.id) as arguments,
       (select count(*) from evidence v where v.claim = c.id) as evidence
from claims c
where c.withdrawn_on is null and c.kind = json_extract(:kind, '$[0]') and (:finding = '[]' or c.finding in (select value from json_each(:finding)))
order by c.id
limit :most offset :skip
