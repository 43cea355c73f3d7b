-- How many actions are at each stage and of each legal force on a day; needs every action, so it is asked once a day.
with now as materialized (
  select p.stage, p.legal_force
  from actions a join periods p on p.action = a.id and coalesce(p.from_date, '0001-01-01') <= :on and (p.to_date is null or p.to_date > :on)
  where a.withdrawn_on is null)
select 'stage' as facet, stage as value, null as label, count(*) as number from now group by stage
union all select 'force', legal_force, null, count(*) from now group by legal_force
