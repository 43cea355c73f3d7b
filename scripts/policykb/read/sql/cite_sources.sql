-- The documents cited for an action as a whole, then those for its events, in the order in which they are cited.
select d.id, d.type, d.title, d.url, d.grade, 0 as later, c.id as place from citations c join documents d on d.id = c.document where c.action = :id
union all
select d.id, d.type, d.title, d.url, d.grade, 1, c.id from events e join citations c on c.event = e.id join documents d on d.id = c.document where e.action = :id
order by later, place
limit 200
