"""RIS, read and written. rispy reads the lines; that every entry begins and ends is checked here, as rispy drops one that does not."""

import re
from collections.abc import Iterable, Iterator

import rispy
from rispy.config import LIST_TYPE_TAGS, TAG_KEY_MAPPING

from policykb.contribute import reading
from policykb.contribute.proposal import Proposal, Refuse, Unreadable, stop
from policykb.model.problems import shown
from policykb.model.vocabulary import DOCUMENT_TYPES
from policykb.references.entry import (
    Entry,
    Name,
    check_count,
    check_size,
    dated,
    document_fields,
    document_type,
    proposals,
)

TYPES = {name: term.id for term in DOCUMENT_TYPES for name in term.from_ris}
_RIS = {term.id: term.ris for term in DOCUMENT_TYPES}
# Property -> its tags: the first one that has a value is read, and the first one is written, in this order.
FIELDS = {
    "title": ("TI", "T1"),
    "authors": ("AU", "A1"),
    "recipients": ("A2",),
    "issued": ("DA", "PY", "Y1"),
    "container": ("T2", "JF", "JO", "BT", "JA", "J2"),
    "volume": ("VL",),
    "number": ("IS",),
    "page": ("SP",),
    "publisher": ("PB",),
    "jurisdiction": ("CY",),
    "genre": ("M3",),
    "authority": ("T3",),
    "doi": ("DO",),
    "url": ("UR",),
    "accessed": ("Y2",),
    "language": ("LA",),
    "keywords": ("KW",),
    "id": ("ID",),
}
_READ = document_fields(FIELDS)
IGNORED = frozenset(
    "TY ER EP AB N1 N2 AD AN C1 C2 C3 C4 C5 C6 C7 C8 CA CN CY DB DP ET ID L1 L2 L3 L4 LB M1 M2 M3 RN SN ST TT U1 U2 U3 U4 U5".split()
)
_KNOWN = IGNORED | {tag for tags in _READ.values() for tag in tags}
# Where the types keep the number of the text itself, as reference managers write it; elsewhere IS is an issue.
NUMBERS = {"BILL": "M1", "STAT": "M1", "HEAR": "M1", "RPRT": "SN", "STAND": "SN"}
_TAG = re.compile(r"^([A-Z][A-Z0-9])  -(.*)$")
_ONE_BLANK = re.compile(r"^([A-Z][A-Z0-9]) -(?= |$)", re.MULTILINE)
_YEAR_MONTH = re.compile(r"^(\d{4})/(\d{2})/*$")
_SERIAL = re.compile(r"\d{4}-\d{3}[\dX]|(?:\d-?){9}[\dX]|(?:\d-?){13}")  # an ISSN or ISBN
_ENTRY_FORM = "an entry from 'TY  - ' to 'ER  - '"


def is_it(data: bytes) -> bool:
    """Return whether the bytes look like this format."""
    text = data[:65536].removeprefix(b"\xef\xbb\xbf")
    first = re.search(rb"^([A-Z][A-Z0-9]) {1,2}- ?", text, re.MULTILINE)
    return first is not None and first[1] == b"TY"


def read(data: bytes, name: str, refuse: Refuse = stop) -> Iterator[Proposal]:
    """Return the documents that a RIS file describes; the errors are those of `parse`."""
    return proposals(parse(data, name, refuse))


def parse(data: bytes, name: str, refuse: Refuse = stop) -> Iterator[Entry]:
    """Return the entries of a RIS file. Nothing goes to `refuse`: where one entry is broken, the next has no sure begin.

    :raises Unreadable: if an entry does not begin or end, with its line; if there is none or there are too many.
    """
    text = reading.strict_text(data, name)
    if not re.search(r"^TY  -", text, re.MULTILINE):  # some writers put one blank
        text = _ONE_BLANK.sub(r"\1  -", text)
    count = _count(text, name)
    # One key for both tags of authors, so that their order is kept where a writer mixes them.
    tags = {tag: tag for tag in (*TAG_KEY_MAPPING, "BT")} | {"A1": "AU"}
    try:
        records = rispy.loads(
            text, mapping=tags, list_tags=LIST_TYPE_TAGS, delimiter_tags_mapping={}
        )
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        raise Unreadable(f"{name}: {shown(str(error))}; expected RIS") from None
    if len(records) != count:
        counts = f"{count} entries begin and {len(records)} could be read"
        raise Unreadable(f"{name}: {counts}; expected {_ENTRY_FORM}")
    for record in records:
        yield _entry(record)


def format(entries: Iterable[Entry]) -> str:
    """Return `entries` as RIS."""
    return "\n".join(_written(entry) for entry in entries)


