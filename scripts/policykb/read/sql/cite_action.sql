select a.*, j.name as jurisdiction_name from actions a join jurisdictions j on j.id = a.jurisdiction where a.id = :id
