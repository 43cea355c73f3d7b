-- Every source of an action, the best first, with the fact it is a source for.
with cited(id, document, locator, note, about, key) as (
  select id, document, locator, note, 'action', action from citations where action = :id
  union all select id, document, locator, note, 'openness', openness from citations where openness = :id
  union all select c.id, c.document, c.locator, c.note, 'event', c.event from events e join citations c on c.event = e.id where e.action = :id
  union all select c.id, c.document, c.locator, c.note, 'dispute', c.dispute from disputes d join citations c on c.dispute = d.id where d.action = :id)
select c.about, c.key, c.document, c.locator, c.note, d.title, d.authors, d.container, d.publisher, d.issued, d.url, d.grade
from cited c join documents d on d.id = c.document join grades g on g.id = d.grade
order by g.position, c.id
limit 1000
