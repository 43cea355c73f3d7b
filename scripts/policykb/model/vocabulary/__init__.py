"""The vocabularies: their terms, labels and definitions.

Each is a TOML file beside this module, and becomes a lookup table in kb.db, a choice in the JSON Schema and the allowed
values in checks. No other code lists allowed values.
"""

import contextlib
import re
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import lru_cache
from typing import NamedTuple

from policykb.model.patterns import MOST_VALUE
from policykb.model.problems import FEW, nearest, similar, such_as
from policykb.model.vocabulary import terms as kinds
from policykb.model.vocabulary.terms import (
    FOLDER,
    AnyTerm,
    IdentifierScheme,
    Term,
    VocabularyError,
    read,
    tables,
)

# The vocabularies by name, which is that of the file and of the lookup table in kb.db.
VOCABULARIES: dict[str, tuple] = {}
# The terms that the content in hand declares in about.toml, by vocabulary, for prompts and forms.
_DECLARED: ContextVar[dict[str, tuple]] = ContextVar("declared", default={})  # noqa: B039 - it is never changed

DECLARED = ("label", "definition", *IdentifierScheme.columns)


def _vocabulary(
    name: str, kind: type[AnyTerm] = Term, **choices: tuple[str, ...]
) -> tuple[AnyTerm, ...]:
    """Read the vocabulary `name` and add it to VOCABULARIES."""
    VOCABULARIES[name] = terms = read(FOLDER / f"{name}.toml", kind, **choices)
    return terms


@contextlib.contextmanager
def with_declared(terms: dict[str, tuple]) -> Iterator[None]:
    """Use `terms`, by vocabulary, as those that the content declares inside the block."""
    before = _DECLARED.set(terms)
    try:
        yield
    finally:
        _DECLARED.reset(before)


def terms_of(name: str) -> tuple:
    """Return the terms of the vocabulary `name`, with those that the content declares; () if there are none."""
    own, declared = VOCABULARIES.get(name, ()), _DECLARED.get().get(name, ())
    return own + declared if declared else own


def declared_scheme(scheme: str, **values: str) -> IdentifierScheme:
    """Return the scheme of identifiers that about.toml declares with `values`, the keys in DECLARED."""
    return IdentifierScheme(scheme, **values, longest=MOST_VALUE)


def ids(terms: tuple) -> tuple[str, ...]:
    """Return the ids of a vocabulary, in its order."""
    return tuple(term.id for term in terms)


def labels(terms: tuple) -> dict[str, str]:
    """Return the labels of a vocabulary by id."""
    return {term.id: term.label for term in terms}


def ranked(terms: tuple[AnyTerm, ...], rank: str) -> tuple[str, ...]:
    """Return the ids of the terms whose field `rank` is not 0, in the order of that field."""
    chosen = [term for term in terms if getattr(term, rank)]
    return ids(tuple(sorted(chosen, key=lambda term: getattr(term, rank))))


def _named(terms: tuple[AnyTerm, ...], *names: str) -> tuple[str, ...]:
    """Return `names`, ids of terms that the code names.

    :raises VocabularyError: if the vocabulary does not have one of them.
    """
    if unknown := set(names) - set(ids(terms)):
        message = f"{', '.join(sorted(unknown))}: no such terms, but the code needs them"
        raise VocabularyError(message)
    return names


def _where(terms: tuple[AnyTerm, ...], holds: Callable[[AnyTerm], object]) -> frozenset[str]:
    """Return the ids of the terms for which `holds`."""
    return frozenset(term.id for term in terms if holds(term))


