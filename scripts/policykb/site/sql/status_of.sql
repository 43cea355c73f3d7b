-- The period of each of these actions that holds the day.
select p.action, p.stage, p.legal_force
from json_each(:ids) j
join periods p on p.action = j.value and coalesce(p.from_date, '0001-01-01') <= :on and coalesce(p.to_date, '9999-12-31') > :on
