select text from premises where argument = :id order by position limit 200
