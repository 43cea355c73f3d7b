-- Actions argued from one side only.
-- Actions for which all arguments take the same side, the most argued first.
select action, title, jurisdiction, supports + supports_if as for_it, opposes + warns as against_it, arguments, documents, speakers
from stance_balance
where (supports + supports_if = 0) <> (opposes + warns = 0)
order by arguments desc, action
