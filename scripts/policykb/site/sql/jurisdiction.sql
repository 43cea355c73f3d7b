select j.*, p.name as part_of_name from jurisdictions j left join jurisdictions p on p.id = j.part_of where j.id = :id
