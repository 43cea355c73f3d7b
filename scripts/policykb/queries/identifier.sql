-- Look up an official identifier.
-- The action that has an identifier, however it is typed: EO 14409, 2024/1689, SB 1047, S. 321.
-- :identifier text. The identifier, or part of it.
select i.action, a.title, i.scheme, i.display, i.url
from action_identifiers i
join actions a on a.id = i.action
where :identifier <> ''
  and (i.folded = lower(replace(replace(replace(replace(replace(replace(replace(replace(:identifier, ' ', ''), '.', ''), '-', ''), '/', ''), '(', ''), ')', ''), ':', ''), ',', ''))
    or i.folded like '%' || lower(replace(replace(replace(replace(replace(replace(replace(replace(:identifier, ' ', ''), '.', ''), '-', ''), '/', ''), '(', ''), ')', ''), ':', ''), ',', '')) || '%')
order by length(i.folded), i.action
limit 100
