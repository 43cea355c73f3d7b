-- How many actions there are on a day for each value of the filters.
select c.filter as facet, c.value, coalesce(j.name, t.name) as label, c.number
from counts c left join jurisdictions j on c.filter = 'jurisdiction' and j.id = c.value left join topics t on c.filter = 'topic' and t.id = c.value
where c.kind = 'action' and c.filter in ('all', 'instrument', 'jurisdiction', 'openness', 'topic') and c.jurisdiction is null
  and j.withdrawn_on is null and t.withdrawn_on is null
union all
select 'stage', s.id, null, coalesce((select number from counts c where c.kind = 'action' and c.filter = 'stage' and c.jurisdiction is null and c.value = s.id
                                      and c.from_date <= :on order by c.from_date desc limit 1), 0) from stages s
union all
select 'force', f.id, null, coalesce((select number from counts c where c.kind = 'action' and c.filter = 'force' and c.jurisdiction is null and c.value = f.id
                                      and c.from_date <= :on order by c.from_date desc limit 1), 0) from legal_forces f
