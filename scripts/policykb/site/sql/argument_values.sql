select value from argument_values where argument = :id order by id limit 50
