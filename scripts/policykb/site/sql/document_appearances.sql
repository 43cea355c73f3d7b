-- Arguments and claims that a document makes, with the place and the speakers if not all its authors.
select 'argument' as kind, g.id, g.title, p.locator, p.words, p.note, null as finding, case when exists (select 1 from appearance_speakers b where b.appearance = p.id) then p.speakers end as speakers
from appearances p join arguments g on g.id = p.argument where p.document = :id and g.withdrawn_on is null
union all
select 'claim', c.id, c.text, p.locator, p.words, p.note, c.finding, case when exists (select 1 from appearance_speakers b where b.appearance = p.id) then p.speakers end
from appearances p join claims c on c.id = p.claim where p.document = :id and c.withdrawn_on is null
order by 1, 2
limit 400
