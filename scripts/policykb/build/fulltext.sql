-- After the rows: the full-text index is filled, in one go and with much memory, which is fastest.
insert into search(search, rank) values ('rank', 'bm25(5.0, 1.0, 5.0)');
insert into search(search, rank) values ('hashsize', 67108864);
insert into search(search) values ('rebuild');
insert into search(search, rank) values ('hashsize', 1048576);
insert into search_identifiers(search_identifiers) values ('rebuild');
