select argument as of, stance, action, inherited from stances where argument between :first and :last order by argument, id
