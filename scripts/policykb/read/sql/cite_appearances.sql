-- Where an argument or a claim is made, in the order of its record.
select id, document, locator from appearances where argument = :id or claim = :id order by cast(substr(id, instr(id, '@') + 1) as integer)
