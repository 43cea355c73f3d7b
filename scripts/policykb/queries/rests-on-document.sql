-- What rests on one document.
-- Every event, dispute, duty, effect, piece of evidence, argument, claim and mention that cites the document.
-- :document id. The document.
select 'event' as kind, e.action as record, e.label || coalesce(': ' || e.note, '') as fact, c.locator
from citations c join events e on e.id = c.event where c.document in (select value from json_each(choices(:document)))
union all
select 'action', c.action, 'source of the record', c.locator from citations c where c.document in (select value from json_each(choices(:document))) and c.action is not null
union all
select 'effect', c.effect, 'effect', c.locator from citations c where c.document in (select value from json_each(choices(:document))) and c.effect is not null
union all
select 'dispute', d.action, d.about, c.locator from citations c join disputes d on d.id = c.dispute where c.document in (select value from json_each(choices(:document)))
union all
select 'duty', d.action, d.who || ': ' || d.what, c.locator from citations c join duties d on d.id = c.duty where c.document in (select value from json_each(choices(:document)))
union all
select 'evidence', v.claim, v.finding || ': ' || v.note, v.locator from evidence v where v.document in (select value from json_each(choices(:document)))
union all
select 'argument', p.argument, g.title, p.locator from appearances p join arguments g on g.id = p.argument where p.document in (select value from json_each(choices(:document)))
union all
select 'claim', p.claim, l.text, p.locator from appearances p join claims l on l.id = p.claim where p.document in (select value from json_each(choices(:document)))
union all
select 'mention', m.action, m.portrayed_as, m.locator from mentions m where m.document in (select value from json_each(choices(:document)))
order by 1, 2, 3, 4
