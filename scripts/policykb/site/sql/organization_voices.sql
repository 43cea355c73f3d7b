-- What an organization argues in its 100 newest documents, at which place, and where that stands on which action.
with latest as materialized (
  select document, family, organization from document_authors where organization = :id order by issued_latest desc, document limit 100)
select g.id as argument, g.title as argument_title, d.id as document, d.title as document_title, d.issued, p.locator,
       s.stance, s.drawn_by, s.inherited,
       a.instrument not in (select id from instruments where idea = 1) and coalesce(s.as_of, d.issued_latest) < (select min(e.date_earliest) from events e where e.action = s.action) as written_before_action, s.action, coalesce(a.short_title, a.title) as action_title
from latest w cross join documents d on d.id = w.document join appearances p on p.document = d.id join arguments g on g.id = p.argument
left join stances s on s.argument = g.id left join actions a on a.id = s.action and a.withdrawn_on is null
where g.withdrawn_on is null
  and (not exists (select 1 from appearance_speakers b where b.appearance = p.id)
       or exists (select 1 from appearance_speakers b where b.appearance = p.id and b.name in (w.family, w.organization)))
order by g.id, d.id, s.action
limit 400
