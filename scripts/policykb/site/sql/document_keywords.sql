select keyword from document_keywords where document = :id order by id limit 100
