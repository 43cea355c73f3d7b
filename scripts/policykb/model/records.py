"""The record types: what a file under policies/ may say.

Their docstrings are the data dictionary: they describe the tables and columns of kb.db, the JSON Schema for
editors and the reference in the manual. A record is immutable and knows nothing of files or SQL.
"""

import datetime
import re
from collections.abc import Callable
from functools import lru_cache
from string import Formatter
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError, SchemaError, SchemaValidator
from pydantic_core.core_schema import str_schema, url_schema

from policykb.model import dates, patterns, vocabulary
from policykb.model.addresses import mixes_scripts
from policykb.model.fields import EFFECTS, Kind, Part, Reference, Vocabulary, several, term
from policykb.model.problems import EDITORIAL, ERROR, OFF, WARNING
from policykb.model.vocabulary import IdentifierScheme, ids

ID_FORM = r"^[a-z0-9]+(-[a-z0-9]+)*$"
LONGEST_ID = 80
# Names of devices, which Windows cannot store as the name of a file or folder.
DEVICES = frozenset(
    "con prn aux nul com1 com2 com3 com4 com5 com6 com7 com8 com9 "
    "lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9".split()
)
# Characters that no one sees: soft hyphens, spaces and joiners without width, direction marks, annotations, tags. The
# joiners U+200C and U+200D are allowed, since some scripts and emoji need them.
INVISIBLE = "\u00ad\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
# Characters that hide or reorder text: also bidirectional overrides and isolates.
HIDDEN = f"{INVISIBLE}\u202a-\u202e\u2065-\u2069"
# Tab and line feed are the only control characters, and no character hides or reorders text.
TEXT_FORM = f"^[^\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f{HIDDEN}]*$"
_UNSAFE = f"\\x00-\\x1f\\x7f-\\x9f\u2028\u2029{HIDDEN}"
LINE_FORM = f"^[^{_UNSAFE}]*$"
LOCATOR_FORM = (
    "^(" + "|".join(ids(vocabulary.LOCATOR_LABELS)) + f")( [^\\s{_UNSAFE}][^{_UNSAFE}]*)?$"
)
DOMAIN_FORM = r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]"
# An event's earlier name: alone, or with the id of the action that the event was part of.
FORMER_FORM = r"^([a-z0-9]+(-[a-z0-9]+)*#)?[a-z0-9]+(-[a-z0-9]+)*$"
LANGUAGE_FORM = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
TARGET_FORM = r"^(conclusion|step|premise [1-9][0-9]?)$"
MOST_WORDS = 12
MOST_BODIES = 600  # a bill of the House may have more than 400 sponsors
_HTTP = SchemaValidator(url_schema(max_length=2083, allowed_schemes=["http", "https"]))


def _invalid(code: str, message: str, expected: str, **context: str) -> PydanticCustomError:
    return PydanticCustomError(code, message, {"expected": expected, **context})


def _partial_date(value: object) -> str:
    if type(value) is datetime.date:
        return value.isoformat()
    try:
        dates.span(value)
    except (ValueError, TypeError):
        expected = '2026-06-02, "2026-06" or "2026", maybe with ~ or ?'
        raise _invalid("T401", "is not a date here", expected) from None
    return value


def _day(value: object) -> str:
    if type(value) is datetime.date:
        return value.isoformat()
    if dates.is_day(value):
        return value
    raise _invalid("T401", "is not a day", "a full date such as 2026-06-02")


def web_address(value: str) -> str:
    """Return `value`, an address that every program accepts. :raises PydanticCustomError: if it is not."""
    # pydantic accepts what browsers correct, such as a missing slash; other programs do not.
    try:
        url = _HTTP.validate_python(value)
        host = urlsplit(value).hostname or ""
        sound = not url.username and "@" not in urlsplit(value).netloc
    except ValueError:
        host, sound = "", False
    if (
        not sound
        or not value.lower().startswith(("https://", "http://"))
        or "." not in host.strip(".")
        or any(char in value for char in " \\")
        or not value.isprintable()
    ):
        raise _invalid("U601", "is not a web address", "https://host/path")
    if mixes_scripts(host):
        raise _invalid("U601", "mixes scripts in its host, which looks like another", "one script")
    return value


