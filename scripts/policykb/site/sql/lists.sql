-- name: actions
-- Actions that pass every filter, in the order :sort, with a minus the other way round; one more than a page shows.
-- Each order walks an index and stops when the page is full; `news` walks the news backwards from the day.
-- A filter is a JSON list of which any value passes; an empty list lets everything pass.
-- `status` walks the stages, in each of them the legal forces, and then the actions that had not begun on the day.
-- Where :few, a JSON list, names all that can pass, these alone are read, counted as `total` and put in the order :order, and :sort is empty.
with matches as not materialized (
  select n.action, n.day, a.id, coalesce(a.short_title, a.title) as title, a.jurisdiction, a.instrument, a.effect, a.arguments, a.as_of,
         p.stage, p.legal_force, p.from_date as since
  from actions a
  join news n on n.action = a.id and n.day <= :on and (n.until is null or n.until > :on)
  left join periods p on p.action = n.action and coalesce(p.from_date, '0001-01-01') <= :on and (p.to_date is null or p.to_date > :on)
  where (:words = '' or n.action in (select id from ({matches.best})))
    and (:topic = '[]' or exists (
           select 1 from action_topics t where t.action = n.action and t.topic in (
             select k.id from json_each(:topic) v join topics k on v.value in (k.id, k.part_of))))
    and (:organization = '[]' or exists (
           select 1 from action_bodies b where b.action = n.action and b.organization in (select value from json_each(:organization))))
    and (:jurisdiction = '[]' or a.jurisdiction in (
           select j.id from json_each(:jurisdiction) v join jurisdictions j on v.value in (j.id, j.part_of)))
    and (:instrument = '[]' or a.instrument in (select value from json_each(:instrument)))
    and (:effect = '[]' or a.effect in (select value from json_each(:effect)))
    and (:stage = '[]' or p.stage in (select value from json_each(:stage)))
    and (:force = '[]' or p.legal_force in (select value from json_each(:force)))),
by_status as (
  select * from (
    select m.* from stages s cross join legal_forces f cross join periods c on c.stage = s.id and c.legal_force = f.id cross join matches m on m.id = c.action
    where :sort = 'status' and coalesce(c.from_date, '0001-01-01') <= :on and (c.to_date is null or c.to_date > :on)
    order by s.position, f.position, c.action limit :size + 1 + :skip)
  union all
  select * from (
    select m.* from news b cross join matches m on m.id = b.action
    where :sort = 'status' and b.day = '0001-01-01' and (b.until is null or b.until > :on) and m.stage is null
    order by b.action limit :size + 1 + :skip)
  union all
  select * from (
    select m.* from news b cross join matches m on m.id = b.action
    where :sort = '-status' and b.day = '0001-01-01' and (b.until is null or b.until > :on) and m.stage is null
    order by b.action desc limit :size + 1 + :skip)
  union all
  select * from (
    select m.* from stages s cross join legal_forces f cross join periods c on c.stage = s.id and c.legal_force = f.id cross join matches m on m.id = c.action
    where :sort = '-status' and coalesce(c.from_date, '0001-01-01') <= :on and (c.to_date is null or c.to_date > :on)
    order by s.position desc, f.position desc, c.action desc limit :size + 1 + :skip)),
chosen as materialized (select m.* from json_each(coalesce(nullif(:few, ''), '[]')) f cross join matches m on m.id = f.value where :sort = ''),
sorted as (
  select * from (select * from matches where :sort = 'news' order by day desc, action limit :size + 1 offset :skip)
  union all
  select * from (select * from matches where :sort = 'title' order by title collate nocase, id limit :size + 1 offset :skip)
  union all
  select * from (select * from matches where :sort = '-title' order by title collate nocase desc, id desc limit :size + 1 offset :skip)
  union all
  select * from (select * from matches where :sort = 'jurisdiction' order by jurisdiction, id limit :size + 1 offset :skip)
  union all
  select * from (select * from matches where :sort = '-jurisdiction' order by jurisdiction desc, id desc limit :size + 1 offset :skip)
  union all
  select * from (select * from matches where :sort = 'instrument' order by instrument, id limit :size + 1 offset :skip)
  union all
  select * from (select * from matches where :sort = '-instrument' order by instrument desc, id desc limit :size + 1 offset :skip)
  union all
  select * from (select * from matches where :sort = 'effect' order by effect, id limit :size + 1 offset :skip)
  union all
  select * from (select * from matches where :sort = '-effect' order by effect desc, id desc limit :size + 1 offset :skip)
  union all
  select * from (select * from matches where :sort = 'arguments' order by arguments desc, id limit :size + 1 offset :skip)
  union all
  select * from (select * from matches where :sort = '-arguments' order by arguments, id desc limit :size + 1 offset :skip)
  union all
  select * from (select * from matches where :sort = 'as_of' order by as_of, id limit :size + 1 offset :skip)
  union all
  select * from (select * from matches where :sort = '-as_of' order by as_of desc, id desc limit :size + 1 offset :skip)
  union all
  select * from (select * from by_status limit :size + 1 offset :skip)
  union all
  select * from (
    select * from chosen m
    order by case when :order in ('news', 'arguments') or :order glob '-*' and :order <> '-arguments' then
               case :order when 'news' then m.day when 'arguments' then printf('%09d', m.arguments) when '-title' then m.title
                 when '-jurisdiction' then m.jurisdiction when '-instrument' then m.instrument when '-effect' then m.effect
                 when '-status' then coalesce((select printf('%03d%03d', s.position, g.position) from stages s, legal_forces g where s.id = m.stage and g.id = m.legal_force), '~') else m.as_of end
             end collate nocase desc,
             case :order when '-arguments' then printf('%09d', m.arguments) when 'title' then m.title when 'jurisdiction' then m.jurisdiction
               when 'instrument' then m.instrument when 'effect' then m.effect
               when 'status' then coalesce((select printf('%03d%03d', s.position, g.position) from stages s, legal_forces g where s.id = m.stage and g.id = m.legal_force), '~') when 'as_of' then m.as_of
             end collate nocase,
             case when :order glob '-*' then m.id end desc, m.id
    limit :size + 1 offset :skip)),
