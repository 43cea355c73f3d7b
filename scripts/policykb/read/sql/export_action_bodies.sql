select action as of, organization, role from action_bodies where action between :first and :last order by action, id
