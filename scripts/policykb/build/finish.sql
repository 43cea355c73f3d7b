-- After the rows: the full-text index is filled, in one go and with much memory, which is fastest.
insert into search(search, rank) values ('rank', 'bm25(5.0, 1.0, 5.0)');
insert into search(search, rank) values ('hashsize', 67108864);
insert into search(search) values ('rebuild');
insert into search(search, rank) values ('hashsize', 1048576);
insert into search_identifiers(search_identifiers) values ('rebuild');
-- The rows of records get the numbers under which the index has them.
update actions set record_number = (select number from records r where r.id = actions.id);
update arguments set record_number = (select number from records r where r.id = arguments.id);
update claims set record_number = (select number from records r where r.id = claims.id);
update documents set record_number = (select number from records r where r.id = documents.id);
update organizations set record_number = (select number from records r where r.id = organizations.id);
update jurisdictions set record_number = (select number from records r where r.id = jurisdictions.id);
update topics set record_number = (select number from records r where r.id = topics.id);
