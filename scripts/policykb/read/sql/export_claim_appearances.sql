select distinct claim as of, document from appearances where claim between :first and :last order by claim, document
