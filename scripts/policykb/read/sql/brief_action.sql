select a.*, coalesce(a.short_title, a.title) as name, j.name as jurisdiction_name, i.label as kind, b.label as binds, o.label as openness,
       c.label as confidence_label, c.definition as confidence_definition, w.short_title as whole_short, w.title as whole_title
from actions a join jurisdictions j on j.id = a.jurisdiction join instruments i on i.id = a.instrument join bindingness b on b.id = a.bindingness
join openness_effects o on o.id = a.openness_effect join confidences c on c.id = a.confidence left join actions w on w.id = a.part_of
where a.id = :id
