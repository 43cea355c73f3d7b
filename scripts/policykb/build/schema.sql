-- The tables of kb.db. Lookup tables are made from the vocabularies; indexes and views are in files of their own,
-- since they are made after the rows. A comment above a table or behind a column describes it where the
-- record types do not. All keys are single columns. Periods and spans are half-open: [from_date, to_date).

-- Facts about this file: schema version, hash of the content it was built from, numbers of records.
create table kb_info (
  key text primary key, -- Name of the fact.
  value text not null -- The fact.
) strict;

-- Every record of every kind, and the text by which it is found.
create table records (
  number integer primary key, -- Place in the order of kinds and ids.
  id text not null unique, -- Id of the record, unique across all kinds.
  kind text not null, -- action, argument, claim, document, organization, jurisdiction or topic.
  title text not null, -- Title, name or statement.
  text text not null, -- Everything else in it that is worth searching.
  characters text not null, -- What is Chinese, Japanese or Korean in title and text, each character a word, so that parts of words are found.
  file text not null -- File that holds it.
) strict;

-- Names by which people look for records, each in every form in which they write it: the index that search asks first.
create table names (
  id integer primary key, -- A million times the number of its record, plus its place there.
  key text not null, -- Its first 100 letters and digits in lower case, without accents and "No." before a number.
  name text not null, -- The name as written.
  record text not null references records(id), -- The record.
  rank integer not null -- What comes first where records share a name: 0 short title, 1 title, 2 alias, 3 the official number, 4 other official identifiers, 5 the id.
) strict;

-- Every record whole, for programs: what its file says, as checked. Searches and lists do not read it.
create table record_json (
  id text primary key references records(id), -- The record.
  json text not null -- The record as JSON; fields with their default value are left out.
) strict;

create table jurisdictions (
  id text primary key, -- Id.
  name text not null,
  kind text not null references jurisdiction_kinds(id),
  code text,
  part_of text references jurisdictions(id),
  withdrawn_on text, -- Day of withdrawal, if the record was withdrawn.
  withdrawn_reason text, -- Why it was withdrawn.
  record_number integer not null -- Its number in `records`, under which the full-text index has it.
) strict;

create table topics (
  id text primary key, -- Id.
  name text not null,
  definition text not null,
  part_of text references topics(id),
  withdrawn_on text, -- Day of withdrawal, if the record was withdrawn.
  withdrawn_reason text, -- Why it was withdrawn.
  record_number integer not null -- Its number in `records`, under which the full-text index has it.
) strict;

create table organizations (
  id text primary key, -- Id.
  name text not null,
  short_name text,
  kind text not null references organization_kinds(id),
  jurisdiction text references jurisdictions(id),
  part_of text references organizations(id),
  url text,
  bioguide text,
  ocd_person text,
  interests text,
  note text,
  withdrawn_on text, -- Day of withdrawal, if the record was withdrawn.
  withdrawn_reason text, -- Why it was withdrawn.
  record_number integer not null -- Its number in `records`, under which the full-text index has it.
) strict;

create table redirects (
  id text primary key, -- The id that is no longer used.
  to_id text not null references records(id), -- The record that took its place.
  since text not null, -- Since when.
  reason text not null
) strict;

create table documents (
  id text primary key, -- Id.
  type text not null references document_types(id),
  title text not null,
  original_title text,
  authors text not null, -- The authors as one line, in order.
  issued text,
  issued_earliest text, -- First day that `issued` may mean.
  issued_latest text, -- Last day that `issued` may mean.
  container text,
  volume text,
  page text,
  publisher text,
  number text,
  doi text,
  url text,
  archive_url text,
  language text not null,
  abstract text,
  license text,
  accessed text,
  grade text not null references grades(id),
  official integer not null, -- 1 where it is at the address of a public body.
  interests text,
  note text,
  text_sha256 text,
  text_rule text, -- How its paragraphs are counted, as JSON.
  withdrawn_on text, -- Day of withdrawal, if the record was withdrawn.
  withdrawn_reason text, -- Why it was withdrawn.
  record_number integer not null -- Its number in `records`, under which the full-text index has it.
) strict;

