-- Documents that have the words and pass the filters, the best matches first.
select d.id, d.type, d.title, d.authors, d.container, d.publisher, d.issued, d.grade,
       (select count(*) from citations c where c.document = d.id) as facts
from (select rowid as number, row_number() over (order by rank) as place from (
        select rowid, rank from search where search match escape_fts(:q) order by rank limit 500)) s
join records r on r.number = s.number and r.kind = 'document'
join documents d on d.id = r.id
where d.withdrawn_on is null and (:grade = '[]' or d.grade in (select value from json_each(:grade))) and (:type = '[]' or d.type in (select value from json_each(:type)))
order by s.place
limit :size + 1 offset :skip
