-- Find an action by its official number.
-- The action that has an identifier, however it is typed: EO 14409, 2024/1689, SB 1047, S. 321.
-- :identifier text. The identifier, or part of it.
with typed(folded) as (
  select lower(replace(replace(replace(replace(replace(replace(replace(replace(
    :identifier, ' ', ''), '.', ''), '-', ''), '/', ''), '(', ''), ')', ''), ':', ''), ',', '')))
select i.action, a.title, i.scheme, i.display, i.url
from typed
join action_identifiers i on instr(i.folded, typed.folded) > 0
join actions a on a.id = i.action
where typed.folded <> ''
order by length(i.folded), i.action
limit 100
