select withdrawn_on, withdrawn_reason from organizations where id = :id
union all select withdrawn_on, withdrawn_reason from jurisdictions where id = :id
union all select withdrawn_on, withdrawn_reason from topics where id = :id