def _few_words(value: str) -> str:
    count = len(value.split())
    if count > MOST_WORDS:
        expected = f"at most {MOST_WORDS} words that find the place"
        raise _invalid("C503", f"has {count} words", expected)
    return value


def _domain(value: str) -> str:
    if not re.fullmatch(DOMAIN_FORM, value):
        raise _invalid("U601", "is not a domain", "one such as example.org")
    return value


def _not_a_number(value: str) -> str:
    if value.isdecimal():
        message = "is a number, which already means the place of an event"
        raise _invalid("K204", message, "a name such as 'issued'")
    return value


def _shape(value: object) -> str:
    """Return which of text and table is meant."""
    return "text" if isinstance(value, str) else "table"


def _pattern(value: str) -> str:
    try:
        pattern_matcher(value)
    except SchemaError as error:
        reason = str(error).strip().splitlines()[-1].rpartition("rror: ")[2].rstrip(".")
        expected = r"a regular expression such as '\b(TBD|XXX)\b'"
        raise _invalid("K203", "is not a pattern: {reason}", expected, reason=reason) from None
    return value


@lru_cache(maxsize=64)
def pattern_matcher(pattern: str) -> Callable[[str], bool]:
    """Return a function that says whether a text has a line with a match of the regular expression `pattern`.

    The engine is that of pydantic: its time is linear in the text, it limits the size of a pattern, and it has no
    backreferences and no look-around.
    :raises SchemaError: if the pattern is invalid or too large.
    """
    return SchemaValidator(str_schema(pattern=f"(?m){pattern}")).isinstance_python


def _reference(*kinds: str) -> object:
    return Annotated[Id, Reference(kinds)]


def _text(kind: str, pattern: str, most: int) -> object:
    limits = StringConstraints(
        pattern=pattern, min_length=1, max_length=most, strip_whitespace=True
    )
    return Annotated[str, Kind(kind), limits]


def _form(kind: str, pattern: str | None = None, most: int | None = None) -> object:
    return Annotated[str, Kind(kind), StringConstraints(pattern=pattern, max_length=most)]


Id = _form("id", ID_FORM, LONGEST_ID)


def is_id(text: str) -> bool:
    """Return whether `text` has the form of an id."""
    return len(text) <= LONGEST_ID and re.fullmatch(ID_FORM, text) is not None


EventId = Annotated[Id, AfterValidator(_not_a_number)]
FormerEventId = _form("former id", FORMER_FORM, 161)
ActionId = _reference("action")
ArgumentId = _reference("argument")
ClaimId = _reference("claim")
DocumentId = _reference("document")
OrganizationId = _reference("organization")
JurisdictionId = _reference("jurisdiction")
TopicId = _reference("topic")
AnyId = _reference(
    "action", "argument", "claim", "document", "organization", "jurisdiction", "topic"
)
Line = _text("line", LINE_FORM, 300)
# Official titles are long: those of some bills have two thousand characters.
MOST_TITLE = 4000
Title = _text("long line", LINE_FORM, MOST_TITLE)
Text = _text("text", TEXT_FORM, 4000)
Words = Annotated[Line, Kind("words"), AfterValidator(_few_words)]
Locator = _form("locator", LOCATOR_FORM, 120)
PartialDate = Annotated[str, Kind("date"), BeforeValidator(_partial_date)]
Day = Annotated[str, Kind("day"), BeforeValidator(_day)]
Domain = Annotated[_form("domain", most=253), AfterValidator(_domain)]
Pattern = Annotated[
    str, Kind("pattern"), StringConstraints(min_length=1, max_length=100), AfterValidator(_pattern)
]
Url = Annotated[_form("address", most=2000), AfterValidator(web_address)]


