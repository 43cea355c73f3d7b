-- Titles of the records with the ids :ids (JSON array).
select id, title from records where id in (select value from json_each(:ids))
