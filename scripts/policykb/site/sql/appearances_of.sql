-- Where an argument or a claim is made, in which words, and by whom.
select coalesce(p.argument, p.claim) as key, substr(p.id, instr(p.id, '@') + 1) as place, p.document, p.locator, p.words, p.note, d.title, d.issued, d.grade, d.type, p.speakers as who
from appearances p
join documents d on d.id = p.document
where (:kind = 'argument' and p.argument = :id) or (:kind = 'claim' and p.claim = :id)
order by d.issued_earliest, p.id
limit 200
