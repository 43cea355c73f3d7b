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
-- :title_marks text. Two characters that enclose the words in the title (empty: none).
with asked as materialized (
  select name_keys(:q) as keys, coalesce(nullif(:on, ''), cast(current_date as text)) as day,
         coalesce(nullif(cast(:size as integer), 0), 20) as size, max(1, cast(:page as integer)) as page,
         choices(:jurisdiction) as places, choices(:topic) as topics, choices(:year) as years, choices(:status) as statuses,
         :jurisdiction || :topic <> '' or :status not in ('', 'any') or :year not in ('', 'any') as filtered),
-- Kinds in the order of the page. The numbers of the records of a kind follow each other.
kinds as materialized (
  select v.column1 as kind, v.column2 as place,
         (select min(number) from records where kind = v.column1) as first, (select max(number) from records where kind = v.column1) as last
  from (values ('action', 1), ('argument', 2), ('claim', 3), ('document', 4), ('organization', 5), ('topic', 6), ('jurisdiction', 7)) v
  where :kind in ('', 'any') or v.column1 in (select value from json_each(choices(:kind)))),
-- Names: each step of the index is bounded. Of a short number only the whole is looked for, not the start.
named as (
  select * from (
    select n.id / 1000000 as number, n.name, n.rank, 1 as tier, 0 as extra
    from asked, json_each(asked.keys, '$.whole') k join names n on n.key = k.value limit 500)
  union all
  select * from (
    select n.id / 1000000, n.name, n.rank, case when substr(n.name, length(:q) + 1, 1) glob '[0-9A-Za-z]' then 4 else 2 end, length(n.key)
    from asked, json_each(asked.keys, '$.whole') k join names n on n.key > k.value and n.key < k.value || char(1114111)
    where k.value glob '*[^0-9]*' or length(k.value) > 4 limit 500)
  union all
  select * from (
    select n.id / 1000000, n.name, n.rank, 3, k.key
    from asked, json_each(asked.keys, '$.inside') k join names n on n.key = k.value
    where n.rank <= 4 and n.record in (select id from actions) limit 500)
  union all
  select * from (
    select a.record_number, i.display, 4, 5, length(i.folded)
    from asked, json_each(asked.keys, '$.whole') k
    join search_identifiers s on s.folded match case when length(k.value) between 4 and 40 and k.value glob '*[0-9]*' and not (length(k.value) = 4 and k.value between '1900' and '2099') then '"' || k.value || '"' else '""' end
    join action_identifiers i on i.id = s.rowid join actions a on a.id = i.action limit 200)),
best_named as materialized (
  select *, lower(name) <> lower(trim(:q)) as unlike, row_number() over (partition by number order by tier, lower(name) <> lower(trim(:q)), extra, rank) as best
  from named),
-- Text: the first of the ways that any record passes (json_each keeps their order). If more than 2,000 records pass, each kind is read alone:
-- at most its first 2,000 records, or 20,000 if filters leave out some of them.
ways as materialized (
  select w.value as words, w.key as way, exists (select 1 from search where search match w.value limit 1 offset 2000) as many
  from json_each(search_ways(:q)) w
  where exists (select 1 from search where search match w.value) limit 1),
ranges as materialized (
  select w.words, w.way, min(k.first) as first,
         max(case when w.many then coalesce((select rowid from search where search match w.words and rowid >= k.first and rowid <= k.last limit 1
                                             offset case when (select filtered from asked) then 20000 else 2000 end), k.last)
             else k.last end) as last
  from ways w cross join kinds k group by case when w.many then k.place end),
candidates as (
  select n.number, n.name, n.rank, n.tier, n.unlike, n.extra, 0 as score from best_named n where n.best = 1
  union all
  select s.rowid, null, 9, 6 + g.way, 0, 0, s.rank
  from ranges g cross join search s
  where s.search match g.words and s.rowid >= g.first and s.rowid <= g.last and s.rowid not in (select number from best_named)),
