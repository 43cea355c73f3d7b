-- The stances of arguments on actions, with the period of each action that holds the day.
select s.argument, s.action, coalesce(a.short_title, a.title) as title, a.jurisdiction, s.stance, s.note, s.as_of, s.drawn_by, s.inherited,
       (select count(distinct v.document) from voices v where v.argument = s.argument and v.action = s.action and v.stance = s.stance) as texts,
       (select count(distinct v.document) from voices v where v.argument = s.argument and v.action = s.action and v.stance = s.stance
          and v.written_before_action) as earlier_texts,
       p.stage, p.legal_force
from json_each(:ids) j
join stances s on s.argument = j.value
join actions a on a.id = s.action
join stance_types t on t.id = s.stance
left join periods p on p.action = a.id and coalesce(p.from_date, '0001-01-01') <= :on and coalesce(p.to_date, '9999-12-31') > :on
where a.withdrawn_on is null
order by s.argument, t.position, a.id
limit 1000
