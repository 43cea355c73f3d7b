-- Topics within another, or all, with the number of actions they and those within them have.
select t.id, t.name, t.definition as note, t.part_of, coalesce(c.number, 0) as actions
from topics t left join counts c on c.kind = 'action' and c.filter = 'topic' and c.jurisdiction is null and c.value = t.id
where t.withdrawn_on is null and (:within = '' or t.part_of = :within) order by t.name collate nocase limit 500
