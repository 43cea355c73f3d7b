-- The actions most argued about, with the number of arguments of each stance and their status on a day.
with most as (select id, title, short_title, arguments, argument_documents, argument_speakers from actions where withdrawn_on is null and arguments > 0 order by arguments desc, id limit 8)
select m.id as action, m.arguments, m.argument_documents, m.argument_speakers, coalesce(m.short_title, m.title) as title, p.stage, p.legal_force,
       (select count(distinct v.argument) from voices v where v.action = m.id and v.inherited = 0 and v.stance = 'supports') as supports,
       (select count(distinct v.argument) from voices v where v.action = m.id and v.inherited = 0 and v.stance = 'opposes') as opposes,
       (select count(distinct v.argument) from voices v where v.action = m.id and v.inherited = 0 and v.stance = 'supports_if') as supports_if,
       (select count(distinct v.argument) from voices v where v.action = m.id and v.inherited = 0 and v.stance = 'warns') as warns
from most m
left join periods p on p.action = m.id and coalesce(p.from_date, '0001-01-01') <= :on and (p.to_date is null or p.to_date > :on)
order by m.arguments desc, m.id
