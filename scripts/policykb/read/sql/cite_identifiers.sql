select scheme, value, url from action_identifiers where action = :id order by id
