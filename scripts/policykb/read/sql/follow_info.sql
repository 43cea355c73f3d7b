-- The facts about the knowledge base, and the day up to which any of it was looked at.
select key, value from kb_info
union all select 'last_commit', (select time from commits order by position desc limit 1)
union all select 'last_as_of', (select max(as_of) from actions)
