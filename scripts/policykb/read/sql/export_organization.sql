select id, name, short_name, kind, jurisdiction, part_of, url, withdrawn_on, withdrawn_reason from organizations where id between :first and :last order by id
