-- Arguments that no one has answered.
-- Arguments that no recorded argument rebuts, undercuts or qualifies, the most supported first.
-- :action id. Only arguments about this action (empty: all).
select d.argument, d.title, d.supporters, d.claims, d.weak_claims,
       (select group_concat(s.stance || ' ' || s.action || case when s.inherited then ' (inherited)' else '' end, ', ') from stances s where s.argument = d.argument) as stances
from argument_debts d
where d.answers = 0 and (:action = '' or exists (select 1 from stances s where s.argument = d.argument and s.action in (select value from json_each(choices(:action)))))
order by d.supporters desc, d.argument
