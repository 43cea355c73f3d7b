select p.action, p.position, p.stage, p.legal_force, p.from_date, p.to_date, p.event
from json_each(:ids) j
join periods p on p.action = j.value
order by p.action, p.position
limit 5000
