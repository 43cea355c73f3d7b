-- The document that is the best source for an event.
select c.document, c.locator from citations c join documents d on d.id = c.document join grades g on g.id = d.grade
where c.event = :id
order by d.type not in ('legislation', 'bill', 'regulation'), g.position, c.id
limit 1
