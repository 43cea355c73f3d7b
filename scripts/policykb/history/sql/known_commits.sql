-- The first commit of the log, and the last one on or before a day.
select (select value from kb_info where key = 'history') as history, (select time from commits order by position limit 1) as first,
       (select position from commits where substr(time, 1, 10) <= :day order by position desc limit 1) as position,
       (select time from commits where substr(time, 1, 10) <= :day order by position desc limit 1) as time
