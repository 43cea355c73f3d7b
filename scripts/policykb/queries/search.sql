-- Search.
-- The best records of each kind for some words. First come records with a matching name, official number or start of one. Then come records with all of the words in their text; if there are none, words that begin with them; if there are none, some of the words. Kinds with a matching name come first; after them, actions come before arguments, claims, documents and others. Among records of one kind with the same name, the exact spelling comes first and a withdrawn action last. Next, a short title comes before a title, an alias and a number. Last, the action with more arguments comes first.
-- :q text. What to look for. A phrase in quotes must occur exactly.
-- :kind text = any. Kinds of records, separated by commas: action, argument, claim, document, organization, topic or jurisdiction; any: all.
-- :jurisdiction id. Only records about actions of these jurisdictions and their parts, and organizations there (empty: any).
-- :topic id. Only records about actions with these topics (empty: any).
-- :year text = any. Only actions with events in these years, and documents of these years with their arguments and claims, such as 2025,2026; any: all.
-- :status text = any. Only records about actions with these stages or legal forces, such as in_force; any: all.
-- :on day = today. The day of the status.
-- :size number = 20. How many records of each kind.
-- :page number = 1. Which page of them.
-- :marks text = []. Two characters that enclose the words in the snippet.
with asked as materialized (
  select name_keys(:q) as keys, choices(:kind) as kinds, choices(:jurisdiction) as places, choices(:topic) as topics,
         choices(:year) as years, choices(:status) as statuses, coalesce(nullif(:on, ''), cast(current_date as text)) as day,
         coalesce(nullif(cast(:size as integer), 0), 20) as size, max(1, cast(:page as integer)) as page),
-- Kinds in the order of the page. The numbers of the records of a kind follow each other.
kinds as materialized (
  select v.column1 as kind, v.column2 as place,
         (select min(number) from records where kind = v.column1) as first, (select max(number) from records where kind = v.column1) as last
  from (values ('action', 1), ('argument', 2), ('claim', 3), ('document', 4), ('organization', 5), ('topic', 6), ('jurisdiction', 7)) v
  where :kind in ('', 'any') or v.column1 in (select value from asked, json_each(kinds))),
-- Names: each step of the index is bounded. Of a short number only the whole is looked for, not the start.
whole as (
  select n.record, n.name, n.rank, 1 as tier, 0 as extra
  from asked, json_each(asked.keys, '$.whole') k join names n on n.key = k.value limit 500),
starts as (
  select n.record, n.name, n.rank, case when substr(n.name, length(:q) + 1, 1) glob '[0-9A-Za-z]' then 4 else 2 end as tier, length(n.key) as extra
  from asked, json_each(asked.keys, '$.whole') k join names n on n.key > k.value and n.key < k.value || char(1114111)
  where k.value glob '*[^0-9]*' or length(k.value) > 4 limit 500),
inside as (
  select n.record, n.name, n.rank, 3 as tier, k.key as extra
  from asked, json_each(asked.keys, '$.inside') k join names n on n.key = k.value
  where n.rank <= 4 and n.record in (select id from actions) limit 500),
parts as (
  select i.action as record, i.display as name, 4 as rank, 5 as tier, length(i.folded) as extra
  from asked, json_each(asked.keys, '$.whole') k
  join search_identifiers s on s.folded match case when length(k.value) between 4 and 40 and k.value glob '*[0-9]*' and not (length(k.value) = 4 and k.value between '1900' and '2099') then '"' || k.value || '"' else '""' end
  join action_identifiers i on i.id = s.rowid limit 200),
named as materialized (
  select n.*, row_number() over (partition by record order by tier, lower(name) <> lower(trim(:q)), extra, rank) as best
  from (select * from whole union all select * from starts union all select * from inside union all select * from parts) n),
-- Text: the first of the ways that any record passes (json_each keeps their order), and of each kind at most the first 2,000 records,
-- or 20,000 if filters leave out some of them.
ways as materialized (
  select w.value as words, w.key as way from json_each(search_ways(:q)) w
  where exists (select 1 from search where search match w.value) limit 1),
ranges as materialized (
  select w.words, w.way, k.first,
         coalesce((select rowid from search where search match w.words and rowid >= k.first and rowid <= k.last limit 1
                   offset case when :jurisdiction || :topic = '' and :status in ('', 'any') and :year in ('', 'any') then 2000 else 20000 end), k.last) as last
  from ways w cross join kinds k),
texts as materialized (
  select s.rowid as number, s.rank as score, 6 + g.way as tier
  from ranges g cross join search s where s.search match g.words and s.rowid >= g.first and s.rowid <= g.last),
