select d.id, d.title, d.authors, d.container, d.publisher, d.issued, d.url, g.label as grade from documents d join grades g on g.id = d.grade where d.id = :id
