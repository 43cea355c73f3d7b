-- name: best
-- The records of the kind :record_kind that have the words :words, the best matches first, with the score, less for a better one.
-- At most :most_ranked of them are ranked, and at most :most_matches of these are returned.
select r.id, best.score
from (
  select * from (
    select s.rowid as number, s.rank as score from search s
    where (select :words) <> '' and s.search match escape_fts(:words)
      and s.rowid >= (select min(number) from records where kind = :record_kind)
      and s.rowid <= (select max(number) from records where kind = :record_kind)
    limit :most_ranked)
  order by score limit :most_matches) best
cross join records r on r.number = best.number
order by best.score

-- name: crowded
-- 1 if more records of the kind :record_kind have the words than are ranked.
select exists (
  select 1 from search s
  where s.search match escape_fts(:words)
    and s.rowid >= (select min(number) from records where kind = :record_kind)
    and s.rowid <= (select max(number) from records where kind = :record_kind)
  limit 1 offset :most_ranked) as crowded
