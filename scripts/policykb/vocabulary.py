"""Every enumeration of the knowledge base: its terms, their labels and their definitions.

Each becomes a lookup table in kb.db, a choice in the JSON Schema and the allowed values in checks.
Nothing else in the code spells a list of allowed values.
"""

import re
import tomllib
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from policykb.problems import nearest


class Term(NamedTuple):
    """One allowed value: its id as written in files, its label for readers, its definition."""

    id: str
    label: str
    definition: str


class EventType(NamedTuple):
    """A kind of event and how it moves an action: `stage` and `legal_force` are '' where it moves neither.

    `foreseeable` is 'yes' for days that are fixed in advance, 'no' for what nobody can know before its day.
    """

    id: str
    label: str
    definition: str
    stage: str = ""
    legal_force: str = ""
    foreseeable: str = "maybe"


class RunningForm(NamedTuple):
    """A form in which running text gives an official number: a regular expression, and the number as shown, made of its groups."""

    pattern: str
    shown: str


class IdentifierScheme(NamedTuple):
    """A kind of official identifier: the form of its values, how it is shown, and where it leads.

    `pattern` is a full-match regular expression; `display` and `url` are format strings over its named
    groups and `value`. `url` is '' where no stable address can be made from the value alone.
    """

    id: str
    label: str
    definition: str
    pattern: str
    display: str
    url: str
    example: str


STAGES = (
    Term("option", "Option", "An idea or demand; no body has started a procedure for it."),
    Term(
        "practice",
        "Practice",
        "Something organisations do; there is no procedure that leads to it.",
    ),
    Term(
        "announced",
        "Announced",
        "A body with power over it has said it will do it, or has published a draft.",
    ),
    Term(
        "consultation",
        "In consultation",
        "The public or those affected are asked before a formal proposal.",
    ),
    Term("introduced", "Introduced", "Formally proposed or tabled."),
    Term("in_committee", "In committee", "Referred to a committee, or reported out of one."),
    Term("passed_first", "Passed one chamber", "One of several bodies that must agree has agreed."),
    Term(
        "passed_all",
        "Passed all chambers",
        "Every chamber has agreed; signature or final approval is missing.",
    ),
    Term("adopted", "Adopted", "The procedure is complete."),
    Term("failed", "Failed", "Rejected, vetoed or struck out."),
    Term("withdrawn", "Withdrawn", "Taken back by its author before adoption."),
    Term("lapsed", "Lapsed", "Ended with the session or a time limit, without a decision."),
)

LEGAL_FORCES = (
    Term(
        "not_yet",
        "Not yet in force",
        "Nobody is bound yet: not adopted, or its duties apply later.",
    ),
    Term("partly", "Partly in force", "Some of it binds, some does not yet or no longer."),
    Term("in_force", "In force", "It binds those it addresses."),
    Term(
        "suspended",
        "Suspended",
        "A stay, injunction or decision keeps it from being applied for now.",
    ),
    Term("ended", "Ended", "Revoked, repealed, expired or struck down."),
    Term(
        "not_applicable",
        "Not legally binding",
        "It does not bind by law: an idea, a report, a voluntary text, a failed bill.",
    ),
    Term("unknown", "Unknown", "The sources do not allow a judgement."),
)

BINDINGNESS = (
    Term("binding", "Binding", "Those it addresses must comply; the summary says who they are."),
    Term(
        "conditional",
        "Conditional",
        "Binds only those who accept it, for instance as a condition of money, a contract or a licence.",
    ),
    Term("voluntary", "Voluntary", "Asks or offers; nobody must comply."),
    Term(
        "mixed",
        "Mixed",
        "Binds some and asks others, for instance agencies bound and companies invited.",
    ),
    Term("internal", "Internal", "Binds only within the organisation that made it."),
    Term("none", "None", "States or explains and asks nothing: a recital, a report, a finding."),
    Term("unknown", "Unknown", "Not settled, or not said by the sources."),
)

NOT_LEGALLY_BINDING = frozenset({"voluntary", "none", "internal"})

INSTRUMENTS = (
    Term(
        "executive_order",
        "Executive order",
        "Order of a head of state or government to the executive.",
    ),
    Term(
        "presidential_memorandum",
        "Presidential memorandum",
        "Directive of a head of state below the rank of an order.",
    ),
    Term("statute", "Statute", "Act of a legislature, adopted."),
    Term("bill", "Bill", "Text formally introduced in a legislature and not (yet) adopted."),
    Term(
        "discussion_draft",
        "Discussion draft",
        "Legislative text published for comment before it is introduced.",
    ),
    Term("regulation", "EU regulation", "Act of the European Union that binds directly."),
    Term(
        "directive",
        "EU directive",
        "Act of the European Union that member states carry into their law.",
    ),
    Term(
        "eu_decision",
        "EU decision",
        "Act of the European Union that binds in whole, or only those to whom it is addressed.",
    ),
    Term("agency_rule", "Agency rule", "Generally binding rule made by an executive body."),
    Term(
        "agency_order",
        "Agency order",
        "Decision or letter of an executive body that binds a named addressee.",
    ),
    Term(
        "circular",
        "Circular",
        "Instruction inside government: memorandum, circular, procurement instruction.",
    ),
    Term(
        "guidance",
        "Guidance",
        "How an authority reads or means to apply the law; not itself binding.",
    ),
    Term(
        "code_of_practice",
        "Code of practice",
        "Voluntary rules drawn up under a law or by an industry.",
    ),
    Term("standard", "Standard", "Technical norm or definition."),
    Term("contract_clause", "Contract clause", "Terms a public buyer puts into its contracts."),
    Term(
        "policy_plan",
        "Plan or strategy",
        "A government's programme of intent: action plan, strategy, communication.",
    ),
    Term("programme", "Programme", "Money, compute or staff given to a purpose."),
    Term("report", "Report", "Findings or recommendations of a public body."),
    Term(
        "request_for_comment",
        "Request for comment",
        "A public body asks for information or views and decides nothing yet.",
    ),
    Term("oversight", "Oversight", "Inquiry, hearing or letter of a legislature."),
    Term("declaration", "International declaration", "Common statement of states; not binding."),
    Term(
        "agreement",
        "Agreement",
        "Undertaking between a government and named organisations, or between them.",
    ),
    Term("provision", "Provision", "Part of another action: an article, section or carve-out."),
    Term(
        "recital",
        "Recital",
        "Part of an act that gives reasons and guides reading, without binding.",
    ),
    Term(
        "private_policy",
        "Private policy",
        "Rule or conduct of a company or project: release terms, licence, restriction.",
    ),
    Term(
        "policy_option",
        "Policy option",
        "An idea that is argued about and has no text or procedure.",
    ),
)

