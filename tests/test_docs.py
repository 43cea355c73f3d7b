"""The manual is current and true: generated pages, examples, commands and their answers, links, sizes, licenses."""

import csv
import hashlib
import io
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from conftest import AVOIDED, ROOT, SHIPPED_DAY, TODAY, commands, leaves, policykb
from markdown_it import MarkdownIt
from markdown_it.token import Token
from policykb.build import load
from policykb.cli import cli
from policykb.files.reader import FileRef, parse
from policykb.model import records as model
from policykb.model import vocabulary
from policykb.model.problems import CODES, install
from policykb.sources import table
from pydantic import BaseModel
from test_pages import Site

DOCS = ROOT / "docs"
EXAMPLES = DOCS / "examples"
STARTER = ROOT / "scripts" / "policykb" / "starter"
ENTRIES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
PAGES = [*ENTRIES, *(str(path.relative_to(ROOT)) for path in sorted(DOCS.glob("*/*.md")))]
MOST_BYTES = {"README.md": 8_000, "CONTRIBUTING.md": 12_000}
SOURCE_FILES = ("*.md", "*.toml", "docs/**/*", "scripts/**/*", "tests/**/*", "policies/**/*.toml")
ANSWERED = ("query", "cite", "brief")  # commands that read kb.db, whose answers pages may show


@cache
def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@cache
def tokens(page: str) -> tuple[Token, ...]:
    """The Markdown of a page, as a flat list with the contents of paragraphs and cells."""
    flat = []
    for token in MarkdownIt("commonmark").enable("table").parse(text_of(page)):
        flat += [token, *(token.children or ())]
    return tuple(flat)


def fences(page: str, language: str) -> list[str]:
    """The content of the fenced blocks of a language."""
    if f"```{language}" not in text_of(page):  # to read a page takes long
        return []
    return [
        token.content for token in tokens(page) if token.type == "fence" and token.info == language
    ]


def transcript(page: str) -> list[tuple[list[str], list[str]]]:
    """The commands of the `console` blocks of a page, without line breaks, and the lines that each shows."""
    found: list[tuple[list[str], list[str]]] = []
    for block in fences(page, "console"):
        for line in block.replace("\\\n", "").splitlines():
            if line.startswith("$ "):
                found.append((shlex.split(line.removeprefix("$ ")), []))
            else:
                found[-1][1].append(line)
    return found


def words(line: str) -> str:
    """A line with its white space made alike, as the width of a column depends on other rows."""
    return " ".join(line.split())


def missing(shown: Iterable[str], answer: Iterable[str]) -> list[str]:
    """The lines shown that the answer does not have; three dots replace a part of a line, or other lines."""
    text = "\n".join(words(line) for line in answer)
    return [
        line
        for line in shown
        if not re.search(
            "^" + re.escape(words(line)).replace(r"\.\.\.", ".*") + "$", text, re.MULTILINE
        )
    ]


# Generated pages


@pytest.mark.slow
def test_generated_pages_are_current():
    pages = [page for page in PAGES if page not in ENTRIES]
    command = [sys.executable, "-m", "cogapp", "--check", "--diff", "-I", "docs", *pages]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, f"run scripts/docs\n{result.stdout[-5000:]}{result.stderr}"


def test_reference_has_every_command():
    page = text_of("docs/reference/commands.md")
    assert [name for name in commands() if f'generate.command("{name}")' not in page] == []
    assert [name for name in leaves() if f"policykb {name}" not in page] == []


def test_reference_has_every_kind_of_record():
    page = text_of("docs/reference/records.md")
    kinds = [record.__name__ for record, _ in (model.FOLDERS | model.TABLES).values()] + ["About"]
    assert [kind for kind in kinds if f'generate.record("{kind}")' not in page] == []


def test_reference_has_every_exit_code():
    from policykb.model.problems import FAILED, PROBLEMS, WRONG_USE

    page = text_of("docs/reference/commands.md")
    assert all(f"\n| {code} | " in page for code in (0, PROBLEMS, WRONG_USE, FAILED))


