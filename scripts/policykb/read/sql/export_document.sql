select id, type, title, issued, container, volume, page, publisher, number, doi, url, archive_url, language, abstract, licence, grade, withdrawn_on, withdrawn_reason
from documents where id between :first and :last order by id
