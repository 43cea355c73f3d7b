select id from records order by number