# An action of these instruments may stand without any event; the stage it then has.
STAGE_WITHOUT_EVENTS = {"policy_option": "option", "private_policy": "practice"}

EVENT_TYPES = (
    EventType(
        "reported",
        "Reported",
        "A source reports that it is planned, discussed or done; no official act is known.",
        foreseeable="no",
    ),
    EventType(
        "statement",
        "Statement",
        "Somebody with power over it comments on it in public.",
        foreseeable="no",
    ),
    EventType(
        "announced", "Announced", "A body with power over it says it will do it.", "announced"
    ),
    EventType(
        "draft_published",
        "Draft published",
        "A draft text is published for comment or information.",
        "announced",
    ),
    EventType(
        "consultation_opened",
        "Consultation opened",
        "A public consultation or call for evidence opens.",
        "consultation",
        "not_yet",
    ),
    EventType(
        "consultation_closed", "Consultation closed", "The time to comment ends.", foreseeable="yes"
    ),
    EventType(
        "proposed",
        "Proposed",
        "The body with the right of initiative formally proposes it.",
        "introduced",
        "not_yet",
    ),
    EventType("introduced", "Introduced", "A bill is introduced.", "introduced", "not_yet"),
    EventType("referred", "Referred", "Sent to a committee.", "in_committee", "not_yet"),
    EventType("hearing", "Hearing", "A committee hears witnesses."),
    EventType(
        "committee_passed",
        "Passed committee",
        "A committee reports it favourably or votes for it.",
        "in_committee",
        "not_yet",
        foreseeable="no",
    ),
    EventType(
        "position",
        "Position taken",
        "A body that takes part in the procedure fixes its position or mandate.",
    ),
    EventType(
        "agreement_reached",
        "Agreement reached",
        "Negotiators agree on a text that must still be adopted.",
    ),
    EventType(
        "passed_chamber",
        "Passed one chamber",
        "One chamber or co-legislator passes it.",
        "passed_first",
        "not_yet",
        foreseeable="no",
    ),
    EventType(
        "passed",
        "Passed",
        "The last chamber passes it; signature is missing.",
        "passed_all",
        "not_yet",
        foreseeable="no",
    ),
    EventType(
        "adopted",
        "Adopted",
        "Adopted by the body whose decision completes the procedure; binds from a later event.",
        "adopted",
        "not_yet",
    ),
    EventType(
        "signed",
        "Signed",
        "Signed by those whose signature completes it; binds from a later event.",
        "adopted",
        "not_yet",
        foreseeable="no",
    ),
    EventType(
        "issued",
        "Issued",
        "Signed or issued and effective at once: order, memorandum, letter, guidance, report.",
        "adopted",
        "in_force",
        foreseeable="no",
    ),
    EventType(
        "launched", "Launched", "A programme, practice or product starts.", "adopted", "in_force"
    ),
    EventType("published", "Published", "Published in the official place, or made public."),
    EventType(
        "entered_into_force",
        "Entered into force, applies later",
        "Part of the law from this day, while its duties apply from later days.",
        "adopted",
        "not_yet",
        foreseeable="yes",
    ),
    EventType(
        "applies_in_part",
        "Applies in part",
        "Some of its duties begin to bind.",
        "adopted",
        "partly",
        foreseeable="yes",
    ),
    EventType(
        "took_effect",
        "Took effect",
        "It, or all that was still missing of it, begins to bind.",
        "adopted",
        "in_force",
        foreseeable="yes",
    ),
    EventType("extended", "Extended", "Its time is prolonged or its reach widened."),
    EventType("amended", "Amended", "Its text is changed.", foreseeable="no"),
    EventType(
        "eased",
        "Eased",
        "Part of it stops to bind, or it no longer binds some.",
        "",
        "partly",
        foreseeable="no",
    ),
    EventType(
        "suspended",
        "Suspended",
        "A stay, injunction or decision stops its application for now.",
        "",
        "suspended",
        foreseeable="no",
    ),
    EventType(
        "not_enforced",
        "Not enforced",
        "The authority says it will not enforce it, while the text stands.",
        "",
        "suspended",
        foreseeable="no",
    ),
    EventType("resumed", "Resumed", "A suspension ends and it binds again.", "", "in_force"),
    EventType(
        "resumed_in_part", "Resumed in part", "A suspension ends for part of it.", "", "partly"
    ),
    EventType(
        "revoked",
        "Revoked",
        "Ended by its author or a successor: revoked, rescinded, repealed, lifted.",
        "",
        "ended",
        foreseeable="no",
    ),
    EventType("struck_down", "Struck down", "Ended by a court.", "", "ended", foreseeable="no"),
    EventType(
        "expired",
        "Expired",
        "Ended by the time limit in its own text.",
        "",
        "ended",
        foreseeable="yes",
    ),
    EventType(
        "replaced", "Replaced", "Another action takes its place and it stops to bind.", "", "ended"
    ),
    EventType(
        "out_of_force",
        "No longer in force",
        "It no longer binds; the source does not say how it ended.",
        "",
        "ended",
        foreseeable="yes",
    ),
    EventType(
        "vetoed",
        "Vetoed",
        "Refused by the person or body whose signature was needed.",
        "failed",
        "not_applicable",
        foreseeable="no",
    ),
    EventType(
        "veto_overridden",
        "Veto overridden",
        "The legislature adopts it against the veto.",
        "adopted",
        "not_yet",
        foreseeable="no",
    ),
    EventType(
        "rejected",
        "Rejected",
        "Voted down, or struck out of the text that carried it.",
        "failed",
        "not_applicable",
        foreseeable="no",
    ),
    EventType(
        "withdrawn",
        "Withdrawn",
        "Its author takes it back.",
        "withdrawn",
        "not_applicable",
        foreseeable="no",
    ),
    EventType(
        "lapsed",
        "Lapsed",
        "Ends undecided with the session or a time limit.",
        "lapsed",
        "not_applicable",
    ),
    EventType("litigated", "Challenged in court", "A case about it is filed.", foreseeable="no"),
    EventType(
        "court_decision",
        "Court decision",
        "A court rules about it and leaves its force as it was.",
        foreseeable="no",
    ),
    EventType(
        "deadline",
        "Deadline",
        "A day by which it requires something of somebody.",
        foreseeable="yes",
    ),
    EventType(
        "guidance_issued", "Guidance issued", "The authority explains how it reads or applies it."
    ),
    EventType(
        "implemented",
        "Implementing step",
        "A step that carries it out: body set up, form published, report delivered.",
    ),
    EventType("funded", "Funded", "Money or compute is granted."),
    EventType(
        "enforcement",
        "Enforcement",
        "An authority uses its powers under it: request, fine, inspection.",
        foreseeable="no",
    ),
    EventType("oversight", "Oversight", "A legislature asks, hears or inspects."),
    EventType("response", "Response", "Those affected react in public.", foreseeable="no"),
    EventType("other", "Other", "An event of no kind listed here; the note says what happened."),
)