create table document_authors (
  id text primary key, -- Document and place of the author.
  document text not null references documents(id), -- The document.
  position integer not null, -- Place in the order of authors, from 1.
  name text not null, -- The name as shown.
  family text,
  given text,
  organization text references organizations(id),
  issued_latest text -- Last day that the date of the document may mean, by which lists of its documents are ordered.
) strict;

-- Keywords that a document gives itself.
create table document_keywords (
  id integer primary key, -- A million times the number of its record, plus its place there.
  document text not null references documents(id), -- The document.
  keyword text not null -- The keyword.
) strict;

create table mentions (
  id integer primary key, -- A million times the number of its record, plus its place there.
  document text not null references documents(id), -- The document.
  action text not null references actions(id),
  locator text,
  words text,
  portrayed_as text not null references portrayals(id),
  note text
) strict;

-- The kinds of effects of actions, which about.toml declares; `kb_info` says on what (`effect_on`). No row where it declares none.
create table effects (
  id text primary key, -- The kind as written in records.
  position integer not null, -- Place in the order of kinds.
  label text not null, -- The kind for readers.
  definition text not null, -- What it means.
  mark text not null -- The character before the label.
) strict;

create table actions (
  id text primary key, -- Id.
  title text not null,
  short_title text,
  instrument text not null references instruments(id),
  bindingness text not null references bindingness(id),
  jurisdiction text not null references jurisdictions(id),
  part_of text references actions(id),
  effect text references effects(id), -- The kind of its effect; empty if the knowledge base judges none.
  effect_note text, -- Why, and how far.
  official_text text references documents(id),
  no_official_text text,
  number text, -- The number by which it is cited; the place in its act where it is part of one.
  text_url text, -- Where its text is: the official address by its number, else that of `official_text`, else that of the act it is part of.
  text_official integer not null, -- 1 where `text_url` is the address of a public body.
  as_of text not null,
  confidence text not null references confidences(id),
  summary text not null,
  began text, -- First day that the date of its first event may mean; empty for an idea, and without events.
  withdrawn_on text, -- Day of withdrawal, if the record was withdrawn.
  withdrawn_reason text, -- Why it was withdrawn.
  arguments integer not null, -- How many arguments take a stance of their own on it; counted when all are known.
  argument_documents integer not null, -- How many documents make these arguments, without those about another action.
  argument_speakers integer not null, -- How many speakers make these arguments in these documents.
  record_number integer not null -- Its number in `records`, under which the full-text index has it.
) strict;

-- Official identifiers of actions.
create table action_identifiers (
  id integer primary key, -- A million times the number of its record, plus its place there.
  action text not null references actions(id), -- The action.
  scheme text not null references identifier_schemes(id), -- What kind of identifier it is.
  value text not null, -- The identifier as written in the record.
  display text not null, -- The identifier as shown.
  folded text not null, -- Its letters and digits in lower case, for looking it up however it is typed.
  url text -- The official address it leads to.
) strict;

-- Provisions that give the power to make an action.
create table action_legal_bases (
  id integer primary key, -- A million times the number of its record, plus its place there.
  action text not null references actions(id), -- The action.
  citation text not null -- The provision, as cited.
) strict;

-- Other names of actions.
create table action_aliases (
  id integer primary key, -- A million times the number of its record, plus its place there.
  action text not null references actions(id), -- The action.
  alias text not null, -- The name.
  kind text references alias_kinds(id), -- What kind of name it is, where the record says so.
  not_near text -- Words in whose neighborhood it means something else, with "; " between them.
) strict;

create table action_bodies (
  id integer primary key, -- A million times the number of its record, plus its place there.
  action text not null references actions(id), -- The action.
  organization text not null references organizations(id),
  role text not null references body_roles(id),
  note text
) strict;

-- What actions are about.
create table action_topics (
  id integer primary key, -- A million times the number of its record, plus its place there.
  action text not null references actions(id), -- The action.
  topic text not null references topics(id), -- The topic.
  arguments integer not null -- How many arguments take a stance on the action, inherited or not; counted when all are known.
) strict;

