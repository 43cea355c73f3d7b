-- After the rows: an author that is an organization is shown by its name, and the full-text index is filled.
update document_authors set name = (select o.name from organizations o where o.id = organization)
where organization is not null and family is null;

update documents set authors = (
  select group_concat(name, ', ') from (select name from document_authors w where w.document = documents.id order by w.position))
where id in (select document from document_authors where organization is not null and family is null);

insert into search(search, rank) values ('rank', 'bm25(5.0, 1.0)');
insert into search(search, rank) values ('hashsize', 67108864);
insert into search(search) values ('rebuild');
insert into search(search, rank) values ('hashsize', 1048576);
