"""The kinds of terms, and the reader of the files beside this module, which have a table for each term."""

import re
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from urllib.parse import quote

import rtoml

FOLDER = Path(__file__).parent
_ID = re.compile(r"[a-z][a-z0-9_-]*")
_NAMES = {str: "text", bool: "true or false", int: "a number", dict: "a table", list: "a list"}


class VocabularyError(ValueError):
    """A file of a vocabulary is invalid. The message names the file and the line, and says what is expected."""


@dataclass(frozen=True)
class Term:
    """One allowed value: its id as written in records, its label for readers, its definition.

    A field with a default is optional in the file. `columns` are the further fields that kb.db has.
    """

    id: str
    label: str
    definition: str
    columns: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True)
class Stage(Term):
    """How far a procedure has come; words for a status and for lists ('': the label); `terminal`: it ended without effect."""

    status: str = ""
    brief: str = ""
    brief_not_yet: str = ""
    terminal: bool = False
    undated: bool = False
    alone: bool = False


@dataclass(frozen=True)
class LegalForce(Term):
    """Whether an action binds; its mark, its column in counts, how pictures draw it, and its name in schema.org."""

    glyph: str
    column: str
    binding: bool = False
    in_force: bool = False
    ceased: bool = False
    bar: int = 0
    hatching: str = ""
    schema_org: str = ""
    columns = ("ceased",)


@dataclass(frozen=True)
class Bindingness(Term):
    """Whether an action binds those whom it addresses, and whether by law."""

    legally_binding: bool = True


@dataclass(frozen=True)
class LocatorLabel(Term):
    """What a locator counts, and how people abbreviate the word."""

    abbreviations: list[str] = field(default_factory=list, hash=False)


@dataclass(frozen=True)
class Instrument(Term):
    """A kind of action; `stage_without_events` is '' if such an action must have events."""

    csl: str
    schema_org: str = "CreativeWork"
    stage_without_events: str = ""
    idea: bool = False
    letter: bool = False
    genre: str = ""
    authored: bool = False
    dated_by: list[str] = field(default_factory=list, hash=False)
    part: bool = False
    columns = ("stage_without_events", "idea")


@dataclass(frozen=True)
class EventType(Term):
    """A type of event, and the `stage` and `legal_force` to which it moves an action ('': it does not move them).

    `dates_text` is 0 if the event does not date the official text; `schema_org` is the property of legislation with the
    date of the event.
    """

    stage: str = ""
    legal_force: str = ""
    foreseeable: str = "maybe"
    upcoming: str = ""
    step: str = ""
    scheduled: bool = False
    revives: bool = False
    only_binding: bool = False
    unofficial: bool = False
    dates_text: int = 0
    cited_as: str = ""
    schema_org: str = ""
    columns = ("stage", "legal_force", "foreseeable")


@dataclass(frozen=True)
class BodyRole(Term):
    """The part of an organization in an action, and the property of schema.org for it."""

    authorship: int = 0
    maker: bool = False
    addressed: bool = False
    schema_org: str = ""


@dataclass(frozen=True)
class Confidence(Term):
    """How sure a record is; `default`: prompts propose it; `sure`: weak sources alone do not justify it."""

    default: bool = False
    sure: bool = False


@dataclass(frozen=True)
class ActionRelation(Term):
    """A relation to another action, its words read from that action, and its property in schema.org or ELI.

    `changes`: the text or the validity of the other action is not what it was; `ends`: the other action is over.
    """

    reversed: str
    changes: bool = False
    ends: bool = False
    schema_org: str = ""


@dataclass(frozen=True)
class Stance(Term):
    """The stance of an argument; its headings, its mark, and its `side`: 'for', 'against' or ''."""

    heading: str
    glyph: str
    short: str = ""
    place: int = 0
    side: str = ""
    argdown: str = ""
    columns = ("side",)


@dataclass(frozen=True)
class ArgumentRelation(Term):
    """A relation to another argument; `passive` reads it from that argument: 'rebutted by'."""

    passive: str
    line_end: str
    answers: bool = False
    bearing: str = "against"
    argdown: str = ""
    columns = ("answers",)


@dataclass(frozen=True)
class ClaimFinding(Term):
    """The result of checking a claim; whether it needs evidence, and whether it leaves the claim in doubt (`weak`)."""

    needs_evidence: bool = False
    weak: bool = False
    columns = ("weak",)


@dataclass(frozen=True)
class EvidenceFinding(Term):
    """What a document says about a claim; its heading in lists, its mark, and its words in running text (`bearing`)."""

    heading: str
    glyph: str
    bearing: str
    decides: bool = False


@dataclass(frozen=True)
class Grade(Term):
    """How close a document is to what it reports."""

    weak: bool = False
    text: bool = False
    columns = ("weak",)


@dataclass(frozen=True)
class DocumentType(Term):
    """A type of document, its types in other formats (written, and read as `from_...`), and what its text is."""

    bibtex: str
    biblatex: str
    ris: str
    zotero: str
    schema_org: str = "CreativeWork"
    csl: str = ""
    genre: str = ""
    wikipedia: str = "cite web"
    from_bibtex: list[str] = field(default_factory=list, hash=False)
    from_ris: list[str] = field(default_factory=list, hash=False)
    from_csl: list[str] = field(default_factory=list, hash=False)
    law: bool = False
    official: bool = False
    updated: bool = False
    columns = ("law",)


