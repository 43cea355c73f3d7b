select document as of, keyword from document_keywords where document between :first and :last order by document, id
