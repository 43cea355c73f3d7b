select r.id, r.kind, r.title, g.scheme
from records r
left join arguments g on g.id = r.id left join actions a on a.id = r.id left join claims c on c.id = r.id
where r.kind in ('action', 'argument', 'claim') and coalesce(g.withdrawn_on, a.withdrawn_on, c.withdrawn_on) is null
order by r.number
