select m.document, m.locator, m.words, m.portrayed_as, m.note, d.title, d.authors, d.issued, d.grade
from mentions m join documents d on d.id = m.document
where m.action = :id
order by d.issued_latest, m.id
limit 200
