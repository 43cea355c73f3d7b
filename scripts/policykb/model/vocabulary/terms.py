"""What a term of a vocabulary is, and how the files beside this module are read: one table a term, in their order."""

import re
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import rtoml

FOLDER = Path(__file__).parent
_ID = re.compile(r"[a-z][a-z0-9_-]*")
_NAMES = {str: "text", bool: "true or false", dict: "a table", list: "a list"}


class VocabularyError(ValueError):
    """A file of a vocabulary is invalid; the message names the file, the line and what is expected."""


@dataclass(frozen=True)
class Term:
    """One allowed value: its id as written in records, its label for readers, its definition.

    A field with a default is optional in the file. `columns` are the fields that kb.db has besides these three.
    """

    id: str
    label: str
    definition: str
    columns: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True)
class Stage(Term):
    """How far a procedure has got: how a status says it, '' for the label, and whether the procedure is over without effect."""

    status: str = ""
    terminal: bool = False


@dataclass(frozen=True)
class LegalForce(Term):
    """Whether an action binds: its mark beside the words, whether it has come to bind and not ended, its name in schema.org."""

    glyph: str
    binding: bool = False
    schema_org: str = ""


@dataclass(frozen=True)
class Bindingness(Term):
    """What an action asks of those it addresses, and whether law makes them comply."""

    legally_binding: bool = True


@dataclass(frozen=True)
class Instrument(Term):
    """A kind of action; `stage_without_events` is '' if such an action must have an event."""

    csl: str
    schema_org: str = "CreativeWork"
    stage_without_events: str = ""
    part: bool = False


@dataclass(frozen=True)
class EventType(Term):
    """A kind of event and how it moves an action: `stage` and `legal_force` are '' where it moves neither."""

    stage: str = ""
    legal_force: str = ""
    foreseeable: str = "maybe"
    upcoming: str = ""
    columns: ClassVar[tuple[str, ...]] = ("stage", "legal_force", "foreseeable")


@dataclass(frozen=True)
class OpennessEffect(Term):
    """What an action does to openness, and the mark beside the words."""

    glyph: str


@dataclass(frozen=True)
class ActionRelation(Term):
    """How an action relates to another; `passive` says it from the other one; its property in schema.org or ELI."""

    passive: str
    schema_org: str = ""


@dataclass(frozen=True)
class Stance(Term):
    """The side of an argument: its heading in lists, the mark beside the words, 'for', 'against' or neither."""

    heading: str
    glyph: str
    side: str = ""


@dataclass(frozen=True)
class ArgumentRelation(Term):
    """How an argument relates to another; `passive` says it from the other one: 'rebutted by'."""

    passive: str


@dataclass(frozen=True)
class EvidenceFinding(Term):
    """What a document says about a claim, and its heading in lists."""

    heading: str


@dataclass(frozen=True)
class DocumentType(Term):
    """A kind of document: its types elsewhere as written and as read, and what its text is worth."""

    bibtex: str
    biblatex: str
    ris: str
    zotero: str
    schema_org: str = "CreativeWork"
    from_bibtex: list[str] = field(default_factory=list, hash=False)
    from_ris: list[str] = field(default_factory=list, hash=False)
    from_csl: list[str] = field(default_factory=list, hash=False)
    official: bool = False
    updated: bool = False


@dataclass(frozen=True)
class OrganizationKind(Term):
    """A kind of organization; documents by `official` ones are official texts and records."""

    schema_org: str = "Organization"
    official: bool = False


@dataclass(frozen=True)
class JurisdictionKind(Term):
    """A kind of jurisdiction and its type in schema.org."""

    schema_org: str = "AdministrativeArea"


@dataclass(frozen=True)
class IdentifierScheme(Term):
    """A kind of official identifier: the form of its values, how a value is shown, and where it leads."""

    pattern: str
    display: str
    example: str
    url: str = ""
    by_kind: dict[str, dict[str, str]] = field(default_factory=dict, hash=False)
    local: bool = False
    shared: bool = False
    padded: bool = False
    whole_act: bool = False
    columns: ClassVar[tuple[str, ...]] = ("pattern", "display", "url", "example")


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
    """Return the terms of the file `path`; a field named in `choices` has one of its values, or is absent.

    :raises VocabularyError: if the file is not TOML, or at the first term that is invalid.
    """
    terms = []
    for term_id, table in tables(path).items():
        if fault := _fault(kind, term_id, table, choices):
            raise VocabularyError(f"{path.name}:{_line(path, term_id)}: [{term_id}] {fault}")
        terms.append(kind(id=term_id, **table))
    if not terms:
        raise VocabularyError(f"{path.name}: has no term; expected a table a term")
    return tuple(terms)


def _fault(
    kind: type[Term], term_id: str, table: object, choices: dict[str, tuple[str, ...]]
) -> str:
    """Return what is wrong with the table of a term, or ''."""
    known = {part.name: part for part in fields(kind) if part.name != "id"}
    if not _ID.fullmatch(term_id):
        return "is not an id; expected lower-case letters, digits, '_' and '-'"
    if not isinstance(table, dict):
        return f"is {table!r}; expected a table"
    for key, value in table.items():
        if key not in known:
            return f"{key}: is no field; expected one of {', '.join(known)}"
        expected = _types(kind)[key]
        if not isinstance(value, expected) or value == "":
            return f"{key}: {value!r} is not {_NAMES[expected]}"
        if key in choices and value not in choices[key]:
            return f"{key}: {value!r} is unknown; expected one of {', '.join(choices[key])}"
    for key, part in known.items():
        if key not in table and part.default is MISSING and part.default_factory is MISSING:
            return f"{key}: is missing"
    return ""


def _types(kind: type[Term]) -> dict[str, type]:
    """Return the type of the value of each field."""
    return {part.name: getattr(part.type, "__origin__", part.type) for part in fields(kind)}


def _line(path: Path, term_id: str) -> int:
    """Return the line where the table of a term begins, or 1."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((at for at, line in enumerate(lines, 1) if line.startswith(f"[{term_id}]")), 1)
