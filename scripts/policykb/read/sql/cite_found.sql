-- The record with an id, or the one that took its place.
select r.id, r.kind, r.title, null as old, null as reason from records r where r.id = :id
union all
select r.id, r.kind, r.title, o.id as old, o.reason from redirects o join records r on r.id = o.to_id where o.id = :id
limit 1
