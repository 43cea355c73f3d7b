-- The stable contract for analysts. Each answers as of the day it is asked; a comment above a view describes it.
-- They mean the same in SQLite and in DuckDB: no loose types, no columns beside aggregates, no `date('now')`.

-- What the other views say of an action beside its title: how it is called and numbered, where it belongs, what it is about, what kind
-- of effect it has, and where its page and its official text are. A state belongs to its country, everything else to itself; topics are
-- separated by semicolons; the page is the path below the address of the site.
create view action_overview as
select a.id as action, a.title, a.short_title, a.number, a.jurisdiction, coalesce(j.part_of, a.jurisdiction) as country,
       (select group_concat(t.topic, '; ') from (select x.topic from action_topics x where x.action = a.id order by x.id) t) as topics,
       a.instrument, a.effect, '/actions/' || a.id as page, case when a.text_official = 1 then a.text_url end as official_url,
       a.as_of, a.confidence, a.part_of, a.began
from actions a
left join jurisdictions j on j.id = a.jurisdiction
where a.withdrawn_on is null;

-- The status of every action on every day, without empty values: a day lies in a row from `from_day` to the day before `until_day`.
-- What always was begins on 0001-01-01, what has no end yet ends on 9999-12-31, and `because` is empty where no event decided.
create view status_days as
select a.action, a.title, p.stage, p.legal_force, coalesce(p.from_date, '0001-01-01') as from_day, coalesce(p.to_date, '9999-12-31') as until_day,
       coalesce(e.label, '') as because, coalesce(e.id, '') as event, a.country, a.effect, a.page
from action_overview a
join periods p on p.action = a.action
left join events e on e.id = p.event;

-- The status of every action today: stage, legal force, since when and because of which event.
create view current_status as
select o.action, o.title, o.jurisdiction, o.instrument, p.stage, p.legal_force, p.from_date as since, e.label as because,
       e.id as event, p.to_date as until, o.as_of, o.confidence,
       o.short_title, o.number, o.country, o.topics, o.effect, o.page, o.official_url
from action_overview o
join periods p on p.action = o.action
  and coalesce(p.from_date, '0001-01-01') <= cast(current_date as text) and (p.to_date is null or p.to_date > cast(current_date as text))
left join events e on e.id = p.event;

-- Every event of every action in order of time, with the grade of its best source.
create view timeline as
select e.date_earliest, e.date, e.action, o.title, o.jurisdiction, e.type, e.note, e.unconfirmed,
       (select e2.id from events e2 where e2.supersedes = e.id order by e2.moved_on desc, e2.id limit 1) as moved_to,
       (select g.id from citations c join documents d on d.id = c.document join grades g on g.id = d.grade
        where c.event = e.id order by g.position limit 1) as best_grade,
       e.id as event,
       o.short_title, o.number, o.country, o.topics, o.effect, o.page, o.official_url
from events e join action_overview o on o.action = e.action
order by e.date_earliest, e.action, e.position;

-- Events still to come, with the days left; moved dates and actions that have ended are left out.
create view upcoming as
with today(day, years, day_of_year) as (
  select cast(current_date as text), cast(substr(cast(current_date as text), 1, 4) as integer) - 1, cast(strftime('%j', current_date) as integer)),
ahead as (
  select e.date_earliest as due, e.date, e.action, e.type, e.note, e.id as event, t.day as today,
         -- Years before that of each day, and its place in its year: the differences, with a day more for each leap year, are the days between.
         cast(substr(e.date_earliest, 1, 4) as integer) - 1 as years, t.years as from_years,
         cast(strftime('%j', date(e.date_earliest)) as integer) - t.day_of_year as days
  from events e cross join today t
  where e.date_latest >= t.day
    and not exists (select 1 from events m where m.supersedes = e.id and m.moved_on <= t.day))
