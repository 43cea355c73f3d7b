select id, name, definition, part_of, withdrawn_on, withdrawn_reason from topics where id between :first and :last order by id