candidates as (
  select r.number, r.id, r.kind, r.title, n.name, n.rank, n.tier, lower(n.name) <> lower(trim(:q)) as unlike, n.extra, 0 as score
  from named n join records r on r.id = n.record where n.best = 1
  union all
  select r.number, r.id, r.kind, r.title, null, 9, t.tier, 0, 0, t.score
  from texts t join records r on r.number = t.number where r.id not in (select record from named)),
hits as (
  select c.*, k.place, a.withdrawn_on is not null as withdrawn, a.arguments, a.jurisdiction, a.short_title, p.stage, p.legal_force
  from asked cross join candidates c join kinds k on k.kind = c.kind
  left join actions a on a.id = c.id
  left join periods p on p.action = c.id and coalesce(p.from_date, '0001-01-01') <= asked.day and coalesce(p.to_date, '9999-12-31') > asked.day
  where (:jurisdiction || :topic = '' and :status in ('', 'any') or exists (
      -- An action that the record is, or is about.
      select 1 from (
        select c.id as action
        union all select action from stances where argument = c.id
        union all select s.action from argument_claims g join stances s on s.argument = g.argument where g.claim = c.id
        union all select action from mentions where document = c.id
        union all select action from action_bodies where organization = c.id) x
      join actions b on b.id = x.action
      left join periods q on q.action = b.id and coalesce(q.from_date, '0001-01-01') <= asked.day and coalesce(q.to_date, '9999-12-31') > asked.day
      where (:jurisdiction = '' or b.jurisdiction in (select j.id from json_each(asked.places) v join jurisdictions j on v.value in (j.id, j.part_of)))
        and (:topic = '' or exists (select 1 from json_each(asked.topics) v join topics o on v.value in (o.id, o.part_of)
                                    join action_topics t on t.topic = o.id and t.action = b.id))
        and (:status in ('', 'any') or q.stage in (select value from json_each(asked.statuses)) or q.legal_force in (select value from json_each(asked.statuses))))
    or :topic = '' and :status in ('', 'any') and c.id in (
      select o.id from json_each(asked.places) v join jurisdictions j on v.value in (j.id, j.part_of) join organizations o on o.jurisdiction = j.id where o.id = c.id))
    and (:year in ('', 'any') or exists (
      select 1 from (
        select date as day from events where action = c.id
        union all select issued from documents where id = c.id
        union all select d.issued from appearances e join documents d on d.id = e.document where e.argument = c.id
        union all select d.issued from appearances e join documents d on d.id = e.document where e.claim = c.id) x
      where substr(x.day, 1, 4) in (select value from json_each(asked.years))))),
ranked as (
  select h.*, count(*) over (partition by kind) as total, min(min(tier, 6)) over (partition by kind) as first,
         row_number() over (partition by kind order by tier, unlike, withdrawn, extra, rank, arguments desc, score, id) as position,
         count(*) over (partition by kind, tier, unlike) as equals, sum(act) over (partition by kind) as acts
  from (select *, tier = 2 and kind = 'action' and lower(substr(name, length(trim(:q)) + 2)) in ('act', 'bill', 'code', 'law', 'order') as act from hits) h)
select h.kind, h.id, coalesce(h.short_title, o.short_name) as short_title, h.title,
       (select name from names n where n.record = h.id and n.rank = 3 order by n.id limit 1) as number,
       coalesce(h.jurisdiction, o.jurisdiction) as jurisdiction,
       coalesce(d.issued, (select e.date from events e where e.action = h.id and e.date_latest <= asked.day order by e.date_latest desc, e.position desc limit 1)) as date,
       h.stage, h.legal_force, h.name,
       case when h.tier in (1, 3) and h.rank in (3, 4) then 'official number' when h.tier = 1 then 'name' when h.tier = 3 then 'name among the words'
            when h.tier in (2, 4) then 'start of a name' when h.tier = 5 then 'part of an official number' when h.tier = 6 then 'all words'
            when h.tier = 7 then 'starts of words' else 'some words' end as match,
       -- 1 for the first record of all, if its name or number is that of no other record of its kind; of an act, bill or order, its name without this word.
       row_number() over (order by h.first, h.place, h.position) = 1 and (h.equals = 1 and (h.tier = 1 or h.tier = 3 and h.rank in (3, 4)) or h.act and h.acts = 1) as certain,
       (select snippet(search, 1, substr(:marks, 1, 1), substr(:marks, 2, 1), '…', 28) from search, ways where search match ways.words and search.rowid = h.number) as snippet,
       h.total
from asked cross join ranked h
left join organizations o on o.id = h.id
left join documents d on d.id = h.id
where h.position > (asked.page - 1) * asked.size and h.position <= asked.page * asked.size
order by h.first, h.place, h.position
