-- The terms of every vocabulary: the lookup tables in one list.
select 'stages' as vocabulary, id, position, label, definition from stages
union all
select 'legal_forces' as vocabulary, id, position, label, definition from legal_forces
union all
select 'bindingness' as vocabulary, id, position, label, definition from bindingness
union all
select 'instruments' as vocabulary, id, position, label, definition from instruments
union all
select 'event_types' as vocabulary, id, position, label, definition from event_types
union all
select 'body_roles' as vocabulary, id, position, label, definition from body_roles
union all
select 'openness_effects' as vocabulary, id, position, label, definition from openness_effects
union all
select 'confidences' as vocabulary, id, position, label, definition from confidences
union all
select 'action_relation_types' as vocabulary, id, position, label, definition from action_relation_types
union all
select 'argument_schemes' as vocabulary, id, position, label, definition from argument_schemes
union all
select 'value_terms' as vocabulary, id, position, label, definition from value_terms
union all
select 'stance_types' as vocabulary, id, position, label, definition from stance_types
union all
select 'argument_relation_types' as vocabulary, id, position, label, definition from argument_relation_types
union all
select 'drawn_by_terms' as vocabulary, id, position, label, definition from drawn_by_terms
union all
select 'claim_kinds' as vocabulary, id, position, label, definition from claim_kinds
union all
select 'findings' as vocabulary, id, position, label, definition from findings
union all
select 'evidence_findings' as vocabulary, id, position, label, definition from evidence_findings
union all
select 'grades' as vocabulary, id, position, label, definition from grades
union all
select 'portrayals' as vocabulary, id, position, label, definition from portrayals
union all
select 'document_types' as vocabulary, id, position, label, definition from document_types
union all
select 'locator_labels' as vocabulary, id, position, label, definition from locator_labels
union all
select 'organization_kinds' as vocabulary, id, position, label, definition from organization_kinds
union all
select 'jurisdiction_kinds' as vocabulary, id, position, label, definition from jurisdiction_kinds
union all
select 'identifier_schemes' as vocabulary, id, position, label, definition from identifier_schemes
order by 1, 3
