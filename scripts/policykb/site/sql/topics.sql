select t.id, t.name, t.definition as note, t.part_of, (select count(*) from action_topics x where x.topic = t.id) as actions
from topics t where t.withdrawn_on is null and (:within = '' or t.part_of = :within) order by t.name collate nocase limit 500
