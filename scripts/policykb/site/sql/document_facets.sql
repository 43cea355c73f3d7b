select 'grade' as facet, grade as value, count(*) as number from documents where withdrawn_on is null group by grade
union all select 'type', type, count(*) from documents where withdrawn_on is null group by type
