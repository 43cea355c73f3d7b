"""Records as CSL-JSON items: which kind of source an instrument or document is, and in which legal form it is numbered.

Plain rows in, items out (https://docs.citationstyles.org/en/stable/specification.html). Reads nothing. An item
holds the conventions of citation that most styles share; what one style wants otherwise stands in styles.py.
"""

import re
from typing import Any

from policykb.model import vocabulary
from policykb.model.dates import span

# instrument -> CSL type of the official text.
INSTRUMENTS = {term.id: term.csl for term in vocabulary.INSTRUMENTS}
LEGAL = vocabulary.LAW_TYPES
# CSL type -> type of Zotero's, for its meta tags.
ZOTERO = {term.id: term.zotero for term in vocabulary.DOCUMENT_TYPES}
# Kinds of events by which an official text is dated, the best first; by instrument, where it has its own.
DATED_BY = vocabulary.ranked(vocabulary.EVENT_TYPES, "dates_text")
DATED_BY_FOR = {term.id: term.dated_by or DATED_BY for term in vocabulary.INSTRUMENTS}
# Roles of the author of an official text, the best first. Acts of legislatures have none.
AUTHORS = vocabulary.ranked(vocabulary.BODY_ROLES, "authorship")
AUTHORED = frozenset(term.id for term in vocabulary.INSTRUMENTS if term.authored)
LETTERS = frozenset(term.id for term in vocabulary.INSTRUMENTS if term.letter)
ADDRESSED = frozenset(term.id for term in vocabulary.BODY_ROLES if term.addressed)
TEXTS = frozenset(term.id for term in vocabulary.GRADES if term.text)

_BILLS = {
    "hr": "H.R.",
    "s": "S.",
    "hres": "H.R. Res.",
    "sres": "S. Res.",
    "hjres": "H.R.J. Res.",
    "sjres": "S.J. Res.",
    "hconres": "H.R. Con. Res.",
    "sconres": "S. Con. Res.",
}
# Abbreviations of states in US legal citation, by postal code.
_STATES = {
    "AL": "Ala.",
    "AK": "Alaska",
    "AZ": "Ariz.",
    "AR": "Ark.",
    "CA": "Cal.",
    "CO": "Colo.",
    "CT": "Conn.",
    "DE": "Del.",
    "FL": "Fla.",
    "GA": "Ga.",
    "HI": "Haw.",
    "ID": "Idaho",
    "IL": "Ill.",
    "IN": "Ind.",
    "IA": "Iowa",
    "KS": "Kan.",
    "KY": "Ky.",
    "LA": "La.",
    "ME": "Me.",
    "MD": "Md.",
    "MA": "Mass.",
    "MI": "Mich.",
    "MN": "Minn.",
    "MS": "Miss.",
    "MO": "Mo.",
    "MT": "Mont.",
    "NE": "Neb.",
    "NV": "Nev.",
    "NH": "N.H.",
    "NJ": "N.J.",
    "NM": "N.M.",
    "NY": "N.Y.",
    "NC": "N.C.",
    "ND": "N.D.",
    "OH": "Ohio",
    "OK": "Okla.",
    "OR": "Or.",
    "PA": "Pa.",
    "RI": "R.I.",
    "SC": "S.C.",
    "SD": "S.D.",
    "TN": "Tenn.",
    "TX": "Tex.",
    "UT": "Utah",
    "VT": "Vt.",
    "VA": "Va.",
    "WA": "Wash.",
    "WV": "W. Va.",
    "WI": "Wis.",
    "WY": "Wyo.",
    "DC": "D.C.",
    "PR": "P.R.",
}
_PROVISIONS = {"art": "art.", "recital": "recital", "annex": "annex", "section": "§"}


def date(text: str | None) -> dict | None:
    """A partial date as a CSL date; one that is approximate or uncertain is marked as circa."""
    if not text:
        return None
    days = span(text)
    parts = [int(part) for part in days.earliest.split("-")][
        : {"year": 1, "month": 2, "day": 3}[days.precision]
    ]
    return {"date-parts": [parts]} | ({"circa": True} if days.qualifier else {})


def made(**variables: object) -> dict:
    """An item of the variables that have a value; `_` stands for `-` and names ending in it keep their case."""
    return {name: value for name, value in variables.items() if value}


def document(row: dict, authors: list[dict]) -> dict:
    """The item of a document and its authors."""
    names = [
        {"family": author["family"], "given": author["given"]}
        if author["family"] and author["given"]
        else {"literal": author["name"]}
        for author in authors
        if author["name"] != row["container"]  # a newspaper is where a text is, not who wrote it
    ]
    item = made(
        id=row["id"],
        type=row["type"],
        title=row["title"],
        author=names,
        issued=date(row["issued"]),
        volume=row["volume"],
        page=row["page"],
        publisher=row["publisher"],
        number=row["number"],
        DOI=row["doi"],
        URL=row["url"] or row["archive_url"],
        language=row["language"],
    )
    if row["container"]:
        item["container-title"] = row["container"]
    if row["accessed"] and row["url"]:
        item["accessed"] = date(row["accessed"])
    return item


