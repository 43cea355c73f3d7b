-- Who argues what.
-- Which speaker takes which side on which action, through which argument in which document. A document without author is named by its publisher, container or title. Written before action: 1 if the text was out before the first event of the action. Inherited: 1 if the stance follows only from the thesis of the text.
-- :speaker text. Part of the name of an author, organization or publisher (empty: all).
-- :action id. Only this action (empty: all).
select v.speaker, v.named_by, v.stance, v.action, v.action_title, v.argument, v.argument_title, v.document, v.locator, v.issued,
       v.written_before_action, v.drawn_by, v.inherited
from voices v
where (:speaker = '' or v.speaker like '%' || :speaker || '%' or v.organization = :speaker) and (:action = '' or v.action in (select value from json_each(choices(:action))))
order by v.speaker, v.action, v.argument, v.document
