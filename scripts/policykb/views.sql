-- The stable contract for analysts. Each answers as of the day it is asked; a comment above a view describes it.

-- The status of every action today: stage, legal force, since when and because of which event.
create view current_status as
select a.id as action, a.title, a.jurisdiction, a.instrument, p.stage, p.legal_force, p.from_date as since, e.label as because,
       e.id as event, p.to_date as until, a.as_of, a.confidence
from actions a
join periods p on p.action = a.id
  and coalesce(p.from_date, '0001-01-01') <= date('now') and (p.to_date is null or p.to_date > date('now'))
left join events e on e.id = p.event
where a.withdrawn_on is null;

-- Every event of every action in order of time, with the grade of its best source.
create view timeline as
select e.date_earliest, e.date, e.action, a.title, a.jurisdiction, e.type, e.note, e.unconfirmed,
       (select e2.id from events e2 where e2.supersedes = e.id order by e2.moved_on desc limit 1) as moved_to,
       (select g.id from citations c join documents d on d.id = c.document join grades g on g.id = d.grade
        where c.event = e.id order by g.position limit 1) as best_grade,
       e.id as event
from events e join actions a on a.id = e.action
where a.withdrawn_on is null
order by e.date_earliest, e.action, e.position;

-- Events still to come, with the days left; moved dates and actions that have ended are left out.
create view upcoming as
select e.date_earliest as due, e.date, cast(julianday(e.date_earliest) - julianday(date('now')) as integer) as days_left,
       e.action, a.title, a.jurisdiction, e.type, e.note, e.id as event, a.as_of
from events e join actions a on a.id = e.action
where e.date_latest >= date('now') and a.withdrawn_on is null
  and not exists (select 1 from events m where m.supersedes = e.id and m.moved_on <= date('now'))
  and not exists (
    select 1 from periods p where p.action = a.id and p.legal_force = 'ended' and p.from_date <= date('now') and p.to_date is null)
order by e.date_earliest, e.action;

-- How many arguments stand on each side of each action.
create view stance_balance as
select a.id as action, a.title, a.jurisdiction,
       sum(s.stance = 'supports') as supports, sum(s.stance = 'supports_if') as supports_if, sum(s.stance = 'opposes') as opposes,
       sum(s.stance = 'warns') as warns, sum(s.stance = 'neutral') as neutral, count(*) as arguments
from stances s join actions a on a.id = s.action join arguments g on g.id = s.argument
where a.withdrawn_on is null and g.withdrawn_on is null
group by a.id;

-- What each argument still owes or is owed: whether anybody answered it, and what of its claims is not borne out.
create view argument_debts as
select g.id as argument, g.title,
       (select count(*) from argument_relations r where r.other = g.id and r.type <> 'supports') as answers,
       (select count(*) from argument_relations r where r.other = g.id and r.type = 'supports') as supporters,
       (select count(*) from argument_claims c where c.argument = g.id) as claims,
       (select count(*) from argument_claims c join claims l on l.id = c.claim
        where c.argument = g.id and l.finding in ('contested', 'unsupported')) as weak_claims,
       (select count(*) from argument_claims c where c.argument = g.id
        and not exists (select 1 from evidence v where v.claim = c.claim)) as claims_without_evidence
from arguments g
where g.withdrawn_on is null;

-- Facts whose best source was not read: relayed or aggregated only, or no source at all.
create view weak_sources as
with sourced(kind, action, fact, event, best) as (
  select 'event', e.action, e.label, e.id,
         (select min(g.position) from citations c join documents d on d.id = c.document join grades g on g.id = d.grade where c.event = e.id)
  from events e
  union all
  select 'action', a.id, a.title, null,
         (select min(g.position) from documents d join grades g on g.id = d.grade where d.id in (
            select document from citations where action = a.id
            union all select document from citations where openness = a.id
            union all select c.document from citations c join events e on e.id = c.event where e.action = a.id))
  from actions a)
select s.kind, s.action, a.title, s.fact, s.event, coalesce(g.id, 'none') as best_grade
from sourced s join actions a on a.id = s.action left join grades g on g.position = s.best
where (s.best is null or g.id in ('aggregator', 'relayed')) and a.withdrawn_on is null
  and not (s.kind = 'action' and s.best is null and a.instrument in ('policy_option', 'private_policy'));

-- Actions whose status has not been confirmed for half a year, the oldest first.
create view stale_actions as
select a.id as action, a.title, a.jurisdiction, a.as_of, cast(julianday(date('now')) - julianday(a.as_of) as integer) as days_old,
       c.stage, c.legal_force
from actions a join current_status c on c.action = a.id
where julianday(date('now')) - julianday(a.as_of) > 180
order by a.as_of, a.id;

-- Who takes which side on which action, through which argument in which document.
create view voices as
select coalesce(o.id, w.name) as speaker_key, w.name as speaker, w.organization, d.id as document, d.title as document_title, d.issued,
       s.stance, s.action, a.title as action_title, g.id as argument, g.title as argument_title, p.locator
from appearances p
join documents d on d.id = p.document
join document_authors w on w.document = d.id
left join organizations o on o.id = w.organization
join arguments g on g.id = p.argument
join stances s on s.argument = g.id
join actions a on a.id = s.action
where (not exists (select 1 from appearance_speakers b where b.appearance = p.id)
       or exists (select 1 from appearance_speakers b where b.appearance = p.id and b.name in (w.family, w.organization)))
  and g.withdrawn_on is null and a.withdrawn_on is null;

-- How much rests on each document: mentions, arguments, claims, evidence and facts.
create view document_impact as
select d.id as document, d.title, d.authors, d.issued, d.grade,
       (select count(*) from mentions m where m.document = d.id) as mentions,
       (select count(*) from appearances p where p.document = d.id and p.argument is not null) as arguments,
       (select count(*) from appearances p where p.document = d.id and p.claim is not null) as claims,
       (select count(*) from evidence v where v.document = d.id) as evidence,
       (select count(*) from citations c where c.document = d.id) as facts
from documents d
where d.withdrawn_on is null;
