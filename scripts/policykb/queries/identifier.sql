-- Find an action by its official number.
-- The action that has an identifier, however it is typed: EO 14409, Executive Order 14409, 2024/1689, SB 1047, S. 321, COM(2021) 206 final.
-- :identifier text. The identifier, or part of it.
select distinct i.action, a.title, i.scheme, i.display, i.url
from json_each(identifier_keys(:identifier)) typed
join action_identifiers i on instr(i.folded, typed.value) > 0
join actions a on a.id = i.action
order by length(i.folded), i.action
limit 100
