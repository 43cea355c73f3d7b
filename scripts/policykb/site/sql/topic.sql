select t.*, p.name as part_of_name from topics t left join topics p on p.id = t.part_of where t.id = :id
