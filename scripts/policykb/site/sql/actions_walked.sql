-- Actions that pass every filter given, those with the latest news first, and one more than a page shows.
-- Walks the news backwards from the day asked for. Filters are JSON lists of which any value passes; an empty list lets everything pass.
with listed as (
  select n.action, n.day, p.stage, p.legal_force, p.from_date as since
  from news n
  cross join actions a on a.id = n.action
  left join periods p on p.action = n.action and coalesce(p.from_date, '0001-01-01') <= :on and (p.to_date is null or p.to_date > :on)
  where n.day <= :on and (n.until is null or n.until > :on)
    and (:jurisdiction = '[]' or a.jurisdiction in (
           select j.id from json_each(:jurisdiction) v join jurisdictions j on v.value in (j.id, j.part_of)))
    and (:instrument = '[]' or a.instrument in (select value from json_each(:instrument)))
    and (:openness = '[]' or a.openness_effect in (select value from json_each(:openness)))
    and (:stage = '[]' or p.stage in (select value from json_each(:stage)))
    and (:force = '[]' or p.legal_force in (select value from json_each(:force)))
    and (:topic = '[]' or exists (select 1 from action_topics t where t.action = a.id and t.topic in (
           select k.id from json_each(:topic) v join topics k on v.value in (k.id, k.part_of))))
    and (:organization = '[]' or exists (select 1 from action_bodies b where b.action = a.id and b.organization in (select value from json_each(:organization))))
  order by n.day desc, n.action
  limit :size + 1 offset :skip)
select a.id, coalesce(a.short_title, a.title) as title, a.jurisdiction, j.name as jurisdiction_name, a.instrument, a.openness_effect, a.arguments, a.argument_documents, a.argument_speakers,
       l.stage, l.legal_force, l.since, e.date as latest, e.type as latest_type
from listed l
join actions a on a.id = l.action
join jurisdictions j on j.id = a.jurisdiction
left join events e on e.rowid = (select n.rowid from events n where n.action = l.action and n.date_latest <= :on order by n.date_latest desc, n.position desc limit 1)
order by l.day desc, l.action
