select action as of, type, other from action_relations where action between :first and :last order by action, id
