-- The records of a kind that are not withdrawn.
select r.id, r.kind, r.title
from records r
left join actions a on a.id = r.id
left join claims c on c.id = r.id
where r.kind = :kind and coalesce(a.withdrawn_on, c.withdrawn_on) is null
order by r.number
