"""RIS, read and written. No library reads it here: they drop an entry that does not end, without a message."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from policykb.contribute import reading
from policykb.contribute.proposal import Refuse, stop
from policykb.model.problems import SourceError, shown
from policykb.model.vocabulary import DOCUMENT_TYPES
from policykb.references.entry import (
    Entry,
    Name,
    check_count,
    check_size,
    document_fields,
    document_type,
    partial_date,
    reader,
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
    "section": ("SE",),
    "codified": ("OP",),
    "version": ("ET",),
    "status": ("N1",),
    "editors": ("ED",),
    "original_title": ("TT",),
    "doi": ("DO",),
    "url": ("UR",),
    "accessed": ("Y2",),
    "language": ("LA",),
    "keywords": ("KW",),
    "id": ("ID",),
}
_READ = document_fields(FIELDS)
IGNORED = frozenset(
    "TY ER EP AB N1 N2 AD AN C1 C2 C3 C4 C5 C6 C7 C8 CA CN CY DB DP ET ID L1 L2 L3 L4 LB M1 M2 M3 RN SN ST U1 U2 U3 U4 U5".split()
)
_KNOWN = IGNORED | {tag for tags in _READ.values() for tag in tags}
# Where the types keep the number of the text itself, as reference managers write it; elsewhere IS is an issue.
NUMBERS = {
    "BILL": "M1",
    "STAT": "M1",
    "HEAR": "M1",
    "SOUND": "M1",
    "RPRT": "SN",
    "STAND": "SN",
    "CASE": "SV",
}
# Where the types keep what they are a part of, as Zotero reads them: in T2 a hearing has its committee, and a paper the
# name of the conference.
CONTAINERS = {"SOUND": "T3", "CONF": "C3", "HEAR": "JF"}
# Tags that occur once a value; of other tags the first value counts. Some writers put each value on a line without a tag.
_LISTS = frozenset({"AU", "KW", "UR"})
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


def parse(data: bytes, name: str, refuse: Refuse = stop) -> Iterator[Entry]:
    """Return the entries of a RIS file. An entry that does not begin or end goes to `refuse`, with its line.

    :raises SourceError: if there is no entry, if there are too many, or if one is too long.
    """
    text = reading.strict_text(data, name)
    if not re.search(r"^TY  -", text, re.MULTILINE):  # some writers put one blank
        text = _ONE_BLANK.sub(r"\1  -", text)
    for record in list(_records(text, name, refuse)):
        yield _entry(record)


read = reader(parse)


def format(entries: Iterable[Entry]) -> str:
    """Return `entries` as RIS."""
    return "\n".join(_written(entry) for entry in entries)


def _records(text: str, name: str, refuse: Refuse) -> Iterator[dict[str, list[str]]]:
    """Return the values of each entry by tag; those of the two tags of authors are one list, in their order.

    Lines without a tag between entries belong to none; some writers number entries. After a broken entry the next begins
    with the next tag TY.

    :raises SourceError: as `parse`.
    """

    def broken(line: int, problem: str) -> None:
        message = f"{name}:{line}: {problem}; expected {_ENTRY_FORM}"
        refuse(f"the entry in line {max(begin, 0) or line}", SourceError(message))

    # `begin` is the first line of the entry, 0 between entries, -1 in what is left of a broken one.
    begin, count, size = 0, 0, 0
    lines: list[tuple[str, str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        match = _TAG.match(line)
        tag, value = match.groups() if match else ("", line)
        if begin < 0 and tag != "TY":
            continue
        if problem := _problem(tag, line, max(begin, 0), number):
            broken(number, problem)
            begin = -1
        size += len(line) + 1
        if begin > 0:
            check_size(size, name, begin)
        if tag == "TY":
            begin, count, size, lines = number, count + 1, 0, []
        if begin > 0 and tag == "ER":
            yield _values(lines)
            begin = 0
        lines.append((tag, value.strip()))
    if begin > 0:
        broken(begin, "the entry that begins here has no end")
    if not count:
        raise SourceError(f"{name}: has no entry; expected RIS, {_ENTRY_FORM}")
    check_count(count, name)


def _values(lines: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the values of an entry by tag, from its lines as (tag or '', value)."""
    values: dict[str, list[list[str]]] = {}
    last = ""
    for tag, value in lines:
        last = {"A1": "AU"}.get(tag, tag) or last
        texts = values.setdefault(last, [])
        if tag or last in _LISTS:
            texts.append([value])
        else:
            texts[-1].append(value)
    return {tag: [" ".join(lines) for lines in texts] for tag, texts in values.items()}


