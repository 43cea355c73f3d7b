-- The document that is the best source for an event.
select c.document, c.locator from citations c join documents d on d.id = c.document join grades g on g.id = d.grade join document_types t on t.id = d.type
where c.event = :id
order by t.law = 0, g.position, c.id
limit 1
