select distinct argument as of, document from appearances where argument between :first and :last order by argument, document
