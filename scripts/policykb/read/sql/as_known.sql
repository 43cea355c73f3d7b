-- name: commits
-- The first commit of the log, and the last one on or before a day.
select (select value from kb_info where key = 'history') as history, (select time from commits order by position limit 1) as first,
       (select position from commits where substr(time, 1, 10) <= :day order by position desc limit 1) as position,
       (select time from commits where substr(time, 1, 10) <= :day order by position desc limit 1) as time

-- name: changes
-- What was changed in a record after a place in the log, the newest first, under the ids that it had.
with recursive ids(id, until) as (
  select :id, 9223372036854775807
  union select c."before", c.id from changes c join ids i on c.record = i.id and c.id < i.until where c.change = 'renamed'
)
select c.id, c."commit", c.kind, c.record, c.change, c.pointer, c.place, c."before", c."after", c.class
from ids i join changes c on c.record = i.id and c.id < i.until left join commits m on m.id = c."commit"
where (c."commit" is null or m.position > :position) and c.kind = 'action'
order by c.id desc