hits as materialized (
  select k.place, c.*, a.withdrawn_on is not null as withdrawn, a.arguments,
         k.place = 1 and c.tier = 2 and lower(substr(c.name, length(trim(:q)) + 2)) in ('act', 'bill', 'code', 'law', 'order') as act
  from asked cross join candidates c cross join kinds k on c.number between k.first and k.last
  left join actions a on k.place = 1 and a.record_number = c.number
  where not asked.filtered or exists (
    select 1 from records r
    where r.number = c.number and (:jurisdiction || :topic = '' and :status in ('', 'any') or exists (
      -- An action that the record is, or is about.
      select 1 from (
        select r.id as action
        union all select action from stances where argument = r.id
        union all select s.action from argument_claims g join stances s on s.argument = g.argument where g.claim = r.id
        union all select action from mentions where document = r.id
        union all select action from action_bodies where organization = r.id) x
      join actions b on b.id = x.action
      left join periods q on q.action = b.id and coalesce(q.from_date, '0001-01-01') <= asked.day and coalesce(q.to_date, '9999-12-31') > asked.day
      where (:jurisdiction = '' or b.jurisdiction in (select j.id from json_each(asked.places) v join jurisdictions j on v.value in (j.id, j.part_of)))
        and (:topic = '' or exists (select 1 from json_each(asked.topics) v join topics o on v.value in (o.id, o.part_of)
                                    join action_topics t on t.topic = o.id and t.action = b.id))
        and (:status in ('', 'any') or q.stage in (select value from json_each(asked.statuses)) or q.legal_force in (select value from json_each(asked.statuses))))
    or :topic = '' and :status in ('', 'any') and r.id in (
      select o.id from json_each(asked.places) v join jurisdictions j on v.value in (j.id, j.part_of) join organizations o on o.jurisdiction = j.id where o.id = r.id))
    and (:year in ('', 'any') or exists (
      select 1 from (
        select date as day from events where action = r.id
        union all select issued from documents where id = r.id
        union all select d.issued from appearances e join documents d on d.id = e.document where e.argument = r.id
        union all select d.issued from appearances e join documents d on d.id = e.document where e.claim = r.id) x
      where substr(x.day, 1, 4) in (select value from json_each(asked.years)))))),
totals as materialized (select place, count(*) as total, min(min(tier, 6)) as first from hits group by place),
ranked as (
  select h.*, row_number() over (partition by h.place order by h.tier, h.unlike, h.withdrawn, h.extra, h.rank, h.arguments desc, h.score, h.number) as position
  from hits h),
page as materialized (
  select r.* from asked cross join ranked r where r.position > (asked.page - 1) * asked.size and r.position <= asked.page * asked.size),
-- The words in the records of the page: one walk over all records that have them, or, if these are many, a search in each of the page.
marked as materialized (
  select s.rowid as number, highlight(s.search, 0, substr(:title_marks, 1, 1), substr(:title_marks, 2, 1)) as title,
         snippet(s.search, 1, substr(:marks, 1, 1), substr(:marks, 2, 1), '…', 28) as snippet
  from ways w cross join search s where not w.many and s.search match w.words and +s.rowid in (select number from page)
  union all
  select s.rowid, highlight(s.search, 0, substr(:title_marks, 1, 1), substr(:title_marks, 2, 1)),
         snippet(s.search, 1, substr(:marks, 1, 1), substr(:marks, 2, 1), '…', 28)
  from ways w cross join page p cross join search s where w.many and s.search match w.words and s.rowid = p.number)
select r.kind, r.id, coalesce(a.short_title, o.short_name) as short_title,
       coalesce(m.title, r.title) as title,
       (select name from names n where n.record = r.id and n.rank = 3 order by n.id limit 1) as number,
       coalesce(a.jurisdiction, o.jurisdiction) as jurisdiction,
       coalesce(d.issued, (select e.date from events e where e.action = a.id and e.date_latest <= asked.day order by e.date_latest desc, e.position desc limit 1)) as date,
       p.stage, p.legal_force, h.name,
       case when h.tier in (1, 3) and h.rank in (3, 4) then 'official number' when h.tier = 1 then 'name' when h.tier = 3 then 'name among the words'
            when h.tier in (2, 4) then 'start of a name' when h.tier = 5 then 'part of an official number' when h.tier = 6 then 'all words'
            when h.tier = 7 then 'starts of words' else 'some words' end as match,
       -- 1 for the first record of all, if its name or number is that of no other record of its kind; of an act, bill or order, its name without this word.
       case when h.position > 1 or h.place <> (select place from totals order by first, place limit 1) then 0
            when h.tier = 1 or h.tier = 3 and h.rank in (3, 4) then (select count(*) from hits e where (e.place, e.tier, e.unlike) = (h.place, h.tier, h.unlike)) = 1
            when h.act then (select sum(act) from hits) = 1 else 0 end as certain,
       m.snippet,
       t.total
from asked cross join page h
join totals t on t.place = h.place
join records r on r.number = h.number
left join actions a on h.place = 1 and a.record_number = h.number
left join periods p on p.action = a.id and coalesce(p.from_date, '0001-01-01') <= asked.day and coalesce(p.to_date, '9999-12-31') > asked.day
left join documents d on h.place = 4 and d.record_number = h.number
left join organizations o on h.place = 5 and o.record_number = h.number
left join marked m on m.number = h.number
order by t.first, h.place, h.position
