-- Actions known only second-hand.
-- Actions without a source that the editors read: someone else cites each of their sources.
select action, title = fact as whole_record, title, best_grade
from weak_sources
where kind = 'action' and best_grade = 'relayed'
order by action
