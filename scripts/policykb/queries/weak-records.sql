-- Actions known from second hand only.
-- Actions none of whose sources was read by the editors: each is known only because someone else cites it.
select action, title = fact as whole_record, title, best_grade
from weak_sources
where kind = 'action' and best_grade = 'relayed'
order by action
