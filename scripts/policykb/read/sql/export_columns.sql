select name, type, "notnull" as needed, pk as key from pragma_table_info(:table) order by cid
