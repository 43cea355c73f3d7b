select document as of, name, family, given, organization from document_authors where document between :first and :last order by document, position
