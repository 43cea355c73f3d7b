-- How many actions there are for each value of the filters that do not depend on a day.
with standing as materialized (select a.jurisdiction, a.instrument, a.openness_effect from actions a where a.withdrawn_on is null),
places(id, number) as materialized (select jurisdiction, count(*) from standing group by jurisdiction)
select 'jurisdiction' as facet, j.id as value, j.name as label,
       (select coalesce(sum(p.number), 0) from places p join jurisdictions i on i.id = p.id where j.id in (i.id, i.part_of)) as number
from jurisdictions j where j.withdrawn_on is null
union all select 'instrument', instrument, null, count(*) from standing group by instrument
union all select 'openness', openness_effect, null, count(*) from standing group by openness_effect
union all select 'topic', t.id, t.name, count(distinct x.action) from topics t
          left join topics k on k.id = t.id or k.part_of = t.id left join action_topics x on x.topic = k.id
          where t.withdrawn_on is null group by t.id
union all select 'all', '', null, count(*) from standing
