-- name: months
-- How many events there were up to each month in a time, and up to the last month before it.
select from_date, number from counts
where kind = 'event' and filter = :filter and jurisdiction is null and value = :place and from_date < :end
  and from_date >= coalesce((select max(from_date) from counts where kind = 'event' and filter = :filter and jurisdiction is null and value = :place
                             and from_date < :start), '')
order by from_date

-- name: statuses
-- How many actions there are on a day with each stage and legal force that any action has on some day, from one value to the next.
with recursive status(value) as (
  select min(value) from counts where kind = 'action' and filter = rtrim('status ' || :place) and jurisdiction is null
  union all
  select (select min(c.value) from counts c where c.kind = 'action' and c.filter = rtrim('status ' || :place) and c.jurisdiction is null
          and c.value > s.value)
  from status s where s.value is not null)
select substr(value, 1, instr(value, ' ') - 1) as stage, substr(value, instr(value, ' ') + 1) as legal_force, coalesce((
         select c.number from counts c where c.kind = 'action' and c.filter = rtrim('status ' || :place) and c.jurisdiction is null
         and c.value = s.value and c.from_date <= :on order by c.from_date desc limit 1), 0) as number
from status s where value is not null

-- name: places
-- How many actions each jurisdiction has: all of them, or those of a topic, or of a jurisdiction and those within it.
select j.id, j.name, j.code, c.number
from jurisdictions j cross join counts c on c.kind = 'action' and c.filter = case :filter when 'topic' then 'topic' else 'all' end
  and c.jurisdiction = j.id and c.value = case :filter when 'topic' then :place else '' end
where j.withdrawn_on is null and (:filter <> 'jurisdiction' or :place in (j.id, j.part_of))
order by c.number desc, j.name collate nocase
limit 500