STAGES = _vocabulary("stages", kinds.Stage)
LEGAL_FORCES = _vocabulary("legal_forces", kinds.LegalForce)
BINDINGNESS = _vocabulary("bindingness", kinds.Bindingness)
INSTRUMENTS = _vocabulary("instruments", kinds.Instrument, stage_without_events=ids(STAGES))
EVENT_TYPES = _vocabulary(
    "event_types",
    kinds.EventType,
    stage=ids(STAGES),
    legal_force=ids(LEGAL_FORCES),
    foreseeable=("yes", "maybe", "no"),
    step=("proposal", "passage", "decision", "effect"),
)
BODY_ROLES = _vocabulary("body_roles", kinds.BodyRole)
ALIAS_KINDS = _vocabulary("alias_kinds")
DUTY_RULES = _vocabulary("duty_rules")
DUTY_TYPES = _vocabulary("duty_types")
DUTY_TREATMENTS = _vocabulary("duty_treatments")
TASK_STATES = _vocabulary("task_states")
CONFIDENCES = _vocabulary("confidences", kinds.Confidence)
ACTION_RELATIONS = _vocabulary("action_relation_types", kinds.ActionRelation)
ARGUMENT_SCHEMES = _vocabulary("argument_schemes")
VALUES = _vocabulary("value_terms")
STANCES = _vocabulary("stance_types", kinds.Stance, side=("for", "against"))
ARGUMENT_RELATIONS = _vocabulary("argument_relation_types", kinds.ArgumentRelation)
DRAWN_BY = _vocabulary("drawn_by_terms")
CLAIM_KINDS = _vocabulary("claim_kinds")
FINDINGS = _vocabulary("findings", kinds.ClaimFinding)
EVIDENCE_FINDINGS = _vocabulary("evidence_findings", kinds.EvidenceFinding)
GRADES = _vocabulary("grades", kinds.Grade)
PORTRAYALS = _vocabulary("portrayals")
DOCUMENT_TYPES = _vocabulary("document_types", kinds.DocumentType)
LOCATOR_LABELS = _vocabulary("locator_labels", kinds.LocatorLabel)
ORGANIZATION_KINDS = _vocabulary("organization_kinds", kinds.OrganizationKind)
JURISDICTION_KINDS = _vocabulary("jurisdiction_kinds", kinds.JurisdictionKind)
IDENTIFIER_SCHEMES = _vocabulary("identifier_schemes", kinds.IdentifierScheme)
CHANGE_CLASSES = _vocabulary("change_classes", kinds.ChangeClass)

# Terms that the code names.
PRACTICE, REPORTED, ADOPTED = _named(STAGES, "practice", "reported", "adopted")
NOT_YET, IN_FORCE, SUSPENDED, ENDED, NOT_APPLICABLE, UNKNOWN = _named(
    LEGAL_FORCES, "not_yet", "in_force", "suspended", "ended", "not_applicable", "unknown"
)
NOT_EXEMPT = _named(DUTY_TREATMENTS, "not_exempt")[0]
# What became of a task.
OVERDUE, DUE, UNDATED, TASK_DONE, TASK_LAPSED = _named(
    TASK_STATES, "overdue", "due", "undated", "done", "lapsed"
)
# The types of events that set a due date and that carry an action out, and that of events that only their notes describe.
DEADLINE, IMPLEMENTED = _named(EVENT_TYPES, "deadline", "implemented")
OTHER_EVENT = _named(EVENT_TYPES, "other")[0]
RELAYED = _named(GRADES, "relayed")[0]
USUAL_CONFIDENCE = next(term.id for term in CONFIDENCES if term.default)
# Kinds of aliases: that which names more than the action, and those of names that are found in texts.
WHOLE_NAME, NICKNAME, DESCRIBING = _named(ALIAS_KINDS, "whole", "nickname", "description")
EDITORS = _named(DRAWN_BY, "editors")[0]
NEWS, CORRECTION, ENRICHMENT, REWORDING, MECHANICAL = _named(
    CHANGE_CLASSES, "world", "correction", "enrichment", "editorial", "mechanical"
)
# Groups of terms; terms.py explains the fields.
TERMINAL = _where(STAGES, lambda term: term.terminal)
BINDING = _where(LEGAL_FORCES, lambda term: term.binding)
HOLDING = _where(LEGAL_FORCES, lambda term: term.in_force)
FOR = _where(STANCES, lambda term: term.side == "for")
AGAINST = _where(STANCES, lambda term: term.side == "against")
ANSWERS = _where(ARGUMENT_RELATIONS, lambda term: term.answers)
CHANGING_RELATIONS = _where(ACTION_RELATIONS, lambda term: term.changes)
ENDING_RELATIONS = _where(ACTION_RELATIONS, lambda term: term.ends)
NOT_LEGALLY_BINDING = _where(BINDINGNESS, lambda term: not term.legally_binding)
STAGE_WITHOUT_EVENTS = {
    term.id: term.stage_without_events for term in INSTRUMENTS if term.stage_without_events
}
IDEAS = _where(INSTRUMENTS, lambda term: term.idea)
FORMER_INSTRUMENTS = {"programme": "program"}  # terms of earlier versions
PARTS = _where(INSTRUMENTS, lambda term: term.part)
SCHEDULED = _where(EVENT_TYPES, lambda term: term.scheduled)
REVIVES = _where(EVENT_TYPES, lambda term: term.revives)
ONLY_BINDING = _where(EVENT_TYPES, lambda term: term.only_binding)
UNFORESEEABLE = _where(EVENT_TYPES, lambda term: term.foreseeable == "no")
UNOFFICIAL = _where(EVENT_TYPES, lambda term: term.unofficial)
LAW_TYPES = _where(DOCUMENT_TYPES, lambda term: term.law)
OFFICIAL_TYPES = _where(DOCUMENT_TYPES, lambda term: term.official)
UPDATED_TYPES = _where(DOCUMENT_TYPES, lambda term: term.updated)
OFFICIAL_KINDS = _where(ORGANIZATION_KINDS, lambda term: term.official)
PERSONS = _where(ORGANIZATION_KINDS, lambda term: term.schema_org == "Person")
PUBLIC_KINDS = _where(ORGANIZATION_KINDS, lambda term: term.public)
LOCAL_SCHEMES = _where(IDENTIFIER_SCHEMES, lambda term: term.local)
SHARED_SCHEMES = _where(IDENTIFIER_SCHEMES, lambda term: term.shared)
WHOLE_ACTS = _where(IDENTIFIER_SCHEMES, lambda term: term.whole_act)
LAW_SCHEMES = _where(IDENTIFIER_SCHEMES, lambda term: term.law)
_PADDED = _where(IDENTIFIER_SCHEMES, lambda term: term.padded)
# The domains of public bodies, as a regular expression for a host.
_OFFICIAL = tables(FOLDER / "official_domains.toml")
_BY_COUNTRY = (rf"{name}\.(?:{'|'.join(c.split())})" for name, c in _OFFICIAL["by_country"].items())
OFFICIAL_HOST = re.compile(rf"(?:.*\.)?(?:{'|'.join((*_OFFICIAL['domains'], *_BY_COUNTRY))})")
# Keys of an organization with an official id of a person -> the form of the id.
PERSON_IDS: dict[str, str] = tables(FOLDER / "person_ids.toml")

