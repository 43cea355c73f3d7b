select id, name from jurisdictions order by name limit 500
