select id, name from organizations where part_of = :id and withdrawn_on is null order by name limit 100
