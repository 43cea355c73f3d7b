"""Forms of a citation that no style file sets: the short form behind a first citation, and templates of Wikipedia."""

import re

from policykb.model.vocabulary import CSL_TYPES, DOCUMENT_TYPES, LAW_TYPES
from policykb.references.citation import Part
from policykb.references.entry import Entry, Name
from policykb.text import date

_TEMPLATES = {term.id: term.wikipedia for term in DOCUMENT_TYPES}
# Where a template has the name of what a text is in.
_WITHIN = {
    "cite journal": "journal",
    "cite magazine": "magazine",
    "cite news": "work",
    "cite conference": "book-title",
}
# What would end a parameter or the call of a template.
_ESCAPES = str.maketrans(
    {"{": "&#123;", "}": "&#125;", "|": "&#124;", "[": "&#91;", "]": "&#93;", "<": "&lt;"}
)
# How a style names several authors, and what it says of the first citation.
_AND = {"bluebook": "&", "oscola": "and", "chicago": "and", "apa": "&"}
_LABELS = {
    "bluebook": {"paragraph": "¶", "section": "§", "page": "at", "article": "art."},
    "oscola": {"paragraph": "para", "section": "s", "page": "", "article": "art"},
    "chicago": {"paragraph": "para.", "section": "sec.", "page": "", "article": "art."},
    "apa": {"paragraph": "para.", "section": "section", "page": "p.", "article": "art."},
}
SHORT_STYLES = tuple(_AND)
_SHORT_TITLE_WORDS = 5
# Words with which a short title does not end.
_SMALL = frozenset("a and be for in is of on the to would".split())


def short(part: Part, style: str) -> str:
    """Return how a text refers to a source that it has cited before, in one of SHORT_STYLES; `__` is the number of the note."""
    entry, place = part.entry, _place(part.locator or part.entry.section, style)
    year = entry.issued[:4] or "n.d."
    if entry.type in LAW_TYPES or CSL_TYPES.get(entry.type) == "legal_case":
        name = _law(entry, style)
        pieces = (name, year, place) if style == "apa" else (name, place)
        text = ", ".join(filter(None, pieces))
        return f"({text})" if style == "apa" else text
    names = _families(entry.authors, style) or _short_title(entry.title, style)
    if style == "apa":
        return f"({', '.join(filter(None, (names, year, place)))})"
    if style == "oscola":
        return f"{names} (n __) {place}".strip()
    if style == "bluebook":
        return " ".join(filter(None, (f"{names}, supra note __,", place))).rstrip(",")
    title = _short_title(entry.title, style) if entry.authors else ""
    return ", ".join(filter(None, (names, title, place))).replace("”,", ",”")


def _law(entry: Entry, style: str) -> str:
    """Return the short name of a law or case: its number where it is known by it, else its title."""
    number = f"{entry.genre} {entry.number}".strip()
    if CSL_TYPES.get(entry.type) == "legal_case":
        return entry.title if style == "apa" else f"{entry.title.partition(' v. ')[0]}, {number}"
    name = re.split(r" of the European Parliament|, provisions? ", entry.title)[0]
    by_title = style == "apa" and not entry.genre.endswith("Exec. Order")
    if entry.genre and not re.match(r"chs?\.", entry.genre) and not by_title:
        name = number
    return name.replace(".", "") if style == "oscola" else name


def _families(names: list[Name], style: str) -> str:
    """Return the family names of authors: of three or more the first alone."""
    words = [name.family or name.literal for name in names]
    if len(words) > 2:
        return f"{words[0]} et al." if style != "oscola" else f"{words[0]} and others"
    return f" {_AND[style]} ".join(words)


def _short_title(title: str, style: str) -> str:
    """Return the first words of a title, up to a colon, with the marks of the style; a description stays whole."""
    if title.startswith("["):
        return title
    words = re.split(r"[:?]\s", title)[0].split()[:_SHORT_TITLE_WORDS]
    while len(words) > 2 and words[-1].lower() in _SMALL:
        words.pop()
    text = " ".join(words)
    return {"oscola": f"‘{text}’", "bluebook": text}.get(style, f"“{text}”")


def _place(locator: str, style: str) -> str:
    label, _, value = locator.partition(" ")
    known = _LABELS[style].get(label)
    text = locator if known is None else f"{known} {value}".strip()
    return text.replace(".", "") if style == "oscola" and known is None else text


# Wikipedia


def wikipedia(part: Part) -> str:
    """Return a source as a template of Wikipedia: one that knows the number of a US text, or one by the type of the source."""
    entry = part.entry
    return _by_number(entry) or _template(_TEMPLATES[entry.type], _parameters(entry))


def _by_number(entry: Entry) -> str:
    """Return the template for an executive order, a public law, a bill in Congress or a page of the Federal Register, or ''."""
    digits = re.sub(r"\D", "", entry.number)
    if entry.genre == "Exec. Order":
        return f"{{{{Executive Order|{digits}}}}}"
    law = re.fullmatch(r"No\. (\d+)-(\d+)", entry.number)
    if law and entry.genre == "Pub. L.":
        return f"{{{{USPL|{law[1]}|{law[2]}}}}}"
    if match := re.fullmatch(r"(\d+)\w\w? Cong\.", entry.authority):
        return f"{{{{USBill|{match[1]}|{entry.genre}|{entry.number}}}}}"
    if entry.container == "Fed. Reg." and entry.page:
        return f"{{{{Federal Register|{entry.volume}|{entry.page.partition('-')[0]}}}}}"
    return ""


def _parameters(entry: Entry) -> dict[str, str]:
    template = _TEMPLATES[entry.type]
    day = date(entry.issued.rstrip("~?"))
    day = f"c. {day}" if entry.issued.endswith(("~", "?")) else day
    if template == "cite court":
        number = f"{entry.genre} {entry.number}".strip()
        values = {"litigants": entry.title, "opinion": number, "court": entry.authority}
        return values | {"date": day, "url": entry.url}
    if template == "cite act":
        number = {"type": entry.genre, "index": entry.number, "date": day, "article": entry.section}
        return {**number, "legislature": entry.authority, "title": entry.title, "url": entry.url}
    values = _people(entry, "subject" if template == "cite interview" else "author")
    described = entry.title.startswith("[")
    values["title"] = entry.title.strip("[]") if described else entry.title
    values |= {"url": entry.url, "date": day, _WITHIN.get(template, "website"): entry.container}
    values |= {"volume": entry.volume, "pages": entry.page, "publisher": entry.publisher}
    language = "" if entry.language == "en" else entry.language
    values |= {"id": entry.number, "doi": entry.doi, "language": language}
    values["access-date"] = date(entry.accessed)
    if match := re.match(r"https?://web\.archive\.org/web/(\d{4})(\d\d)(\d\d)", entry.archive_url):
        values |= {"archive-url": entry.archive_url, "archive-date": date("-".join(match.groups()))}
    return values


def _people(entry: Entry, role: str) -> dict[str, str]:
    values = {}
    for number, name in enumerate(entry.authors[:30], 1):
        if name.literal or role == "subject":
            values[f"{role}{number}"] = name.in_order
        else:
            values |= {f"last{number}": name.family, f"first{number}": name.given}
    return values


def _template(name: str, parameters: dict[str, str]) -> str:
    """Return a call of a template; nothing in a value ends the parameter or the call."""
    pieces = ["{{" + name]
    for key, value in parameters.items():
        if text := " ".join(value.split()).translate(_ESCAPES):
            pieces.append(f"|{key}={text}")
    return " ".join(pieces) + "}}"