def test_picture_shows_the_main_tables_and_no_vocabulary():
    (picture,) = fences("docs/reference/tables.md", "mermaid")
    shown = {word for line in picture.splitlines()[1:] for word in line.split(" : ")[0].split()}
    assert {"actions", "arguments", "claims", "documents", "periods", "citations"} <= shown
    assert {"stances", "mentions"} <= shown
    assert not shown & (vocabulary.VOCABULARIES.keys() | {"search", "records", "premises"})


# Examples


EXAMPLE_FILES = sorted(
    str(path.relative_to(STARTER)) for path in STARTER.glob("policies/**/*.toml")
)


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


def source(path: str) -> FileRef:
    place, _, name = path.removeprefix("policies/").rpartition("/")
    kinds = {folder: kind for kind, (_, folder) in (model.FOLDERS | model.TABLES).items()} | {
        "about.toml": "about"
    }
    return FileRef(kinds[place or name], name.removesuffix(".toml") if place else "", path, path)


def test_there_is_an_example_of_every_kind_of_file():
    assert {source(path).kind for path in EXAMPLE_FILES} == {*model.FOLDERS, *model.TABLES, "about"}


def test_examples_use_every_key():
    records = [
        item.record
        for path in EXAMPLE_FILES
        for item in parse(source(path), (STARTER / path).read_bytes())[0]
    ]
    assert {field for record in records for field in fields_set(record)} == all_fields()


def test_examples_are_a_knowledge_base_without_problems():
    result = CliRunner().invoke(
        cli,
        ["check", "--policies", str(STARTER / "policies"), "--texts", str(EXAMPLES / "texts")]
        + ["--today", TODAY],
    )
    assert result.exit_code == 0
    assert result.output.endswith("; 0 errors, 0 warnings\n")


def test_text_of_the_example_is_the_one_that_was_read():
    for path in EXAMPLES.glob("texts/*.txt"):
        record = tomllib.loads(
            (STARTER / "policies" / "documents" / f"{path.stem}.toml").read_text(encoding="utf-8")
        )
        assert hashlib.sha256(path.read_bytes()).hexdigest() == record["text_sha256"]


@pytest.fixture
def example_base(tmp_path: Path) -> Path:
    shutil.copytree(EXAMPLES, tmp_path, dirs_exist_ok=True)
    shutil.copytree(STARTER / "policies", tmp_path / "policies")
    return tmp_path


def test_moved_date_of_the_example_is_due_as_the_text_says(example_base: Path):
    result = load.load(example_base / "policies", example_base / "kb.db", TODAY)
    assert not result.errors
    for day, due in (("2026-08-15", "2027-01-01"), ("2026-10-15", "2027-07-01")):
        arguments = ["query", "due-as-seen-on", "-p", f"on={day}", "--format", "csv"]
        arguments += ["--db", str(example_base / "kb.db")]
        answer = CliRunner().invoke(cli, arguments).output
        rows = csv.DictReader(io.StringIO(answer))
        assert [row["due"] for row in rows if row["type"] == "took_effect"] == [due]


def test_tables_in_the_examples_are_read():
    (action,) = table.read((EXAMPLES / "actions.csv").read_bytes(), "actions.csv")
    documents = list(table.read((EXAMPLES / "documents.csv").read_bytes(), "documents.csv"))
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
    for name in ("actions.csv", "documents.csv"):
        arguments = ["import", str(example_base / name), "--yes", "--today", TODAY]
        arguments += ["--policies", str(example_base / "policies")]
        result = CliRunner().invoke(cli, arguments)
        assert result.exit_code == 0, result.output
    assert (example_base / "policies" / "actions" / "xe-sandbox-act.toml").is_file()
    assert not load.check(example_base / "policies", TODAY).errors


# Commands and answers


def typed(page: str) -> list[list[str]]:
    """Every command of this checkout that a page shows, in blocks and in running text."""
    inline = [token.content for token in tokens(page) if token.type == "code_inline"]
    return [arguments for arguments, _ in transcript(page)] + [
        shlex.split(text) for text in inline if text.startswith(".venv/bin/policykb ")
    ]


