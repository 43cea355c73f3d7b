-- Every source of an action, the best first, with the fact it is a source for.
with cited(id, document, locator, about, key) as (
  select id, document, locator, 'action', action from citations where action = :id
  union all select id, document, locator, 'openness', openness from citations where openness = :id
  union all select c.id, c.document, c.locator, 'event', c.event from events e join citations c on c.event = e.id where e.action = :id
  union all select c.id, c.document, c.locator, 'dispute', c.dispute from disputes d join citations c on c.dispute = d.id where d.action = :id)
select c.about, c.key, c.document, c.locator
from cited c join documents d on d.id = c.document join grades g on g.id = d.grade
order by g.position, c.id