UNFORESEEABLE = frozenset(kind.id for kind in EVENT_TYPES if kind.foreseeable == "no")

BODY_ROLES = (
    Term("issuer", "Issuer", "Makes it in its own name."),
    Term("proposer", "Proposer", "Formally proposes it, without deciding."),
    Term(
        "sponsor",
        "Sponsor",
        "Member of a legislature who introduces it; the note gives party and state.",
    ),
    Term("cosponsor", "Cosponsor", "Member of a legislature who joins the sponsor."),
    Term("adopter", "Adopter", "Decides on it."),
    Term("signatory", "Signatory", "Signs it or signs up to it."),
    Term("implementer", "Implementer", "Must carry it out."),
    Term("enforcer", "Enforcer", "Supervises it and may punish breaches."),
    Term("addressee", "Addressee", "Named in it as the one who must act or refrain."),
    Term("recipient", "Recipient", "Receives its money or benefit."),
    Term("partner", "Partner", "Takes part in it without deciding."),
    Term("advocate", "Advocate", "Promotes it publicly."),
    Term("actor", "Actor", "The organisation whose conduct it is."),
)

OPENNESS_EFFECTS = (
    Term("exempts", "Exempts", "Frees open source or open weights from a duty."),
    Term(
        "supports",
        "Supports",
        "Gives open source or open weights money, compute, preference or backing.",
    ),
    Term("requires", "Requires", "Makes openness a duty or a condition."),
    Term(
        "restricts",
        "Restricts",
        "Forbids or limits making, publishing, importing or using open source or open weights.",
    ),
    Term(
        "conditions", "Conditions", "Lets open release happen only with safeguards, tests or terms."
    ),
    Term(
        "silent",
        "Silent",
        "Says nothing on open source or open weights; the note says how it touches them.",
    ),
    Term("unclear", "Unclear", "Sources differ or do not allow a judgement."),
)

CONFIDENCES = (
    Term("high", "High", "Primary text or several independent sources agree on the main facts."),
    Term("medium", "Medium", "Good sources for the core, gaps in the detail."),
    Term("low", "Low", "Rests on single, weak or second-hand sources."),
)

ACTION_RELATIONS = (
    Term("amends", "Amends", "Changes the text of the other."),
    Term("revokes", "Revokes", "Ends the other."),
    Term("replaces", "Replaces", "Takes the place of the other."),
    Term("implements", "Implements", "Carries out the other."),
    Term("based_on", "Based on", "Takes its power or its text from the other."),
    Term(
        "companion",
        "Companion",
        "The same text in the other chamber, or a measure issued together.",
    ),
    Term(
        "successor_of",
        "Successor of",
        "Carries on the idea or text of the other after that one ended.",
    ),
    Term("instance_of", "Instance of", "A real case of the general option."),
    Term("alternative_to", "Alternative to", "Put forward instead of the other."),
    Term("responds_to", "Responds to", "Made in answer to the other."),
    Term("would_preempt", "Would preempt", "If adopted, would set the other aside."),
    Term("interprets", "Interprets", "Explains how the other is read or applied."),
    Term(
        "affects", "Affects", "Changes the weight or reach of the other without touching its text."
    ),
)

