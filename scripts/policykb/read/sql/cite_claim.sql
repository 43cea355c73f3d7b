select c.id, c.text as title, c.as_of, f.label as finding, c.withdrawn_on, c.withdrawn_reason from claims c join findings f on f.id = c.finding where c.id = :id
