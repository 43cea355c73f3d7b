-- Jurisdictions within another, or all, with the number of actions they and those within them have.
select j.id, j.name, j.kind, j.part_of, null as note, coalesce(c.number, 0) as actions
from jurisdictions j left join counts c on c.kind = 'action' and c.filter = 'jurisdiction' and c.jurisdiction is null and c.value = j.id
where j.withdrawn_on is null and (:within = '' or j.part_of = :within) order by j.name collate nocase limit 500
