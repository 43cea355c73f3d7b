-- How many actions pass a filter on a day.
select number from counts
where kind = 'action' and filter = :filter and jurisdiction is null and value = :value and from_date <= :on
order by from_date desc limit 1
