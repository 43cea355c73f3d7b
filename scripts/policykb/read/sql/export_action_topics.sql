select action as of, topic from action_topics where action between :first and :last order by action, id
