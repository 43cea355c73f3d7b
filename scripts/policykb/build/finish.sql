-- After the rows: the rows of records get the numbers under which the index has them.
update actions set record_number = (select number from records r where r.id = actions.id);
update arguments set record_number = (select number from records r where r.id = arguments.id);
update claims set record_number = (select number from records r where r.id = claims.id);
update documents set record_number = (select number from records r where r.id = documents.id);
update organizations set record_number = (select number from records r where r.id = organizations.id);
update jurisdictions set record_number = (select number from records r where r.id = jurisdictions.id);
update topics set record_number = (select number from records r where r.id = topics.id);
