-- Organizations of one kind by name, one more than a page shows.
select o.id, o.name, o.short_name, o.kind, j.name as jurisdiction_name, coalesce(a.number, 0) as actions, coalesce(d.number, 0) as documents
from organizations o left join jurisdictions j on j.id = o.jurisdiction
left join counts a on a.kind = 'action' and a.filter = 'organization' and a.jurisdiction is null and a.value = o.id
left join counts d on d.kind = 'document' and d.filter = 'organization' and d.jurisdiction is null and d.value = o.id
where o.withdrawn_on is null and o.kind = json_extract(:kind, '$[0]')
order by o.name collate nocase, o.id
limit :size + 1 offset :skip