def _problem(tag: str, line: str, begin: int, number: int) -> str:
    """Return the fault of a line with `tag`, or none, in an entry that began in the line `begin` (0: outside of one); or ''."""
    start = shown(line.strip(), 30)
    if tag == "TY" and begin:
        return f"an entry begins inside that of line {begin}"
    if tag and tag != "TY" and not begin:
        return f"'{start}' is outside an entry"
    if start and not tag and begin and number == begin + 1:
        return f"'{start}' has no tag"
    return ""


# Reading an entry


def _entry(record: dict[str, list[str]]) -> Entry:
    unresolved: list[str] = []
    values: dict = {key: _first(record, tags) for key, tags in _READ.items()}
    values["authors"] = [_name(name) for name in record.get("AU", [])]
    values["keywords"] = [word for word in record.get("KW", []) if word]
    values["issued"] = _issued(record)
    source = record["TY"][0].upper()
    kind = document_type(TYPES, source, unresolved)
    issue, values["number"] = values["number"], _first(record, (NUMBERS.get(source, ""),))
    values["container"] = values["container"] or _first(record, (CONTAINERS.get(source, ""),))
    if NUMBERS.get(source) == "SN" and _SERIAL.fullmatch(values["number"]):
        values["number"] = ""
    last = _first(record, ("EP",))
    if values["page"] and last not in ("", values["page"]) and "-" not in values["page"]:
        values["page"] += f"-{last}"
    unresolved += [f"url: '{shown(url)}' is a further address" for url in record.get("UR", [])[1:]]
    for tag, texts in record.items():
        if tag not in _KNOWN and tag != CONTAINERS.get(source) and any(texts):
            unresolved.append(f"{tag}: '{shown('; '.join(texts))}'")
    return Entry(type=kind, issue=issue, **values, unresolved=unresolved)


def _first(record: dict[str, list[str]], tags: Iterable[str]) -> str:
    return next((text for tag in tags for text in record.get(tag, [])[:1] if text), "")


def _name(text: str) -> Name:
    """Return a name as RIS writes it: family, given, suffix. Without a comma it cannot be split and is a family name alone."""
    family, _, rest = text.partition(",")
    return Name(family, ", ".join(filter(None, map(str.strip, rest.split(",")))))


def _issued(record: dict[str, list[str]]) -> str:
    """Return the date that is most precise; the year may be apart from day and month."""
    dates = [_YEAR_MONTH.sub(r"\1-\2", _first(record, (tag,))) for tag in FIELDS["issued"]]
    dates = [date for date in dates if date.strip("/")]
    if not dates:
        return ""
    day, *others = dates
    known = partial_date(day)[0]
    if others and not known:
        return f"{day} {others[0].strip('/ ')}"
    return next(
        (date for date in others if (partial_date(date)[0] or "").startswith(f"{known}-")), day
    )


# Writing an entry


def _written(entry: Entry) -> str:
    kind = _RIS[entry.type]
    lines = [("TY", kind)]
    entry = entry.whole_number()
    if kind == "CASE":
        entry = replace(entry, publisher=entry.authority, authority="", genre="")
    for key, (tag, *_) in FIELDS.items():
        value = getattr(entry, key)
        if key == "issued":
            date = value.rstrip("~?")
            lines += [("PY", date[:4]), ("DA", date.replace("-", "/"))]
        elif key == "page":
            first, _, last = value.partition("-")
            lines += [("SP", first), ("EP", last)]
        elif key in ("authors", "recipients", "editors"):
            lines += [(tag, name.inverted) for name in value]
        elif key == "keywords":
            lines += [(tag, word) for word in value]
        elif key == "accessed":
            lines.append((tag, value.rstrip("~?").replace("-", "/")))
        else:
            tags = {"number": NUMBERS, "container": CONTAINERS}.get(key, {})
            lines.append((tags.get(kind, tag), value))
    text = "".join(f"{tag}  - {' '.join(value.split())}\n" for tag, value in lines if value)
    return text + "ER  - \n"
