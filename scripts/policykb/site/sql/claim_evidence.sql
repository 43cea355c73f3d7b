select v.finding, v.document, v.locator, v.note, d.title, coalesce(nullif(d.authors, ''), d.publisher, d.container) as authors, d.issued, d.grade, d.interests
from evidence v
join documents d on d.id = v.document
join grades g on g.id = d.grade
join evidence_findings f on f.id = v.finding
where v.claim = :id
order by f.position, g.position, d.issued_latest desc, v.id
limit 200
