"""The generated parts of the manual: tables of what the code and its data files say.

The pages under docs/ call these functions in blocks of cog. `scripts/docs` writes the blocks again, and a test fails
where a page is out of date.
"""

import inspect
import os
import re
import sqlite3
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import metadata
from pathlib import Path

import click
import cog
import policykb
import sqlite_utils
from policykb.api import KnowledgeBase, Status
from policykb.build import load
from policykb.cli import cli
from policykb.contribute import one_line
from policykb.model import records as model
from policykb.model import vocabulary
from policykb.model.fields import Field, Part, describe, parts
from policykb.model.problems import CODES
from policykb.read.dictionary import tables
from policykb.read.questions import questions
from policykb.references import bibtex, ris
from policykb.references import csl_json as csl
from policykb.references.entry import KEYS, document_fields
from policykb.sources import eurlex, table
from policykb.sources import formats as readers

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "docs" / "examples"
STARTER = ROOT / "scripts" / "policykb" / "starter"
TODAY = "2026-11-22"
COMMON = ("--policies", "--db", "--today", "--help")
WRITING = ("--yes", "--dry-run", "--json")  # the options of every command that changes files
WRITES = "As for [all commands that change files](#commands-that-change-files)."
# How the manual writes the kinds of values, where that is not their name.
KINDS = {
    "words": "line of at most 12 words",
    "locator": "[locator](dates.md#locators)",
    "date": "[date](dates.md)",
    "address": "web address",
    "pattern": "regular expression",
    "former id": "id, or id of an action with `#` and an id",
    "form": "text of a fixed form",
    "flag": "true or false",
}
TABLES = {
    "identifiers": "line or list of line",
    "severities": "`error` or `warning` or `off`",
    "expectations": "number",
}
BIBLIOGRAPHIES = (bibtex, ris, csl)
FEWEST_LINKS = 2  # of a table in the picture; one with fewer only details another table


def out(text: str) -> None:
    """Write `text` into the page, behind an empty line."""
    cog.outl("\n" + text.strip("\n"))


