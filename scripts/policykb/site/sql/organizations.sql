select o.id, o.name, o.short_name, o.kind, j.name as jurisdiction_name,
       (select count(distinct b.action) from action_bodies b where b.organization = o.id) as actions,
       (select count(*) from document_authors w where w.organization = o.id) as documents
from organizations o left join jurisdictions j on j.id = o.jurisdiction
where o.withdrawn_on is null and (:kind = '' or o.kind = :kind)
order by o.name collate nocase, o.id
limit :size + 1 offset :skip