select h.due, h.date,
       cast(h.days + 365 * (h.years - h.from_years)
            + ((h.years - h.years % 4) - (h.from_years - h.from_years % 4)) / 4
            - ((h.years - h.years % 100) - (h.from_years - h.from_years % 100)) / 100
            + ((h.years - h.years % 400) - (h.from_years - h.from_years % 400)) / 400 as integer) as days_left,
       h.action, o.title, o.jurisdiction, h.type, h.note, h.event, o.as_of,
       o.short_title, o.number, o.country, o.topics, o.effect, o.page, o.official_url
from ahead h join action_overview o on o.action = h.action
where not exists (
    select 1 from periods p where p.action = h.action and p.legal_force in (select id from legal_forces where ceased = 1) and p.from_date <= h.today and p.to_date is null)
order by h.due, h.action;

-- Who takes which side on which action, through which argument in which document: every stance at every place where its argument is made.
-- A document without author is named by its publisher, its container or its title.
create view voices as
select m.key as speaker_key, m.name as speaker, m.organization, o.kind as speaker_kind, d.id as document, d.title as document_title, d.issued,
       s.stance, s.action, a.title as action_title, g.id as argument, g.title as argument_title, p.locator, p.words, s.note,
       m.named_by, s.drawn_by, s.inherited, s.as_of,
       -- 1 where the text was out before the first event of the action, or speaks of the action as of such a day; empty where its day is not
       -- known. An idea has no first event: people argue about it before anything happens.
       case when a.began is null then 0 when coalesce(s.as_of, d.issued_latest) < a.began then 1
            when coalesce(s.as_of, d.issued_latest) is not null then 0 end as written_before_action,
       -- 1 where the document mentions other actions, but neither this one nor the act of which it is a part nor another part of either.
       case when not exists (select 1 from mentions n where n.document = d.id) then 0
            when exists (select 1 from mentions n join actions b on b.id = n.action
                         where n.document = d.id and (s.action in (b.id, b.part_of) or a.part_of in (b.id, b.part_of))) then 0
            else 1 end as about_another_action,
       a.short_title, a.number, a.jurisdiction, a.country, a.topics, a.effect, a.page, a.official_url
from stances s
join action_overview a on a.action = s.action
join arguments g on g.id = s.argument
join speakers m on m.argument = s.argument
join appearances p on p.id = m.appearance
join documents d on d.id = m.document
left join organizations o on o.id = m.organization
where g.withdrawn_on is null;

-- How many arguments are on each side of each action, and in how many documents and by how many speakers those for it (`supports`,
-- `supports_if`) and those against it (`opposes`, `warns`) are made. A stance that follows only from the thesis of its document is no
-- voice of its own: such stances are counted as `inherited` alone. Documents about another action, and their speakers, are not counted.
-- An action that no one argues about has zeros.
create view stance_balance as
select o.action, o.title, o.jurisdiction,
       coalesce(c.supports, 0) as supports, coalesce(c.supports_if, 0) as supports_if, coalesce(c.opposes, 0) as opposes,
       coalesce(c.warns, 0) as warns, coalesce(c.neutral, 0) as neutral, a.arguments,
       coalesce(c.documents_for, 0) as documents_for, coalesce(c.speakers_for, 0) as speakers_for,
       coalesce(c.documents_against, 0) as documents_against, coalesce(c.speakers_against, 0) as speakers_against,
       a.argument_documents as documents, a.argument_speakers as speakers, coalesce(c.inherited, 0) as inherited,
       o.short_title, o.number, o.country, o.topics, o.effect, o.page, o.official_url
from action_overview o join actions a on a.id = o.action left join stance_counts c on c.action = o.action;

-- What is open about each argument: whether it was answered, and which of its claims the evidence does not support.
create view argument_debts as
select g.id as argument, g.title,
       (select count(*) from argument_relations r where r.other = g.id and r.type in (select id from argument_relation_types where answers = 1)) as answers,
       (select count(*) from argument_relations r where r.other = g.id and r.type in (select id from argument_relation_types where answers = 0)) as supporters,
       (select count(*) from argument_claims c where c.argument = g.id) as claims,
       (select count(*) from argument_claims c join claims l on l.id = c.claim
        where c.argument = g.id and l.finding in (select id from findings where weak = 1)) as weak_claims,
       (select count(*) from argument_claims c where c.argument = g.id
        and not exists (select 1 from evidence v where v.claim = c.claim)) as claims_without_evidence,
       '/arguments/' || g.id as page
