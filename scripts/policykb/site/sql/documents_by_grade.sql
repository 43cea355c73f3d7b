-- Documents of one grade, the newest first.
select d.id, d.type, d.title, d.authors, d.container, d.publisher, d.issued, d.grade,
       (select count(*) from citations c where c.document = d.id) as facts
from documents d
where d.withdrawn_on is null and d.grade = json_extract(:grade, '$[0]') and (:type = '[]' or d.type in (select value from json_each(:type)))
order by d.issued_latest desc, d.id
limit :size + 1 offset :skip