@pytest.mark.parametrize("page", PAGES)
def test_commands_exist(page: str):
    programs = (".venv/bin/python", ".venv/bin/sqlite-utils", ".venv-test/bin/ruff", "mkdir", "cp")
    for program, *arguments in typed(page):
        if program.startswith("scripts/"):
            assert (ROOT / program).is_file()
        elif program == ".venv/bin/policykb" and arguments[0].islower():
            name = " ".join(arguments[:2]) if " ".join(arguments[:2]) in leaves() else arguments[0]
            command = leaves().get(name) or commands()[name]
            context = click.Context(command, help_option_names=["-h", "--help"])
            command.make_parser(context).parse_args(arguments[len(name.split()) :])
        else:
            assert program in (*programs, ".venv/bin/policykb")


ANSWERS = [
    pytest.param(arguments[1:], shown, id=f"{page} {arguments[1]} {arguments[2]}")
    for page in PAGES
    for arguments, shown in transcript(page)
    if shown and arguments[1] in ANSWERED and not page.startswith("docs/tutorial/first-entry")
]


@pytest.mark.parametrize(("arguments", "shown"), ANSWERS)
def test_answers_are_what_the_commands_print(shipped: Path, arguments: list[str], shown: list[str]):
    result = CliRunner().invoke(cli, [*arguments, "--db", str(shipped), "--today", TODAY])
    assert result.exit_code == 0, result.output
    assert (
        missing([line for line in shown if set(line) - {"-", " "}], result.output.splitlines())
        == []
    )


def test_every_kind_of_answer_is_shown():
    assert {param.values[0][0] for param in ANSWERS} == set(ANSWERED)


def test_messages_of_check_are_examples_of_codes():
    shown = [
        line
        for page in PAGES
        for arguments, lines in transcript(page)
        for line in lines
        if arguments[1] == "check" and line.startswith("policies/")
    ]
    assert shown
    assert set(shown) <= {code.example for code in CODES.values()}


def test_sql_gives_the_rows_it_shows(shipped: Path):
    (sql,) = fences("docs/how-to/ask-with-sql.md", "sql")
    header, _, *rows = fences("docs/how-to/ask-with-sql.md", "text")[0].splitlines()
    with sqlite3.connect(shipped) as connection:
        cursor = connection.execute(sql)
        answer = [" ".join("" if cell is None else str(cell) for cell in row) for row in cursor]
        assert words(header) == " ".join(column[0] for column in cursor.description)
    assert missing(rows, answer) == []


def run_transcript(page: str, folder: Path) -> None:
    """Run every command of a page in `folder`, in order; every line that is shown must be printed."""
    for (program, *arguments), shown in transcript(page):
        if program == ".venv/bin/policykb":
            result = policykb(*arguments, "--today", SHIPPED_DAY, cwd=folder)
        else:
            result = subprocess.run(
                [program, *arguments], cwd=folder, capture_output=True, text=True
            )
        printed = (result.stdout + result.stderr).splitlines()
        assert missing([line for line in shown if line != "..."], printed) == [], printed
        assert result.returncode == (2 if any(line.startswith("Error:") for line in shown) else 0)


@pytest.mark.thorough
def test_tutorial_of_a_first_entry_is_what_happens(tmp_path: Path):
    page = "docs/tutorial/first-entry.md"
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    assert [arguments[1] for arguments, _ in transcript(page)] == [
        "new",
        "new",
        "add",
        "check",
        "load",
        "query",
    ]
    run_transcript(page, tmp_path)
    links = [token.attrs["href"] for token in tokens(page) if token.type == "link_open"]
    (address,) = [link for link in links if link.startswith("http://127.0.0.1:8001/actions")]
    path = address.removeprefix("http://127.0.0.1:8001")
    text = Site(tmp_path / "kb.db").get(path).text
    assert "Addressing the Threat Posed by TikTok" in text
    assert "Did it ever bind, and what became of it?" in text
    assert not list(tmp_path.glob("policies/**/.*"))


def test_tutorial_of_a_knowledge_base_is_what_happens(tmp_path: Path):
    run_transcript("docs/tutorial/your-own-knowledge-base.md", tmp_path)
    assert (tmp_path / "my-kb" / "kb.db").is_file()


# All pages


