-- name: jurisdiction
select j.*, p.name as part_of_name from jurisdictions j left join jurisdictions p on p.id = j.part_of where j.id = :id

-- name: topic
select t.*, p.name as part_of_name from topics t left join topics p on p.id = t.part_of where t.id = :id

-- name: jurisdictions
-- Jurisdictions within another, or all, with the number of actions they and those within them have.
select j.id, j.name, j.kind, j.part_of, null as note, coalesce(c.number, 0) as actions
from jurisdictions j left join counts c on c.kind = 'action' and c.filter = 'jurisdiction' and c.jurisdiction is null and c.value = j.id
where j.withdrawn_on is null and (:within = '' or j.part_of = :within) order by j.name collate nocase limit 500

-- name: topics
-- Topics within another, or all, with the number of actions they and those within them have.
select t.id, t.name, t.definition as note, t.part_of, coalesce(c.number, 0) as actions
from topics t left join counts c on c.kind = 'action' and c.filter = 'topic' and c.jurisdiction is null and c.value = t.id
where t.withdrawn_on is null and (:within = '' or t.part_of = :within) order by t.name collate nocase limit 500

-- name: jurisdiction_names
select id, name from jurisdictions order by name limit 500
