select r.id, r.kind, r.title, 0 as moved, null as reason from records r where r.id = :id
union all
select r.id, r.kind, r.title, 1 as moved, o.reason from redirects o join records r on r.id = o.to_id where o.id = :id
limit 1
