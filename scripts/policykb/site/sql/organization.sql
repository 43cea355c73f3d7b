select o.*, j.name as jurisdiction_name, p.name as part_of_name
from organizations o left join jurisdictions j on j.id = o.jurisdiction left join organizations p on p.id = o.part_of
where o.id = :id
