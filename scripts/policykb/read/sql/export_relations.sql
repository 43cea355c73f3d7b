-- Tables and views, without the full-text index and its parts.
select name, type, sql from sqlite_master
where type in ('table', 'view') and name not like 'search%' and name not like 'sqlite\_%' escape '\'
order by type, name
