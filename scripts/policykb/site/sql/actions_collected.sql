-- Actions that pass every filter given, those with the latest news first, one more than a page shows, and how many there are.
-- Collects all that pass the filter :by, which is the one that fewest pass, or the best 500 matches of the words.
with candidates(id) as materialized (
  select id from actions where :by = 'jurisdiction' and jurisdiction in (select j.id from json_each(:jurisdiction) v join jurisdictions j on v.value in (j.id, j.part_of))
  union select action from action_topics where :by = 'topic' and topic in (select k.id from json_each(:topic) v join topics k on v.value in (k.id, k.part_of))
  union select id from actions where :by = 'instrument' and instrument in (select value from json_each(:instrument))
  union select id from actions where :by = 'openness' and openness_effect in (select value from json_each(:openness))
  union select action from action_bodies where :by = 'organization' and organization in (select value from json_each(:organization))
  union select action from periods where :by = 'stage' and stage in (select value from json_each(:stage)) and to_date is null
  union select action from periods where :by = 'stage' and stage in (select value from json_each(:stage)) and to_date > :on
  union select action from periods where :by = 'force' and legal_force in (select value from json_each(:force)) and to_date is null
  union select action from periods where :by = 'force' and legal_force in (select value from json_each(:force)) and to_date > :on
  union select id from (select r.id from search s join records r on r.number = s.rowid
                        where :by = 'q' and s.search match escape_fts(:q) and r.kind = 'action' order by s.rank limit 500)),
matching as materialized (
  select a.id, p.stage, p.legal_force, p.from_date as since,
         (select n.day from news n where n.action = a.id and n.day <= :on order by n.day desc limit 1) as day
  from candidates c
  cross join actions a on a.id = c.id
  left join periods p on p.action = a.id and coalesce(p.from_date, '0001-01-01') <= :on and (p.to_date is null or p.to_date > :on)
  where a.withdrawn_on is null
    and (:jurisdiction = '[]' or a.jurisdiction in (
           select j.id from json_each(:jurisdiction) v join jurisdictions j on v.value in (j.id, j.part_of)))
    and (:instrument = '[]' or a.instrument in (select value from json_each(:instrument)))
    and (:openness = '[]' or a.openness_effect in (select value from json_each(:openness)))
    and (:stage = '[]' or p.stage in (select value from json_each(:stage)))
    and (:force = '[]' or p.legal_force in (select value from json_each(:force)))
    and (:topic = '[]' or exists (select 1 from action_topics t where t.action = a.id and t.topic in (
           select k.id from json_each(:topic) v join topics k on v.value in (k.id, k.part_of))))
    and (:organization = '[]' or exists (select 1 from action_bodies b where b.action = a.id and b.organization in (select value from json_each(:organization))))),
listed as (select * from matching order by day desc, id limit :size + 1 offset :skip)
select a.id, coalesce(a.short_title, a.title) as title, a.jurisdiction, j.name as jurisdiction_name, a.instrument, a.openness_effect, a.arguments, a.argument_documents, a.argument_speakers,
       l.stage, l.legal_force, l.since, e.date as latest, e.type as latest_type, (select count(*) from matching) as total
from listed l
join actions a on a.id = l.id
join jurisdictions j on j.id = a.jurisdiction
left join events e on e.rowid = (select n.rowid from events n where n.action = l.id and n.date_latest <= :on order by n.date_latest desc, n.position desc limit 1)
order by l.day desc, l.id
