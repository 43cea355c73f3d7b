select id, title, withdrawn_on, withdrawn_reason from arguments where id = :id
