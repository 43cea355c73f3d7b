-- Records that rest on relayed sources only.
-- Actions none of whose sources was read by the editors: every one is known through somebody else.
select action, title = fact as whole_record, title, best_grade
from weak_sources
where kind = 'action' and best_grade = 'relayed'
order by action