class Withdrawn(Part, inline=True):
    """Why a record was withdrawn; its file and address stay."""

    on: Day
    """Day of withdrawal."""
    reason: Line
    """Why it was withdrawn."""


class Record(Part):
    """A record with a file or a table entry of its own."""

    withdrawn: Withdrawn | None = None
    """Set when the record is withdrawn."""


class Cite(Part, keys=(("document", "locator"), ("document",)), inline=True):
    """A source for a fact: a document and the place in it."""

    document: DocumentId
    """The document that says so."""
    locator: Locator | None = None
    """The place in it, as a label and a value: `page 12`, `article 53(2)`."""
    note: Line | None = None
    """What the source adds, or how it was read."""


class Body(Part, keys=(("organization", "role"), ("organization",)), inline=True):
    """An organization or person that has a part in an action."""

    organization: OrganizationId
    """The organization or person."""
    role: term("body_roles")
    """What part it has."""
    note: Line | None = None
    """Detail, for instance party and state of a sponsor."""


class Effect(Part):
    """The effect of an action on what about.toml names under `effects`."""

    kind: Annotated[Line, Kind("term"), Vocabulary(EFFECTS)]
    """The kind of effect: the id of one that about.toml declares."""
    note: Text
    """Why, and how far."""
    cite: several(Cite)
    """Sources for it."""


class Event(
    Part,
    keys=(
        ("id",),
        ("date", "type"),
        ("type", "note"),
        ("type", "cite"),
        ("date", "note"),
        ("date", "cite"),
    ),
):
    """Something that happened to an action, or is due to happen."""

    id: EventId | None = None
    """Name of the event within its action, given when the event is written; it never changes, so that links to the event last."""
    former_ids: several(FormerEventId)
    """Earlier names of the event; addresses that use them lead to it."""
    date: PartialDate
    """When: a day, month or year, `~` for approximate, `?` for uncertain."""
    type: term("event_types")
    """What kind of event; the kind decides how stage and legal force move."""
    note: Text | None = None
    """What happened, in the editors' words."""
    cite: several(Cite)
    """Sources for it."""
    unconfirmed: bool = False
    """True when no source that could be checked says so."""
    supersedes: Id | None = None
    """The event of the same action whose date this one moves."""
    moved_on: Day | None = None
    """The day on which the move became law; or, without `supersedes`, on which a later act set this date."""
    moved_by: ActionId | None = None
    """The action that moved or set the date."""


class Duty(Part, keys=(("locator", "type"), ("who", "what"), ("what",))):
    """What an action demands of someone, or forbids."""

    who: Line
    """Who is bound: `Providers of general-purpose models`."""
    rule: term("duty_rules")
    """Whether they must do it or must not."""
    type: term("duty_types")
    """The subject of the duty, by which duties of several actions are compared."""
    what: Line
    """What they must do or must not do, to be read after `who` and `rule`."""
    threshold: Line | None = None
    """From which size, amount or number on it binds, or which cases it leaves out."""
    applies_from: PartialDate | None = None
    """The first day on which it binds."""
    applies_until: PartialDate | None = None
    """The last day on which it binds, if it ends."""
    due: PartialDate | None = None
    """The day by which a task, a duty to do something once, must be done, if no event of the action sets it."""
    deadline: EventId | None = None
    """The event of this action, such as one of type `deadline`, that sets the day by which a task must be done."""
    done_by: EventId | None = None
    """The event of this action by which the task was done."""
    outcome: Line | None = None
    """What else is known of what became of the task: what is missing, or why the outcome is not known."""
    penalty: Line | None = None
    """What a breach can cost."""
    treatment: term("duty_treatments") | None = None
    """How the duty treats what about.toml names as `spared`, or else anyone who may be exempt; left out if no source that was read says."""
    exemption: Line | None = None
    """Why: the exemption and its conditions, or what shows that there is none. It needs `treatment`."""
    enforcers: several(OrganizationId)
    """Who sees to it."""
    locator: Locator | None = None
    """The place of the duty in the text of the action: `article 53(1)(a)`."""
    cite: Annotated[list[Cite], Field(min_length=1, max_length=200)]
    """Sources for all that is said of the duty; a key that no source supports is left out."""


