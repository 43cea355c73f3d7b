select argument as of, type, other from argument_relations where argument between :first and :last order by argument, id
