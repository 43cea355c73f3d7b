select id, about, note from disputes where action = :id order by id
