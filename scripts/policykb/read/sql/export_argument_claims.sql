select argument as of, claim from argument_claims where argument between :first and :last order by argument, id