ARGUMENT_SCHEMES = (
    Term("consequences", "Consequences", "Good or bad results count for or against the action."),
    Term("causal", "Cause to effect", "One thing brings about another."),
    Term("analogy", "Analogy", "What holds in one case holds in a similar one."),
    Term("precedent", "Precedent", "It went so before."),
    Term("example", "Example", "A case shows that it is so or possible."),
    Term("authority", "Authority", "Somebody who should know says so."),
    Term("values", "Values", "The action serves or betrays a value that is held."),
    Term("need", "Need", "A need exists which the action meets or blocks."),
    Term("self_defeat", "Self-defeat", "The action works against its own aim."),
    Term("slippery_slope", "Slippery slope", "One step makes further steps likely."),
    Term("sign", "Sign", "What is seen points to what is not seen."),
    Term("alternatives", "Alternatives", "Another remedy is better, or none other is left."),
    Term("means_to_end", "Means to an end", "The action is a way to a goal that is shared."),
    Term(
        "practical", "Practical reasoning", "Weighs goals and results to say what should be done."
    ),
    Term("definition", "Definition", "What a word covers decides the matter."),
    Term("concession", "Concession", "Grants a point to the other side and limits one's own."),
    Term("procedure", "Procedure", "How a decision is made counts, whatever it decides."),
    Term("reframing", "Reframing", "The question is really another one."),
    Term("popular_opinion", "Popular opinion", "Many people hold it or want it."),
    Term("burden_of_proof", "Burden of proof", "The other side has to show its case and has not."),
    Term("inconsistency", "Inconsistency", "The other side says or does things that conflict."),
    Term("bias", "Bias", "The speaker has an interest in the conclusion."),
)

VALUES = (
    Term("education", "Education", "Learning, teaching and research."),
    Term("competition", "Competition", "Many suppliers, and incumbents that can be challenged."),
    Term("innovation", "Innovation", "New ideas, products and methods."),
    Term("transparency", "Transparency", "Being able to see and check how something works."),
    Term("security", "Security", "Protection of people, systems and states from harm and misuse."),
    Term("privacy", "Privacy", "Control over one's own data."),
    Term("equity", "Equity", "Fair shares and a voice for those with little power."),
    Term("accessibility", "Accessibility", "Use without high cost or barriers."),
    Term("sustainability", "Sustainability", "Upkeep that lasts."),
    Term("sovereignty", "Sovereignty", "A state's or region's power to decide for itself."),
    Term("economy", "Economy", "Growth, efficiency and profit."),
    Term("accountability", "Accountability", "Somebody answers for harm."),
    Term("rule_of_law", "Rule of law", "Power is used under known rules that can be challenged."),
)

STANCES = (
    Term("supports", "Supports", "For the action."),
    Term("opposes", "Opposes", "Against the action."),
    Term(
        "supports_if",
        "Supports on condition",
        "For the action only under conditions, or for a changed form of it.",
    ),
    Term(
        "warns",
        "Warns",
        "Points to a risk of the action, or says it may lead to one, without opposing it.",
    ),
    Term("neutral", "Neutral", "Bears on the action without taking a side."),
)

ARGUMENT_RELATIONS = (
    Term("supports", "Supports", "Gives a reason to accept the other."),
    Term("rebuts", "Rebuts", "Holds that the other's conclusion is false."),
    Term("undercuts", "Undercuts", "Holds that the other's premises do not carry its conclusion."),
    Term("qualifies", "Qualifies", "Accepts the other within limits."),
)

DRAWN_BY = (
    Term("author", "The author", "The author of a text says so."),
    Term("editors", "The editors", "The editors infer it; no author says so."),
)

CLAIM_KINDS = (
    Term("empirical", "Empirical", "Says what is or was the case."),
    Term("causal", "Causal", "Says that one thing brought about another."),
    Term("predictive", "Predictive", "Says what will happen."),
    Term("normative", "Normative", "Says what is good or should be."),
    Term("legal", "Legal", "Says what the law is."),
)

FINDINGS = (
    Term("supported", "Supported", "The evidence listed bears it out."),
    Term(
        "partly_supported",
        "Partly supported",
        "The evidence bears out part of it, or a weaker form.",
    ),
    Term(
        "contested",
        "Contested",
        "Serious evidence stands on both sides, or the basis of the figure is not known.",
    ),
    Term(
        "unsupported",
        "Unsupported",
        "No evidence for it was found, or it goes further than the evidence.",
    ),
    Term(
        "quotation_only",
        "Quotation only",
        "It is certain that this was said; whether it is true was not examined.",
    ),
    Term(
        "not_checkable",
        "Not checkable",
        "No evidence could settle it now: a forecast, a private fact, a universal claim.",
    ),
)

EVIDENCE_FINDINGS = (
    Term("supports", "Supports", "Speaks for the claim."),
    Term("refutes", "Speaks against", "Speaks against the claim."),
    Term("context", "Context", "Bears on the claim without deciding it."),
)

GRADES = (
    Term("primary", "Primary", "The text itself was read, in whole or in the part relied on."),
    Term(
        "established",
        "Established",
        "A named outlet, law firm, think tank or institution, read at least in part.",
    ),
    Term(
        "aggregator", "Aggregator", "A repost, digest or compiled page: a lead more than a proof."
    ),
    Term("relayed", "Relayed", "Cited by somebody else; the source itself was not opened."),
)

