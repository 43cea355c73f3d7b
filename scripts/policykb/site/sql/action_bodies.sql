select b.organization, b.role, b.note, o.name, o.short_name
from action_bodies b join organizations o on o.id = b.organization join body_roles r on r.id = b.role
where b.action = :id
order by r.position, b.id
limit 200
