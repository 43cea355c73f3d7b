-- Who made an action and who acts under it.
select o.name, r.label as role from action_bodies b join organizations o on o.id = b.organization join body_roles r on r.id = b.role
where b.action = :id order by r.position, b.id
