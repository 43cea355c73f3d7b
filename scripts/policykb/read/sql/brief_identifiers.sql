select i.display from action_identifiers i where i.action = :id order by i.id
