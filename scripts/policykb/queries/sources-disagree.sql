-- Where sources disagree.
-- Points on which serious sources say different things, with the sources.
select d.action, a.title, d.about, d.note,
       (select group_concat(w.title, '; ') from citations c join documents w on w.id = c.document where c.dispute = d.id) as sources
from disputes d
join actions a on a.id = d.action
where a.withdrawn_on is null
order by d.action, d.id