create table action_relations (
  id integer primary key, -- A million times the number of its record, plus its place there.
  action text not null references actions(id), -- The action that the relation is read from.
  type text not null references action_relation_types(id),
  other text not null references actions(id), -- The action that the relation leads to.
  note text
) strict;

create table events (
  id text primary key, -- Action and id of the event, such as us-eo-14409#issued; the place of an event that has no id.
  action text not null references actions(id), -- The action.
  position integer not null, -- Place in the record, from 1.
  type text not null references event_types(id),
  date text not null,
  date_earliest text not null, -- First day that the date may mean.
  date_latest text not null, -- Last day that the date may mean.
  precision text not null, -- day, month or year.
  qualifier text not null, -- approximate, uncertain or empty.
  label text not null, -- Date and kind in one line.
  note text,
  unconfirmed integer not null,
  supersedes text references events(id),
  moved_on text,
  moved_by text references actions(id)
) strict;

-- Earlier keys of events, under which they were cited and linked.
create table event_former_ids (
  former text primary key, -- The key that is no longer used, such as us-eo-14409#4.
  event text not null references events(id) -- The event that it leads to.
) strict;

-- What an action's status was, is or is due to be, from which day until which, and the events that decide it.
create table periods (
  id integer primary key, -- A million times the number of its record, plus its place there.
  action text not null references actions(id), -- The action.
  position integer not null, -- Place in the order of time, from 1.
  stage text not null references stages(id), -- How far the procedure has got.
  legal_force text not null references legal_forces(id), -- Whether it binds.
  from_date text, -- First day; the earliest one possible where the date is partial; empty: always.
  from_latest text, -- The latest possible first day.
  to_date text, -- The first day on which it no longer holds; empty: open.
  event text references events(id), -- The event that opened the period.
  stage_event text references events(id), -- The event that decided the stage.
  force_event text references events(id), -- The event that decided the legal force.
  order_ambiguous integer not null -- 1 where partial dates leave open which event came first.
) strict;

-- The days on which an action had news, for lists that begin with the latest news as of any day.
create table news (
  id integer primary key, -- A million times the number of its record, plus its place there.
  action text not null references actions(id), -- The action.
  jurisdiction text not null references jurisdictions(id), -- Its jurisdiction, whose latest news an index has in order.
  day text not null, -- Last day that the date of an event may mean; 0001-01-01: before the first.
  until text -- The next such day; empty: none.
) strict;

-- How many actions, documents and events pass a filter, as a running number by day, so that no page has to count them.
create table counts (
  id integer primary key, -- Running number.
  kind text not null, -- What is counted: action, document or event (by month); withdrawn ones are not.
  filter text not null, -- all, jurisdiction, topic, organization, instrument, effect, stage, force, status (stage and legal force), grade or type; status and an id: of the actions of a jurisdiction or topic.
  value text not null, -- The value of the filter; those within a jurisdiction or topic count for it too. Empty for all.
  jurisdiction text references jurisdictions(id), -- Where only actions of this very jurisdiction are counted.
  from_date text not null, -- The first day of this number; 0001-01-01: always.
  number integer not null -- How many there are up to the next such day.
) strict;

create table disputes (
  id text primary key, -- Action and place of the dispute.
  action text not null references actions(id), -- The action.
  about text not null,
  note text not null
) strict;

create table duties (
  id text primary key, -- Action and place of the duty.
  action text not null references actions(id), -- The action.
  position integer not null, -- Place in the record, from 1.
  who text not null,
  rule text not null references duty_rules(id),
  type text not null references duty_types(id),
  what text not null,
  threshold text,
  applies_from text,
  from_earliest text, -- First day that `applies_from` may mean.
  applies_until text,
  until_latest text, -- Last day that `applies_until` may mean.
  due text,
  deadline text references events(id),
  done_by text references events(id),
  outcome text,
  penalty text,
  treatment text references duty_treatments(id),
  exemption text,
  locator text
) strict;