@dataclass(frozen=True)
class OrganizationKind(Term):
    """A kind of organization; documents by organizations of an `official` kind are official texts and records."""

    schema_org: str = "Organization"
    public: bool = False
    official: bool = False


@dataclass(frozen=True)
class JurisdictionKind(Term):
    """A kind of jurisdiction and its type in schema.org."""

    schema_org: str = "AdministrativeArea"
    coded: bool = False
    part: bool = False


@dataclass(frozen=True)
class IdentifierScheme(Term):
    """A kind of official identifier; the form of its values, and templates for showing, linking and citing a value.

    `short` is how people write a value without its state, Congress or court; `longest` is the most characters of a value,
    0 for no limit. `written` is a regular expression for other ways to write a value, and `read` the template of the value
    from its groups, folded.
    """

    pattern: str
    display: str
    example: str
    url: str = ""
    short: str = ""
    written: str = ""
    read: str = ""
    by_kind: dict[str, dict[str, str]] = field(default_factory=dict, hash=False)
    local: bool = False
    shared: bool = False
    padded: bool = False
    whole_act: bool = False
    citation: dict[str, str] = field(default_factory=dict, hash=False)
    citation_rank: int = 0
    law: bool = False
    address_rank: int = 0
    longest: int = 0
    columns = ("pattern", "display", "url", "example")

    def match(self, value: str) -> re.Match | None:
        """Return the match of `value` with the form, or None."""
        too_long = self.longest and len(value) > self.longest
        return None if too_long else re.fullmatch(self.pattern, value, re.ASCII)

    def shown(self, value: str) -> tuple[str, str | None]:
        """Return a well-formed value of a declared scheme for readers, and its official address or None."""
        parts = {"value": value, **self.match(value).groupdict("")}
        quoted = {name: quote(part) for name, part in parts.items()}
        return self.display.format(**parts), self.url.format(**quoted) if self.url else None

    def value_in(self, text: str) -> str:
        """Return the value in `text`, which may name the scheme before it: '14409' for 'EO 14409'; '' if there is none."""
        if self.written and (match := re.fullmatch(self.written, text.strip(), re.IGNORECASE)):
            groups = match.groupdict().items()
            parts = {name: "".join(filter(str.isalnum, part.lower())) for name, part in groups}
            if self.match(value := self.read.format(**parts)):
                return value
        words = text.strip().removeprefix("#").split()
        ends = (" ".join(words[place:]) for place in range(len(words)))
        forms = (form for end in ends for form in (end, end.replace(",", "")))
        return next((form for form in forms if self.match(form)), "")


@dataclass(frozen=True)
class ChangeClass(Term):
    """What a change means for readers; whether feeds carry it, and whether something happened in the world (`news`)."""

    followed: bool = False
    news: bool = False
    columns = ("followed", "news")


AnyTerm = TypeVar("AnyTerm", bound=Term)


def tables(path: Path) -> dict[str, Any]:
    """Return the content of the TOML file `path`.

    :raises VocabularyError: if it is not TOML.
    """
    try:
        return rtoml.loads(path.read_text(encoding="utf-8"))
    except (rtoml.TomlParsingError, UnicodeDecodeError) as error:
        raise VocabularyError(f"{path.name}: {error}; expected TOML") from None


def read(path: Path, kind: type[AnyTerm], **choices: tuple[str, ...]) -> tuple[AnyTerm, ...]:
    """Return the terms of the file `path`; a field in `choices` has one of these values or is absent.

    :raises VocabularyError: if the file is not TOML, has no term or has an invalid term.
    """
    terms = []
    for term_id, table in tables(path).items():
        if fault := _fault(kind, term_id, table, choices):
            raise VocabularyError(f"{path.name}:{_line(path, term_id)}: [{term_id}] {fault}")
        terms.append(kind(id=term_id, **table))
    if not terms:
        raise VocabularyError(f"{path.name}: has no term; expected a table for each term")
    return tuple(terms)


def _fault(
    kind: type[Term], term_id: str, table: object, choices: dict[str, tuple[str, ...]]
) -> str:
    """Return the fault in the table of a term, or ''."""
    known = {part.name: part for part in fields(kind) if part.name != "id"}
    if not _ID.fullmatch(term_id):
        return "is not an id; expected lower-case letters, digits, '_' and '-'"
    if not isinstance(table, dict):
        return f"is {table!r}; expected a table"
    for key, value in table.items():
        if key not in known:
            return f"{key}: is not a field; expected one of {', '.join(known)}"
        expected = getattr(known[key].type, "__origin__", known[key].type)
        if not isinstance(value, expected) or value == "":
            return f"{key}: {value!r} is not {_NAMES[expected]}"
        if key in choices and value not in choices[key]:
            return f"{key}: {value!r} is unknown; expected one of {', '.join(choices[key])}"
    for key, part in known.items():
        if key not in table and part.default is MISSING and part.default_factory is MISSING:
            return f"{key}: is missing"
    return ""


def _line(path: Path, term_id: str) -> int:
    """Return the line where the table of a term begins, or 1."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((at for at, line in enumerate(lines, 1) if line.startswith(f"[{term_id}]")), 1)