page as (select *, row_number() over () as place from sorted)
select a.id, l.title, a.number, a.jurisdiction, j.name as jurisdiction_name, a.instrument, a.effect,
       a.arguments, a.argument_documents, a.argument_speakers, l.stage, l.legal_force, l.since, e.date as latest, e.type as latest_type,
       case when :sort = '' then (select count(*) from chosen) end as total
from page l
cross join actions a on a.id = l.action
join jurisdictions j on j.id = a.jurisdiction
left join events e on e.rowid = (select n.rowid from events n where n.action = l.action and n.date_latest <= :on order by n.date_latest desc, n.position desc limit 1)
order by l.place

-- name: few
-- The actions that pass the filter which fewest pass on a day, as a JSON list, and its name, if they are at most :most, or if to read and
-- sort these is clearly less than to walk until a page is full: a walk passes (all / few) actions for each row of the page. Else nothing.
-- :filters are lists of values by filter; :words are those searched for, of which the best matches are a filter too.
with numbers as (
  select f.key as filter, sum(coalesce((
           select c.number from counts c where c.kind = 'action' and c.filter = f.key and c.jurisdiction is null and c.value = v.value
           and c.from_date <= :on order by c.from_date desc limit 1), 0)) as number
  from json_each(:filters) f cross join json_each(f.value) v
  group by f.key
  union all select 'words', :most_matches where :words <> ''),
fewest as materialized (
  select f.filter, v.value
  from (select filter from numbers
        where number <= :most or number * number <= 3 * (select number from counts where kind = 'action' and filter = 'all' and jurisdiction is null)
        order by number limit 1) f
  left join json_each(:filters, '$.' || f.filter) v),
members(id) as (
  select a.id from fewest f cross join jurisdictions j on f.value in (j.id, j.part_of) cross join actions a on a.jurisdiction = j.id
  where f.filter = 'jurisdiction'
  union select x.action from fewest f cross join topics t on f.value in (t.id, t.part_of) cross join action_topics x on x.topic = t.id
  where f.filter = 'topic'
  union select b.action from fewest f cross join action_bodies b on b.organization = f.value where f.filter = 'organization'
  union select a.id from fewest f cross join actions a on a.instrument = f.value where f.filter = 'instrument'
  union select a.id from fewest f cross join actions a on a.effect = f.value where f.filter = 'effect'
  union select p.action from fewest f cross join periods p on p.stage = f.value where f.filter = 'stage' and p.to_date is null
  union select p.action from fewest f cross join periods p on p.stage = f.value where f.filter = 'stage' and p.to_date > :on
  union select p.action from fewest f cross join periods p on p.legal_force = f.value where f.filter = 'force' and p.to_date is null
  union select p.action from fewest f cross join periods p on p.legal_force = f.value where f.filter = 'force' and p.to_date > :on
  union select m.id from fewest f cross join ({matches.best}) m where f.filter = 'words')
select (select filter from fewest) as filter, json_group_array(id) as ids from members where (select count(*) from fewest) having (select count(*) from fewest)

-- name: newest
-- The :most actions of jurisdictions, and of those within them, that were in the news last on a day, as a JSON list. Of each
-- jurisdiction no more are read.
select json_group_array(action) as ids from (
  select n.action
  from (select distinct j.id from json_each(:jurisdiction) v join jurisdictions j on v.value in (j.id, j.part_of)) p
  cross join news n on n.id in (
    select id from news where jurisdiction = p.id and day <= :on and (until is null or until > :on) order by day desc, action limit :most)
  order by n.day desc, n.action limit :most)

-- name: facets
-- How many actions there are on a day for each value of the filters.
select c.filter as facet, c.value, coalesce(j.name, t.name) as label, c.number
from counts c left join jurisdictions j on c.filter = 'jurisdiction' and j.id = c.value left join topics t on c.filter = 'topic' and t.id = c.value
where c.kind = 'action' and c.filter in ('all', 'instrument', 'jurisdiction', 'effect', 'topic') and c.jurisdiction is null
  and j.withdrawn_on is null and t.withdrawn_on is null
union all
select 'stage', s.id, null, coalesce((select number from counts c where c.kind = 'action' and c.filter = 'stage' and c.jurisdiction is null and c.value = s.id
                                      and c.from_date <= :on order by c.from_date desc limit 1), 0) from stages s
union all
select 'force', f.id, null, coalesce((select number from counts c where c.kind = 'action' and c.filter = 'force' and c.jurisdiction is null and c.value = f.id
                                      and c.from_date <= :on order by c.from_date desc limit 1), 0) from legal_forces f

-- name: count
-- How many actions pass a filter on a day.
select number from counts
where kind = 'action' and filter = :filter and jurisdiction is null and value = :value and from_date <= :on
order by from_date desc limit 1
