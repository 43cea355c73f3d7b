select source, target, type, note from (
  select argument as source, other as target, type, note, 1 as part, id from argument_relations
  union all
  select argument, action, stance, note, 2, id from stances
  union all
  select argument, claim, 'rests_on', null, 3, id from argument_claims)
order by source, part, id
