-- Records whose id begins alike, then records with the same words; both lists are bounded.
select id, kind, title from (
  select id, kind, title from records where id >= :start and id < :start || '{' order by id limit 200)
union
select id, kind, title from (
  select r.id, r.kind, r.title from search join records r on r.number = search.rowid
  where search match escape_fts(:words) order by search.rank limit 20)
