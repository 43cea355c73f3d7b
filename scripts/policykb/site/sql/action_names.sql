-- Short facts of an action in one list: identifiers, legal bases, aliases, topics, open questions.
select 'identifier' as what, i.scheme as id, i.display as text, i.url as url from action_identifiers i where i.action = :id
union all select 'basis', null, citation, null from action_legal_bases where action = :id
union all select 'alias', null, alias, null from action_aliases where action = :id
union all select 'topic', t.id, t.name, null from action_topics x join topics t on t.id = x.topic where x.action = :id
union all select 'question', null, question, null from open_questions where action = :id
limit 500
