-- The actions that a record of another kind bears on.
select action from stances where argument = :id union select action from mentions where document = :id union select action from action_topics where topic = :id
union select id from actions where jurisdiction = :id union select action from action_bodies where organization = :id
union select s.action from argument_claims x join stances s on s.argument = x.argument where x.claim = :id
order by 1 limit 5
