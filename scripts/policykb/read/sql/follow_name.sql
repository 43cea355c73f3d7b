-- The name of what is followed.
select coalesce((select coalesce(short_title, title) from actions where id = :id and :kind = 'action'), (select name from jurisdictions where id = :id and :kind = 'jurisdiction'),
                (select name from topics where id = :id and :kind = 'topic')) as name