def rows(head: Iterable[str], body: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown."""
    head = tuple(head)
    lines = [head, ("---",) * len(head), *body]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(str(text).split()))


def code(text: str) -> str:
    """Return `text` as code, or '' if there is none."""
    return f"`{text}`" if text else ""


def codes(names: Iterable[str]) -> str:
    """Return `names` as code with commas between them."""
    return ", ".join(map(code, names))


def anchor(heading: str) -> str:
    """Return the anchor that GitHub gives to `heading`."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


# The commands


def command(words: str) -> None:
    """Write how the command `words` is called, its help and its options; for a group, those of its commands."""
    found: click.Command = cli
    context = _root()
    for word in words.split():
        found = found.get_command(context, word)
        context = click.Context(found, parent=context, info_name=word)
    if isinstance(found, click.Group):
        for name in found.list_commands(context):
            out(f"### policykb {words} {name}")
            _command(found.get_command(context, name), name, context)
    else:
        _command(found, "", context)


def _root() -> click.Context:
    return click.Context(cli, info_name="policykb", **cli.context_settings)


def _command(found: click.Command, name: str, context: click.Context) -> None:
    if name:
        context = click.Context(found, parent=context, info_name=name)
    usage = " ".join([context.command_path, *found.collect_usage_pieces(context)])
    out(f"```text\n{usage}\n```")
    out(inspect.cleandoc(found.help or "").replace("\b\n", ""))
    options = {
        option.opts[-1]: option
        for option in found.get_params(context)
        if isinstance(option, click.Option) and option.opts[-1] not in COMMON
    }
    writes = options.keys() >= set(WRITING)
    lines = [
        (_flags(option, context), _meaning(option))
        for name, option in options.items()
        if not (writes and name in WRITING)
    ]
    if writes:
        lines.append((codes(WRITING), WRITES))
    if lines:
        out(rows(("Option", "Meaning"), lines))


def _flags(option: click.Option, context: click.Context) -> str:
    flags = [*option.opts, *option.secondary_opts]
    if option.is_flag or isinstance(option.type, click.Choice):
        return codes(flags)
    metavar = option.make_metavar(context)
    return ", ".join([*map(code, flags[:-1]), f"`{flags[-1]} {metavar}`"])


def _meaning(option: click.Option) -> str:
    text = re.sub(r" One of ([^.]*)\.", _choices, option.help or "")
    if isinstance(option.type, click.Choice):
        text += f" One of {codes(option.type.choices)}."
    if option.default and isinstance(option.default, str | int | float):
        default = option.opts[0].strip("-") if option.secondary_opts else option.default
        text += f" Default: `{default}`."
    if option.required:
        text += " Required."
    return text.strip()


def _choices(match: re.Match) -> str:
    terms = tuple(match[1].split(", "))
    for name, allowed in vocabulary.VOCABULARIES.items():
        if vocabulary.ids(allowed) == terms:
            return f" A term of [{title(name).lower()}](vocabularies.md#{anchor(title(name))})."
    return match[0]


def common_options() -> None:
    """Write the options that every command has."""
    context = click.Context(cli.get_command(_root(), "check"), parent=_root())
    check = context.command
    options = {option.opts[-1]: option for option in check.get_params(context)}
    out(
        rows(
            ("Option", "Meaning"),
            [(_flags(options[name], context), _meaning(options[name])) for name in COMMON],
        )
    )


# The records


def title(name: str) -> str:
    """Return the heading of the vocabulary `name`."""
    return name.replace("_", " ").capitalize()


def record(name: str) -> None:
    """Write what a record type is, its keys, and those of the parts that no earlier type has."""
    for part in _parts(getattr(model, name)):
        if part.__name__ != name:
            out(f"#### {part.__name__}")
        out(part.__doc__)
        out(rows(("Key", "Value", "Required", "Meaning"), list(_fields(part))))


@cache
def _owners() -> dict[str, str]:
    """Return part -> the record type under which it is described: the first that has it."""
    kinds = [record.__name__ for record, _ in (model.FOLDERS | model.TABLES).values()] + ["About"]
    found: dict[str, str] = {}
    for kind in kinds:
        for part in parts(getattr(model, kind)):
            found.setdefault(part.__name__, kind)
    return found


def _parts(kind: type[Part]) -> list[type[Part]]:
    return [
        part for part in dict.fromkeys(parts(kind)) if _owners()[part.__name__] == kind.__name__
    ]


def _fields(part: type[Part]) -> Iterator[tuple[str, str, str, str]]:
    for field in sorted(describe(part).values(), key=lambda field: field.name == "withdrawn"):
        yield code(field.name), value(field), "yes" if field.required else "", field.description


def value(field: Field) -> str:
    """Return what the values of a field are, in words."""
    if field.kind == "table":
        return f"table: {_terms(field)} = {TABLES[field.name]}"
    if field.part:
        words = f"[{field.part.__name__}](#{anchor(field.part.__name__)})"
    elif field.reference:
        words = f"id of {_either(field.reference)}"
    elif field.choices:
        words = _terms(field)
    else:
        words = KINDS.get(field.kind, field.kind)
    return f"list of {words}" if field.many else words


def _either(kinds: tuple[str, ...]) -> str:
    return (
        "any record"
        if len(kinds) > 1
        else f"{'an' if kinds[0][0] in 'aeiou' else 'a'} [{kinds[0]}](#{kinds[0]})"
    )


def _terms(field: Field) -> str:
    if field.vocabulary:
        return f"[term](vocabularies.md#{anchor(title(field.vocabulary))})"
    return " or ".join(map(code, field.choices))


def example(path: str, language: str = "toml") -> None:
    """Write an example file, with a link to it."""
    place = (STARTER if path.startswith("policies/") else EXAMPLES) / path
    text = place.read_text(encoding="utf-8")
    where = Path(os.path.relpath(place, Path(__file__).parent / "reference")).as_posix()
    out(f"[{path}]({where}):")
    out(f"```{language}\n{text.rstrip()}\n```")


# The vocabularies, problems and questions


def vocabularies() -> None:
    """Write every vocabulary."""
    for name, terms in vocabulary.VOCABULARIES.items():
        out(f"## {title(name)}")
        out(_vocabulary(name, terms))


def _vocabulary(name: str, terms: tuple) -> str:
    if name == "event_types":
        return rows(
            ("Term", "Meaning", "Stage", "Legal force", "Known in advance"),
            [
                (code(t.id), t.definition, code(t.stage), code(t.legal_force), t.foreseeable)
                for t in terms
            ],
        )
    if name == "identifier_schemes":
        return rows(
            ("Scheme", "Meaning", "Example", "Shown as", "Linked"),
            [
                (
                    code(t.id),
                    t.definition,
                    code(t.example),
                    vocabulary.identifier_display(t.id, t.example)[0],
                    "yes" if t.url else "",
                )
                for t in terms
            ],
        )
    return rows(("Term", "Label", "Meaning"), [(code(t.id), t.label, t.definition) for t in terms])


def problems() -> None:
    """Write every code with its explanation and an example."""
    for name, (severity, heading, explanation, message) in CODES.items():
        out(f"## {name} {heading}")
        out(f"Severity: {severity}.")
        out(explanation)
        out(f"```text\n{message}\n```")


def effect_on() -> str:
    """Return what the knowledge base of this repository judges actions to affect."""
    about = tomllib.loads((ROOT / "policies" / "about.toml").read_text(encoding="utf-8"))
    return about["effects"]["on"]


def named_questions() -> None:
    """Write every named question with its parameters."""
    for question in questions(effect_on()).values():
        out(f"## {question.name}")
        out(f"**{question.title}.** {question.description}")
        if question.parameters:
            head = ("Parameter", "Kind", "Default", "Meaning")
            body = [
                (code(p.name), p.kind, code(p.default), p.description) for p in question.parameters
            ]
            out(rows(head, body))


# The database


def dependencies() -> None:
    """Write what pyproject.toml requires: a table for the core and one for each extra."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = text[text.index("dependencies = [") : text.index("[project.scripts]")]
    lines = (ROOT / "requirements" / "releases.txt").read_text(encoding="utf-8").splitlines()
    releases = {name: more for name, *more in (line.split(" ") for line in lines)}
    group = re.compile(r"^(\w+) = \[ # (.*)\n((?: .*\n)*)", re.MULTILINE)
    for name, purpose, requirements in group.findall(block):
        required = re.findall(r'"([\w-]+)([^"]*)", # (.*)', requirements)
        table = [
            (code(package), code(bounds), reason)
            + (_license(package), *releases.get(package, ("", "")))
            for package, bounds, reason in required
        ]
        title = "Core" if name == "dependencies" else f"Extra `{name}`"
        head = ("Package", "Versions", "Reason", "License", "Locked", "Released")
        out(f"### {title}\n\nUsed {purpose if purpose.startswith('to ') else f'for: {purpose}'}.")
        out(rows(head, table))


def _license(package: str) -> str:
    """Return the license that an installed package names."""
    fields = metadata(package)
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in fields.get_all("Classifier") or []
        if line.startswith("License ::")
    ]
    named = (
        fields.get("License-Expression") or ", ".join(classifiers) or fields.get("License") or ""
    )
    return named.removesuffix(" License").split("\n")[0]


@cache
def database() -> sqlite_utils.Database:
    """Return a knowledge base built from the examples, in memory."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "kb.db"
        result = load.load(STARTER / "policies", place, TODAY)
        if result.errors:
            raise ValueError("; ".join(problem.text() for problem in result.problems))
        memory = sqlite3.connect(":memory:")
        with sqlite3.connect(place) as connection:
            connection.backup(memory)
        connection.close()
    return sqlite_utils.Database(memory)


def database_tables() -> None:
    """Write every table that is not a vocabulary with its columns, then the names of the vocabularies."""
    views = set(database().view_names())
    for name, (about, columns) in sorted(tables().items()):
        if name in views or name in vocabulary.VOCABULARIES:
            continue
        out(f"### {name}")
        out(about)
        out(rows(("Column", "Meaning"), [(code(column), text) for column, text in columns.items()]))


def database_views() -> None:
    """Write every view with its columns."""
    described = tables()
    for name in sorted(database().view_names()):
        out(f"### {name}")
        out(described[name][0])
        out(f"Columns: {codes(column.name for column in database()[name].columns)}.")


def lookup_tables() -> None:
    """Write the names of the lookup tables."""
    out(f"{codes(sorted(vocabulary.VOCABULARIES))}.")


def picture() -> None:
    """Write the main tables and the links between them as a diagram.

    Lookup tables are left out, and so are tables with a single link.
    """
    links = sorted(_links())
    count = Counter(name for other, name, *_ in links for name in (name, other))
    labels: dict[tuple[str, str, bool], list[str]] = {}
    for other, name, always, column in links:
        if min(count[name], count[other]) >= FEWEST_LINKS:
            labels.setdefault((other, name, always), []).append(column)
    lines = [
        f'    {other} {"||" if always else "|o"}--o{{ {name} : "{", ".join(columns)}"'
        for (other, name, always), columns in labels.items()
    ]
    out("\n".join(["```mermaid", "erDiagram", *lines, "```"]))


def _links() -> Iterator[tuple[str, str, bool, str]]:
    """Yield (other table, table, whether the column is always filled, column) of every foreign key."""
    for name in database().table_names():
        filled = {column.name for column in database()[name].columns if column.notnull}
        for key in database()[name].foreign_keys:
            if key.other_table not in vocabulary.VOCABULARIES:
                yield key.other_table, name, key.column in filled, key.column


# The Python interface


def python() -> None:
    """Write the functions of the package, with their signatures and what they return and raise."""
    functions = [("policykb.open", policykb.open)]
    for name, function in vars(KnowledgeBase).items():
        if callable(function) and not name.startswith("_"):
            functions.append((f"kb.{name}", function))
    for name, function in functions:
        signature = inspect.signature(function, eval_str=False)
        parameters = [item for key, item in signature.parameters.items() if key != "self"]
        shown = str(signature.replace(parameters=parameters)).replace(
            "'KnowledgeBase'", "KnowledgeBase"
        )
        shown = re.sub(r"\b(?:\w+\.)+(?=\w)", "", shown)  # the modules of types
        out(f"## {name}\n\n```python\n{name}{shown}\n```\n\n{_prose(function)}")
    fields = f"Fields: {codes(Status._fields)}."
    out(f"## Status\n\n{inspect.getdoc(Status)}\n\n{fields}")


def _prose(function: object) -> str:
    """Return the documentation of a function; errors as a sentence each."""
    text = inspect.getdoc(function) or ""
    return re.sub(r"\s*:raises (\w+): (.*)", r"\n\nRaises `\1` \2", text)


# The formats of imports


def import_formats() -> None:
    """Write the formats that `policykb import` reads."""
    out(
        rows(
            ("Format", "Files"),
            [(code(name), form.title) for name, form in readers.FORMATS.items()],
        )
    )


def table_columns(kind: str) -> None:
    """Write the columns of a table of records of `kind`."""
    more = "; and `identifier.SCHEME` for each [scheme](vocabularies.md#identifier-schemes)"
    out(f"{codes(table.COLUMNS[kind])}{more if kind == 'action' else ''}.")


def bibliography_fields() -> None:
    """Write which fields of a bibliography become which key."""
    tables = [document_fields(form.FIELDS) for form in BIBLIOGRAPHIES]
    body = [
        (code(key), *(codes(table.get(key, ())) for table in tables))
        for key in KEYS
        if key != "type"
    ]
    out(rows(("Key", "BibTeX", "RIS", "CSL-JSON"), body))


def bibliography_types() -> None:
    """Write which types of a bibliography become which document type."""
    body = []
    for term in vocabulary.DOCUMENT_TYPES:
        names = [
            codes(name for name, to in form.TYPES.items() if to == term.id)
            for form in BIBLIOGRAPHIES
        ]
        body.append((code(term.id), *names))
    out(rows(("Document type", "BibTeX", "RIS", "CSL-JSON"), body))


def notice_relations() -> None:
    """Write which relations of a notice of EUR-Lex become which relation."""
    body = [(code(tag), code(kind)) for tag, (kind, _) in eurlex.RELATIONS.items()]
    out(rows(("In the notice", "Relation"), body))


def one_line_forms() -> None:
    """Write how each part of a record is written in one line."""
    body = [
        (form.part.__name__, code(form.grammar), code(form.example))
        for form in one_line.FORMS.values()
    ]
    out(rows(("Part", "Written as", "Example"), body))
