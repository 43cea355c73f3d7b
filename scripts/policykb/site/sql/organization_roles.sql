-- The roles of an organization in the actions :ids (JSON array).
select b.action, b.role from json_each(:ids) l join action_bodies b on b.organization = :id and b.action = l.value join body_roles r on r.id = b.role
order by b.action, r.position
