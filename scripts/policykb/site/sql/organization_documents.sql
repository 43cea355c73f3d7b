-- The documents of an organization, the newest first.
select d.id, d.title, d.issued, d.grade, d.type from document_authors w join documents d on d.id = w.document
where w.organization = :id and d.withdrawn_on is null order by w.issued_latest desc, w.document limit 100
