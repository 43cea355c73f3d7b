select r.id, r.kind, r.title, null as reason from records r where r.id = :id
union all
select r.id, r.kind, r.title, o.reason from redirects o join records r on r.id = o.to_id where o.id = :id
limit 1