def action(
    row: dict,
    identifiers: list[dict],
    bodies: list[dict],
    events: list[dict],
    documents: list[dict],
    part: dict | None = None,
) -> dict | None:
    """The item of the official text of an action, or None where there is none: an idea, a practice.

    `part` is the row and identifiers of a provision of it: `identifiers` then has those of the act, and `section` says where.
    """
    if row["instrument"] in vocabulary.STAGE_WITHOUT_EVENTS and not identifiers:
        return None
    numbers: dict[str, list[str]] = {}
    for identifier in identifiers:
        numbers.setdefault(identifier["scheme"], []).append(identifier["value"])
    kind = INSTRUMENTS[row["instrument"]]
    item = made(
        id=row["id"],
        type=kind,
        title=row["title"],
        issued=date(_dated(row["instrument"], events)),
        URL=_address(identifiers, documents),
        language="en",
    )
    if kind not in LEGAL or row["instrument"] in AUTHORED:
        author = next((body for role in AUTHORS for body in bodies if body["role"] == role), None)
        item |= made(author=[{"literal": author["name"]}] if author else None)
    item |= _numbered(row, numbers, documents)
    if row["instrument"] in LETTERS and not numbers:
        item |= _letter(row, bodies)
    where = [_provision(value) for value in (part or numbers).get("provision", [])]
    return item | made(section=", ".join(where))


def _numbered(row: dict, numbers: dict[str, list[str]], documents: list[dict]) -> dict:
    """The number of an official text and where it is printed, in the legal form of its jurisdiction."""
    first = {scheme: values[0] for scheme, values in numbers.items()}
    found: dict = {}
    if "fr_citation" in first:
        volume, page = re.fullmatch(r"(\d+) FR (\d+)", first["fr_citation"]).groups()
        found |= {"volume": volume, "container-title": "Fed. Reg.", "page": page}
    if "eo" in first:
        return found | {"genre": "Exec. Order", "number": f"No. {int(first['eo']):,}"}
    if "us_public_law" in first:
        return found | {"genre": "Pub. L.", "number": f"No. {first['us_public_law']}"}
    if "us_bill" in first:
        kind, number, congress = re.fullmatch(r"([a-z]+)(\d+)-(\d+)", first["us_bill"]).groups()
        return found | {
            "genre": _BILLS[kind],
            "number": number,
            "authority": f"{ordinal(int(congress))} Cong.",
        }
    if "us_state_bill" in first:
        state, chamber, number, session = re.fullmatch(
            r"([A-Z]{2}) ([A-Z]+) ?(\S+) \((.*)\)", first["us_state_bill"]
        ).groups()
        return found | {
            "genre": "".join(f"{letter}." for letter in chamber),
            "number": number,
            "authority": f"{session} Leg.",
            "jurisdiction": _STATES[state],
        }
    if "eu_number" in first or "oj" in first:
        official = next(
            (
                d["title"]
                for d in documents
                if d["type"] == "legislation"
                and first.get("eu_number", "\0") in d["title"]
                and not d["title"].startswith("[")
                and "consolidated" not in d["title"]
            ),
            row["title"],
        )
        return (
            found
            | {"title": official}
            | ({"container-title": first["oj"]} if "oj" in first else {})
        )
    number = next(
        (
            first[scheme]
            for scheme in ("us_memorandum", "gsar", "com", "us_gao", "us_docket", "official_number")
            if scheme in first
        ),
        None,
    )
    found |= made(number=number)
    if (
        row["jurisdiction"] not in ("us", "eu", "international", "no-jurisdiction")
        and INSTRUMENTS[row["instrument"]] in LEGAL
    ):
        found["jurisdiction"] = (
            _STATES.get(row["jurisdiction"].removeprefix("us-").upper(), row["jurisdiction_name"])
            if row["jurisdiction"].startswith("us-")
            else row["jurisdiction_name"]
        )
    return found


def _letter(row: dict, bodies: list[dict]) -> dict:
    """What makes an order without a number a letter to somebody, where the record calls it one."""
    to = next((body["name"] for body in bodies if body["role"] in ADDRESSED), None)
    if not to or not re.search(r"\bletter\b", row["summary"]):
        return {}
    return {"type": "personal_communication", "genre": "Letter", "recipient": [{"literal": to}]}


def _provision(value: str) -> str:
    kind, _, rest = value.partition(" ")
    return f"{_PROVISIONS[kind]} {rest}"


def _dated(instrument: str, events: list[dict]) -> str | None:
    """The date of an official text: of its first event of the best kind there is."""
    for kind in DATED_BY_FOR[instrument]:
        for event in events:
            if event["type"] == kind and not event["supersedes"]:
                return event["date"]
    return None


def _address(identifiers: list[dict], documents: list[dict]) -> str | None:
    """The official address of a text: of its identifiers, else of a source for the action that is an official text itself."""
    return next(
        (
            i["url"]
            for scheme in ("fr_document", "us_bill", "eli", "celex", "us_gao")
            for i in identifiers
            if i["scheme"] == scheme and i["url"]
        ),
        None,
    ) or next(
        (
            d["url"]
            for d in documents
            if d["url"] and d["type"] in (*LEGAL, "report") and d["grade"] in TEXTS
        ),
        None,
    )


def ordinal(number: int) -> str:
    """'118th', '1st'."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return str(number) + {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def without_markup(value: Any) -> Any:
    """Return a value of an item in which processors find no markup: `<b>` in a title is text, not bold.

    CSL-JSON knows no escape, so the sign that begins a tag gets a tag of its own, which every processor takes away.
    """
    if isinstance(value, dict):
        return {name: without_markup(part) for name, part in value.items()}
    if isinstance(value, list):
        return [without_markup(part) for part in value]
    return _TAG.sub('<span class="nocase"><</span>', value) if isinstance(value, str) else value


_TAG = re.compile(r"<(?=/?(?:i|b|sup|sub|sc|span)\b[^<>]*>)", re.IGNORECASE)
