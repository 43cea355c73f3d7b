"""Items of CSL as each style needs them: what manuals want that the files of styles cannot say.

Four styles have layouts of ours for law in style_files; the others get the number and the place of a law where they look
for a title.
"""

import re

from policykb.model.vocabulary import CONTAINER_ABBREVIATIONS, DOCUMENT_TYPES, LAW_TYPES
from policykb.references.titles import sentence_case

# Styles with a place for the edition and the status of the entry here, and others in which it begins with its title.
_WITH_EDITION = ("bluebook", "oscola")
_BEGIN_WITH_TITLE = ("chicago", "mla", "mcgill", "aglc", "ieee")
OURS = ("apa", "bluebook", "chicago", "oscola")
_JOURNAL = re.compile(r"OJ ([LC])(?: (\d+))?,? (?:(.+?), )?\d{1,2}\.\d{1,2}\.(\d{4})")
_ABBREVIATED = re.compile(r"\S+\.(?=[\s,]|$)")
_TREATY_SERIES = ("CETS", "ETS", "TIAS")
# Type of CSL -> what APA calls the work, where CSL has no better word.
_MEDIA = {term.csl: term.genre for term in DOCUMENT_TYPES if term.genre}
_DESCRIBED = re.compile(r"\[.*\]", re.DOTALL)
# What APA takes for a page where its title is a description: it would say of others twice what they are.
_APA_PAGES = frozenset({"interview", "personal_communication", "post", "speech"})


def dialect(style: str, item: dict, protected: list[str], law_macros: bool) -> dict:
    """Return an item as `style` needs it.

    `protected` are names in the title, which keep their case. `law_macros` is whether the style has the macros for law
    that the styles of APA and Chicago share.
    """
    if item["type"] == "hearing" and item.get("page") and item.get("container-title"):
        _cite_debate(item)
    if item["type"] in LAW_TYPES:
        _law(style, item, law_macros)
    elif item["type"] == "legal_case":
        if style == "oscola":
            _case_without_stops(item)
    elif item["id"].endswith("-entry"):
        _entry_here(style, item)
    else:
        _document(style, item, protected)
    return item


def _case_without_stops(item: dict) -> None:
    """Take the full stops out of the abbreviations in the name of a case, but not out of a name such as X.AI."""
    item["title"] = _ABBREVIATED.sub(lambda word: word[0].replace(".", ""), item["title"])
    if "authority" in item:
        item["authority"] += ","


def _cite_debate(item: dict) -> None:
    """Make a debate the place in the record of the chamber that prints it, without a title."""
    name = item["container-title"]
    item |= {"type": "bill", "container-title": CONTAINER_ABBREVIATIONS.get(name, name)}
    item["medium"] = "daily ed."  # by which our layouts know it
    del item["title"]
    item.pop("author", None)


def _entry_here(style: str, item: dict) -> None:
    """Keep the titles as they are; a style without a place for the edition and the status has both behind its title.

    A style that begins with an author and a year takes the publisher, or else the knowledge base, for an author.
    """
    if item.get("publisher") == item["container-title"]:
        del item["publisher"]
    if style in _WITH_EDITION:
        item.pop("issued", None)  # the edition has the day
    else:
        edition = item.pop("version", "").rpartition(", ")[2]
        name = item["container-title"]
        if style not in _BEGIN_WITH_TITLE and "editor" not in item:
            item["author"] = [{"literal": item.get("publisher", name)}]
            name = name if "publisher" in item else ""
        notes = filter(None, (f"ed. {edition}" if edition else "", item.pop("status", "")))
        item["container-title"] = f"{name} [{'; '.join(notes)}]".strip()
    if {"literal": item.get("publisher")} in item.get("author", []):
        del item["publisher"]
    if item.get("publisher") == item["container-title"]:
        del item["publisher"]
    for name in ("title", "container-title"):
        item[name] = as_written(item[name])


# Documents


def _name_publisher_once(item: dict) -> None:
    """Make the publisher the author of what has no other; one that is the author is named once."""
    publisher = {"literal": item.get("publisher", "")}
    if item.get("publisher") and not item.get("author") and "container-title" not in item:
        item["author"] = [publisher]
    if publisher in item.get("author", []):
        del item["publisher"]


def _document(style: str, item: dict, protected: list[str]) -> None:
    _name_publisher_once(item)
    title = item.get("title", "")
    described = _DESCRIBED.fullmatch(title)
    if style == "bluebook":
        name = item.get("container-title", "")
        if name in CONTAINER_ABBREVIATIONS:
            item["container-title"] = CONTAINER_ABBREVIATIONS[name]
        if item["type"] == "report" and item.get("number"):
            title = f"{item.pop('number')}, {title}"
    else:
        item.pop("archive_location", None)
    if style == "apa" and item["type"] in _MEDIA:
        item["medium"] = _MEDIA[item["type"]]
    _fit_kind(style, item)
    if described:
        _describe(style, item)
    elif style == "apa" and item.get("language") == "en":
        title = sentence_case(title, protected)
    if original := item.pop("original-title", ""):
        title = f"{original} [{title}]"
    if style == "apa" or described or original:
        title = as_written(title)
    if "title" in item:
        item["title"] = title


