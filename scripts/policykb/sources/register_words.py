"""The wordings of the Federal Register and what they mean here: lines on the kind of action, and notes on other orders.

Both are free text in settled forms. What no row of a table fits keeps the meaning that the type of document has.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Meaning(NamedTuple):
    """What the publication of a document does.

    `publication` is the type of event that it is, `effective` the type of the day on which the document is effective.
    `before` is what must have happened by then to an act that was published earlier, '' if the document is the act
    itself. `instrument` is what the act is, where the type of document does not say it.
    """

    publication: str
    effective: str = "took_effect"
    before: str = ""
    instrument: str = ""


_COMMENTS = r"(?:public )?(?:comments?|information|input|views)"
_REQUEST = (
    rf"(?:\b(?:requests?|solicitation|invitation|opportunity|call) (?:for|of|to) {_COMMENTS}\b"
    r"|\bnotice of inquiry\b)"
)
_EXTENDED = r"(?:\bexten(?:sion|ding|d)\b.*\bcomment|\bcomment.*\bextend)"
_REOPENED = r"(?:\breopen.*\bcomment|\bcomment.*\breopen)"
_PARTIAL = r"\b(?:partial|partly|in part)\b"
_DELAYED = (
    r"(?:\b(?:delay|postpone|defer)\w*\b.*\beffective"
    r"|\beffective\b.*\b(?:delayed|postponed|deferred))"
)
_STAYED = r"\b(?:stay|suspension|suspend)(?:s|ed|ing)?\b"
_WITHDRAWN = r"(?:\bwithdraw(?:al|ing|n|s)?\b|\bterminat\w+ of (?:the )?rulemaking\b)"

# (type of document, form of the line on the kind of action, what it means); the first form that the line has counts.
LINES: tuple[tuple[str, str, Meaning], ...] = (
    ("Rule", r"\bcorrect(?:ion|ing|ed|s)\b", Meaning("amended", "other", "adopted")),
    (
        "Rule",
        rf"{_PARTIAL}.*(?:{_WITHDRAWN}|{_STAYED}|\bdelay)",
        Meaning("other", "other", "adopted"),
    ),
    ("Rule", r"\bwithdraw\w* of .*\bpropos", Meaning("adopted")),
    ("Rule", _WITHDRAWN, Meaning("withdrawn", "other")),
    ("Rule", _DELAYED, Meaning("published", "delayed", "adopted")),
    ("Rule", rf"\b(?:lift|end|terminat)\w* .*{_STAYED}", Meaning("resumed", "other", "adopted")),
    ("Rule", _STAYED, Meaning("suspended", "other", "adopted")),
    ("Rule", r"\bconfirm\w* .*\beffective\b", Meaning("published", "took_effect", "adopted")),
    ("Rule", _EXTENDED, Meaning("other", "took_effect", "adopted")),
    ("Rule", _REOPENED, Meaning("consultation_opened", "took_effect", "adopted")),
    ("Rule", "", Meaning("adopted")),
    ("Proposed Rule", r"\bcorrect(?:ion|ing|ed|s)\b", Meaning("amended", "other", "proposed")),
    ("Proposed Rule", rf"{_PARTIAL}.*{_WITHDRAWN}", Meaning("other", "other", "proposed")),
    (
        "Proposed Rule",
        r"\bwithdraw.*(?:\band\b|;).*\bpropos|\bwithdraw\w* of (?:the )?(?:previous|prior|earlier|original)\b",
        Meaning("other", "other", "proposed"),
    ),
    ("Proposed Rule", _WITHDRAWN, Meaning("withdrawn", "other")),
    (
        "Proposed Rule",
        r"\bden(?:ial|y|ied|ies)\b.*\bpetition|\bpetition.*\bdenied\b",
        Meaning("rejected", "other"),
    ),
    (
        "Proposed Rule",
        rf"\badvance\b.*{_EXTENDED}",
        Meaning("extended", "other", "consultation_opened"),
    ),
    (
        "Proposed Rule",
        r"\badvance\b.*\bnotice\b|\bnotice of intent\b",
        Meaning("consultation_opened", "other"),
    ),
    ("Proposed Rule", _EXTENDED, Meaning("extended", "other", "proposed")),
    ("Proposed Rule", _REOPENED, Meaning("consultation_opened", "other", "proposed")),
    (
        "Proposed Rule",
        r"\b(?:announcement|cancellation|change|rescheduling|postponement) of .*\b(?:hearing|meeting|workshop)|\bavailability\b",
        Meaning("published", "other", "proposed"),
    ),
    ("Proposed Rule", rf"^(?!.*\bpropos).*{_REQUEST}", Meaning("consultation_opened", "other")),
    ("Proposed Rule", "", Meaning("proposed")),
    (
        "Notice",
        rf"{_REQUEST}.*{_WITHDRAWN}|{_WITHDRAWN}.*{_REQUEST}",
        Meaning("withdrawn", "other", "consultation_opened", "request_for_comment"),
    ),
    (
        "Notice",
        _EXTENDED,
        Meaning("extended", "other", "consultation_opened", "request_for_comment"),
    ),
    ("Notice", _REOPENED, Meaning("consultation_opened", "other", "", "request_for_comment")),
    ("Notice", _REQUEST, Meaning("consultation_opened", "other", "", "request_for_comment")),
)

# What the notes on an order call its effect on another order -> the relation; and what they say others did to it -> the event.
RELATIONS = {
    "revokes": "revokes",
    "rescinds": "revokes",
    "terminates": "revokes",
    "amends": "amends",
    "supersedes": "replaces",
    "revokes in part": "amends",
    "rescinds in part": "amends",
    "terminates in part": "amends",
    "amends in part": "amends",
    "supersedes in part": "amends",
}
HAPPENED = {
    "revoked by": "revoked",
    "rescinded by": "revoked",
    "terminated by": "revoked",
    "amended by": "amended",
    "amended in part by": "amended",
    "superseded by": "replaced",
    "suspended by": "suspended",
    "revoked in part by": "eased",
    "rescinded in part by": "eased",
    "terminated in part by": "eased",
    "superseded in part by": "eased",
    "continued by": "extended",
}
# How an end is called in the note of an event.
ENDED = {"revokes": ("revoked", "Revoked"), "replaces": ("replaced", "Superseded")}

_ORDER = r"(?:EO|E\.O\.|Executive Order)s?\s+(?:No\.?\s+)?"
_LABEL = re.compile(r"\b([A-Z][a-z]+(?: (?:[a-z]+|In|Part|By|Also)){0,4})\s*:")
_DATE = r"[A-Z][a-z]+ \d{1,2}, \d{4}"


class Note(NamedTuple):
    """One note on another order: `effect` is its label in lower case; `number` and `day` are '' where the note has none."""

    label: str
    effect: str
    number: str
    day: str
    text: str


def meaning(type: str, line: str) -> Meaning | None:
    """Return what a line on the kind of action means for a document of `type`; None if that has no table."""
    return next(
        (
            found
            for kind, form, found in LINES
            if kind == type and re.search(form, line, re.IGNORECASE)
        ),
        None,
    )


def delayed_until(dates: str) -> str:
    """Return the last day until which the text on dates says that an effective date is delayed, or ''."""
    found = re.findall(rf"\b(?:delay|postpon|deferr)\w*\b.*?\b(?:until|to)\s+({_DATE})", dates)
    return _day(found[-1]) if found else ""


def named_document(text: str) -> str:
    """Return the number of another document that a text names, or ''."""
    found = re.search(r"\bFR\.? Doc\.?\s+((?:\d{4}|[A-Z]\d{1,2})-\d{1,5})\b", text)
    return found[1] if found else ""


def notes(lines: Iterable[str]) -> Iterator[Note]:
    """Yield the notes on other orders in `lines`, each once. A label holds until the next one, also over lines."""
    label, seen = "Note", set()
    for line in lines:
        head, *rest = _LABEL.split(line)
        parts = [(label, head), *zip(rest[::2], rest[1::2], strict=True)]
        label = parts[-1][0]
        for name, text in parts:
            for note in _of_label(name, text):
                if (note.label, note.text) not in seen:
                    seen.add((note.label, note.text))
                    yield note


def _of_label(label: str, text: str) -> Iterator[Note]:
    """Yield each order that stands behind one label."""
    for part in re.split(rf";|(?<=\d{{4}})[,.]?\s+(?:and\s+)?(?={_ORDER}\d)", text):
        said = part.strip(" ,.;")
        if not said:
            continue
        number = re.match(rf"{_ORDER}(\d{{4,5}})\b", said)
        when = re.search(_DATE, said)
        effect = " ".join(label.lower().split())
        if re.search(r"\bin part\b|\bpartly\b|\bpart of\b|\bsec(?:tion|\.)", said, re.IGNORECASE):
            effect = _in_part(effect)
        yield Note(label, effect, number[1] if number else "", _day(when[0]) if when else "", said)


def _in_part(effect: str) -> str:
    """Return an effect limited to a part: 'revokes in part', 'revoked in part by'."""
    if " in part" in effect:
        return effect
    return (
        f"{effect.removesuffix(' by')} in part by"
        if effect.endswith(" by")
        else f"{effect} in part"
    )


def _day(text: str) -> str:
    """Return a day such as 'January 3, 2018' as a date, or '' if there is no such day."""
    from policykb.model.dates import understood

    found = understood(text) or ""
    return found if len(found) == 10 else ""
