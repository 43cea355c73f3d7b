-- After the rows: the full-text index is filled, in one go and with 16 MB of memory; with more it is hardly faster.
insert into search(search, rank) values ('rank', 'bm25(5.0, 1.0, 5.0)');
insert into search(search, rank) values ('hashsize', 16777216);
insert into search(search) values ('rebuild');
insert into search(search, rank) values ('hashsize', 1048576);
insert into search_identifiers(search_identifiers) values ('rebuild');
