select action as of, scheme, value, display, url from action_identifiers where action between :first and :last order by action, id
