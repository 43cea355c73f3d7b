-- Ids to choose from in a form.
select id, title from records where kind = :kind order by number limit 500
