"""Citations for other tools: BibTeX and BibLaTeX, RIS, CSL-JSON; and in plain words, for where no style can be set.

Written with bibtexparser and rispy, the libraries that others read them with. Every item once, in the order cited.
"""

import json
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from policykb.model.vocabulary import DOCUMENT_TYPES
from policykb.references import items as csl
from policykb.references.citation import Citation, Part
from policykb.text import MONTHS

# CSL type -> type of entry in BibTeX, in BibLaTeX and in RIS.
TYPES = {term.id: (term.bibtex, term.biblatex, term.ris) for term in DOCUMENT_TYPES}
MEDIA = {
    "bibtex": "application/x-bibtex",
    "biblatex": "application/x-bibtex",
    "ris": "application/x-research-info-systems",
    "csl-json": "application/vnd.citationstyles.csl+json",
}
# What TeX would read as a command. Everything else is UTF-8. Braces count even where they are escaped: those left open get names.
_BRACES = str.maketrans({"{": r"\textbraceleft{}", "}": r"\textbraceright{}"})
_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "%": r"\%",
        "_": r"\_",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
    }
)


def written(citations: Sequence[Citation], form: str) -> str:
    """The citations as `bibtex`, `biblatex`, `ris` or `csl-json`."""
    items = every(citations)
    if form == "csl-json":
        return json.dumps(csl.without_markup(items), ensure_ascii=False, indent=1) + "\n"
    return _ris(items) if form == "ris" else _bibtex(items, form)


def every(citations: Iterable[Citation]) -> list[dict]:
    """Each item once, in the order cited; of a provision the title says which it is."""
    found: dict[str, dict] = {}
    for citation in citations:
        for part in citation.parts:
            found.setdefault(part.item["id"], whole(part.item))
    return list(found.values())


def whole(item: dict) -> dict:
    """An item with its provision in its title, where every tool shows it."""
    if "section" not in item:
        return item
    return {
        **{name: value for name, value in item.items() if name != "section"},
        "title": f"{item['title']}, {item['section']}",
    }


def day(issued: dict | None) -> str:
    """A CSL date as ISO text: '2026-06-02', '2026-06', '2026' or ''."""
    return "-".join(f"{part:02d}" for part in issued["date-parts"][0]) if issued else ""


def plain(part: Part) -> str:
    """An item in plain words, set in no style: who, what, number, where, when, place."""
    item = part.item
    printed = " ".join(
        filter(None, (item.get("volume"), item.get("container-title"), item.get("page")))
    )
    said = [
        ", ".join(_name(author) for author in item.get("author", ())),
        item.get("title"),
        " ".join(filter(None, (item.get("genre"), item.get("number")))),
        "to " + ", ".join(_name(name) for name in item["recipient"])
        if item.get("recipient")
        else "",
        item.get("authority"),
        item.get("jurisdiction"),
        printed,
        item.get("publisher"),
        _spelled(item.get("issued")),
        item.get("section"),
        part.locator,
    ]
    return ", ".join(filter(None, said))


def _name(name: dict) -> str:
    return name.get("literal") or f"{name['given']} {name['family']}"


def _spelled(issued: dict | None) -> str:
    if not issued:
        return ""
    year, *rest = issued["date-parts"][0]
    return " ".join(
        [*(str(part) for part in rest[1:]), *(MONTHS[part - 1] for part in rest[:1]), str(year)]
    )


def _line(text: str) -> str:
    return " ".join(str(text).split())


