-- name: used
-- Whether a record uses an id, or used it.
select exists (select 1 from records where id = :id) or exists (select 1 from redirects where id = :id) as used

-- name: named
-- The records of some kinds that have one of the folded names in :keys (JSON array), as an id, title, alias or official number.
select r.id, r.title
from json_each(:keys) k join names n on n.key = k.value join records r on r.id = n.record
where r.kind in (select value from json_each(:kinds)) limit 20

-- name: identified
-- The record of some kinds with an id, now or formerly.
select r.id, r.title from records r
where r.id in (:id, (select to_id from redirects where id = :id)) and r.kind in (select value from json_each(:kinds)) limit 1

-- name: at_address
-- The document at one of the addresses in :urls (JSON array).
select d.id, d.title from json_each(:urls) u join documents d on d.url = u.value limit 5

-- name: coded
-- The jurisdiction with a code of ISO 3166.
select id, name as title from jurisdictions where code = :code limit 2

-- name: whole
-- A record as its file has it.
select r.id, r.kind, r.title, j.json from records r join record_json j on j.id = r.id where r.id = :id