-- What became of tasks, duties to do something once: a row for each time with one state.
create table task_periods (
  id integer primary key, -- A million times the number of its record, plus its place there.
  duty text not null references duties(id), -- The task.
  state text not null references task_states(id), -- What became of it.
  due text, -- The day by which it must be done, as known in that time; empty if no source that was read gives one.
  due_latest text, -- Last day that `due` may mean.
  deadline text references events(id), -- The event that sets that day, if an event does.
  from_date text, -- First day; empty: always.
  to_date text -- The day after the last; empty: no end is known.
) strict;

-- Who sees to duties.
create table duty_enforcers (
  id integer primary key, -- A million times the number of its record, plus its place there.
  duty text not null references duties(id), -- The duty.
  organization text not null references organizations(id) -- The organization.
) strict;

-- What is not known about actions.
create table open_questions (
  id integer primary key, -- A million times the number of its record, plus its place there.
  action text not null references actions(id), -- The action.
  question text not null -- The question.
) strict;

-- Sources of facts: exactly one of action, effect, event, dispute and duty says which fact.
create table citations (
  id integer primary key, -- A million times the number of its record, plus its place there.
  document text not null references documents(id),
  locator text,
  note text,
  action text references actions(id), -- Source for the action as a whole.
  effect text references actions(id), -- Source for the effect of the action.
  event text references events(id), -- Source for the event.
  dispute text references disputes(id), -- Source for the dispute.
  duty text references duties(id), -- Source for the duty.
  check ((action is not null) + (effect is not null) + (event is not null) + (dispute is not null) + (duty is not null) = 1)
) strict;

create table claims (
  id text primary key, -- Id.
  text text not null,
  kind text not null references claim_kinds(id),
  finding text not null references findings(id),
  as_of text not null,
  note text,
  withdrawn_on text, -- Day of withdrawal, if the record was withdrawn.
  withdrawn_reason text, -- Why it was withdrawn.
  record_number integer not null -- Its number in `records`, under which the full-text index has it.
) strict;

create table evidence (
  id integer primary key, -- A million times the number of its record, plus its place there.
  claim text not null references claims(id), -- The claim.
  document text not null references documents(id),
  locator text,
  finding text not null references evidence_findings(id),
  note text not null
) strict;

create table arguments (
  id text primary key, -- Id.
  title text not null,
  scheme text not null references argument_schemes(id),
  note text,
  withdrawn_on text, -- Day of withdrawal, if the record was withdrawn.
  withdrawn_reason text, -- Why it was withdrawn.
  ties integer not null, -- How many relations it has with other arguments, in both directions; counted when all are known.
  answers integer not null, -- How many of these are answers to it.
  record_number integer not null -- Its number in `records`, under which the full-text index has it.
) strict;

-- What the conclusions of arguments are drawn from.
create table premises (
  id integer primary key, -- A million times the number of its record, plus its place there.
  argument text not null references arguments(id), -- The argument.
  position integer not null, -- Place in the order of premises, from 1.
  text text not null -- The premise.
) strict;

-- Values that arguments appeal to.
create table argument_values (
  id integer primary key, -- A million times the number of its record, plus its place there.
  argument text not null references arguments(id), -- The argument.
  value text not null references value_terms(id) -- The value.
) strict;

-- Claims among the premises of arguments.
create table argument_claims (
  id integer primary key, -- A million times the number of its record, plus its place there.
  argument text not null references arguments(id), -- The argument.
  claim text not null references claims(id) -- The claim.
) strict;

create table argument_relations (
  id integer primary key, -- A million times the number of its record, plus its place there.
  argument text not null references arguments(id), -- The argument that the relation is read from.
  type text not null references argument_relation_types(id),
  other text not null references arguments(id), -- The argument that the relation leads to.
  target text,
  drawn_by text references drawn_by_terms(id),
  note text
) strict;

create table stances (
  id integer primary key, -- A million times the number of its record, plus its place there.
  argument text not null references arguments(id), -- The argument.
  action text not null references actions(id),
  stance text not null references stance_types(id),
  note text,
  as_of text,
  drawn_by text references drawn_by_terms(id),
  inherited integer not null check (inherited in (0, 1))
) strict;

