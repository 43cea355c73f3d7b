select action as of, alias from action_aliases where action between :first and :last order by action, id
