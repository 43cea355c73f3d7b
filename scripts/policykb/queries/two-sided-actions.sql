-- Actions argued from both sides.
-- Actions with at least one argument for them, with or without conditions, and at least one that opposes them or warns of them.
select action, title, jurisdiction, supports + supports_if as for_it, opposes + warns as against_it, arguments, documents, speakers
from stance_balance
where supports + supports_if > 0 and opposes + warns > 0
order by arguments desc, action
