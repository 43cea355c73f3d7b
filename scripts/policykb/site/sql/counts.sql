select kind, count(*) as number from records group by kind order by min(number)
