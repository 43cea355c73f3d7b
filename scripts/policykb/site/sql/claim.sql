select id, text, kind, finding, as_of, note, withdrawn_on, withdrawn_reason from claims where id = :id
