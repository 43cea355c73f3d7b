select id, title, scheme, withdrawn_on, withdrawn_reason from arguments where id between :first and :last order by id