def _fit_kind(style: str, item: dict) -> None:
    """Set what one manual wants of one kind of document: APA of preprints and OSCOLA of letters."""
    kind = item["type"]
    if style == "apa" and kind == "manuscript" and "container-title" in item:
        item |= {"type": "article", "publisher": item.pop("container-title")}
    elif style == "oscola" and kind == "personal_communication" and "recipient" in item:
        item.pop("title", None)


def _describe(style: str, item: dict) -> None:
    """Cite a work that has a description for a title as a page, where the style would say twice what it is."""
    without_addressee = item["type"] == "personal_communication" and "recipient" not in item
    if style == "apa" and item["type"] in _APA_PAGES or style in OURS and without_addressee:
        item["type"] = "webpage"
    elif style == "oscola" and item["type"] == "interview":
        del item["title"]


# Law


def _law(style: str, item: dict, law_macros: bool) -> None:
    _print_place(item)
    if style in OURS:
        _place_in_official_journal(style, item)
        _name_year_once(style, item)
        if item.get("number", "").startswith(("COM (", "JOIN (")):
            _cite_proposal(style, item)
        elif item.get("genre") in _TREATY_SERIES:
            item["type"] = "treaty"
    else:
        item.pop("medium", None)
        _join_number_and_place(item, law_macros)
    if "title" in item:
        item["title"] = as_written(item["title"])
    if "references" in item and not item.get("number"):
        item["container-title"] = item.pop("references")


def _print_place(item: dict) -> None:
    """Put the page of a register behind its name, with commas, as the styles would read it as a list of pages.

    An executive order goes by its number alone.
    """
    if page := item.pop("page", "").partition("-")[0]:
        number = f"{int(page):,}" if page.isdigit() and len(page) > 4 else page
        item["container-title"] = f"{item.get('container-title', '')} {number}"
    if item.get("genre", "").endswith("Exec. Order"):
        item.pop("title", None)


def _place_in_official_journal(style: str, item: dict) -> None:
    """Write the place in the Official Journal as OSCOLA does, or as The Bluebook and those that follow it."""
    journal = _JOURNAL.fullmatch(item.get("container-title", ""))
    if not journal:
        return
    series, issue, number, year = journal.groups()
    number = number or issue or ""
    if style == "oscola":
        item.pop("issued", None)
        del item["container-title"]
        item["title"] += f" [{year}] OJ {series}{number}"
    else:
        item |= {"volume": year, "container-title": f"O.J. ({series} {number})".replace(" )", ")")}


def _name_year_once(style: str, item: dict) -> None:
    """Leave the year out where the volume or the number of a law says it; APA always has a year of its own."""
    year = str(item["issued"]["date-parts"][0][0]) if "issued" in item else ""
    if item.get("volume", "") == year:
        item.pop("jurisdiction", None)
    elif not re.search(rf"\b{year}\b", item.get("number", "")):
        return
    if style != "apa" and not item.get("number", "").startswith("COM"):
        item.pop("issued", None)


def _cite_proposal(style: str, item: dict) -> None:
    """Cite a proposal of the Commission: The Bluebook has the whole date, OSCOLA the author and the title in quotation marks."""
    if style == "oscola":
        item["title"] = f"Commission, ‘{item['title']}’ {item.pop('number')}"
        item.pop("issued", None)
    elif style == "bluebook":
        item["type"] = "regulation"


def _join_number_and_place(item: dict, law_macros: bool) -> None:
    """Join the number and the printed place, and put the provision into the title.

    They are the place for the macros for law, which would say "Nos." before a number with a comma or hyphen. For other
    styles, most of which know no numbers of laws, they go into the title.
    """
    if "title" not in item and "genre" in item:
        item["title"] = f"{item.pop('genre')} {item.pop('number')}"
    number = " ".join(item.pop(name) for name in ("genre", "number") if name in item)
    printed = " ".join(item.pop(name) for name in ("volume", "container-title") if name in item)
    codified = item.pop("references", None)
    place = _joined(number, item.pop("authority", None), printed)
    place += f" (codified at {codified})" if codified else ""
    in_title = None if law_macros else place
    item["title"] = _joined(item.get("title"), item.pop("section", None), in_title)
    if law_macros and place:
        item["container-title"] = place
    if law_macros and item.get("jurisdiction") and item.get("issued"):
        item["issued"] = {"literal": f"{item['jurisdiction']} {item['issued']['date-parts'][0][0]}"}


def _joined(*parts: str | None) -> str:
    return ", ".join(filter(None, parts))


def as_written(text: str) -> str:
    """Return `text` so that styles leave its case as it is."""
    return f'<span class="nocase">{text}</span>'