from arguments g
where g.withdrawn_on is null;

-- Facts whose best source was not read: relayed or aggregated only, or no source at all.
create view weak_sources as
with unread(kind, action, fact, event, best) as (
  select 'event', e.action, e.label, e.id,
         (select min(g.position) from citations c join documents d on d.id = c.document join grades g on g.id = d.grade where c.event = e.id)
  from events e
  where not exists (
    select 1 from citations c join documents d on d.id = c.document join grades g on g.id = d.grade where c.event = e.id and g.weak = 0)
  union all
  select 'action', a.id, a.title, null,
         (select min(g.position) from documents d join grades g on g.id = d.grade where d.id in (
            select document from citations where action = a.id
            union all select document from citations where effect = a.id
            union all select c.document from citations c join events e on e.id = c.event where e.action = a.id))
  from actions a
  where not exists (
      select 1 from citations c join documents d on d.id = c.document join grades g on g.id = d.grade where c.action = a.id and g.weak = 0)
    and not exists (
      select 1 from citations c join documents d on d.id = c.document join grades g on g.id = d.grade where c.effect = a.id and g.weak = 0)
    and not exists (
      select 1 from events e join citations c on c.event = e.id join documents d on d.id = c.document join grades g on g.id = d.grade
      where e.action = a.id and g.weak = 0))
select s.kind, s.action, o.title, s.fact, s.event, coalesce(g.id, 'none') as best_grade,
       o.short_title, o.number, o.country, o.topics, o.effect, o.page, o.official_url
from unread s join action_overview o on o.action = s.action left join grades g on g.position = s.best
where not (s.kind = 'action' and s.best is null and o.instrument in (select id from instruments where stage_without_events <> ''));

-- Actions whose status has not been confirmed for half a year, the oldest first.
create view stale_actions as
with today(day, years, day_of_year) as (
  select cast(current_date as text), cast(substr(cast(current_date as text), 1, 4) as integer) - 1, cast(strftime('%j', current_date) as integer)),
checked as (
  select a.id as action, a.title, a.jurisdiction, a.as_of, t.years, cast(substr(a.as_of, 1, 4) as integer) - 1 as from_years,
         t.day_of_year - cast(strftime('%j', date(a.as_of)) as integer) as days
  from actions a cross join today t),
-- As in `upcoming`.
aged as (
  select h.*,
         cast(h.days + 365 * (h.years - h.from_years)
              + ((h.years - h.years % 4) - (h.from_years - h.from_years % 4)) / 4
              - ((h.years - h.years % 100) - (h.from_years - h.from_years % 100)) / 100
              + ((h.years - h.years % 400) - (h.from_years - h.from_years % 400)) / 400 as integer) as days_old
  from checked h)
select g.action, g.title, g.jurisdiction, g.as_of, g.days_old, o.stage, o.legal_force,
       o.short_title, o.number, o.country, o.topics, o.effect, o.page, o.official_url
from aged g join current_status o on o.action = g.action
where g.days_old > 180
order by g.as_of, g.action;

-- How much rests on each document: mentions, arguments, claims, evidence and facts.
create view document_impact as
select d.id as document, d.title, d.authors, d.issued, d.grade,
       (select count(*) from mentions m where m.document = d.id) as mentions,
       (select count(*) from appearances p where p.document = d.id and p.argument is not null) as arguments,
       (select count(*) from appearances p where p.document = d.id and p.claim is not null) as claims,
       (select count(*) from evidence v where v.document = d.id) as evidence,
       (select count(*) from citations c where c.document = d.id) as facts,
       '/documents/' || d.id as page, d.url, d.official
from documents d
where d.withdrawn_on is null;
