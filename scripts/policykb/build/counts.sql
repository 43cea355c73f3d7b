-- After the rows: how many actions and documents pass each filter of the lists.
create temp table standing as select id, jurisdiction, instrument, effect from actions where withdrawn_on is null;

insert into counts (kind, filter, value, jurisdiction, from_date, number)
select 'action', 'all', '', null, '0001-01-01', count(*) from standing
union all select 'action', 'all', '', jurisdiction, '0001-01-01', count(*) from standing group by jurisdiction
union all select 'action', 'instrument', instrument, null, '0001-01-01', count(*) from standing group by instrument
union all select 'action', 'instrument', instrument, jurisdiction, '0001-01-01', count(*) from standing group by instrument, jurisdiction
union all select 'action', 'effect', effect, null, '0001-01-01', count(*) from standing where effect is not null group by effect
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
create temp table turns as
select p.action, p.stage, p.legal_force, coalesce(p.from_date, '0001-01-01') as day, 1 as change from periods p
union all select p.action, p.stage, p.legal_force, p.to_date, -1 from periods p where p.to_date is not null;

create temp table changes as
with turned as (select a.jurisdiction, t.stage, t.legal_force, t.day, sum(t.change) as change
                from turns t join standing a on a.id = t.action group by 1, 2, 3, 4)
select 'force' as filter, legal_force as value, jurisdiction, day, sum(change) as change from turned group by 2, 3, 4
union all select 'force', legal_force, null, day, sum(change) from turned group by 2, 4
union all select 'stage', stage, null, day, sum(change) from turned group by 2, 4;

insert into counts (kind, filter, value, jurisdiction, from_date, number)
select 'action', filter, value, jurisdiction, day, sum(change) over (partition by filter, value, jurisdiction order by day)
from changes where change <> 0
order by filter, jurisdiction, value, day;

-- For the charts of a jurisdiction or topic, with what is within it, and of everything: events by month, where the month is
-- known and the event was not moved, and actions by stage and legal force.
create temp table members as
select 'all' as filter, '' as place, id as action from standing
union select 'jurisdiction', w.id, a.id
from (select id, id as part from jurisdictions union select part_of, id from jurisdictions where part_of is not null) w
join standing a on a.jurisdiction = w.part
union select 'topic', w.id, a.id
from (select id, id as part from topics union select part_of, id from topics where part_of is not null) w
join action_topics x on x.topic = w.part join standing a on a.id = x.action;

insert into counts (kind, filter, value, jurisdiction, from_date, number)
select 'event', filter, place, null, month, sum(number) over (partition by filter, place order by month)
from (select m.filter, m.place, substr(e.date_latest, 1, 7) || '-01' as month, count(*) as number
      from members m join events e on e.action = m.action
      where e.precision <> 'year' and e.id not in (select supersedes from events where supersedes is not null)
      group by 1, 2, 3);

insert into counts (kind, filter, value, jurisdiction, from_date, number)
select 'action', 'topic', m.place, a.jurisdiction, '0001-01-01', count(*)
from members m join standing a on a.id = m.action where m.filter = 'topic' group by m.place, a.jurisdiction;

insert into counts (kind, filter, value, jurisdiction, from_date, number)
with turned as (
  select m.place, t.stage || ' ' || t.legal_force as value, t.day, t.change from members m join turns t on t.action = m.action)
select 'action', rtrim('status ' || place), value, null, day, sum(sum(change)) over (partition by place, value order by day)
from turned group by place, value, day having sum(change) <> 0;

drop table temp.members;
drop table temp.changes;
drop table temp.turns;
drop table temp.standing;