# Language tag -> other names of the language, in lower case.
LANGUAGE_NAMES: dict[str, list[str]] = tables(FOLDER / "language_names.toml")
# Postal code of a state of the United States -> its abbreviation in legal citation.
STATE_ABBREVIATIONS: dict[str, str] = tables(FOLDER / "state_abbreviations.toml")
# Postal code of a state -> its legislature, as the file explains.
US_LEGISLATURES: dict[str, dict] = tables(FOLDER / "us_legislatures.toml")
# Journals and registers -> their abbreviations in US legal citation.
CONTAINER_ABBREVIATIONS: dict[str, str] = tables(FOLDER / "container_abbreviations.toml")
# Words with a capital in sentence case.
PROPER_WORDS: list[str] = tables(FOLDER / "proper_words.toml")["words"].split()
# Type of document -> its type in CSL.
CSL_TYPES = {term.id: term.csl or term.id for term in DOCUMENT_TYPES}

SCHEMES = {scheme.id: scheme for scheme in IDENTIFIER_SCHEMES}
PROVISION = _named(IDENTIFIER_SCHEMES, "provision")[0]
# Schemes of the numbers by which acts are cited, and of those that give the address of the text, the best first.
NUMBERS = tuple(
    scheme
    for scheme in ranked(IDENTIFIER_SCHEMES, "citation_rank")
    if "number" in SCHEMES[scheme].citation and not SCHEMES[scheme].shared
)
ADDRESSES = ranked(IDENTIFIER_SCHEMES, "address_rank")
# An open question or note with one of these words is about the official text or number of an action.
OFFICIAL_WORDS = frozenset(
    "official identifier number docket citation reference text title".split()
)


class RunningForm(NamedTuple):
    """A form of official numbers in running text: a regular expression, and a template for the number from its groups."""

    pattern: str
    shown: str


RUNNING_FORMS = tuple(
    RunningForm(**form) for form in tables(FOLDER / "running_forms.toml")["running_form"]
)


def names_official_text(remark: str) -> bool:
    """Return whether `remark` is about an official text or number."""
    words = re.findall(r"[a-z]+", remark.lower())
    return any(word.removesuffix("s") in OFFICIAL_WORDS for word in words)


@lru_cache(maxsize=256)
def with_ids(wanted: tuple[str, ...]) -> tuple:
    """Return the vocabulary with exactly the ids `wanted`, or ()."""
    return next((terms for terms in VOCABULARIES.values() if ids(terms) == wanted), ())