class ActionRelation(Part, keys=(("type", "action"), ("action",))):
    """A relation of an action to another action."""

    type: term("action_relation_types")
    """The kind of relation, read from this action to the other."""
    action: ActionId
    """The other action."""
    note: Line | None = None
    """Detail."""


class Dispute(Part, keys=(("about",), ("note",))):
    """A point on which serious sources disagree."""

    about: Line
    """The point."""
    note: Text
    """What each side says, and the editors' reading."""
    cite: several(Cite)
    """The sources that disagree."""


class Alias(Part, keys=(("name",),), inline=True):
    """Another name of an action, with what kind of name it is and where it means something else."""

    name: Title
    """The name."""
    kind: term("alias_kinds") | None = None
    """What kind of name it is."""
    not_near: several(Line, 20, name="not_near")
    """Words that show, beside the name, that it means something else: `moon` for `Apollo Act`."""


class Action(Record):
    """A policy action: an order, bill, statute, rule, carve-out, program, or an option that is argued about."""

    title: Title
    """Official title, or a descriptive one where there is none."""
    short_title: Line | None = None
    """What it is called in running text."""
    instrument: term("instruments")
    """What kind of act it is."""
    bindingness: term("bindingness")
    """Whether it binds; the summary says whom."""
    jurisdiction: JurisdictionId
    """Whose act it is."""
    part_of: ActionId | None = None
    """The action that it is a part of: a carve-out is its own action, part of its act."""
    bodies: several(Body, MOST_BODIES, name="body")
    """Organizations and people with a part in it."""
    identifiers: Annotated[
        dict[
            Annotated[Line, Vocabulary("identifier_schemes")],
            Line | Annotated[list[Line], Field(min_length=1, max_length=20)],
        ],
        Field(default_factory=dict),
    ]
    """Official identifiers by scheme; a list where there are several of one scheme. about.toml can declare more schemes."""
    legal_basis: several(Line, name="legal_basis")
    """Provisions that give the power to make it, as cited there."""
    aliases: several(
        Annotated[
            Annotated[Title, Tag("text")] | Annotated[Alias, Tag("table")], Discriminator(_shape)
        ],
        name="alias",
    )
    """Other names, searched and shown: a text, or a table with `name`, `kind` and `not_near`."""
    topics: several(TopicId)
    """What it is about."""
    official_text: DocumentId | None = None
    """Which of its sources is the text itself: the official text, or the best copy where its official address is not known."""
    no_official_text: Line | None = None
    """Why no source is the text itself, in one sentence."""
    as_of: Day
    """The latest day for which the status is known to be true."""
    confidence: term("confidences")
    """How sure the editors are of the main facts."""
    summary: Text
    """What it is and whom it binds, in the editors' words (Markdown)."""
    effect: Effect | None = None
    """Its effect on what about.toml names under `effects`; required if about.toml has that table, otherwise not allowed."""
    events: several(Event, 1000)
    """What happened to it and what is due, in order of time; on one day, in order of writing."""
    duties: several(Duty, name="duty")
    """What it demands of whom, or forbids."""
    relations: several(ActionRelation)
    """Relations to other actions."""
    disputes: several(Dispute)
    """Points on which sources disagree."""
    open_questions: several(Line, name="question")
    """What is not known."""
    cite: several(Cite)
    """Sources for the record as a whole."""

    @property
    def other_names(self) -> list[Alias]:
        """Return the aliases, each as a table."""
        return [Alias(name=item) if isinstance(item, str) else item for item in self.aliases]


class Appearance(Part, keys=(("document", "locator"), ("document",))):
    """A place in a document where an argument or claim is made."""

    document: DocumentId
    """The document."""
    locator: Locator | None = None
    """The place in it."""
    words: Words | None = None
    """At most twelve words of the text that find the place."""
    by: several(Line)
    """Who makes it, if not all authors: family names or organization ids among the document's authors."""
    quoted: several(Line)
    """Who makes it in the words of the document, if its authors only quote or report them: names or organization ids."""
    note: Line | None = None
    """Detail."""


