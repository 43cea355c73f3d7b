"""RIS -> proposed documents. Lines are read by rispy; that every entry begins and ends is checked here, as rispy drops one that does not."""

import re
from collections.abc import Iterator

import rispy
from rispy.config import LIST_TYPE_TAGS, TAG_KEY_MAPPING

from policykb.contribute.proposal import Proposal, Refuse, Unreadable, stop
from policykb.model.problems import shown
from policykb.model.vocabulary import DOCUMENT_TYPES
from policykb.references import untrusted as safe
from policykb.references.entry import (
    MOST_CHARACTERS,
    MOST_ENTRIES,
    OTHER_TYPE,
    dated,
    person,
    proposal,
)

TYPES = {name: term.id for term in DOCUMENT_TYPES for name in term.from_ris}
FIELDS = {
    "title": ("TI", "T1"),
    "authors": ("AU", "A1"),
    "issued": ("DA", "PY", "Y1"),
    "container": ("JO", "JF", "T2", "BT", "JA", "J2"),
    "volume": ("VL",),
    "page": ("SP",),
    "publisher": ("PB",),
    "number": ("IS",),
    "doi": ("DO",),
    "url": ("UR",),
    "language": ("LA",),
    "keywords": ("KW",),
    "accessed": ("Y2",),
}
IGNORED = frozenset(
    "TY ER EP AB N1 N2 AD AN C1 C2 C3 C4 C5 C6 C7 C8 CA CN CY DB DP ET ID L1 L2 L3 L4 LB M1 M2 M3 RN SN ST TT U1 U2 U3 U4 U5".split()
)
# Where the types keep the number of the text itself, as reference managers write it; elsewhere IS is an issue.
NUMBERS = {"BILL": "M1", "STAT": "M1", "HEAR": "M1", "RPRT": "SN", "STAND": "SN"}
_TAG = re.compile(r"^([A-Z][A-Z0-9])  -(.*)$")
_ONE_BLANK = re.compile(r"^([A-Z][A-Z0-9]) -(?= |$)", re.MULTILINE)
_YEAR_MONTH = re.compile(r"^(\d{4})/(\d{2})/*$")
_SERIAL = re.compile(r"\d{4}-\d{3}[\dX]|(?:\d-?){9}[\dX]|(?:\d-?){13}")  # an ISSN or ISBN
_ENTRY_FORM = "an entry from 'TY  - ' to 'ER  - '"


def is_it(data: bytes) -> bool:
    """Whether the bytes look like this format."""
    text = data[:65536].removeprefix(b"\xef\xbb\xbf")
    first = re.search(rb"^([A-Z][A-Z0-9]) {1,2}- ?", text, re.MULTILINE)
    return first is not None and first[1] == b"TY"


def read(data: bytes, name: str, refuse: Refuse = stop) -> Iterator[Proposal]:
    """The documents that a RIS file describes.

    :raises Unreadable: if an entry does not begin or end, with its line; if there is none or there are too many.
    """
    text = safe.text(data, name)
    if not re.search(r"^TY  -", text, re.MULTILINE):  # some writers put one blank
        text = _ONE_BLANK.sub(r"\1  -", text)
    count = _entries(text, name)
    # One key for both tags of authors, so that their order is kept where a writer mixes them.
    tags = {tag: tag for tag in (*TAG_KEY_MAPPING, "BT")} | {"A1": "AU"}
    try:
        records = rispy.loads(
            text, mapping=tags, list_tags=LIST_TYPE_TAGS, delimiter_tags_mapping={}
        )
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        raise Unreadable(f"{name}: {shown(str(error))}; expected RIS") from None
    if len(records) != count:
        raise Unreadable(
            f"{name}: {count} entries begin and {len(records)} could be read; expected {_ENTRY_FORM}"
        )
    taken: dict[str, int] = {}
    for record in records:
        yield _document(record, taken)