def term_of(terms: tuple, text: str) -> Term | None:
    """Return the term with the id or label `text`, in any case and with blanks or hyphens; None if there is none."""
    wanted = _folded(text)
    return next((term for term in terms if wanted in (_folded(term.id), _folded(term.label))), None)


def corrected(terms: tuple, text: str) -> str:
    """Return the id of the term that `text` writes in another form or misspells, or ''.

    A word with its own meaning, such as a synonym, is not corrected.
    """
    if term := term_of(terms, text):
        return term.id
    return "" if _synonym(terms, text) else nearest(text, ids(terms))


def meanings(terms: tuple, text: str) -> str:
    """Return the ids of the terms that the synonym `text` can mean, in words; '' if it is not a synonym."""
    if not (synonym := _synonym(terms, text)):
        return ""
    *first, last = (f"'{term}'" for term in synonym["terms"])
    words = f"{', '.join(first)} or {last}" if first else last
    return words + (f" ({synonym['note']})" if "note" in synonym else "")


def advice(terms: tuple, text: str) -> str:
    """Return advice on what to write instead of `text`: a near spelling, what a synonym can mean, or the whole vocabulary."""
    if near := corrected(terms, text):
        return f"did you mean '{near}'?"
    if choices := meanings(terms, text):
        return f"choose what the source says: {choices}"
    return f"expected {choice(terms, text)}"


def choice(terms: tuple, text: str) -> str:
    """Return the terms that are expected instead of `text`: all terms if they are few, else the most similar and how to list all."""
    name = next((name for name, other in VOCABULARIES.items() if terms[: len(other)] == other), "")
    if len(terms) <= FEW or not name:
        return f"one of {', '.join(ids(terms))}"
    alike = () if corrected(terms, text) else similar(text, labels(terms))
    return such_as(f"a term of {name}", alike, name)


@lru_cache(maxsize=1)
def synonyms() -> dict[str, dict[str, dict]]:
    """Return the synonyms by vocabulary: each with the `terms` that it can mean and maybe a `note`."""
    return tables(FOLDER / "synonyms.toml")


def _synonym(terms: tuple, text: str) -> dict | None:
    name = next((name for name, other in VOCABULARIES.items() if other is terms), "")
    return synonyms().get(name, {}).get(_folded(text))


def locator(text: str) -> str:
    """Return a locator with its label written out, 'page 31' for 'p. 31'; '' if it does not begin with a label."""
    match = re.fullmatch(r"([^\W\d]+|[¶§]+)\.?\s*(.*)", text.strip())
    word = match[1].casefold() if match else ""
    for label in LOCATOR_LABELS if word else ():
        if word in (label.id, *label.abbreviations):
            return f"{label.id} {match[2]}".strip()
    return ""


def _folded(text: str) -> str:
    return re.sub(r"[\s_-]+", "_", text.strip().casefold())


def folded(text: str) -> str:
    """Return the letters and digits of `text` in lower case, for comparing identifiers."""
    return "".join(filter(str.isalnum, text.casefold()))


def identifier_keys(text: str) -> list[str]:
    """Return the identifiers that `text` may mean, folded: those in the forms of running text, then `text` itself."""
    keys = [folded(shown) for _, shown in running_numbers(text)]
    return list(dict.fromkeys(key for key in (*keys, folded(text)) if key))


def running_numbers(text: str) -> list[tuple[str, str]]:
    """Return the official numbers in running text: as it writes them, and as kb.db shows them."""
    return [
        (match[0], form.shown.format(**match.groupdict()))
        for form in RUNNING_FORMS
        for match in re.finditer(form.pattern, text, re.IGNORECASE)
    ]


def identifier_match(scheme: str, value: str) -> re.Match | None:
    """Return the match of `value` with the form of `scheme`, or None.

    :raises KeyError: if there is no such scheme.
    """
    return scheme_named(scheme).match(value)


def scheme_named(scheme: str) -> IdentifierScheme:
    """Return the scheme with this id, which may be one that the content declares. :raises KeyError: if there is none."""
    return SCHEMES.get(scheme) or {term.id: term for term in terms_of("identifier_schemes")}[scheme]


def identifier_example(scheme: str) -> str:
    """Return a well-formed value of `scheme`."""
    return scheme_named(scheme).example


def identifier_key(scheme: str, value: str) -> str:
    """Return `value` in the form for comparisons: 'WY HB0042 (2026)' and 'WY HB 42 (2026)' are the same number."""
    if scheme not in _PADDED:
        return value
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"\s", "", value)).casefold()


