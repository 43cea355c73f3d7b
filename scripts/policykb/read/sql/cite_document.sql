select * from documents where id = :id