def heading_anchors(page: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    flat = tokens(page)
    return {
        re.sub(r"[^\w\- ]", "", inline.content.lower()).replace(" ", "-")
        for heading, inline in zip(flat, flat[1:], strict=False)
        if heading.type == "heading_open"
    }


def links(page: str) -> Iterator[str]:
    for token in tokens(page):
        if link := token.attrs.get("href") or token.attrs.get("src"):
            yield str(link)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str):
    for link in links(page):
        if link.startswith(("https://", "http://")):
            continue
        place, _, anchor = link.partition("#")
        target = ((ROOT / page).parent / place).resolve() if place else ROOT / page
        assert target.exists() and target.is_relative_to(ROOT), link
        if anchor:
            assert anchor in heading_anchors(str(target.relative_to(ROOT))), link


def test_every_page_is_linked_from_the_readme():
    linked = {link.partition("#")[0] for link in links("README.md")}
    assert [page for page in PAGES if page != "README.md" and page not in linked] == []


def test_paths_in_the_issue_forms_exist():
    for form in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"):
        for word in form.read_text(encoding="utf-8").split():
            if (path := word.strip(".,;:()'\"")).endswith(".md"):
                assert (ROOT / path).is_file(), f"{form.name}: {path}"


@pytest.mark.parametrize(("page", "most"), MOST_BYTES.items())
def test_entry_pages_are_short(page: str, most: int):
    assert len(text_of(page).encode()) <= most


def test_pictures_are_small():
    assert [path for path in DOCS.glob("images/*") if path.stat().st_size > 200_000] == []


def written(page: str) -> Iterator[str]:
    """The texts of a page that people wrote: no code, and nothing between the marks of a generated block."""
    generated = False
    for token in tokens(page):
        if token.type == "html_block":
            generated = "[[[cog" in token.content and "[[[end" not in token.content
        elif token.type == "text" and not generated:
            yield token.content


@pytest.mark.parametrize("page", [page for page in PAGES if page != "CHANGELOG.md"])
def test_pages_avoid_words_that_make_readers_stumble(page: str):
    used = {word.lower() for text in written(page) for word in re.findall(r"[A-Za-z]+", text)}
    assert used & AVOIDED == set()


def test_hints_install_an_extra_of_this_checkout():
    texts = [text_of(page) for page in PAGES]
    sources = (ROOT / "scripts" / "policykb").rglob("*.py")
    texts += [path.read_text(encoding="utf-8") for path in sources]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = set()
    for text in texts:
        named |= set(re.findall(r"install\([\"'](\w+)[\"']\)", text))
        named |= set(re.findall(r"pip install -e \"?\.\[(\w+)\]", text))
    assert {"brief", "cite", "export"} <= named <= project["optional-dependencies"].keys()
    # The package is not published: nothing may be installed by its name.
    for text in texts:
        assert not re.search(r"pip install [^\n]*policykb|policykb\[", text)
    command = shlex.split(install("export"))
    assert command == [sys.executable, "-m", "pip", "install", "-e", f"{ROOT}[export]"]


@pytest.mark.parametrize("page", PAGES)
def test_pages_have_no_long_dashes(page: str):
    assert not {"\u2013", "\u2014"} & set(text_of(page))


def test_changelog_has_the_version_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    newest = next(line for line in text_of("CHANGELOG.md").splitlines() if line.startswith("## "))
    assert newest.startswith(f"## [{project['version']}]")


def test_licenses_are_stated_alike():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text and "Version 2.0, January 2004" in text
    assert "policykb contributors" in text
    about = tomllib.loads((ROOT / "policies" / "about.toml").read_text(encoding="utf-8"))
    for page in ("README.md", "CONTRIBUTING.md"):
        assert f"[{about['license']}]({about['license_url']})" in text_of(page)
        assert "[Apache License 2.0](LICENSE)" in text_of(page)


def test_no_file_names_a_place_on_one_machine():
    place = re.compile(r"(?<![\w.:/~*-])/(?:work|root|tmp|home)/")
    found = []
    for file in sorted({file for pattern in SOURCE_FILES for file in ROOT.glob(pattern)}):
        if (
            file.is_file()
            and "__pycache__" not in file.parts
            and file.suffix not in (".docx", ".pyc", ".png", ".ttf", ".wasm", ".woff2")
            and file.name != "sqlite3.js"  # vendored; it names folders of its own file system
        ):
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                if place.search(line):
                    found.append(f"{file.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert found == []
