-- What is not known.
-- Open questions about actions, and events that no source confirms.
select q.action, a.title, 'open question' as kind, q.question as what
from open_questions q join actions a on a.id = q.action
where a.withdrawn_on is null
union all
select e.action, a.title, 'unconfirmed event', e.label || coalesce(': ' || e.note, '')
from events e join actions a on a.id = e.action
where e.unconfirmed = 1 and a.withdrawn_on is null
order by 1, 3, 4
