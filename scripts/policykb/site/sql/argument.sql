select id, title, scheme, note, withdrawn_on, withdrawn_reason from arguments where id = :id
