-- Deadlines and changes ahead.
-- Every dated event that is still to come after a day, as the dates stand now.
-- :on day = today. The day to look ahead from.
-- :jurisdiction id. Only these jurisdictions and those within them (empty: all).
select e.date_earliest as due, e.date, a.id as action, a.title, a.jurisdiction, e.type, e.note, e.unconfirmed, a.as_of
from events e
join actions a on a.id = e.action
join jurisdictions j on j.id = a.jurisdiction
where e.date_latest > coalesce(nullif(:on, ''), date('now')) and a.withdrawn_on is null
  and not exists (select 1 from events m where m.supersedes = e.id)
  and not exists (
    select 1 from periods p where p.action = a.id and p.legal_force = 'ended' and p.from_date <= coalesce(nullif(:on, ''), date('now')) and p.to_date is null)
  and (:jurisdiction = '' or j.id in (select value from json_each(choices(:jurisdiction))) or j.part_of in (select value from json_each(choices(:jurisdiction))))
order by e.date_earliest, a.id, e.position
