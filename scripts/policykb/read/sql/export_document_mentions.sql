select distinct document as of, action from mentions where document between :first and :last order by document, action
