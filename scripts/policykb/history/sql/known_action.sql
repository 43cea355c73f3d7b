-- An action as its record says it, without its lists.
select id, title, short_title, instrument, bindingness, jurisdiction, as_of, confidence, summary, openness_effect, openness_note, withdrawn_on, withdrawn_reason
from actions where id = :id
