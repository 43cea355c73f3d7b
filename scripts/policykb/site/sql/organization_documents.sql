select d.id, d.title, d.issued, d.grade, d.type from document_authors w join documents d on d.id = w.document
where w.organization = :id and d.withdrawn_on is null order by d.issued_latest desc, d.id limit 200