PORTRAYALS = (
    Term("enacted", "As enacted", "As something in force or done when the document was written."),
    Term("proposed", "As proposed", "As something put forward by those who could do it."),
    Term("hypothetical", "As hypothetical", "As something that might happen."),
    Term("feared", "As feared", "As something that might happen and should not."),
    Term("advocated", "As advocated", "As something the author wants."),
    Term(
        "conceded",
        "As conceded",
        "As something the author accepts, against the author's own drift.",
    ),
    Term("practice", "As practice", "As something organisations already do."),
    Term("questioned", "As an open question", "As something to be settled, without an answer."),
)

DOCUMENT_TYPES = (
    Term("article-journal", "Journal article", "Article in a scholarly journal."),
    Term("article-magazine", "Magazine article", "Article in a magazine."),
    Term("article-newspaper", "News article", "Article in a newspaper or on a news site."),
    Term("bill", "Bill", "Text of a bill."),
    Term("book", "Book", "Book."),
    Term("dataset", "Data set", "Data set or tracker record."),
    Term("hearing", "Hearing", "Record of a hearing or debate."),
    Term("interview", "Interview", "Interview."),
    Term("legal_case", "Legal case", "Court decision, order or docket."),
    Term("legislation", "Legislation", "Text of a statute, order or other official act."),
    Term("manuscript", "Manuscript", "Unpublished or working text."),
    Term("paper-conference", "Conference paper", "Paper in conference proceedings."),
    Term("personal_communication", "Letter", "Letter or message, open or leaked."),
    Term("post", "Post", "Post on a social platform or forum."),
    Term("post-weblog", "Blog post", "Post on a blog or newsletter."),
    Term("regulation", "Regulation", "Text of a rule made by an executive body."),
    Term("report", "Report", "Report, working paper or white paper."),
    Term("speech", "Speech", "Speech or oral remark."),
    Term("standard", "Standard", "Technical standard."),
    Term("webpage", "Web page", "Any other page."),
)

LOCATOR_LABELS = (
    Term("abstract", "Abstract", "The abstract of the document."),
    Term("annex", "Annex", "An annex or appendix, by number."),
    Term("article", "Article", "An article of an act, with paragraph and letter."),
    Term("chapter", "Chapter", "A chapter."),
    Term("figure", "Figure", "A figure."),
    Term("footnote", "Footnote", "A footnote."),
    Term("line", "Line", "A line."),
    Term("note", "Note", "A note."),
    Term("page", "Page", "A page."),
    Term("paragraph", "Paragraph", "A numbered paragraph, as the document's text rule counts."),
    Term("part", "Part", "A part."),
    Term("recital", "Recital", "A recital of an act."),
    Term("section", "Section", "A section, by number or heading."),
    Term("table", "Table", "A table."),
    Term("timestamp", "Time", "A time in a recording."),
    Term("title", "Title", "The title of the document, or a title of an act by number."),
    Term("volume", "Volume", "A volume."),
)

# Documents of these types, or by bodies of these kinds, are official texts and records.
OFFICIAL_TYPES = frozenset({"bill", "legal_case", "legislation", "regulation"})
OFFICIAL_KINDS = frozenset({"government", "legislature", "court", "international"})
# Documents of these types are kept up to date, as the record of a bill, a docket or a tracker; they speak of what came after they were published.
UPDATED_TYPES = frozenset({"bill", "dataset", "legal_case", "webpage"})
# A question or note with one of these words says what is known of the official text or number of an action.
OFFICIAL_WORDS = (
    "official",
    "identifier",
    "number",
    "docket",
    "citation",
    "reference",
    "text",
    "title",
)


def names_official_text(remark: str) -> bool:
    """Return whether `remark` speaks of an official text or number."""
    words = re.findall(r"[a-z]+", remark.lower())
    return any(word.removesuffix("s") in OFFICIAL_WORDS for word in words)


ORGANIZATION_KINDS = (
    Term("government", "Government body", "Executive body: office, ministry, agency."),
    Term("legislature", "Legislature", "Parliament, chamber or committee."),
    Term("court", "Court", "Court."),
    Term("international", "International body", "Body of several states."),
    Term("company", "Company", "Business."),
    Term("nonprofit", "Non-profit", "Foundation, association, institute or advocacy group."),
    Term("research", "Research body", "University or research institute."),
    Term("media", "Media", "Publisher, newspaper, news site or newsletter."),
    Term("project", "Project", "Open collaboration without a legal form of its own."),
    Term("person", "Person", "A natural person who acts, speaks or sponsors."),
)

JURISDICTION_KINDS = (
    Term("country", "Country", "A state, with its ISO 3166-1 code."),
    Term("subdivision", "State or region", "Part of a state, with its ISO 3166-2 code."),
    Term("union", "Union", "A union of states that makes law."),
    Term("international", "International", "No single state; several act together."),
    Term("none", "None", "Not the act of a state: private conduct or an idea without a place."),
)

_BILL_KINDS = {
    "hr": "H.R.",
    "s": "S.",
    "hres": "H.Res.",
    "sres": "S.Res.",
    "hjres": "H.J.Res.",
    "sjres": "S.J.Res.",
    "hconres": "H.Con.Res.",
    "sconres": "S.Con.Res.",
}
_BILL_PAGES = {
    "hr": "house-bill",
    "s": "senate-bill",
    "hres": "house-resolution",
    "sres": "senate-resolution",
    "hjres": "house-joint-resolution",
    "sjres": "senate-joint-resolution",
    "hconres": "house-concurrent-resolution",
    "sconres": "senate-concurrent-resolution",
}

