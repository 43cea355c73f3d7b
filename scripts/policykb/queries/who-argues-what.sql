-- Who argues what.
-- Which speaker takes which side on which action, through which argument, in whose words, where and when. A document without author is named by its publisher, container or title. Drawn by: author if the text itself takes the side, editors if they infer it. Inherited: 1 if the side follows only from the thesis of the text. As of: the state of the action that the argument is about. Written before action: 1 if the text was published before the first event of the action. About another action: 1 if the document mentions other actions, but none of the same act.
-- :speaker text. Part of the name of an author, organization or publisher (empty: all).
-- :action id. Only these actions and their parts (empty: all).
with acts as materialized (
  select a.id from json_each(choices(:action)) v join actions a on v.value in (a.id, a.part_of)),
asked as (
  select * from voices where :action = ''
  union all
  select v.* from acts a cross join voices v on v.action = a.id)
select v.speaker, v.speaker_kind, v.named_by, v.stance, v.action, v.action_title, v.argument, v.argument_title, v.note, v.drawn_by, v.inherited,
       v.document, v.document_title, v.locator, v.words, v.issued, v.as_of, v.written_before_action, v.about_another_action
from asked v
where :speaker = '' or v.speaker like '%' || :speaker || '%' or v.organization = :speaker
order by v.speaker, v.action, v.argument, v.document
