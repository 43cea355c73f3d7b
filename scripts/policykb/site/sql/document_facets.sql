-- How many documents there are of each grade and type.
select filter as facet, value, number from counts where kind = 'document' and filter in ('grade', 'type') and jurisdiction is null
