-- The actions most argued about, with the number of arguments of each stance and their status on a day.
with most as (
  select s.action, count(*) as arguments, sum(s.stance = 'supports') as supports, sum(s.stance = 'opposes') as opposes,
         sum(s.stance = 'supports_if') as supports_if, sum(s.stance = 'warns') as warns, sum(s.stance = 'neutral') as neutral
  from stances s group by s.action order by arguments desc, s.action limit 8)
select m.*, coalesce(a.short_title, a.title) as title, p.stage, p.legal_force
from most m join actions a on a.id = m.action
left join periods p on p.action = a.id and coalesce(p.from_date, '0001-01-01') <= :on and (p.to_date is null or p.to_date > :on)
where a.withdrawn_on is null
order by m.arguments desc, m.action
