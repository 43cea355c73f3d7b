-- The sources of the events of an action.
select c.event, c.document, c.locator, c.note from events e join citations c on c.event = e.id where e.action = :id order by c.id
