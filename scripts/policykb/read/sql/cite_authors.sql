select name, family, given from document_authors where document = :id order by position
