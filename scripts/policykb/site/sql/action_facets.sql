-- How many actions there are for each value of each filter on a day.
with now as materialized (
  select a.id, a.jurisdiction, a.instrument, a.openness_effect, p.stage, p.legal_force
  from actions a left join periods p on p.action = a.id and coalesce(p.from_date, '0001-01-01') <= :on and (p.to_date is null or p.to_date > :on)
  where a.withdrawn_on is null)
select 'jurisdiction' as facet, j.id as value, j.name as label,
       (select count(*) from now n join jurisdictions i on i.id = n.jurisdiction where j.id in (i.id, i.part_of)) as number
from jurisdictions j where j.withdrawn_on is null
union all select 'instrument', instrument, null, count(*) from now group by instrument
union all select 'openness', openness_effect, null, count(*) from now group by openness_effect
union all select 'stage', stage, null, count(*) from now where stage is not null group by stage
union all select 'force', legal_force, null, count(*) from now where legal_force is not null group by legal_force
union all select 'topic', t.id, t.name, count(distinct x.action) from topics t
          left join topics k on k.id = t.id or k.part_of = t.id left join action_topics x on x.topic = k.id
          where t.withdrawn_on is null group by t.id
union all select 'all', '', null, count(*) from now
