-- After the rows: how many actions and documents pass each filter of the lists.
create temp table standing as select id, jurisdiction, instrument, openness_effect from actions where withdrawn_on is null;

insert into counts (kind, filter, value, jurisdiction, from_date, number)
select 'action', 'all', '', null, '0001-01-01', count(*) from standing
union all select 'action', 'all', '', jurisdiction, '0001-01-01', count(*) from standing group by jurisdiction
union all select 'action', 'instrument', instrument, null, '0001-01-01', count(*) from standing group by instrument
union all select 'action', 'openness', openness_effect, null, '0001-01-01', count(*) from standing group by openness_effect
union all select 'document', 'all', '', null, '0001-01-01', count(*) from documents where withdrawn_on is null
union all select 'document', 'grade', grade, null, '0001-01-01', count(*) from documents where withdrawn_on is null group by grade
union all select 'document', 'type', type, null, '0001-01-01', count(*) from documents where withdrawn_on is null group by type;

-- A jurisdiction and a topic have what is within them too, one level deep as they are themselves.
insert into counts (kind, filter, value, jurisdiction, from_date, number)
select 'action', 'jurisdiction', w.id, null, '0001-01-01', sum(c.number)
from (select id, id as part from jurisdictions union select part_of, id from jurisdictions where part_of is not null) w
join counts c on c.kind = 'action' and c.filter = 'all' and c.jurisdiction = w.part
group by w.id;

insert into counts (kind, filter, value, jurisdiction, from_date, number)
select 'action', 'topic', w.id, null, '0001-01-01', count(distinct x.action)
from (select id, id as part from topics union select part_of, id from topics where part_of is not null) w
join action_topics x on x.topic = w.part join standing a on a.id = x.action
group by w.id;

insert into counts (kind, filter, value, jurisdiction, from_date, number)
select 'action', 'organization', b.organization, null, '0001-01-01', count(distinct b.action)
from action_bodies b join standing a on a.id = b.action group by b.organization
union all
select 'document', 'organization', w.organization, null, '0001-01-01', count(distinct w.document)
from document_authors w join documents d on d.id = w.document
where w.organization is not null and d.withdrawn_on is null group by w.organization;

-- What begins and ends on each day, added up from the first.
create temp table changes as
with begun as (select p.stage, p.legal_force, coalesce(p.from_date, '0001-01-01') as from_date, p.to_date, a.jurisdiction
               from periods p join standing a on a.id = p.action),
turned as (select jurisdiction, stage, legal_force, from_date as day, count(*) as change from begun group by 1, 2, 3, 4
           union all select jurisdiction, stage, legal_force, to_date, -count(*) from begun where to_date is not null group by 1, 2, 3, 4)
select 'force' as filter, legal_force as value, jurisdiction, day, sum(change) as change from turned group by 2, 3, 4
union all select 'force', legal_force, null, day, sum(change) from turned group by 2, 4
union all select 'stage', stage, null, day, sum(change) from turned group by 2, 4;

insert into counts (kind, filter, value, jurisdiction, from_date, number)
select 'action', filter, value, jurisdiction, day, sum(change) over (partition by filter, value, jurisdiction order by day)
from changes where change <> 0
order by filter, jurisdiction, value, day;

drop table temp.changes;
drop table temp.standing;
