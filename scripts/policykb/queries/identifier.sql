-- Find an action by its official number.
-- The action that has an identifier, in any usual form: EO 12866, Executive Order 12866, Reg. 2016/679, SB-1, S. 321, COM(2012) 11 final.
-- :identifier text. The identifier, or part of it.
with keys as materialized (
  select name_keys(:identifier) as keys),
matches as (
  select n.record as action, n.name, n.key, 1 as tier
  from keys, json_each(keys, '$.whole') k join names n on n.key = k.value where n.rank in (3, 4)
  union all
  select n.record, n.name, n.key, 2
  from keys, json_each(keys, '$.inside') k join names n on n.key = k.value where n.rank in (3, 4) and k.value glob '*[0-9]*'
  union all
  select * from (
    select i.action, i.display, i.folded, 3
    from json_each(identifier_keys(:identifier)) k
    join search_identifiers s on s.folded match '"' || k.value || '"'
    join action_identifiers i on i.id = s.rowid limit 500))
select a.id as action, a.title, i.scheme, i.display, i.url
from matches m
cross join actions a on a.id = m.action
join action_identifiers i on i.action = a.id and (i.display = m.name or instr(i.folded, m.key) > 0)
group by a.id, i.scheme, i.display, i.url
order by min(m.tier), length(i.folded), a.id
limit 100