def _bibtex(items: list[dict], form: str) -> str:
    from bibtexparser import Library, write_string
    from bibtexparser.model import Entry, Field

    library = Library()
    for item in items:
        type = TYPES[item["type"]][form == "biblatex"]
        container = {
            "article": "journaltitle" if form == "biblatex" else "journal",
            "inproceedings": "booktitle",
        }.get(type, "howpublished")
        publisher = "institution" if type in ("techreport", "report") else "publisher"
        noted = [
            item.get("authority"),
            "to " + ", ".join(_name(name) for name in item["recipient"])
            if item.get("recipient")
            else "",
        ]
        issued = day(item.get("issued"))
        when = (
            {"date": issued + ("~" if issued and item["issued"].get("circa") else "")}
            if form == "biblatex"
            else {
                "year": issued[:4],
                "month": issued[5:7].lstrip("0"),
                "day": issued[8:].lstrip("0"),
            }
        )
        fields = {
            "author": " and ".join(
                "{" + _tex(name["literal"]) + "}"
                if "literal" in name
                else f"{_tex(name['family'])}, {_tex(name['given'])}"
                for name in item.get("author", ())
            ),
            "title": "{" + _tex(item["title"]) + "}",
            "type": _tex(item.get("genre")),
            "number": _tex(item.get("number")),
            container: _tex(item.get("container-title")),
            "volume": _tex(item.get("volume")),
            "pages": _tex(item.get("page", "").replace("-", "--")),
            publisher: _tex(item.get("publisher")),
            "address": _tex(item.get("jurisdiction")),
            **when,
            "note": _tex("; ".join(filter(None, noted))),
            "doi": _address(item.get("DOI")),
            "url": _address(item.get("URL")),
            "urldate": day(item.get("accessed")),
            "langid" if form == "biblatex" else "language": _tex(item.get("language")),
        }
        library.add(
            Entry(type, item["id"], [Field(name, value) for name, value in fields.items() if value])
        )
    return write_string(library)


def _tex(text: str | None) -> str:
    text = _line(text or "")
    return text.translate(_TEX if _balanced(text) else _TEX | _BRACES)


def _balanced(text: str) -> bool:
    """Whether every brace in `text` is closed in its turn."""
    depth = 0
    for char in text:
        depth += (char == "{") - (char == "}")
        if depth < 0:
            return False
    return depth == 0


def _address(text: str | None) -> str:
    """An address for a field that TeX takes as it stands."""
    return quote(text or "", safe="!#$&'()*+,/:;=?@[]~%-._")


def _ris(items: list[dict]) -> str:
    import rispy
    from rispy.config import TAG_KEY_MAPPING

    from policykb.references.ris import NUMBERS

    class Writer(rispy.RisWriter):
        """References without the running numbers that rispy puts between them, which RIS does not know."""

        def set_header(self, count: int) -> str:
            return ""

    references = []
    for item in items:
        first, _, last = item.get("page", "").partition("-")
        issued, accessed = day(item.get("issued")), day(item.get("accessed"))
        reference = {
            "type_of_reference": TYPES[item["type"]][2],
            "title": item["title"],
            "authors": [_ris_name(name) for name in item.get("author", ())],
            "secondary_authors": [_ris_name(name) for name in item.get("recipient", ())],
            "year": issued[:4],
            "date": issued.replace("-", "/"),
            "secondary_title": item.get("container-title"),
            "volume": item.get("volume"),
            TAG_KEY_MAPPING[NUMBERS.get(TYPES[item["type"]][2], "IS")]: item.get("number"),
            "start_page": first,
            "end_page": last,
            "publisher": item.get("publisher"),
            "place_published": item.get("jurisdiction"),
            "type_of_work": item.get("genre"),
            "tertiary_title": item.get("authority"),
            "doi": item.get("DOI"),
            "urls": [item["URL"]] if item.get("URL") else [],
            "access_date": accessed.replace("-", "/"),
            "language": item.get("language"),
            "id": item["id"],
        }
        references.append(
            {
                name: [_line(part) for part in value] if isinstance(value, list) else _line(value)
                for name, value in reference.items()
                if value
            }
        )
    return rispy.dumps(references, implementation=Writer)


def _ris_name(name: dict) -> str:
    return name.get("literal") or f"{name['family']}, {name['given']}"
