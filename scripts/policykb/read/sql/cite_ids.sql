-- Ids that begin alike, of records and old ones, to look for the nearest one among.
select * from (select id from records where id >= :start and id < :start || '{' order by id limit 500)
union all select * from (select id from redirects where id >= :start and id < :start || '{' order by id limit 500)