class Stance(Part, keys=(("action", "stance"), ("action",))):
    """Which side an argument takes on an action."""

    action: ActionId
    """The action."""
    stance: term("stance_types")
    """The side."""
    note: Line | None = None
    """How the argument bears on the action."""
    as_of: Day | None = None
    """The state of the action that the argument speaks about, when the action changed later."""
    drawn_by: term("drawn_by_terms") | None = None
    """Who links the argument to the action: the author of the text, or the editors."""
    inherited: bool = False
    """True when the stance follows only from the thesis of the document, not from this argument."""


class ArgumentRelation(Part, keys=(("type", "argument"), ("argument",))):
    """A relation of an argument to another argument."""

    type: term("argument_relation_types")
    """The kind of relation, read from this argument to the other."""
    argument: ArgumentId
    """The other argument."""
    target: _form("form", TARGET_FORM) | None = None
    """What the relation is about in the other argument: `conclusion`, `step` or `premise 2`."""
    drawn_by: term("drawn_by_terms") | None = None
    """Who draws the relation: the author of a text, or the editors."""
    note: Line | None = None
    """Detail."""


class Argument(Record):
    """A reason given for or against actions: premises, a conclusion, and who gives it where."""

    title: Line
    """The conclusion as one sentence."""
    premises: Annotated[list[Line], Field(min_length=1, max_length=20)]
    """What the conclusion is drawn from, one sentence each."""
    scheme: term("argument_schemes")
    """The kind of inference from premises to conclusion."""
    values: several(term("value_terms"))
    """Values it appeals to."""
    claims: several(ClaimId)
    """Claims among its premises that evidence can bear on."""
    note: Text | None = None
    """The editors' remark, for instance that a premise is unstated."""
    appearances: several(Appearance)
    """Where it is made."""
    stances: several(Stance)
    """Which side it takes on which action."""
    relations: several(ArgumentRelation)
    """Relations to other arguments."""


class Evidence(Part, keys=(("document", "locator"), ("document",))):
    """What a document says that bears on a claim."""

    document: DocumentId
    """The document."""
    locator: Locator | None = None
    """The place in it."""
    finding: term("evidence_findings")
    """Whether it speaks for or against the claim."""
    note: Text
    """What it says, in the editors' words."""


class Claim(Record):
    """A statement made in documents that evidence can bear on."""

    text: Line
    """The statement, in the editors' words."""
    kind: term("claim_kinds")
    """What kind of statement it is."""
    finding: term("findings")
    """The editors' reading of the evidence listed; never a label of truth."""
    as_of: Day
    """The latest day for which the evidence was examined."""
    note: Text | None = None
    """Why the finding is what it is."""
    appearances: several(Appearance)
    """Where it is made."""
    evidence: several(Evidence)
    """What bears on it."""


class Author(Part, keys=(("family", "given", "organization"),), inline=True):
    """An author: a person by name, an organization by id, or a person with a record by both."""

    family: Line | None = None
    """Family name."""
    given: Line | None = None
    """Given names."""
    organization: OrganizationId | None = None
    """The organization, or the record of the person."""


class TextRule(Part):
    """How the paragraphs of a document's text are counted, so that locators can be checked."""

    blocks: Literal["lines", "markdown"]
    """`lines`: each line is a block. `markdown`: top-level paragraphs and lists; list items are a, b, c; headings, rules and front matter are not counted."""
    skip: several(Line)
    """Blocks that are not counted, by their whole text: the title, words of the interface."""


class Mention(Part, keys=(("action", "locator"), ("action",))):
    """A place in a document that names an action."""

    action: ActionId
    """The action."""
    locator: Locator | None = None
    """The place in the document."""
    words: Words | None = None
    """At most twelve words of the text that find the place."""
    portrayed_as: term("portrayals")
    """How the document presents it."""
    note: Line | None = None
    """Detail, for instance that the identification is an inference."""


