-- name: columns
-- What can be added to a table of actions: their status today and what all views say of them.
select * from current_status where action in (select value from json_each(:ids))
