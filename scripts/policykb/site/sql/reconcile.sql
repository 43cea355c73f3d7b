-- name: columns
-- What can be added to a table of actions: their status today and what all views say of them.
select * from current_status where action in (select value from json_each(:ids))

-- name: named
-- The records of which a name begins with :key, as rows of the question `search`: first those with the whole name. Of the index, 1,000 names are read.
with begun as materialized (
  select * from (select n.record, n.rank, 0 as more from names n where n.key = :key limit 500)
  union all
  select * from (
    select n.record, n.rank, length(n.key) from names n where n.key > :key and n.key < :key || char(1114111) order by n.key limit 500)),
best as (select record, min(more) as more, min(rank) as rank from begun group by record order by min(more), min(rank), record limit 10)
select r.kind, r.id, coalesce(a.short_title, o.short_name) as short_title, r.title,
       (select name from names n where n.record = r.id and n.rank = 3 order by n.id limit 1) as number, null as date,
       case when b.more = 0 then 'name' else 'start of a name' end as match, 0 as certain
from best b cross join records r on r.id = b.record
left join actions a on a.id = r.id left join organizations o on o.id = r.id
order by b.more, b.rank, r.id
