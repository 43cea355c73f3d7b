select id, position, type, date, date_earliest, date_latest, supersedes, moved_on, moved_by, note from events where action = :id order by date_earliest, position