IDENTIFIER_SCHEMES = (
    IdentifierScheme(
        "eo",
        "Executive order",
        "Number of a US executive order.",
        r"\d{4,5}",
        "EO {value}",
        "",
        "14409",
    ),
    IdentifierScheme(
        "fr_document",
        "Federal Register document",
        "Document number in the US Federal Register.",
        r"(?:[A-Z]\d{1,2}-)?(?:\d{4}|[A-Z]?\d{1,2})-\d{1,5}",
        "FR Doc. {value}",
        "https://www.federalregister.gov/d/{value}",
        "2026-11415",
    ),
    IdentifierScheme(
        "fr_citation",
        "Federal Register citation",
        "Volume and first page in the US Federal Register.",
        r"(?P<volume>\d{1,3}) FR (?P<page>\d{1,6})",
        "{value}",
        "https://www.federalregister.gov/citation/{volume}-FR-{page}",
        "91 FR 34565",
    ),
    IdentifierScheme(
        "dcpd",
        "Presidential document",
        "Number in the Daily Compilation of Presidential Documents.",
        r"DCPD-\d{9}",
        "{value}",
        "",
        "DCPD-202600376",
    ),
    IdentifierScheme(
        "us_bill",
        "Bill in Congress",
        "Chamber, number and Congress of a US bill.",
        r"(?P<kind>hr|s|hres|sres|hjres|sjres|hconres|sconres)(?P<number>\d{1,5})-(?P<congress>\d{2,3})",
        "{chamber} {number} ({session} Congress)",
        "https://www.congress.gov/bill/{session}-congress/{page}/{number}",
        "hr9925-119",
    ),
    IdentifierScheme(
        "us_public_law",
        "Public law",
        "Number of a US public law.",
        r"(?P<congress>\d{2,3})-(?P<number>\d{1,4})",
        "Pub. L. {value}",
        "",
        "119-60",
    ),
    IdentifierScheme(
        "us_state_bill",
        "State bill",
        "State, chamber and number, years of the session of a US state bill or act, and its name where the years do not name it: (2021, session 871).",
        r"(?P<state>[A-Z]{2}) (?P<number>[A-Z]{1,4} ?\d{1,5}(?:-\d{1,4})?(?:-?[A-Z])?) "
        r"\((?P<first>\d{4})(?:-(?P<last>\d{2,4}))?(?:, (?P<session>[A-Za-z0-9][\w .-]{0,40}))?\)",
        "{value}",
        "",
        "CA SB 1047 (2023-24)",
    ),
    IdentifierScheme(
        "us_docket",
        "Court docket",
        "US court and case number.",
        r"[A-Z0-9][\w. ]{1,20} \d{1,2}[:-][\w:-]{2,20}",
        "{value}",
        "",
        "D.D.C. 1:26-cv-02225",
    ),
    IdentifierScheme(
        "us_rin",
        "Regulation number",
        "Regulation Identifier Number of a US rulemaking.",
        r"\d{4}-[A-Z]{2}\d{2}",
        "RIN {value}",
        "",
        "0694-AJ90",
    ),
    IdentifierScheme(
        "us_gao",
        "GAO decision",
        "Number of a decision or report of the US Government Accountability Office.",
        r"(?:B-\d{6}(?:\.\d+)?|GAO-\d{2}-\d{4,6})",
        "{value}",
        "https://www.gao.gov/products/{value}",
        "B-337935",
    ),
    IdentifierScheme(
        "us_memorandum",
        "US memorandum number",
        "Number of a US executive memorandum (OMB, national security).",
        r"(?:M-\d{2}-\d{2}|NSPM-\d{1,3}|NSM-\d{1,3}|NSTM-\d{1,3}|BOD \d{2}-\d{2})",
        "{value}",
        "",
        "M-25-21",
    ),
    IdentifierScheme(
        "gsar",
        "GSAR clause",
        "Clause of the General Services Administration Acquisition Regulation.",
        r"\d{3}\.\d{3}-\d{2,4}",
        "GSAR {value}",
        "",
        "552.239-7001",
    ),
    IdentifierScheme(
        "celex",
        "CELEX number",
        "Number of an act in EUR-Lex.",
        r"\d{5}[A-Z]{1,2}\d{4}(?:\(\d{2}\))?(?:-\d{8})?",
        "CELEX {value}",
        "https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=CELEX:{value}",
        "32024R1689",
    ),
    IdentifierScheme(
        "eli",
        "ELI",
        "European Legislation Identifier, as the path after /eli/.",
        r"(?:reg|dir|dec)(?:_impl|_del)?/\d{4}/\d{1,5}(?:/oj)?",
        "ELI {value}",
        "https://eur-lex.europa.eu/eli/{value}",
        "reg/2024/1689/oj",
    ),
    IdentifierScheme(
        "oj",
        "Official Journal",
        "Place in the Official Journal of the European Union.",
        r"OJ [LC](?: \d{1,3})?,? [\w/ .,]{4,40}",
        "{value}",
        "",
        "OJ L, 2024/1689, 12.7.2024",
    ),
    IdentifierScheme(
        "eu_number",
        "EU act number",
        "Year and number of an EU regulation, directive or decision.",
        r"(?P<year>\d{4})/(?P<number>\d{1,5})",
        "(EU) {value}",
        "",
        "2024/1689",
    ),
    IdentifierScheme(
        "eu_procedure",
        "EU procedure",
        "Number of an EU legislative procedure.",
        r"\d{4}/\d{4}\([A-Z]{3}\)",
        "{value}",
        "",
        "2021/0106(COD)",
    ),
    IdentifierScheme(
        "com",
        "Commission document",
        "COM, C, SEC or SWD number of the European Commission.",
        r"(?:COM|C|SEC|SWD)\(\d{4}\) ?\d{1,5}(?: final)?",
        "{value}",
        "",
        "COM(2021) 206",
    ),
    IdentifierScheme(
        "provision",
        "Provision",
        "The provision inside its act, when the action is a part of an act.",
        r"(?:art|recital|annex|section) [\w()., -]{1,40}",
        "{value}",
        "",
        "art 53(2)",
    ),
    IdentifierScheme(
        "official_number",
        "Official number",
        "Any other number its issuer gave it, as written there.",
        r"\S.{0,79}",
        "{value}",
        "",
        "Guofa [2025] No. 11",
    ),
)