def _entries(text: str, name: str) -> int:
    """How many entries the text has, each begun and ended. Lines without a tag between them are no part of any; some writers number entries."""
    begun, count, size = 0, 0, 0
    for number, line in enumerate(text.split("\n"), 1):
        match = _TAG.match(line)
        tag = match[1] if match else ""
        if tag == "TY" and begun:
            raise Unreadable(
                f"{name}:{number}: an entry begins inside that of line {begun}; expected {_ENTRY_FORM}"
            )
        if not begun and tag and tag != "TY":
            raise Unreadable(
                f"{name}:{number}: '{shown(line.strip(), 30)}' stands outside an entry; expected {_ENTRY_FORM}"
            )
        if begun and line.strip() and not tag and number == begun + 1:
            raise Unreadable(
                f"{name}:{number}: '{shown(line.strip(), 30)}' has no tag; expected {_ENTRY_FORM}"
            )
        size += len(line) + 1
        if begun and size > MOST_CHARACTERS:
            raise Unreadable(
                f"{name}:{begun}: the entry that begins here has more than {MOST_CHARACTERS:,} characters; expected at most that"
            )
        if tag == "TY":
            begun, count, size = number, count + 1, 0
        elif tag == "ER":
            begun = 0
    if begun:
        raise Unreadable(
            f"{name}:{begun}: the entry that begins here has no end; expected {_ENTRY_FORM}"
        )
    if not count:
        raise Unreadable(f"{name}: has no entry; expected RIS, {_ENTRY_FORM}")
    if count > MOST_ENTRIES:
        raise Unreadable(
            f"{name}: has {count:,} entries; expected at most {MOST_ENTRIES:,} in one file"
        )
    return count


def _document(record: dict, taken: dict[str, int]) -> Proposal:
    told: list[str] = []
    said: dict[str, object] = {}
    for key, tags in FIELDS.items():
        found = next((record[tag] for tag in tags if record.get(tag)), "")
        said[key] = found if key == "keywords" else found[0] if isinstance(found, list) else found
    said["keywords"] = [word.strip() for word in said["keywords"] or [] if word.strip()]
    said["authors"] = [_author(name) for tag in FIELDS["authors"] for name in record.get(tag, [])]
    kind = record["TY"].strip().upper()
    said["type"] = TYPES.get(kind, OTHER_TYPE)
    if kind not in TYPES:
        told.append(f"type: '{shown(kind)}' has no type here and is taken as {OTHER_TYPE}")
    said["issued"] = _issued(record)
    number = record.get(NUMBERS.get(kind, ""), "")
    said["issue"], said["number"] = said["number"], number
    if NUMBERS.get(kind) == "SN" and _SERIAL.fullmatch(number):
        said["number"] = ""
    if (
        record.get("EP")
        and said["page"]
        and record["EP"] != said["page"]
        and "-" not in said["page"]
    ):
        said["page"] = f"{said['page']}-{record['EP']}"
    said["title"] = " ".join(str(said["title"]).split())
    told += [f"url: '{shown(other)}' is a further address" for other in record.get("UR", [])[1:]]
    known = {tag for tags in FIELDS.values() for tag in tags} | IGNORED
    for tag, value in record.items():
        if tag == "UK":
            told += [
                f"{shown(unknown)}: '{shown(' '.join(map(str, values)))}'"
                for unknown, values in value.items()
                if unknown not in IGNORED
            ]
        elif tag not in known and value:
            told.append(f"{tag}: '{shown('; '.join(value) if isinstance(value, list) else value)}'")
    return proposal(said, told, taken)


def _author(name: str) -> dict[str, str]:
    """A name as RIS writes it: family, given, suffix. Without a comma it cannot be split and is a family name alone."""
    family, _, rest = name.partition(",")
    return person(family, ", ".join(filter(None, map(str.strip, rest.split(",")))))


def _issued(record: dict) -> str:
    """Return the date that says most; the year may be apart from day and month."""
    dates = [_YEAR_MONTH.sub(r"\1-\2", record.get(tag, "").strip()) for tag in ("DA", "PY", "Y1")]
    dates = [date for date in dates if date.strip("/")]
    if not dates:
        return ""
    day, *others = dates
    if others and not dated(day)[0]:
        return f"{day} {others[0].strip('/ ')}"
    known = dated(day)[0] or ""
    return next((date for date in others if (dated(date)[0] or "").startswith(f"{known}-")), day)