@lru_cache(maxsize=4096)
def identifier_display(scheme: str, value: str) -> tuple[str, str | None]:
    """Return a well-formed identifier for readers, and the official address that can be made from it, or None.

    Of a scheme that the content declares it is the value alone; kb.db has the identifier as that scheme shows it.
    """
    if scheme not in SCHEMES:
        return value, None
    form = SCHEMES[scheme]
    parts = _identifier_parts(scheme, value)
    return form.display.format(**parts), form.url.format(**parts) if form.url else None


def identifier_forms(scheme: str, value: str) -> list[str]:
    """Return the forms in which people look for a well-formed identifier: as shown, as in the record, and in short."""
    if scheme not in SCHEMES:
        return [value]
    form, parts = SCHEMES[scheme], _identifier_parts(scheme, value)
    short = form.short.format(**parts) if form.short else value
    return list(dict.fromkeys((form.display.format(**parts), value, short)))


def identifier_citation(scheme: str, value: str) -> dict[str, str]:
    """Return the properties of a bibliographic entry from a well-formed identifier; {} if texts are not cited by it."""
    parts = _identifier_parts(scheme, value)
    return {name: text.format(**parts) for name, text in SCHEMES[scheme].citation.items()}


@lru_cache(maxsize=256)
def _identifier_parts(scheme: str, value: str) -> dict[str, str]:
    """Return the values for the templates of `scheme`, from a well-formed value."""
    parts = {"value": value, **identifier_match(scheme, value).groupdict()}
    parts |= {name: values[parts["kind"]] for name, values in SCHEMES[scheme].by_kind.items()}
    if "congress" in parts:
        parts["session"] = _ordinal(int(parts["congress"]))
        parts["cited_session"] = legal_ordinal(int(parts["congress"]))
    if parts.get("sections"):
        parts["marked"] = _marked(parts["sections"])
    if "state" in parts:
        parts |= _state_parts(scheme, parts)
    if value.isdigit():
        parts["grouped"] = f"{int(value):,}"
    return parts


def _state_parts(scheme: str, parts: dict[str, str]) -> dict[str, str]:
    """Return how legal citation names the state in `parts`, its session laws, and the bill or code that they name."""
    state = parts["state"]
    abbreviation = STATE_ABBREVIATIONS.get(state, state)
    names = {"abbreviation": abbreviation, "laws": US_LEGISLATURES.get(state, {}).get("laws", "")}
    names["laws"] = names["laws"] or f"{abbreviation} Laws"
    if scheme == "us_state_bill":
        letters, names["digits"] = re.fullmatch(r"([A-Z]+) ?(.+)", parts["number"]).groups()
        names["letters"] = "".join(f"{letter}." for letter in letters)
        names["legislature"] = _legislature(state, parts)
    if scheme == "us_state_code":
        place = f"{abbreviation} {parts['code']}"
        by_volume = f"{parts['volume']} {place} {parts['sections']}"
        names["in_code"] = by_volume if parts["volume"] else f"{place} {parts['marked']}"
    if "page" in parts:
        names["page"] = parts["page"] or ""
    return names


def _legislature(state: str, parts: dict[str, str]) -> str:
    """Return '75th Gen. Assemb., 1st Reg. Sess.' or '2025–2026 Leg., Reg. Sess.' for the session of a bill."""
    data = US_LEGISLATURES.get(state, {"name": "Leg."})
    first, last = int(parts["first"]), parts["last"] or ""
    years = f"{first}–{str(first)[: 4 - len(last)]}{last}" if last else str(first)
    which = 0
    if "number" in data:
        start, number = data["number"]
        term, which = divmod(first - start, 2)
        years = legal_ordinal(number + term)
    regular = "Reg. Sess." if last else data.get("sessions", ("Reg. Sess.",) * 2)[which]
    session = parts["session"] or regular
    return f"{years} {data['name']}, {session}"


def _marked(sections: str) -> str:
    """Return sections of a code behind their sign: '§ 9411', '§§ 551–554'; a part or article without one."""
    if not sections[0].isdigit():
        return sections
    several = re.search(r" to |, |\d-\d+$", sections) and not re.fullmatch(
        r"[\w.]+-[\w.-]+", sections
    )
    if "-" not in sections:
        sections = sections.replace(" to ", "–")
    return f"§§ {sections}" if several else f"§ {sections}"


def legal_ordinal(number: int) -> str:
    """Return '2d', '103d', '119th', as US legal citation writes ordinals."""
    return re.sub(r"(?:nd|rd)$", "d", _ordinal(number))


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return str(number) + {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
