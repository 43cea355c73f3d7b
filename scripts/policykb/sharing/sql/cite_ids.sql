select id from records union all select id from redirects
