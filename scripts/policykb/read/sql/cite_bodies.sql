select b.role, o.name from action_bodies b join organizations o on o.id = b.organization where b.action = :id order by b.id limit 200
