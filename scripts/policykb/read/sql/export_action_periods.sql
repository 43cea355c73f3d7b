select action as of, stage, legal_force, from_date, from_latest, to_date from periods where action between :first and :last order by action, position
