select source, target, type, note, about, drawn_by, inherited from (
  select argument as source, other as target, type, note, target as about, drawn_by, 0 as inherited, 1 as part, id from argument_relations
  union all
  select argument, action, stance, note, null, drawn_by, inherited, 2, id from stances
  union all
  select argument, claim, 'rests_on', null, null, null, 0, 3, id from argument_claims)
order by source, part, id
