-- Mentions of an action and how it was portrayed.
-- Where documents name the action, in which words, and how they present it.
-- :action id. The action (empty: all).
select m.action, a.title, d.id as document, d.authors, d.issued, m.locator, m.words, m.portrayed_as, m.note
from mentions m
join documents d on d.id = m.document
join actions a on a.id = m.action
where (:action = '' or m.action in (select value from json_each(choices(:action)))) and d.withdrawn_on is null
order by d.issued_latest, d.id, m.id
