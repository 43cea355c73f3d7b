select id, text, kind, finding, as_of, withdrawn_on, withdrawn_reason from claims where id between :first and :last order by id
