select "from" as own, "table" as other, coalesce("to", 'id') as theirs from pragma_foreign_key_list(:table) order by id desc
