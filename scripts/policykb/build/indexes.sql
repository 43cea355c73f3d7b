-- Made after the rows: one index for each foreign key that is looked up, faceted or joined on, and for dates.
create index documents_grade on documents(grade, issued_latest desc, id);
create index documents_type on documents(type, issued_latest desc, id);
create index documents_title on documents(title collate nocase, id);
create index documents_authors on documents(authors collate nocase, id);
create index documents_issued on documents(issued_latest desc, id);
create index documents_url on documents(url);
-- Unique, so that actions by the name of their jurisdiction need no sorting.
create unique index jurisdictions_name on jurisdictions(name collate nocase, id);
-- Unique, so that actions by their status need no sorting.
create unique index stages_position on stages(position);
create unique index legal_forces_position on legal_forces(position);
create index organizations_name on organizations(name collate nocase, id);
create index organizations_kind on organizations(kind, name collate nocase, id);
create index document_authors_document on document_authors(document);
create index document_authors_organization on document_authors(organization, issued_latest desc, document) where organization is not null;
create index document_keywords_document on document_keywords(document);
create index mentions_document on mentions(document);
create index mentions_action on mentions(action);
create index organizations_part_of on organizations(part_of, name) where part_of is not null;
create index actions_jurisdiction on actions(jurisdiction, id);
create index actions_name on actions(coalesce(short_title, title) collate nocase, id);
create index actions_instrument on actions(instrument, id);
create index actions_effect on actions(effect, id);
create index actions_part_of on actions(part_of) where part_of is not null;
create index actions_as_of on actions(as_of, id);
create index action_identifiers_action on action_identifiers(action);
create index action_identifiers_folded on action_identifiers(folded);
create index action_legal_bases_action on action_legal_bases(action);
create index action_aliases_action on action_aliases(action);
create index action_bodies_action on action_bodies(action);
create index action_bodies_organization on action_bodies(organization, action);
create index action_topics_action on action_topics(action);
create index action_topics_topic on action_topics(topic, action);
create index action_relations_action on action_relations(action);
create index action_relations_other on action_relations(other);
create index events_action on events(action, date_latest, position);
create index event_former_ids_event on event_former_ids(event);
create index events_date on events(date_latest desc, id);
create index events_supersedes on events(supersedes) where supersedes is not null;
create index events_moved_by on events(moved_by) where moved_by is not null;
create index periods_action on periods(action, from_date);
create index periods_stage on periods(stage, to_date, from_date, action);
create index periods_status on periods(stage, legal_force, action);
create index periods_legal_force on periods(legal_force, to_date, from_date, action);
create index news_day on news(day desc, action, until);
create index news_action on news(action, day);
create index counts_filter on counts(kind, filter, jurisdiction, value, from_date);
create index disputes_action on disputes(action);
create index duties_action on duties(action, position);
create index duties_type on duties(type, action);
create index duty_enforcers_duty on duty_enforcers(duty);
create index duty_enforcers_organization on duty_enforcers(organization);
create index open_questions_action on open_questions(action);
create index citations_document on citations(document);
create index citations_action on citations(action) where action is not null;
create index citations_effect on citations(effect) where effect is not null;
create index citations_event on citations(event) where event is not null;
create index citations_duty on citations(duty) where duty is not null;
create index citations_dispute on citations(dispute) where dispute is not null;
create index claims_finding on claims(finding, id) where withdrawn_on is null;
create index claims_kind on claims(kind, id) where withdrawn_on is null;
create index evidence_claim on evidence(claim);
create index evidence_document on evidence(document);
create index premises_argument on premises(argument);
create index argument_values_argument on argument_values(argument);
create index argument_values_value on argument_values(value);
create index argument_claims_argument on argument_claims(argument);
create index argument_claims_claim on argument_claims(claim);
create index argument_relations_argument on argument_relations(argument);
create index argument_relations_other on argument_relations(other);
create index stances_argument on stances(argument);
create index stances_action on stances(action, stance);
create index appearances_argument on appearances(argument) where argument is not null;
create index appearances_claim on appearances(claim) where claim is not null;
create index appearances_document on appearances(document);
create index appearance_speakers_appearance on appearance_speakers(appearance);
update appearances set speakers = coalesce(
  (select group_concat(name, ', ') from (
     select w.name from document_authors w
     join appearance_speakers b on b.appearance = appearances.id and b.name in (w.family, w.organization)
     where w.document = appearances.document order by w.position)),
  (select coalesce(nullif(d.authors, ''), d.publisher, d.container, d.title) from documents d where d.id = appearances.document));
create index redirects_to_id on redirects(to_id);
create index actions_record_number on actions(record_number);
create index arguments_record_number on arguments(record_number);
create index claims_record_number on claims(record_number);
create index documents_record_number on documents(record_number);
create index organizations_record_number on organizations(record_number);
create index jurisdictions_record_number on jurisdictions(record_number);
create index topics_record_number on topics(record_number);
create index records_kind on records(kind);
create index names_key on names(key, rank, record, name);
create index names_record on names(record, rank);
-- What pages sort by and would otherwise count on every request.
update arguments set ties = (select count(*) from argument_relations r where r.argument = arguments.id)
                          + (select count(*) from argument_relations r where r.other = arguments.id);
create index arguments_title on arguments(title collate nocase, id) where withdrawn_on is null;
create index arguments_scheme on arguments(scheme, id) where withdrawn_on is null;
create index claims_text on claims(text collate nocase, id) where withdrawn_on is null;
create index claims_as_of on claims(as_of, id) where withdrawn_on is null;
create index arguments_ties on arguments(ties desc, id) where withdrawn_on is null;
create index stances_stance on stances(stance, argument);
update actions set (arguments, argument_documents, argument_speakers) =
  (select count(distinct v.argument), count(distinct v.document), count(distinct v.speaker_key) from voices v where v.action = actions.id and v.inherited = 0)
where id in (select action from stances);
update action_topics set arguments =
  (select count(distinct s.argument) from stances s join arguments g on g.id = s.argument where s.action = action_topics.action and g.withdrawn_on is null)
where action in (select s.action from stances s join actions a on a.id = s.action where a.withdrawn_on is null);
create index action_topics_argued on action_topics(topic, arguments desc, action) where arguments > 0;
-- Where the text of an action is, where its number gives no address.
update actions set (text_url, text_official) =
  (select d.url, d.official from documents d where d.id = actions.official_text and d.url is not null)
where text_url is null and official_text in (select id from documents where url is not null);
update actions set (text_url, text_official) = (select w.text_url, w.text_official from actions w where w.id = actions.part_of)
where text_url is null and part_of in (select id from actions where text_url is not null);
create index actions_arguments on actions(arguments desc, id);
create index changes_commit on changes("commit");
create index changes_record on changes(record, id);
create index changes_class on changes(class, id);
create index commits_position on commits(position);
