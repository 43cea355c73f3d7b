-- Whether a time has many events: a row if there are more than 4,000.
select 1 as many from events e where e.date_latest >= :start and e.date_latest < :beyond and e.date_earliest < :end limit 1 offset 4000