create table appearances (
  id text primary key, -- Record and place of the appearance.
  argument text references arguments(id), -- The argument, if it is one.
  claim text references claims(id), -- The claim, if it is one.
  document text not null references documents(id),
  locator text,
  words text,
  note text,
  speakers text not null, -- Who makes it there, in one line: those quoted, else the speakers named, else all authors, else the publisher, container or title of the document.
  check ((argument is not null) + (claim is not null) = 1)
) strict;

-- Who makes an argument or claim in a document, where it is not all its authors.
create table appearance_speakers (
  id integer primary key, -- A million times the number of its record, plus its place there.
  appearance text not null references appearances(id), -- The appearance.
  name text not null, -- Family name or organization id: of an author of the document, or of whom it quotes.
  quoted integer not null check (quoted in (0, 1)) -- 1 for those whom the document only quotes or reports.
) strict;

-- Who makes an argument in a document, a row for each: those whom the document quotes, else the authors who speak, else its publisher,
-- container or title.
create table speakers (
  id integer primary key, -- A million times the number of the argument, plus its place there.
  argument text not null references arguments(id), -- The argument.
  appearance text not null references appearances(id), -- The place where it is made.
  document text not null references documents(id), -- The document of this place.
  key text not null, -- The id of the organization, or else the name; the same for the same speaker.
  name text not null, -- The name as shown.
  organization text references organizations(id), -- The organization that speaks, or for which the author does.
  named_by text not null -- What the name is: quoted, author, publisher, container or title.
) strict;

-- How many arguments are on each side of an action, and how many documents and speakers; of actions that no argument addresses there is no row.
-- The view `stance_balance` has these numbers for all actions, and says what they count.
create table stance_counts (
  id integer primary key, -- A million times the number of its record, plus its place there.
  action text not null references actions(id), -- The action.
  supports integer not null,
  supports_if integer not null,
  opposes integer not null,
  warns integer not null,
  neutral integer not null,
  documents_for integer not null,
  speakers_for integer not null,
  documents_against integer not null,
  speakers_against integer not null,
  inherited integer not null
) strict;

-- Warnings of the build; errors never get this far.
create table problems (
  id integer primary key, -- Running number.
  file text not null, -- The file.
  line integer not null, -- The line, 0 for the file as a whole.
  code text not null, -- Code of the kind of problem.
  key text not null, -- The way to the value.
  message text not null -- What is wrong and what is expected.
) strict;

-- Commits that changed the knowledge, as far as the git history was there when this file was built.
create table commits (
  id text primary key, -- The hash of the commit.
  position integer not null, -- Place in the history, from 1; times may not rise.
  time text not null, -- When it was committed, in UTC.
  subject text not null -- The first line of its message.
) strict;

-- What was changed in the knowledge, field by field, the oldest first. The import of a record is one row.
create table changes (
  id integer primary key, -- Running number.
  "commit" text references commits(id), -- The commit; empty for what was not committed when this file was built.
  kind text not null, -- The kind of record.
  record text not null, -- The id of the record, which may be gone.
  change text not null, -- added, changed, removed, moved, renamed, merged, withdrawn or restored.
  pointer text not null, -- The way to the field, such as events#signed.date; empty for the record itself. `status` is derived.
  place integer, -- Place in its list, from 1: after the change, or before it if it was removed.
  "before" text, -- What it held: text as written, else JSON. Empty: nothing.
  "after" text, -- What it holds since.
  class text not null references change_classes(id), -- What the change means for readers.
  stated integer not null -- 1 where the commit states the class, 0 where it follows from the rules.
) strict;

-- Full-text index over all records: words are stemmed, a hit in the title counts five times. Scripts without spaces are found by any part.
create virtual table search using fts5(title, text, characters, content='records', content_rowid='number', tokenize='porter unicode61');

-- Identifiers by any part of three or more letters and digits.
create virtual table search_identifiers using fts5(folded, content='action_identifiers', content_rowid='id', tokenize='trigram');
