select m.action as id, coalesce(a.short_title, a.title) as title, m.locator, m.words, m.portrayed_as, m.note, p.stage, p.legal_force
from mentions m join actions a on a.id = m.action
left join periods p on p.action = a.id and coalesce(p.from_date, '0001-01-01') <= :on and (p.to_date is null or p.to_date > :on)
where m.document = :id
order by m.id
limit 300
