select of, document from (
  select action as of, document from citations where action between :first and :last
  union
  select e.action, c.document from events e join citations c on c.event = e.id where e.action between :first and :last)
order by of, document
