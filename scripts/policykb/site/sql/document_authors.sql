select w.name, w.organization, o.name as organization_name from document_authors w left join organizations o on o.id = w.organization
where w.document = :id order by w.position limit 200
