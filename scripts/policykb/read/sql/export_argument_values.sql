select argument as of, value from argument_values where argument between :first and :last order by argument, id