_SCHEMES = {scheme.id: scheme for scheme in IDENTIFIER_SCHEMES}

# Values of these schemes say where inside another action, or in whose own numbering, and may recur.
LOCAL_SCHEMES = frozenset({"provision", "official_number"})
# Values of these schemes name a page, an issue or a proceeding, which several acts may share.
SHARED_SCHEMES = frozenset({"fr_citation", "oj", "us_rin", "us_docket", "eu_procedure"})
# Numbers of these schemes are the same with and without zeros before them and blanks between.
_PADDED = frozenset({"us_bill", "us_state_bill", "us_public_law", "eu_number", "com"})

# Keys of an organization that hold an official id of a person -> its form.
PERSON_IDS = {
    "bioguide": r"[A-Z]\d{6}",
    "ocd_person": r"ocd-person/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
}
# Kinds of act that are a part of another one and have no number of their own.
PARTS = frozenset({"provision", "recital"})
# Schemes whose numbers name whole acts, and never a part of one.
WHOLE_ACTS = frozenset(
    {"eo", "us_bill", "us_public_law", "us_state_bill", "celex", "eli", "eu_number", "com"}
)

# What a change of the knowledge means for its readers.
CHANGE_CLASSES = (
    Term(
        "world",
        "News",
        "Something happened: a new or moved event, or the status that follows from it.",
    ),
    Term(
        "correction",
        "Correction",
        "What was said was wrong, and is now said otherwise or no longer.",
    ),
    Term(
        "enrichment",
        "Addition",
        "More is said of what was so already: another source, argument, detail or record.",
    ),
    Term("editorial", "Wording", "The same is said in other words, or from other sources."),
    Term(
        "mechanical",
        "Upkeep",
        "Nothing else is said: ids, order, days on which something was looked at again.",
    ),
)

# Lookup tables of kb.db, by table name.
# How official numbers are written in running text, and how kb.db shows the same numbers.
RUNNING_FORMS = (
    RunningForm(r"\bexec(?:utive|\.)? order(?: no\.?)? (?P<value>\d{1,2},?\d{3})\b", "EO {value}"),
    RunningForm(r"\bE\.O\. ?(?:no\.? )?(?P<value>\d{1,2},?\d{3})\b", "EO {value}"),
    RunningForm(
        r"\bpub(?:lic|\.)? l(?:aw|\.)(?: no\.?:?)? (?P<value>\d{2,3}[-\u2010-\u2013]\d{1,4})\b",
        "Pub. L. {value}",
    ),
    RunningForm(r"\bP\.? ?L\.? (?P<value>\d{2,3}[-\u2010-\u2013]\d{1,4})\b", "Pub. L. {value}"),
    RunningForm(
        r"\b(?P<volume>\d{1,3}) fed(?:eral|\.) ?reg(?:ister|\.) (?P<page>\d[\d,]{0,7})",
        "{volume} FR {page}",
    ),
    RunningForm(r"\bfr doc(?:ument|\.) no\.? (?P<value>[\dA-Z-]{8,12})\b", "FR Doc. {value}"),
    RunningForm(r"\b(?P<value>(?:COM|C|SEC|SWD) ?\(\d{4}\) ?\d{1,5}),? final\b", "{value}"),
    RunningForm(
        r"\((?:EU|EC|EEC)\) no\.? (?P<number>\d{1,5})/(?P<year>\d{4})\b", "{year}/{number}"
    ),
    RunningForm(
        r"\b(?:regulation|directive|decision) \((?:EU|EC|EEC)\) (?P<value>\d{4}/\d{1,5})\b",
        "{value}",
    ),
    RunningForm(r"\b(?:directive|decision) (?P<value>\d{4}/\d{1,5})/(?:EU|EC|EEC)\b", "{value}"),
    RunningForm(r"\bsenate bill (?:no\.? )?(?P<value>\d{1,5})\b", "SB {value}"),
    RunningForm(r"\bhouse bill (?:no\.? )?(?P<value>\d{1,5})\b", "HB {value}"),
    RunningForm(r"\bassembly bill (?:no\.? )?(?P<value>\d{1,5})\b", "AB {value}"),
    RunningForm(
        r"\bnational security presidential memorandum[- ](?:no\.? )?(?P<value>\d{1,3})\b",
        "NSPM-{value}",
    ),
    RunningForm(r"\bmemorandum (?:no\.? )?(?P<value>M-\d{2}-\d{2})\b", "{value}"),
    RunningForm(r"\bbinding operational directive (?P<value>\d{2}-\d{2})\b", "BOD {value}"),
    RunningForm(r"(?P<value>\b\d{1,2}:\d{2}-[a-z]{2}-\d{3,6})\b", "{value}"),
)

