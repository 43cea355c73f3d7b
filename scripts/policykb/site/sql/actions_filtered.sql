-- Actions that pass every filter given, those with the latest news first. An empty filter lets everything pass.
with hit(number) as materialized (
  select rowid from search where :q <> '' and search match coalesce(nullif(escape_fts(:q), ''), '""') order by rank limit 5000),
matching as materialized (
  select a.id, p.stage, p.legal_force, p.from_date as since,
         (select e.rowid from events e where e.action = a.id and e.date_latest <= :on order by e.date_latest desc, e.position desc limit 1) as latest
  from actions a
  join jurisdictions j on j.id = a.jurisdiction
  left join periods p on p.action = a.id and coalesce(p.from_date, '0001-01-01') <= :on and (p.to_date is null or p.to_date > :on)
  where a.withdrawn_on is null
    and (:jurisdiction = '' or :jurisdiction in (j.id, j.part_of))
    and (:instrument = '' or a.instrument = :instrument)
    and (:openness = '' or a.openness_effect = :openness)
    and (:stage = '' or p.stage = :stage)
    and (:force = '' or p.legal_force = :force)
    and (:topic = '' or exists (select 1 from action_topics t join topics k on k.id = t.topic where t.action = a.id and :topic in (k.id, k.part_of)))
    and (:q = '' or exists (select 1 from records r where r.id = a.id and r.number in (select number from hit)))
  limit 5000)
select a.id, coalesce(a.short_title, a.title) as title, a.jurisdiction, j.name as jurisdiction_name, a.instrument, a.openness_effect,
       m.stage, m.legal_force, m.since, e.date as latest, e.type as latest_type,
       (select count(*) from stances s where s.action = a.id) as arguments, (select count(*) from matching) as total
from matching m join actions a on a.id = m.id join jurisdictions j on j.id = a.jurisdiction left join events e on e.rowid = m.latest
order by e.date_latest is null, e.date_latest desc, a.id
limit :size + 1 offset :skip
