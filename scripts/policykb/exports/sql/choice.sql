-- name: has
-- A row if the action `a` of the statement around it is in a choice: in any of :places and with any of :subjects, JSON lists of ids;
-- an empty list lets all pass.
select 1
where (:places = '[]' or a.jurisdiction in (select value from json_each(:places)))
  and (:subjects = '[]' or exists (
         select 1 from action_topics t where t.action = a.id and t.topic in (select value from json_each(:subjects))))
