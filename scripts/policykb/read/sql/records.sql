-- name: info
-- What the knowledge base says about itself.
select key, value from kb_info

-- name: ids
select id from records order by number

-- name: found
-- A record by its id, or by an earlier id with the reason why that is no longer used.
select r.id, r.kind, r.title, null as reason from records r where r.id = :id
union all
select r.id, r.kind, r.title, o.reason from redirects o join records r on r.id = o.to_id where o.id = :id
limit 1

-- name: record
-- A record by its id, or by an earlier id that leads to it.
select r.id, r.kind, j.json from records r join record_json j on j.id = r.id
where r.id = coalesce((select to_id from redirects where id = :id), :id)

-- name: of_kind
-- All records of a kind in the order of ids.
select r.id, r.kind, j.json from records r join record_json j on j.id = r.id where r.kind = :kind order by r.id

-- name: numbers
-- The identifiers of an action, by its id or an earlier id, as they are shown.
select scheme, display, url from action_identifiers
where action = coalesce((select to_id from redirects where id = :id), :id) order by id