class Document(Record):
    """A source: a text that mentions actions, makes arguments or gives evidence. Fields follow CSL."""

    type: term("document_types")
    """Kind of document, a CSL type."""
    title: Title
    """Title; a descriptive one in square brackets where there is none."""
    original_title: Title | None = None
    """Title in the language of the document, where the title is a translation of it."""
    authors: several(Author)
    """Authors in order."""
    issued: PartialDate | None = None
    """When it was published."""
    container: Line | None = None
    """The journal, newspaper, site or collection it is in."""
    volume: Line | None = None
    """Volume, for journals."""
    page: Line | None = None
    """Pages, for journals and official journals."""
    publisher: Line | None = None
    """Who published it."""
    number: Line | None = None
    """Report or paper number."""
    doi: _form("form", r"^10\.[0-9]{4,9}/[!-~]+$", 200) | None = None
    """Digital Object Identifier."""
    url: Url | None = None
    """Where it is."""
    archive_url: Url | None = None
    """Where a copy is."""
    language: _form("form", LANGUAGE_FORM) = "en"
    """Language tag (BCP 47)."""
    keywords: several(Line)
    """Keywords of the document itself."""
    abstract: Text | None = None
    """What it says, in the editors' words."""
    license: Line | None = None
    """Its license, if it states one."""
    accessed: PartialDate | None = None
    """When it was read."""
    grade: term("grades")
    """How well the editors know it."""
    interests: Text | None = None
    """What its authors could gain."""
    note: Text | None = None
    """The editors' remark on provenance or reading."""
    text_sha256: _form("form", r"^[0-9a-f]{64}$") | None = None
    """SHA-256 of the text that was read, for checking locating words."""
    text_rule: TextRule | None = None
    """How its paragraphs are counted."""
    mentions: several(Mention)
    """Actions it names, and how."""


class Organization(Record):
    """An organization or a person that makes, sponsors, writes or is addressed."""

    name: Line
    """Name."""
    short_name: Line | None = None
    """Short name or abbreviation."""
    kind: term("organization_kinds")
    """What it is."""
    jurisdiction: JurisdictionId | None = None
    """Where it belongs."""
    part_of: OrganizationId | None = None
    """The organization it is a part of."""
    url: Url | None = None
    """Its own page."""
    bioguide: _form("form", f"^{vocabulary.PERSON_IDS['bioguide']}$") | None = None
    """Id of a person in the Biographical Directory of the United States Congress."""
    ocd_person: _form("form", f"^{vocabulary.PERSON_IDS['ocd_person']}$") | None = None
    """Id of a person in Open States: `ocd-person/...`."""
    interests: Text | None = None
    """What it could gain in these matters."""
    note: Text | None = None
    """Detail."""


