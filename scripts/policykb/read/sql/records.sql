-- name: record
-- A record by its id, or by an earlier id that leads to it.
select r.id, r.kind, j.json from records r join record_json j on j.id = r.id
where r.id = coalesce((select to_id from redirects where id = :id), :id)

-- name: of_kind
-- All records of a kind in the order of ids.
select r.id, r.kind, j.json from records r join record_json j on j.id = r.id where r.kind = :kind order by r.number