def _count(text: str, name: str) -> int:
    """Return how many entries the text has, each begun and ended.

    Lines without a tag between entries belong to none; some writers number entries.

    :raises Unreadable: as `parse`.
    """

    def wrong(line: int, reason: str) -> Unreadable:
        return Unreadable(f"{name}:{line}: {reason}; expected {_ENTRY_FORM}")

    begin, count, size = 0, 0, 0
    for number, line in enumerate(text.split("\n"), 1):
        match = _TAG.match(line)
        tag = match[1] if match else ""
        start = shown(line.strip(), 30)
        if tag == "TY" and begin:
            raise wrong(number, f"an entry begins inside that of line {begin}")
        if tag and tag != "TY" and not begin:
            raise wrong(number, f"'{start}' is outside an entry")
        if start and not tag and number == begin + 1 > 1:
            raise wrong(number, f"'{start}' has no tag")
        size += len(line) + 1
        if begin:
            check_size(size, name, begin)
        if tag == "TY":
            begin, count, size = number, count + 1, 0
        elif tag == "ER":
            begin = 0
    if begin:
        raise wrong(begin, "the entry that begins here has no end")
    if not count:
        raise Unreadable(f"{name}: has no entry; expected RIS, {_ENTRY_FORM}")
    check_count(count, name)
    return count


# Reading an entry


def _entry(record: dict) -> Entry:
    unresolved: list[str] = []
    values = {key: _first(record, tags) for key, tags in _READ.items()}
    values["authors"] = [_name(name) for name in record.get("AU", [])]
    values["keywords"] = [word.strip() for word in record.get("KW", []) if word.strip()]
    values["issued"] = _issued(record)
    source = record["TY"].strip().upper()
    kind = document_type(TYPES, source, unresolved)
    issue, values["number"] = values["number"], record.get(NUMBERS.get(source, ""), "")
    if NUMBERS.get(source) == "SN" and _SERIAL.fullmatch(values["number"]):
        values["number"] = ""
    last = record.get("EP")
    if last and values["page"] not in ("", last) and "-" not in values["page"]:
        values["page"] += f"-{last}"
    unresolved += [f"url: '{shown(url)}' is a further address" for url in record.get("UR", [])[1:]]
    unresolved += _remarks(record)
    return Entry(type=kind, issue=issue, **values, unresolved=unresolved)


def _first(record: dict, tags: tuple[str, ...]) -> str:
    """Return the first value under `tags`."""
    value = next((record[tag] for tag in tags if record.get(tag)), "")
    return value[0] if isinstance(value, list) else value


def _name(text: str) -> Name:
    """Return a name as RIS writes it: family, given, suffix. Without a comma it cannot be split and is a family name alone."""
    family, _, rest = text.partition(",")
    return Name(family, ", ".join(filter(None, map(str.strip, rest.split(",")))))


def _issued(record: dict) -> str:
    """Return the date that is most precise; the year may be apart from day and month."""
    dates = [_YEAR_MONTH.sub(r"\1-\2", record.get(tag, "").strip()) for tag in FIELDS["issued"]]
    dates = [date for date in dates if date.strip("/")]
    if not dates:
        return ""
    day, *others = dates
    known = dated(day)[0]
    if others and not known:
        return f"{day} {others[0].strip('/ ')}"
    return next((date for date in others if (dated(date)[0] or "").startswith(f"{known}-")), day)


def _remarks(record: dict) -> list[str]:
    """Return what the entry has under tags that are not read."""
    remarks = []
    for tag, value in record.items():
        if tag == "UK":  # tags that rispy does not know
            for unknown, values in value.items():
                if unknown not in IGNORED:
                    remarks.append(f"{shown(unknown)}: '{shown(' '.join(map(str, values)))}'")
        elif tag not in _KNOWN and value:
            text = "; ".join(value) if isinstance(value, list) else value
            remarks.append(f"{tag}: '{shown(text)}'")
    return remarks


# Writing an entry


def _written(entry: Entry) -> str:
    kind = _RIS[entry.type]
    lines = [("TY", kind)]
    for key, (tag, *_) in FIELDS.items():
        value = getattr(entry, key)
        if key == "issued":
            date = value.rstrip("~?")
            lines += [("PY", date[:4]), ("DA", date.replace("-", "/"))]
        elif key == "page":
            first, _, last = value.partition("-")
            lines += [("SP", first), ("EP", last)]
        elif key in ("authors", "recipients"):
            lines += [(tag, name.inverted) for name in value]
        elif key == "keywords":
            lines += [(tag, word) for word in value]
        elif key == "accessed":
            lines.append((tag, value.rstrip("~?").replace("-", "/")))
        else:
            lines.append((NUMBERS.get(kind, tag) if key == "number" else tag, value))
    text = "".join(f"{tag}  - {' '.join(value.split())}\n" for tag, value in lines if value)
    return text + "ER  - \n"
