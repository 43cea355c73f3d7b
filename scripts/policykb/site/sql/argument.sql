-- name: argument
select id, title, scheme, note, withdrawn_on, withdrawn_reason from arguments where id = :id

-- name: premises
select text from premises where argument = :id order by position limit 200

-- name: values
select value from argument_values where argument = :id order by id limit 50

-- name: stances
-- The stances of arguments on actions, with the period of each action that holds the day.
select s.argument, s.action, coalesce(a.short_title, a.title) as title, a.jurisdiction, s.stance, s.note, s.as_of, s.drawn_by, s.inherited,
       (select count(distinct v.document) from voices v where v.argument = s.argument and v.action = s.action and v.stance = s.stance) as texts,
       (select count(distinct v.document) from voices v where v.argument = s.argument and v.action = s.action and v.stance = s.stance
          and v.written_before_action) as earlier_texts,
       p.stage, p.legal_force
from json_each(:ids) j
join stances s on s.argument = j.value
join actions a on a.id = s.action
join stance_types t on t.id = s.stance
left join periods p on p.action = a.id and coalesce(p.from_date, '0001-01-01') <= :on and coalesce(p.to_date, '9999-12-31') > :on
where a.withdrawn_on is null
order by s.argument, t.position, a.id
limit 1000

-- name: ties
-- What an argument supports or attacks, and what supports or attacks it.
select r.argument as source, r.other as target, r.type, r.target as about, r.drawn_by, r.note, case when r.argument = :id then 'out' else 'in' end as direction,
       g.id, g.title, (select p.speakers from appearances p where p.argument = g.id order by p.id limit 1) as who
from (select id from argument_relations where argument = :id union select id from argument_relations where other = :id) m
join argument_relations r on r.id = m.id
join arguments g on g.id = case when r.argument = :id then r.other else r.argument end
join argument_relation_types t on t.id = r.type
where g.withdrawn_on is null
order by direction, t.position, g.id
limit 200

-- name: claims
select c.id, c.text, c.kind, c.finding, c.as_of, (select count(*) from evidence v where v.claim = c.id) as evidence
from argument_claims l join claims c on c.id = l.claim
where l.argument = :id and c.withdrawn_on is null
order by c.id
limit 200

-- name: list
-- Arguments that pass the filters, in the order :sort, with a minus the other way round; one more than a page shows. Each order walks an index.
-- Where few records pass a filter, these alone are read and put in order, since a walk passes (all / few) records for each row of the page.
with most as materialized (select min(1000000, 40 * value) as square from kb_info where key = 'count_argument'),
of_action as materialized (select argument as id from stances where :action <> '[]' and action in (select value from json_each(:action)) limit 1001),
of_stance as materialized (select argument as id from stances where :stance <> '[]' and stance in (select value from json_each(:stance)) limit 1001),
unanswered as materialized (select id from arguments where :unanswered <> '' and withdrawn_on is null and answers = 0 limit 1001),
narrow as materialized (
  select (:size + 1) * holds as picked, (:size + 1) * (1 - holds) as walked
  from (select :action <> '[]' and (select count(*) * count(*) from of_action) <= (select square from most)
             or :stance <> '[]' and (select count(*) * count(*) from of_stance) <= (select square from most)
             or :unanswered <> '' and (select count(*) * count(*) from unanswered) <= (select square from most) as holds)),
few as (select id from of_action where (select count(*) * count(*) from of_action) <= (select square from most)
  union select id from of_stance where (select count(*) * count(*) from of_stance) <= (select square from most)
  union select id from unanswered where (select count(*) * count(*) from unanswered) <= (select square from most)),
matches as not materialized (
  select g.id, g.title, g.scheme, g.ties, g.answers
  from arguments g
  where g.withdrawn_on is null
    and (:action = '[]' or g.id in (
           select s.argument from stances s where s.action in (select value from json_each(:action))
             and (:stance = '[]' or s.stance in (select value from json_each(:stance)))))
    and (:stance = '[]' or exists (select 1 from stances s where s.argument = g.id and s.stance in (select value from json_each(:stance))))
    and (:unanswered = '' or g.answers = 0)),
sorted as (
  select * from (select * from matches where :sort = 'connections' and :unanswered = '' order by ties desc, id limit (select walked from narrow) offset :skip)
  union all
  select * from (
    select m.* from arguments u cross join matches m on m.id = u.id
    where :sort = 'connections' and :unanswered <> '' and u.withdrawn_on is null and u.answers = 0
    order by u.ties desc, u.id limit (select walked from narrow) offset :skip)
  union all
  select * from (select * from matches where :sort = '-connections' and :unanswered = '' order by ties, id desc limit (select walked from narrow) offset :skip)
  union all
  select * from (
    select m.* from arguments u cross join matches m on m.id = u.id
    where :sort = '-connections' and :unanswered <> '' and u.withdrawn_on is null and u.answers = 0
    order by u.ties, u.id desc limit (select walked from narrow) offset :skip)
  union all
  select * from (select * from matches where :sort = 'title' order by title collate nocase, id limit (select walked from narrow) offset :skip)
  union all
  select * from (select * from matches where :sort = '-title' order by title collate nocase desc, id desc limit (select walked from narrow) offset :skip)
  union all
  select * from (select * from matches where :sort = 'scheme' order by scheme, id limit (select walked from narrow) offset :skip)
  union all
  select * from (select * from matches where :sort = '-scheme' order by scheme desc, id desc limit (select walked from narrow) offset :skip)
  union all
  select * from (
    select m.* from few f cross join matches m on m.id = f.id
    order by case :sort when '-connections' then m.ties end, case :sort when 'connections' then m.ties end desc,
             case :sort when 'title' then m.title when 'scheme' then m.scheme end collate nocase,
             case :sort when '-title' then m.title when '-scheme' then m.scheme end collate nocase desc,
             case when :sort glob '-*' then m.id end desc, m.id limit (select picked from narrow) offset :skip)),
page as (select *, row_number() over () as place from sorted)
select p.id, p.title, p.scheme, p.ties,
       (select count(*) from argument_relations r where r.other = p.id and r.type in (select id from argument_relation_types where answers = 0)) as supporters,
       p.answers,
       (select count(*) from appearances a where a.argument = p.id) as places,
       (select a.speakers from appearances a where a.argument = p.id order by a.id limit 1) as who
from page p
order by p.place
