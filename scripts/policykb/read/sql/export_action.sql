select id, title, short_title, instrument, jurisdiction, part_of, openness_effect, as_of, summary, withdrawn_on, withdrawn_reason
from actions where id between :first and :last order by id
