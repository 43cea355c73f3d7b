select id, name, kind, code, part_of, withdrawn_on, withdrawn_reason from jurisdictions where id between :first and :last order by id
