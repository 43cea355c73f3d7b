"""The documents say what the software does: commands, codes, vocabularies, examples, answers, the picture, links."""

import csv
import hashlib
import io
import re
import shlex
import shutil
import sqlite3
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import httpx
import pytest
from click.testing import CliRunner
from conftest import ROOT, SHIPPED_DAY, TODAY, commands, leaves, policykb
from policykb import load, model, vocabulary
from policykb.cli import cli
from policykb.feeds import bibtex, csl, eurlex, ris, table
from policykb.files import Source, parse
from policykb.picture import mermaid
from policykb.problems import CODES, WARNING, install
from pydantic import BaseModel
from test_site import serving

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
README, CONTRIBUTING, CHANGELOG = ((ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS)
COMMON = {"--policies", "--db", "--today", "--help", "-h"}
SOURCE_FILES = ("*.md", "*.toml", "scripts/**/*", "tests/**/*", "policies/**/*.toml")


def fences(text: str, language: str) -> list[str]:
    """The content of the fenced blocks of a language, without their indentation."""
    blocks = re.findall(rf"^( *)```{language}\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in blocks]


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next one of its rank or above."""
    rank = len(heading) - len(heading.lstrip("#"))
    found = re.search(
        rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{rank}}} |\Z)",
        re.sub(r"(?ms)^```.*?^```$", lambda m: m[0].replace("\n#", "\n #"), text),
        re.MULTILINE | re.DOTALL,
    )
    assert found, f"no heading '{heading}'"
    return found[1]


def words(line: str) -> str:
    """A line with its white space made alike, as the width of a column depends on other rows."""
    return " ".join(line.split())


def missing(shown: list[str], answer: list[str]) -> list[str]:
    """The lines shown that the answer does not have; three dots stand for what was left out of a line, or for other lines."""
    text = "\n".join(words(line) for line in answer)
    return [
        line
        for line in shown
        if not re.search(
            "^" + re.escape(words(line)).replace(r"\.\.\.", ".*") + "$", text, re.MULTILINE
        )
    ]


def named_files(text: str, language: str, head: str) -> dict[str, str]:
    """The fenced blocks that begin with the name of a file in a comment, by that name."""
    found: dict[str, str] = {}
    for block in fences(text, language):
        if match := re.match(rf"# ({head}[^\n]*)\n", block):
            assert match[1] not in found
            found[match[1]] = block if language == "toml" else block[match.end() :]
    return found


EXAMPLES = named_files(CONTRIBUTING, "toml", "policies/")
EXAMPLE_TEXTS = named_files(CONTRIBUTING, "text", r"[a-z0-9-]+\.txt")


# The picture


def test_picture_in_the_readme_is_the_schema(shipped: Path):
    with sqlite3.connect(shipped) as connection:
        assert fences(README, "mermaid") == [mermaid(connection) + "\n"]


def test_picture_shows_the_main_tables_and_no_vocabulary(shipped: Path):
    with sqlite3.connect(shipped) as connection:
        tables = set(re.findall(r"\b[a-z_]+(?= [|o]+--)|(?<=o\{ )[a-z_]+", mermaid(connection)))
    assert {
        "actions",
        "arguments",
        "claims",
        "documents",
        "periods",
        "citations",
        "stances",
        "mentions",
    } <= tables
    assert not tables & (
        vocabulary.VOCABULARIES.keys() | {"search", "records", "problems", "kb_info", "premises"}
    )


# The commands


def options(command: click.Command) -> set[str]:
    """The options of a command; of a group those of all its commands."""
    if isinstance(command, click.Group):
        return {option for part in command.commands.values() for option in options(part)}
    return {
        name
        for option in command.params
        if isinstance(option, click.Option)
        for name in (*option.opts, *option.secondary_opts)
    }


def test_every_command_has_its_heading():
    assert sorted(re.findall(r"^### policykb (\S+)$", README, re.MULTILINE)) == list(commands())


@pytest.mark.parametrize(("name", "command"), commands().items())
def test_every_option_is_documented(name: str, command: click.Command):
    told = {
        option
        for row in re.findall(
            r"^\| (`-.*?) \|", section(README, f"### policykb {name}"), re.MULTILINE
        )
        for option in re.findall(r"`(-[^`]+)`", row)
    }
    assert told == options(command) - COMMON


@pytest.mark.parametrize(("name", "command"), commands().items())
def test_every_argument_is_documented(name: str, command: click.Command):
    words = [
        argument.metavar or argument.name.upper()
        for argument in command.params
        if isinstance(argument, click.Argument) and argument.required
    ]
    words += [
        f"[{argument.name.upper()}]"
        for argument in command.params
        if isinstance(argument, click.Argument) and not argument.required
    ]
    if words:
        assert f"`policykb {name} {' '.join(words)}`" in section(README, f"### policykb {name}")


@pytest.mark.parametrize("words", [name for name in leaves() if " " in name])
def test_every_command_of_a_group_is_named_where_the_group_is_described(words: str):
    group, name = words.split()
    assert f"`{name}`" in section(README, f"### policykb {group}")


def test_common_options_are_documented_once():
    told = set(re.findall(r"`(--?[a-z]+)", section(README, "## Commands").split("###")[0])) - {
        "--version"
    }
    assert told == COMMON
    assert all(
        {"--policies", "--db", "--today"} <= options(command) for command in leaves().values()
    )


def test_help_names_every_command():
    said = CliRunner().invoke(cli, ["--help"]).output
    assert re.findall(r"^  ([\w-]+)  ", said.split("Commands:")[1], re.MULTILINE) == list(
        commands()
    )


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_commands_in_examples_exist(text: str):
    called = [
        shlex.split(line)
        for block in fences(text, "console")
        for line in re.findall(r"^\$ (.+)$", block, re.MULTILINE)
    ]
    called += [
        shlex.split(line) for line in re.findall(r"`(\.venv/bin/policykb [a-z][^`]*)`", text)
    ]
    for program, *arguments in called:
        if program.startswith("scripts/"):
            assert (ROOT / program).is_file()
        elif program == ".venv/bin/policykb":
            assert {part for part in arguments if part.startswith("-")} <= options(
                leaves().get(" ".join(arguments[:2])) or leaves()[arguments[0]]
            ) | {"--help"}
        else:
            assert program == ".venv/bin/python"


def test_exit_codes_are_documented():
    from policykb.commands.common import FAILED, PROBLEMS, WRONG_USE

    assert [
        int(code)
        for code in re.findall(r"^\| (\d) \|", section(README, "### Exit codes"), re.MULTILINE)
    ] == [0, PROBLEMS, WRONG_USE, FAILED]


# The answers


def asked() -> list[tuple[list[str], list[str]]]:
    """The named questions of the README as typed, and the lines of their answers that it shows."""
    found = []
    for block in fences(README, "console"):
        first, *shown = block.splitlines()
        arguments = shlex.split(first.removeprefix("$ "))
        if arguments[1:2] == ["query"]:
            found.append((arguments[1:], [line for line in shown if not set(line) <= {"-", " "}]))
    return found


@pytest.mark.parametrize(
    ("arguments", "shown"), asked(), ids=[arguments[1] for arguments, _ in asked()]
)
def test_answers_in_the_readme_are_what_the_questions_give(
    shipped: Path, arguments: list[str], shown: list[str]
):
    result = CliRunner().invoke(cli, [*arguments, "--db", str(shipped), "--today", TODAY])
    assert result.exit_code == 0, result.output
    assert shown
    assert missing(shown, result.output.splitlines()) == []


def test_sql_in_the_readme_gives_the_rows_it_shows(shipped: Path):
    sql = fences(README, "sql")
    shown = README.split(sql[-1])[1]
    header, _, *rows = fences(shown, "text")[0].splitlines()
    with sqlite3.connect(shipped) as connection:
        cursor = connection.execute(sql[-1])
        answer = [" ".join("" if cell is None else str(cell) for cell in row) for row in cursor]
        assert words(header) == " ".join(column[0] for column in cursor.description)
    assert missing(rows, answer) == []


def test_questions_named_in_the_readme_exist():
    from policykb.queries import questions

    table = section(README, "### Named questions").split("What stopped")[0]
    advocate = README.split("More of this kind:")[1].split("\n\n")[0]
    named = re.findall(
        r"`([a-z-]+)`", "".join(re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)) + advocate
    )
    named += [arguments[1] for arguments, _ in asked()]
    assert set(named) == set(questions())


def test_views_in_the_readme_are_those_of_the_database(shipped: Path):
    with sqlite3.connect(shipped) as connection:
        views = sorted(
            name
            for (name,) in connection.execute("select name from sqlite_master where type = 'view'")
        )
    assert (
        sorted(re.findall(r"^\| `(\w+)` \|", section(README, "### In the browser"), re.MULTILINE))
        == views
    )


# The records


def fields_set(record: BaseModel) -> Iterator[tuple[str, str]]:
    """(record type, key) of every key that is written in a record or in a table inside it."""
    for name in record.model_fields_set:
        owner = next(
            part for part in type(record).__mro__ if name in vars(part).get("__annotations__", {})
        )
        yield owner.__name__, name
        value = getattr(record, name)
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, BaseModel):
                yield from fields_set(inner)


def all_fields() -> set[tuple[str, str]]:
    parts = [
        part
        for part in vars(model).values()
        if isinstance(part, type) and issubclass(part, BaseModel)
    ]
    return {
        (part.__name__, name)
        for part in parts
        for name in vars(part).get("__annotations__", {})
        if name in part.model_fields
    }


def source(path: str) -> Source:
    place, _, name = path.removeprefix("policies/").rpartition("/")
    kinds = {folder: kind for kind, (_, folder) in (model.FOLDERS | model.TABLES).items()} | {
        "about.toml": "about"
    }
    return Source(kinds[place or name], name.removesuffix(".toml") if place else "", path, path)


@pytest.mark.parametrize("path", EXAMPLES)
def test_example_is_valid(path: str):
    _, found = parse(source(path), EXAMPLES[path].encode())
    assert [problem.text() for problem in found] == []


def test_there_is_an_example_of_every_kind_of_file():
    assert {source(path).kind for path in EXAMPLES} == {*model.FOLDERS, *model.TABLES, "about"}


def test_examples_use_every_key():
    records = [
        item.record
        for path, text in EXAMPLES.items()
        for item in parse(source(path), text.encode())[0]
    ]
    assert {field for record in records for field in fields_set(record)} == all_fields()


@pytest.fixture
def example_base(tmp_path: Path) -> Path:
    for path, text in EXAMPLES.items():
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    (tmp_path / "texts").mkdir()
    for name, text in EXAMPLE_TEXTS.items():
        (tmp_path / "texts" / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_examples_together_are_a_knowledge_base_without_problems(example_base: Path):
    result = load.check(example_base / "policies", TODAY, texts=example_base / "texts")
    assert [problem.text() for problem in result.problems] == []


def test_text_of_the_example_is_the_one_that_was_read():
    hashes = [hashlib.sha256(text.encode()).hexdigest() for text in EXAMPLE_TEXTS.values()]
    assert hashes == re.findall(r'^text_sha256 = "(\w+)"', CONTRIBUTING, re.MULTILINE)


def test_moved_date_of_the_example_is_due_as_the_text_says(example_base: Path):
    result = load.load(example_base / "policies", example_base / "kb.db", TODAY)
    assert not result.errors
    for day, due in (("2026-08-15", "2027-01-01"), ("2026-10-15", "2027-07-01")):
        arguments = [
            "query",
            "due-as-seen-on",
            "-p",
            f"on={day}",
            "--format",
            "csv",
            "--db",
            str(example_base / "kb.db"),
        ]
        rows = csv.DictReader(io.StringIO(CliRunner().invoke(cli, arguments).output))
        assert [row["due"] for row in rows if row["type"] == "took_effect"] == [due]


# Making records


def test_forms_of_parts_are_those_that_are_read():
    from policykb.editing import compact

    (shown,) = re.findall(
        r"^<!-- parts -->\n(.*?)^<!-- end -->$", CONTRIBUTING, re.MULTILINE | re.DOTALL
    )
    assert shown.splitlines() == compact.table()


def transcript() -> list[tuple[list[str], list[str]]]:
    """The commands of 'From nothing to a served page' as typed, and the lines that each shows."""
    blocks = "".join(fences(section(CONTRIBUTING, "### From nothing to a served page"), "console"))
    return [
        (shlex.split(first.removeprefix("$ ")), shown)
        for first, *shown in (
            part.splitlines() for part in re.split(r"^(?=\$ )", blocks, flags=re.MULTILINE) if part
        )
    ]


def test_transcript_from_nothing_to_a_served_page_is_what_happens(tmp_path: Path):
    """Every command on a copy, in order; every line that is shown is said, in that order; the page is served in the end."""
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    assert [arguments[1] for arguments, _ in transcript()] == [
        "new",
        "new",
        "add",
        "check",
        "load",
        "query",
    ]
    for (program, *arguments), shown in transcript():
        assert program == ".venv/bin/policykb"
        result = policykb(*arguments, "--today", SHIPPED_DAY, cwd=tmp_path)
        said = "\n".join(
            words(line)
            for line in (
                result.stderr + result.stdout
                if "+++" in "".join(shown)
                else result.stdout + result.stderr
            ).splitlines()
        )
        assert [
            line
            for line in shown
            if line != "..."
            and not re.search(
                "^" + re.escape(words(line)).replace(r"\.\.\.", ".*") + "$", said, re.MULTILINE
            )
        ] == [], said
        assert result.returncode == (2 if any(line.startswith("Error:") for line in shown) else 0)
    (page,) = re.findall(
        r"<http://127\.0\.0\.1:8001(/\S+)>",
        section(CONTRIBUTING, "### From nothing to a served page"),
    )
    with serving(tmp_path / "policies", tmp_path / "kb.db", "--no-watch") as (address, _):
        text = httpx.get(address + page).text
    assert "Addressing the Threat Posed by TikTok" in text
    assert "Did it ever bind, and what became of it?" in text
    assert not list(tmp_path.glob("policies/**/.*"))


# The vocabularies


def rows_of(name: str) -> list[str]:
    """A vocabulary as the rows of a table in Markdown."""
    terms = vocabulary.VOCABULARIES[name]
    if name == "event_types":
        head, rows = (
            ("Type", "What it is", "Stage", "Legal force"),
            [(f"`{t.id}`", t.definition, _code(t.stage), _code(t.legal_force)) for t in terms],
        )
    elif name == "identifier_schemes":
        head = ("Scheme", "What it is", "Example", "Shown as", "Linked")
        rows = [
            (
                f"`{t.id}`",
                t.definition,
                f"`{t.example}`",
                vocabulary.identifier_display(t.id, t.example)[0],
                "yes" if t.url else "",
            )
            for t in terms
        ]
    else:
        head, rows = ("Word", "Meaning"), [(f"`{t.id}`", t.definition) for t in terms]
    return ["| " + " | ".join(row) + " |" for row in (head, ("---",) * len(head), *rows)]


def _code(value: str) -> str:
    return f"`{value}`" if value else ""


TABLES = dict(
    re.findall(
        r"^<!-- table: (\w+) -->\n(.*?)^<!-- end -->$", CONTRIBUTING, re.MULTILINE | re.DOTALL
    )
)


@pytest.mark.parametrize("name", TABLES)
def test_table_of_a_vocabulary_is_the_vocabulary(name: str):
    assert TABLES[name].splitlines() == rows_of(name)


def test_vocabularies_that_need_judgement_have_a_table():
    assert {
        "event_types",
        "identifier_schemes",
        "grades",
        "stages",
        "legal_forces",
        "stance_types",
        "findings",
        "portrayals",
    } <= TABLES.keys()


# The sources that can be imported


BIBLIOGRAPHIES = (bibtex, ris, csl)


def mapping(name: str) -> list[tuple[str, ...]]:
    """How a source's words become ours, as the rows of a table."""
    if name == "relations":
        return [
            ("Notice", "Relation here"),
            *((f"`{tag}`", f"`{kind}`") for tag, (kind, _) in eurlex.RELATIONS.items()),
        ]
    if name == "fields":
        keys = dict.fromkeys(key for form in BIBLIOGRAPHIES for key in form.FIELDS)
        return [
            ("Key here", "BibTeX", "RIS", "CSL-JSON"),
            *(
                (f"`{key}`", *(_codes(form.FIELDS.get(key, ())) for form in BIBLIOGRAPHIES))
                for key in keys
            ),
        ]
    return [
        ("Type here", "BibTeX", "RIS", "CSL-JSON"),
        *(
            (
                f"`{id}`",
                *(
                    _codes(kind for kind, to in form.TYPES.items() if to == id)
                    for form in BIBLIOGRAPHIES
                ),
            )
            for id in vocabulary.ids(vocabulary.DOCUMENT_TYPES)
        ),
    ]


def _codes(names: Iterable[str]) -> str:
    return ", ".join(map(_code, names))


def test_mappings_of_sources_are_those_of_the_readers():
    shown = dict(
        re.findall(
            r"^<!-- mapping: (\w+) -->\n(.*?)^<!-- end -->$", CONTRIBUTING, re.MULTILINE | re.DOTALL
        )
    )
    assert shown.keys() == {"fields", "types", "relations"}
    for name, text in shown.items():
        head, *rows = mapping(name)
        assert text.splitlines() == [
            "| " + " | ".join(row) + " |" for row in (head, ("---",) * len(head), *rows)
        ]


@pytest.mark.parametrize("kind", table.COLUMNS)
def test_columns_of_a_table_are_those_that_are_read(kind: str):
    told = re.search(rf"^Columns of {kind}s: (.*?)\.$", CONTRIBUTING, re.MULTILINE | re.DOTALL)[1]
    assert re.findall(r"`([a-z_.]+)`", told) == [
        column for column in table.COLUMNS[kind] if not column.startswith("identifier.")
    ] + ["identifier."] * (kind == "action")


def test_tables_in_the_examples_are_read(example_base: Path):
    actions, documents = (
        list(table.read(text.encode(), "example.csv")) for text in fences(CONTRIBUTING, "csv")
    )
    (action,) = actions
    assert action.id == "xe-sandbox-act"
    assert [(event["date"], event["type"]) for event in action.content["events"]] == [
        ("2026-03-02", "passed"),
        ("2026-04-01", "signed"),
        ("2027-01", "took_effect"),
    ]
    assert [event.get("unconfirmed") for event in action.content["events"]] == [None, None, True]
    assert [(document.id, document.content["grade"]) for document in documents] == [
        ("doe-readers-union-digital-office-of-examplia-2026-trials-models", "primary"),
        ("roe-2026-who-tries-what", "relayed"),
    ]
    assert documents[0].content["authors"] == [
        {"family": "Doe", "given": "Jane"},
        {"organization": "readers-union"},
        {"organization": "name:Digital Office of Examplia"},
    ]


def test_tables_in_the_examples_are_imported(example_base: Path):
    for number, text in enumerate(fences(CONTRIBUTING, "csv")):
        (example_base / f"{number}.csv").write_text(text, encoding="utf-8")
        result = CliRunner().invoke(
            cli,
            [
                "import",
                str(example_base / f"{number}.csv"),
                "--yes",
                "--policies",
                str(example_base / "policies"),
                "--today",
                TODAY,
            ],
        )
        assert result.exit_code == 0, result.output
    assert (example_base / "policies" / "actions" / "xe-sandbox-act.toml").is_file()
    assert not load.check(example_base / "policies", TODAY).errors


# The problems


def test_headings_of_problems_are_the_codes():
    headings = re.findall(
        r"^### ([A-Z]\d{3}) (.+)$", section(CONTRIBUTING, "## Problems"), re.MULTILINE
    )
    assert headings == [(code, title) for code, (_, title) in CODES.items()]


@pytest.mark.parametrize("code", CODES)
def test_problem_is_explained_with_a_message(code: str):
    severity, title = CODES[code]
    said = section(CONTRIBUTING, f"### {code} {title}")
    (message,) = fences(said, "text")
    assert re.fullmatch(rf"policies/\S+: {code} (warning: )?.+\n", message)
    assert (f" {code} warning: " in message) == (severity == WARNING)
    assert 2 <= len(re.findall(r"[.?](?=\s)", said.split("```")[0])) <= 5


# All documents


def slugs(text: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a document."""
    plain = re.sub(r"(?ms)^ *```.*?^ *```$", "", text)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", plain, re.MULTILINE)
    }


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str):
    text = re.sub(r"(?ms)^ *```.*?^ *```$", "", (ROOT / name).read_text(encoding="utf-8"))
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        place, _, anchor = link.partition("#")
        if re.match(r"https?://", link):
            continue
        assert (ROOT / place).exists(), link
        if anchor:
            assert anchor in slugs((ROOT / (place or name)).read_text(encoding="utf-8")), link


def test_changelog_has_the_version_of_the_package():
    version = re.search(
        r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE
    )[1]
    assert re.findall(r"^## \[(.+?)\]", CHANGELOG, re.MULTILINE)[0] == version


def test_licences_are_stated_alike():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert (
        "Apache License" in text
        and "Version 2.0, January 2004" in text
        and "policykb contributors" in text
    )
    about = (ROOT / "policies" / "about.toml").read_text(encoding="utf-8")
    name, address = (
        re.search(rf'^{key} = "(.+)"$', about, re.MULTILINE)[1]
        for key in ("licence", "licence_url")
    )
    assert f"[{name}]({address})" in README


def test_no_file_names_a_place_on_one_machine():
    place = re.compile(r"(?<![\w.:/~*-])/(?:work|root|tmp|home)/")
    found = []
    for file in sorted({file for pattern in SOURCE_FILES for file in ROOT.glob(pattern)}):
        if (
            file.is_file()
            and "__pycache__" not in file.parts
            and file.suffix not in (".pyc", ".png", ".woff2")
        ):
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                if place.search(line):
                    found.append(f"{file.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert found == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_have_no_long_dashes(name: str):
    assert not re.search("[\u2013\u2014]", (ROOT / name).read_text(encoding="utf-8"))


def test_hints_install_an_extra_of_this_checkout():
    texts = [README, CONTRIBUTING]
    texts += [path.read_text() for path in (ROOT / "scripts" / "policykb").rglob("*.py")]
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    named = {
        extra for text in texts for extra in re.findall(r"install\([\"'](\w+)[\"']\)", text)
    } | set(re.findall(r"pip install -e \"?\.\[(\w+)\]", README + CONTRIBUTING))
    assert named >= {"brief", "cite", "export", "publish"} and named <= set(extras)
    # The package is not published: nothing may be installed by its name.
    for text in texts:
        assert not re.search(r"pip install [^\n]*policykb|policykb\[", text)
    command = shlex.split(install("export"))
    assert command == [sys.executable, "-m", "pip", "install", "-e", ".[export]"]
