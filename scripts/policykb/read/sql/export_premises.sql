select argument as of, text from premises where argument between :first and :last order by argument, position
