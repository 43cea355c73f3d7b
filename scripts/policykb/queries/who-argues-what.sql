-- Who argues what.
-- Which author takes which side on which action, through which argument in which document.
-- :speaker text. Part of the name of an author or organization (empty: all).
-- :action id. Only this action (empty: all).
select v.speaker, v.stance, v.action, v.action_title, v.argument, v.argument_title, v.document, v.locator, v.issued
from voices v
where (:speaker = '' or v.speaker like '%' || :speaker || '%' or v.organization = :speaker) and (:action = '' or v.action = :action)
order by v.speaker, v.action, v.argument, v.document