class Jurisdiction(Record):
    """Whose law or power an action rests on."""

    name: Line
    """Name."""
    kind: term("jurisdiction_kinds")
    """What it is."""
    code: _form("form", r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$") | None = None
    """ISO 3166 code; EU for the European Union."""
    part_of: JurisdictionId | None = None
    """The jurisdiction it is a part of."""


class Topic(Record):
    """A subject by which actions are grouped."""

    name: Line
    """Name."""
    definition: Text
    """What belongs to it."""
    part_of: TopicId | None = None
    """The broader topic."""


class Redirect(Part):
    """Where an id that is no longer used leads."""

    to: AnyId
    """The record that took its place."""
    on: Day
    """Since when."""
    reason: Line
    """Why."""


class Search(Part, keys=(("jurisdiction", "instrument", "on"),)):
    """A search for actions of a place that found none, or none that is recorded."""

    jurisdiction: JurisdictionId
    """Where the editors looked."""
    instrument: term("instruments") | None = None
    """The kind of action they looked for; without it, any kind."""
    on: Day
    """When they looked."""
    note: Text
    """Where they looked, what for, and what they did not find (Markdown)."""


class EffectKind(Part, keys=(("id",),)):
    """A kind of effect, with its words for readers."""

    id: _form("id", r"^[a-z][a-z0-9_]*$", 40)
    """The word that records have: `exempts`."""
    label: Line
    """The word for readers: `Exempts`."""
    definition: Text
    """When an action has this kind of effect."""
    mark: Annotated[Line, Field(max_length=2)]
    """A character that is shown before the label."""


def _distinct(items: list) -> list:
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise _invalid("K203", "has '{id}' twice", "an id for each", id=item.id)
        seen.add(item.id)
    return items


class Effects(Part):
    """The effect that editors judge for every action, such as the effect on rents."""

    on: Line
    """What is affected, as written in the middle of a sentence: `rents`."""
    spared: Line | None = None
    """What the exemptions from duties are for, if not for anyone: `open source`."""
    kinds: Annotated[
        list[EffectKind], Field(min_length=2, max_length=20), AfterValidator(_distinct)
    ]
    """The kinds of effect, in the order of lists. The last one is for actions that no one has judged; imports use it."""


def _own_scheme(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", value):
        raise _invalid("K204", "is not an id of a scheme", "words such as xe_gazette")
    if value in vocabulary.SCHEMES:
        raise _invalid("K205", "is a scheme that every knowledge base has", "another id")
    return value


def _scheme_pattern(value: str) -> str:
    try:
        patterns.compiled(value)
    except ValueError as error:
        expected = (
            f"a regular expression of at most {patterns.MOST_PATTERN} characters with at most three"
            r" '+' or '*' and nothing repeated inside a repeated group, such as '\d{4}/\d+'"
        )
        raise _invalid("K203", "{reason}", expected, reason=str(error)) from None
    return value


def _fits(value: str, info: ValidationInfo) -> str:
    pattern = info.data.get("pattern", "")
    scheme = IdentifierScheme("", "", "", pattern, "", "", longest=patterns.MOST_VALUE)
    if pattern and not scheme.match(value):
        expected = f"a value of at most {patterns.MOST_VALUE} characters that the whole pattern {pattern} matches"
        raise _invalid("V702", "does not match the pattern", expected)
    return value


def _template(value: str, info: ValidationInfo) -> str:
    if not (pattern := info.data.get("pattern")):
        return value
    known = ("value", *re.compile(pattern).groupindex)
    try:
        fields = [rest for _, *rest in Formatter().parse(value) if rest[0] is not None]
        sound = all(name in known and not (form or as_) for name, form, as_ in fields)
    except ValueError:
        sound = False
    if not sound:
        expected = f"text, in which {', '.join(f'{{{name}}}' for name in known)} can be"
        raise _invalid("K203", "has another placeholder than the pattern gives", expected)
    return value


def _address_template(value: str) -> str:
    host = value.partition("://")[2].partition("/")[0]
    if not value.startswith("https://") or "{" in host:
        raise _invalid("U601", "is not an address of a number", "https://host/path with {value}")
    web_address(re.sub(r"[{}]", "", value))
    return value


class Scheme(Part, keys=(("id",),)):
    """A scheme of official identifiers that only this knowledge base has, such as the numbers of a gazette."""

    id: Annotated[Line, Field(max_length=40), AfterValidator(_own_scheme)]
    """The key that records have under `identifiers`: `xe_gazette`."""
    label: Line
    """The name for readers: `Gazette of Examplia`."""
    definition: Text
    """What such a number names."""
    pattern: Annotated[Line, AfterValidator(_pattern), AfterValidator(_scheme_pattern)]
    """A regular expression that a whole value matches; named groups are for `display` and `url`."""
    example: Annotated[Line, AfterValidator(_fits)]
    """A value of this form, which messages show."""
    display: Annotated[Line, AfterValidator(_template)] = "{value}"
    """How a value is shown: text in which `{value}` is the value, and `{year}` the group `year` of the pattern."""
    url: Annotated[Line, AfterValidator(_address_template), AfterValidator(_template)] | None = None
    """The official address of what a value names, in the same way."""


class About(Part):
    """What the knowledge base is: its name, scope, license, and the least that it must contain."""

    title: Line
    """Name of the knowledge base."""
    description: Text
    """What it is, in one or two sentences."""
    scope: Text
    """What is tracked, what is not, and when an action is in scope (Markdown)."""
    method: Text
    """How facts are found, graded and kept (Markdown)."""
    license: Line
    """License of the content."""
    license_url: Url
    """Text of that license."""
    source_url: Url | None = None
    """Where the files are."""
    publisher: Line | None = None
    """Who publishes it."""
    editors: several(Line)
    """Who edits it: names of people or groups."""
    contact: Line | None = None
    """Where to write to: a web address or an e-mail address."""
    effects: Effects | None = None
    """The effect that editors judge for every action; without this table, records, pages and files have no effects."""
    identifier_schemes: Annotated[several(Scheme, 50), AfterValidator(_distinct)]
    """Schemes of official identifiers that records have beside those of every knowledge base."""
    searches: several(Line, 10, "search")
    """Searches that the pages suggest: a name, an official number, a word."""
    coverage: several(Search, 2000)
    """Searches that found nothing, for the page of what is covered."""
    report_url: Url | None = None
    """Where a mistake is reported: an address in which `{id}` is the id of the record, and `{text}` what is wrong."""
    edit_url: Url | None = None
    """Where a file is edited: an address in which `{file}` is its path, such as policies/actions/an-order.toml."""
    new_url: Url | None = None
    """Where a file is made: an address in which `{file}` is its path and `{text}` what it holds."""
    expectations: dict[
        Literal[
            "actions",
            "arguments",
            "claims",
            "documents",
            "organizations",
            "jurisdictions",
            "topics",
            "argued_actions",
            "two_sided_actions",
            "official_statuses",
            "documents_with_authors",
        ],
        Annotated[int, Field(ge=0)],
    ]
    """Least number of records a kind, of actions that are argued or argued from both sides, and least percentage of statuses with an official source and of documents with authors; less stops the load."""
    severities: Annotated[
        dict[Literal[EDITORIAL], Literal[ERROR, WARNING, OFF]], Field(default_factory=dict)
    ]
    """Severity of editorial problems by code: an error, a warning, or not checked."""
    longest_summary: Annotated[int, Field(ge=1)] = 120
    """Most words that the summary of an action may have."""
    distrusted: several(Domain)
    """Domains that may not be sources, with all domains below them."""
    shorthand: several(Pattern, 20)
    """Regular expressions, matched line by line, for what no record may say, such as marks of note takers."""

    @property
    def schemes(self) -> tuple[IdentifierScheme, ...]:
        """Return the schemes of identifiers that it declares, as terms of the vocabulary."""
        own = (scheme.model_dump(exclude_none=True) for scheme in self.identifier_schemes)
        return tuple(vocabulary.declared_scheme(values.pop("id"), **values) for values in own)


# kind -> (record type, place under policies/): kinds with a file for each record, then kinds with a file for all records.
FOLDERS: dict[str, tuple[type[Record], str]] = {
    "action": (Action, "actions"),
    "argument": (Argument, "arguments"),
    "claim": (Claim, "claims"),
    "document": (Document, "documents"),
}
TABLES: dict[str, tuple[type[Part], str]] = {
    "organization": (Organization, "organizations.toml"),
    "jurisdiction": (Jurisdiction, "jurisdictions.toml"),
    "topic": (Topic, "topics.toml"),
    "redirect": (Redirect, "redirects.toml"),
}
RECORDS = FOLDERS | TABLES


def record_file(kind: str, record_id: str) -> str:
    """Return the path of the file that holds a record."""
    if kind in FOLDERS:
        return f"policies/{FOLDERS[kind][1]}/{record_id}.toml"
    return f"policies/{TABLES[kind][1]}"
