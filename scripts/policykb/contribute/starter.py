"""A new knowledge base: the example records, the files around them, and what a few answers say of it."""

from collections.abc import Sequence
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

from policykb.contribute.ids import words
from policykb.contribute.iso import COUNTRY, SUBDIVISION, iso_3166, missing
from policykb.files.toml_edit import Edit, apply, canonical, compose, record_type, values
from policykb.model.problems import InvalidInputError, shown
from policykb.model.records import TABLES, About
from policykb.text import capitalized

STARTER = files("policykb").joinpath("starter")
LICENSES = {
    "CC BY 4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC BY-SA 4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC0 1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "ODbL 1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
}
PLACELESS = "no-jurisdiction"  # of the example: what policy options have
_METHOD = """\
Every record is written by people in their own words from the sources it cites. A status is never written by hand: it follows
from dated events, each with a source or marked as unconfirmed. Where serious sources disagree, the record has a dispute; what
is not known is an open question."""
# Keys of about.toml that the example has for its own records.
_OF_EXAMPLE = """publisher editors contact source_url report_url edit_url new_url searches longest_summary distrusted
    shorthand coverage effects identifier_schemes""".split()
_UNUSED = "E859"  # places and topics that wait for records


class Answers(NamedTuple):
    """What the new knowledge base is: `jurisdictions` as `jurisdiction` reads them, `repository` the address of its files or ''."""

    title: str
    subject: str
    jurisdictions: Sequence[str]
    license: str
    license_url: str
    repository: str | None = None
    examples: bool = True


def jurisdiction(text: str) -> tuple[str, dict[str, str]]:
    """Return the id and the keys of the jurisdiction that `US`, `US-CA`, `Germany` or `US=United States` means.

    :raises InvalidInputError: if ISO 3166 has none and no name is in `text`.
    """
    code, equals, name = (part.strip() for part in text.partition("="))
    table = iso_3166(code)
    if equals:
        part, _, region = code.upper().partition("-")
        coded = {"kind": COUNTRY, "code": code.upper()}
        if region:
            coded |= {"kind": SUBDIVISION, "part_of": part.lower()}
        table = {"id": words(code)} | coded | table | {"name": name}
    elif code.upper() == "EU" or code == "European Union":
        table = {"id": "eu", "name": "European Union", "kind": "union", "code": "EU"}
    if not table.get("name") or not table["id"]:
        hint = missing() or "write CODE=NAME, such as US=United States"
        raise InvalidInputError(f"'{shown(text)}' is not a country or region of ISO 3166; {hint}")
    return table.pop("id"), table


def texts(answers: Answers) -> dict[str, str]:
    """Return the text of every file of the new knowledge base by its path, such as `policies/about.toml`.

    :raises InvalidInputError: if a jurisdiction is not known.
    """
    about = _about(answers)
    places = dict(map(jurisdiction, answers.jurisdictions))
    for table in list(places.values()):
        if table.get("part_of", PLACELESS) not in (PLACELESS, *places):
            places |= [jurisdiction(table["code"].partition("-")[0])]
    places[PLACELESS] = {"name": "No jurisdiction", "kind": "none"}
    definition = f"Everything about {answers.subject}."
    topics = {
        words(answers.subject): {"name": capitalized(answers.subject), "definition": definition}
    }
    written = {"policies/about.toml": about}
    if answers.examples:
        written |= {path: _plain(path, text) for path, text in _examples() if path not in written}
    for kind, records in (("jurisdiction", places), ("topic", topics)):
        path = f"policies/{TABLES[kind][1]}"
        written[path] = _with(kind, written.get(path, ""), records)
    written = canonical(written)
    written["policies/about.toml"] += _read("effects.txt")
    examples = _read("examples.md") if answers.examples else ""
    names = values(about) | {"version": version("policykb"), "examples": examples}
    names["description"] = names["description"].strip()
    for name in ("README.md", "requirements.txt"):
        written[name] = Template(_read(name)).substitute(names)
    written[".gitignore"] = _read("gitignore")
    for item in sorted(STARTER.joinpath("workflows").iterdir(), key=lambda item: item.name):
        written[f".github/workflows/{item.name}"] = item.read_text(encoding="utf-8")
    return written


def create(folder: Path, answers: Answers) -> list[str]:
    """Write the new knowledge base into `folder` and return the paths of its files.

    :raises InvalidInputError: if one of the files is there already; nothing is written then.
    """
    written = texts(answers)
    present = [path for path in ("policies", *written) if (folder / path).exists()]
    if present:
        raise InvalidInputError(f"{folder} already has {present[0]}; name another folder")
    for path, text in written.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8", newline="\n")
    return list(written)


def _about(answers: Answers) -> str:
    """Return about.toml: that of the example, with its comments, or only the keys that are needed."""
    subject = answers.subject
    content: dict[str, Any] = {
        "title": answers.title,
        "description": f"Tracks policy on {subject}: actions with their status, arguments about them, and sources.",
        "scope": f"Orders, bills, statutes, rules, programs and ideas that bear on {subject}.",
        "method": _METHOD,
        "license": answers.license,
        "license_url": answers.license_url,
    }
    if repository := (answers.repository or "").rstrip("/"):
        content["source_url"] = repository
        if repository.startswith("https://github.com/"):
            content |= {
                "report_url": f"{repository}/issues/new?title={{id}}&body={{text}}",
                "edit_url": f"{repository}/edit/main/{{file}}",
                "new_url": f"{repository}/new/main?filename={{file}}&value={{text}}",
            }
    if not answers.examples:
        content |= {"expectations": {"actions": 0}, "severities": {_UNUSED: "off"}}
        return compose(About, content)
    text = STARTER.joinpath("policies", "about.toml").read_text(encoding="utf-8")
    before = values(text)
    removed = [(key,) for key in _OF_EXAMPLE if key in before and key not in content]
    removed += [("expectations", key) for key in before["expectations"] if key != "actions"]
    removed += [("severities", code) for code in before["severities"] if code != _UNUSED]
    edits = [Edit((key,), value) for key, value in content.items()] + [Edit(at) for at in removed]
    return apply(text, About, [*edits, Edit(("expectations", "actions"), 1)])


def _examples() -> list[tuple[str, str]]:
    """Return the paths and texts of the example records."""
    pairs = []
    for item in STARTER.joinpath("policies").iterdir():
        inner = item.iterdir() if item.is_dir() else ()
        pairs += [(f"policies/{item.name}/{file.name}", file) for file in inner]
        if item.is_file():
            pairs.append((f"policies/{item.name}", item))
    return sorted((path, item.read_text(encoding="utf-8")) for path, item in pairs)


def _plain(path: str, text: str) -> str:
    """Return the text of an example record without its effect, which about.toml no longer declares."""
    if not path.startswith("policies/actions/"):
        return text
    return apply(text, record_type("action"), [Edit(("effect",))])


def _with(kind: str, text: str, records: dict[str, dict[str, str]]) -> str:
    """Return the text of a file of tables with those of `records` that it lacks."""
    if not text:
        return compose(record_type(kind), records)
    known = values(text)
    edits = [Edit((key,), table) for key, table in records.items() if key not in known]
    return apply(text, record_type(kind), edits) if edits else text


def _read(name: str) -> str:
    return STARTER.joinpath(name).read_text(encoding="utf-8")
