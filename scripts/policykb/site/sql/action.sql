select a.*, j.name as jurisdiction_name, p.title as part_of_title, p.short_title as part_of_short
from actions a join jurisdictions j on j.id = a.jurisdiction left join actions p on p.id = a.part_of
where a.id = :id