VOCABULARIES: dict[str, tuple] = {
    "stages": STAGES,
    "legal_forces": LEGAL_FORCES,
    "bindingness": BINDINGNESS,
    "instruments": INSTRUMENTS,
    "event_types": EVENT_TYPES,
    "body_roles": BODY_ROLES,
    "openness_effects": OPENNESS_EFFECTS,
    "confidences": CONFIDENCES,
    "action_relation_types": ACTION_RELATIONS,
    "argument_schemes": ARGUMENT_SCHEMES,
    "value_terms": VALUES,
    "stance_types": STANCES,
    "argument_relation_types": ARGUMENT_RELATIONS,
    "drawn_by_terms": DRAWN_BY,
    "claim_kinds": CLAIM_KINDS,
    "findings": FINDINGS,
    "evidence_findings": EVIDENCE_FINDINGS,
    "grades": GRADES,
    "portrayals": PORTRAYALS,
    "document_types": DOCUMENT_TYPES,
    "locator_labels": LOCATOR_LABELS,
    "organization_kinds": ORGANIZATION_KINDS,
    "jurisdiction_kinds": JURISDICTION_KINDS,
    "identifier_schemes": IDENTIFIER_SCHEMES,
    "change_classes": CHANGE_CLASSES,
}


def ids(terms: tuple) -> tuple[str, ...]:
    """The ids of a vocabulary, in its order."""
    return tuple(term.id for term in terms)


@lru_cache(maxsize=256)
def with_ids(wanted: tuple[str, ...]) -> tuple:
    """Return the vocabulary that has exactly the ids `wanted`, or ()."""
    return next((terms for terms in VOCABULARIES.values() if ids(terms) == wanted), ())


def term_of(terms: tuple, text: str) -> Term | None:
    """Return the term that `text` names by its id or its label, in any case and with blanks or hyphens; None if none."""
    wanted = _folded(text)
    return next((term for term in terms if wanted in (_folded(term.id), _folded(term.label))), None)


def corrected(terms: tuple, text: str) -> str:
    """Return the id of the term that `text` is in another form or with a slip of the hand, or ''.

    Only the form is corrected: a word with a meaning of its own, such as a synonym, is not.
    """
    if term := term_of(terms, text):
        return term.id
    return "" if _synonym(terms, text) else nearest(text, ids(terms))


def meanings(terms: tuple, text: str) -> str:
    """Return the ids of the terms that the synonym `text` can mean, in words; '' if it is not a known synonym."""
    if not (synonym := _synonym(terms, text)):
        return ""
    *first, last = (f"'{term}'" for term in synonym["terms"])
    words = f"{', '.join(first)} or {last}" if first else last
    return words + (f" ({synonym['note']})" if "note" in synonym else "")


def advice(terms: tuple, text: str) -> str:
    """Return what to write instead of `text`: a near spelling, what a synonym can mean, or the whole vocabulary."""
    if near := corrected(terms, text):
        return f"did you mean '{near}'?"
    if choices := meanings(terms, text):
        return f"choose what the source says: {choices}"
    return f"expected one of {', '.join(ids(terms))}"


@lru_cache(maxsize=1)
def synonyms() -> dict[str, dict[str, dict]]:
    """Return the words that are no terms, by vocabulary: each with the `terms` that it can mean and maybe a `note`."""
    text = resources.files("policykb").joinpath("synonyms.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _synonym(terms: tuple, text: str) -> dict | None:
    name = next((name for name, other in VOCABULARIES.items() if other is terms), "")
    return synonyms().get(name, {}).get(_folded(text))


def _folded(text: str) -> str:
    return re.sub(r"[\s_-]+", "_", text.strip().casefold())


def folded(text: str) -> str:
    """The letters and digits of `text` in lower case, by which identifiers are compared."""
    return "".join(char for char in text.casefold() if char.isalnum())


def identifier_keys(text: str) -> list[str]:
    """Return what `text` may mean as an identifier, folded: what is read from the forms of running text, then `text` itself."""
    found = [
        folded(form.shown.format(**match.groupdict()))
        for form in RUNNING_FORMS
        for match in re.finditer(form.pattern, text, re.IGNORECASE)
    ]
    return list(dict.fromkeys(key for key in (*found, folded(text)) if key))


def identifier_match(scheme: str, value: str) -> re.Match | None:
    """The match of `value` against the form of `scheme`, or None. Raises KeyError for an unknown scheme."""
    return re.fullmatch(_SCHEMES[scheme].pattern, value, re.ASCII)


def identifier_key(scheme: str, value: str) -> str:
    """Return `value` as it is compared: 'WY HB0042 (2026)' and 'WY HB 42 (2026)' are one number."""
    if scheme not in _PADDED:
        return value
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"\s", "", value)).casefold()


def identifier_example(scheme: str) -> str:
    """A well-formed value of `scheme`."""
    return _SCHEMES[scheme].example


@lru_cache(maxsize=4096)
def identifier_display(scheme: str, value: str) -> tuple[str, str | None]:
    """How a well-formed identifier is shown, and the official address it leads to, if one can be made."""
    form = _SCHEMES[scheme]
    parts = {"value": value, **identifier_match(scheme, value).groupdict()}
    if scheme == "us_bill":
        parts["chamber"], parts["page"] = _BILL_KINDS[parts["kind"]], _BILL_PAGES[parts["kind"]]
        parts["session"] = _ordinal(int(parts["congress"]))
    return form.display.format(**parts), form.url.format(**parts) if form.url else None


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return str(number) + {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
