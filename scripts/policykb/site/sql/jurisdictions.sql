select j.id, j.name, j.kind, j.part_of, null as note, (select count(*) from actions a where a.jurisdiction = j.id) as actions
from jurisdictions j where j.withdrawn_on is null and (:within = '' or j.part_of = :within) order by j.name collate nocase limit 500
