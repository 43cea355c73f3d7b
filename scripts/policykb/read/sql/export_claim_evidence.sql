select claim as of, finding, document from evidence where claim between :first and :last order by claim, id
