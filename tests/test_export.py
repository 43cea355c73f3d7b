"""What is taken away: each form is read back by a reader of its own, and says what kb.db says."""

import contextlib
import csv
import hashlib
import json
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT, TODAY, Base, mostly_thorough, policykb
from frictionless import Package
from policykb.cli import cli
from policykb.commands.export import FORMATS
from policykb.exports import graph, jsonld, tables
from policykb.files import folder
from policykb.model import dates, vocabulary
from policykb.model.problems import install
from policykb.read import database as reading
from policykb.read import dictionary
from rdflib import RDF, Graph, Literal, Namespace, URIRef, namespace
from test_pages import Page, Site

REQUIRED = os.environ.get("POLICYKB_TOOLS") == "required"
KB = Namespace("http://127.0.0.1:8001/")
TERM = Namespace("http://127.0.0.1:8001/about#")
SDO = Namespace("https://schema.org/")
ELI = Namespace("http://data.europa.eu/eli/ontology#")
# Views that say how things stand on a day.
OF_A_DAY = {"current_status", "upcoming", "stale_actions"}
# Every character that means something in one of the forms.
HOSTILE = (
    "<script>alert('x')</script> & \"quoted\" \\ back\\\\slash",
    "[a]: b // not a comment /* nor */ <!-- this --> ===",
    "{key: value} #tag @[x] *b* __c__ .smile. :x: 1.2.3",
    "- not an attack",
    "(1) not a number",
    "=SUM(A1), comma; semicolon",
    "a [link](http://example.org/a_b) and <arg>: text",
    "über 開源 → ↔ ‘’ é",
    "ends in a backslash \\",
    "x_ y_ -> z +> w",
)


def export(place: Path, db: Path, *arguments: str) -> list[str]:
    """Run the export; the files that it names."""
    result = CliRunner().invoke(cli, ["export", str(place), "--db", str(db), *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def refused(place: Path, db: Path, *arguments: str) -> tuple[int, str]:
    """Run the export; its exit status and what it says."""
    result = CliRunner().invoke(cli, ["export", str(place), "--db", str(db), *arguments])
    assert result.stdout == ""
    return result.exit_code, result.stderr.splitlines()[-1]


def answer(db: Path, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(sql).fetchall()


def digests(place: Path) -> dict[str, str]:
    return {
        str(file.relative_to(place)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(place.rglob("*"))
        if file.is_file() and file.name != folder.EXPORTED
    }


@pytest.fixture(scope="module")
def package(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped knowledge base as CSV."""
    place = tmp_path_factory.mktemp("package") / "csv"
    export(place, shipped)
    return place


@pytest.fixture(scope="module")
def triples(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The shipped knowledge base as RDF, read from JSON-LD."""
    place = tmp_path_factory.mktemp("linked")
    export(place, shipped, "--format", "json-ld")
    return Graph().parse(place / "records.jsonld", format="json-ld")


@pytest.fixture
def hostile(base: Base) -> Base:
    """A base whose texts have every character that means something in one of the forms."""
    for number, text in enumerate(HOSTILE):
        base.record(
            "arguments",
            f"argument-{number}",
            title=text,
            premises=[text, f"And {text}"],
            claims=[f"claim-{number}"],
            stances=[{"action": f"action-{number}", "stance": "supports", "note": text}],
            relations=[{"type": "rebuts", "argument": "it-should-stay", "note": text}],
        )
        base.record("actions", f"action-{number}", title=text, summary=text)
        base.record("claims", f"claim-{number}", text=text)
    assert not base.load().errors
    return base


# Tables


@pytest.mark.thorough
def test_package_that_was_changed_is_not_valid(built: Base, tmp_path: Path):
    place = tmp_path / "csv"
    export(place, built.db)
    changes = [
        ("stances", "supports", "supported", "foreign-key"),
        ("claims", "2026-", "soon-", "type-error"),
        ("actions", "executive_order", "executive_ordes", "hash-count"),
    ]
    for table, before, after, _ in changes:
        file = place / "data" / f"{table}.csv"
        file.write_text(
            file.read_text(encoding="utf-8").replace(before, after), encoding="utf-8", newline=""
        )
    report = Package(place / "datapackage.json").validate()
    errors = {(task.name, error.type) for task in report.tasks for error in task.errors}
    assert {(table, error) for table, *_, error in changes} <= errors


def test_package_has_every_table_and_view_that_needs_no_day(shipped: Path, package: Path):
    names = {
        name
        for (name,) in answer(
            shipped,
            "select name from sqlite_master where type in ('table', 'view') and name not like 'search%' and name not like 'sqlite%'",
        )
    }
    described = json.loads((package / "datapackage.json").read_text(encoding="utf-8"))
    assert {resource["name"] for resource in described["resources"]} == names - OF_A_DAY
    assert {file.stem for file in (package / "data").iterdir()} == names - OF_A_DAY


def test_package_tells_its_license_its_version_and_its_sources(shipped: Path, package: Path):
    described = json.loads((package / "datapackage.json").read_text(encoding="utf-8"))
    ((version,),) = answer(shipped, "select value from kb_info where key = 'content_sha256'")
    assert (described["name"], described["version"]) == ("open-source-ai-policy", version)
    assert described["licenses"] == [
        {
            "name": "CC-BY-4.0",
            "title": "CC BY 4.0",
            "path": "https://creativecommons.org/licenses/by/4.0/",
        }
    ]
    assert [(package / source["path"]).is_file() for source in described["sources"]] == [True]
    assert "created" not in described


def test_tables_columns_and_keys_are_described_as_in_the_data_dictionary(
    shipped: Path, package: Path
):
    resources = {
        resource["name"]: resource
        for resource in json.loads((package / "datapackage.json").read_text(encoding="utf-8"))[
            "resources"
        ]
    }
    for name, (description, columns) in dictionary.tables().items():
        if name not in OF_A_DAY:
            assert resources[name]["description"] == description
            assert {
                field["name"]: field["description"]
                for field in resources[name]["schema"]["fields"]
                if "description" in field
            } == {c: d for c, d in columns.items() if d}
    for table in vocabulary.VOCABULARIES:
        assert resources[table]["schema"]["primaryKey"] == ["id"]
    keys = {
        (name, key["fields"][0], key["reference"]["resource"] or name)
        for name, resource in resources.items()
        for key in resource["schema"].get("foreignKeys", ())
    }
    assert keys == set(
        answer(
            shipped,
            """select t.name, k."from", k."table" from sqlite_master t, pragma_foreign_key_list(t.name) k where t.type = 'table'""",
        )
    )


@pytest.mark.slow
def test_rows_are_those_of_the_database(shipped: Path, package: Path):
    for file in (package / "data").iterdir():
        with file.open(encoding="utf-8", newline="") as text:
            header, *rows = csv.reader(text)
        wanted = answer(shipped, f"select * from {file.stem}")
        assert header == [
            name
            for (name,) in answer(shipped, f"select name from pragma_table_info('{file.stem}')")
        ]
        assert Counter(map(tuple, rows)) == Counter(
            tuple("" if cell is None else str(cell) for cell in row) for row in wanted
        ), file.stem


@pytest.mark.thorough
def test_columns_that_hold_full_days_only_are_dates_and_no_others(shipped: Path):
    partial = {"date", "issued", "accessed", "applies_from", "applies_until"}
    with closing(reading.connect(shipped)) as database:
        for table in tables.tables(database, TODAY):
            for column in table.columns:
                values = [
                    value
                    for (value,) in database.execute(
                        f'select distinct "{column.name}" from "{table.name}" where "{column.name}" is not null'
                    )
                ]
                if values and column.name not in partial:
                    assert (column.type == "date") == all(
                        dates.is_day(value) for value in values
                    ), (table.name, column.name)


@pytest.mark.slow
def test_parquet_has_the_rows_the_types_and_the_descriptions(shipped: Path, tmp_path: Path):
    parquet = pytest.importorskip("pyarrow.parquet")
    export(tmp_path / "parquet", shipped, "--format", "parquet")
    assert (
        Package.metadata_validate(
            json.loads((tmp_path / "parquet/datapackage.json").read_text(encoding="utf-8"))
        )
        is not None
    )
    for file in (tmp_path / "parquet/data").iterdir():
        table = parquet.read_table(file)
        rows = [
            tuple(cell.isoformat() if hasattr(cell, "isoformat") else cell for cell in row.values())
            for row in table.to_pylist()
        ]
        assert Counter(rows) == Counter(answer(shipped, f"select * from {file.stem}")), file.stem
    schema = parquet.read_schema(tmp_path / "parquet/data/periods.parquet")
    assert [str(schema.field(name).type) for name in ("id", "action", "from_date")] == [
        "int64",
        "string",
        "date32[day]",
    ]
    assert [schema.field(name).nullable for name in ("id", "action", "from_date")] == [
        False,
        False,
        True,
    ]
    assert schema.field("stage").metadata == {b"description": b"How far the procedure has got."}


@pytest.mark.thorough
def test_views_of_a_day_are_those_of_the_day_asked_for(
    shipped: Path, package: Path, tmp_path: Path
):
    """With them the package is valid with its foreign keys; without them it has the same other tables, described as here."""
    export(tmp_path / "csv", shipped, "--on", "2026-06-15")
    assert OF_A_DAY <= {file.stem for file in (tmp_path / "csv/data").iterdir()}
    with (tmp_path / "csv/data/current_status.csv").open(encoding="utf-8", newline="") as text:
        stood = {row["action"]: row for row in csv.DictReader(text)}
    assert (
        stood["us-bis-anthropic-access-directive-2026"]["legal_force"],
        stood["us-bis-anthropic-access-directive-2026"]["until"],
    ) == ("in_force", "2026-06-26")
    with (tmp_path / "csv/data/upcoming.csv").open(encoding="utf-8", newline="") as text:
        left = {row["event"]: (row["due"], row["days_left"]) for row in csv.DictReader(text)}
    assert left["us-eo-14409#due-30-days"] == ("2026-07-02", "17")
    resources = {
        resource["name"]: resource
        for resource in json.loads((tmp_path / "csv/datapackage.json").read_text(encoding="utf-8"))[
            "resources"
        ]
    }
    assert resources["upcoming"]["description"].endswith(" As of 2026-06-15.")
    others = json.loads((package / "datapackage.json").read_text(encoding="utf-8"))["resources"]
    assert all(resources[resource["name"]] == resource for resource in others)
    report = Package(tmp_path / "csv/datapackage.json").validate()
    assert report.flatten(["title", "type", "message"]) == []
    assert len(report.tasks) == len(resources) == len(list((tmp_path / "csv/data").iterdir()))


# All forms


EXPORT_ALL = """
import sys
from policykb.cli import cli
place, db, *forms = sys.argv[1:]
for form in forms:
    where = ["--base-url", "https://example.org"] if form == "json-ld" else []
    words = ["export", f"{place}/{form}", "--db", db, "--format", form, *where]
    cli(words, standalone_mode=False)
"""


@pytest.mark.thorough
def test_same_database_gives_the_same_bytes(shipped: Path, tmp_path: Path):
    for name, seed in (("one", "1"), ("two", "2")):
        result = subprocess.run(
            [sys.executable, "-c", EXPORT_ALL, tmp_path / name, shipped, *FORMATS],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": f"UTC{seed}"},
            check=True,
        )
        assert result.stderr == ""
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert {file.name for file in (tmp_path / "one").iterdir()} == set(FORMATS)


@pytest.mark.parametrize("form", mostly_thorough(FORMATS))
def test_export_again_replaces_the_files_and_leaves_nothing_else(
    base: Base, tmp_path: Path, form: str
):
    base.load()
    place = tmp_path / "out"
    files = export(place, base.db, "--format", form)
    before = digests(place)
    base.record("arguments", "it-should-stay", title="It should go")
    base.load()
    (place / f"{folder.STAGE}123").mkdir()
    (place / f"{folder.STAGE}123/half").write_text("left by a process that was killed")
    assert export(place, base.db, "--format", form) == files
    after = digests(place)
    assert after.keys() == before.keys() == {str(Path(file).relative_to(place)) for file in files}
    assert after != before
    hidden = [entry.name for entry in place.iterdir() if entry.name.startswith(".")]
    assert hidden == [folder.EXPORTED]


@pytest.mark.parametrize(
    "make",
    [
        lambda place: (place / "notes.txt").write_text("mine"),
        lambda place: (place / "data").mkdir() or (place / "data/mine.csv").write_text("mine"),
        lambda place: (place / "data").symlink_to(place.parent),
        lambda place: (place / "datapackage.json").mkdir(),
        lambda place: (place / "data").write_text("mine"),
        lambda place: (place / "datapackage.json").symlink_to("/etc/hostname"),
    ],
    ids=[
        "file",
        "file inside",
        "linked folder",
        "folder for a file",
        "file for a folder",
        "linked file",
    ],
)
def test_a_folder_that_holds_something_else_is_refused_and_kept(built: Base, tmp_path: Path, make):
    place = tmp_path / "mine"
    place.mkdir()
    make(place)
    before = sorted(place.rglob("*"))
    code, said = refused(place, built.db)
    assert code == 2
    assert re.fullmatch(
        rf"Error: {re.escape(str(place))} holds other files \((notes\.txt|data/mine\.csv|data|datapackage\.json)\); give a separate folder",
        said,
    )
    assert sorted(place.rglob("*")) == before


def test_the_knowledge_itself_is_never_written_over(built: Base):
    assert refused(built.policies, built.db)[0] == 2
    assert built.check().errors == 0


@contextlib.contextmanager
def few_bytes() -> Iterator[None]:
    """Let commands write no file longer than 3,000 bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.thorough
@pytest.mark.parametrize("form", FORMATS)
def test_full_disk_is_told_and_leaves_what_was_there(base: Base, tmp_path: Path, form: str):
    base.load()
    place = tmp_path / "out"
    export(place, base.db, "--format", form)
    before = digests(place)
    for number in range(60):
        base.record(
            "arguments", f"argument-{number}", title=f"It should stay, for the {number}th reason"
        )
    base.load()
    with few_bytes():
        result = base.run("export", str(place), "--format", form)
    assert (result.returncode, result.stdout) == (3, "")
    assert re.fullmatch(
        r"(addresses begin with .*\n)?Error: .*(File too large|Error writing).*\n", result.stderr
    )
    assert digests(place) == before
    with few_bytes():
        result = base.run("export", str(tmp_path / "new"), "--format", form)
    assert (result.returncode, (tmp_path / "new").exists()) == (3, False)


@pytest.mark.thorough
def test_two_exports_do_not_write_into_one_folder_at_once(built: Base, tmp_path: Path):
    with folder.staging_folder(tmp_path / "out", ["a"]) as stage:
        (stage / "a").write_text("a")
        result = built.run_process("export", str(tmp_path / "out"))
        assert (result.returncode, result.stderr.splitlines()[-1]) == (
            3,
            f"Error: another export is writing in {tmp_path / 'out'}",
        )
    assert sorted(entry.name for entry in (tmp_path / "out").iterdir()) == [folder.EXPORTED, "a"]


def test_a_file_of_another_is_overwritten_only_with_force(built: Base, tmp_path: Path):
    place = tmp_path / "out"
    place.mkdir()
    (place / "records.jsonld").write_text("mine")
    refused = built.run("export", str(place), "--format", "json-ld")
    assert refused.returncode == 2 and (place / "records.jsonld").read_text() == "mine"
    assert "records.jsonld, which this command did not write; add --force" in refused.stderr
    assert built.run("export", str(place), "--format", "json-ld", "--force").returncode == 0
    assert built.run("export", str(place), "--format", "json-ld").returncode == 0
    assert (place / "records.jsonld").read_text() != "mine"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--format", "parkuet"],
            "Invalid value for '--format': there is no format 'parkuet'; did you mean 'parquet'?",
        ),
        (
            ["--format", "jsonld"],
            "Invalid value for '--format': there is no format 'jsonld'; did you mean 'json-ld'?",
        ),
        (
            ["--format", "7"],
            "Invalid value for '--format': there is no format '7'; there are csv, parquet, json-ld, argdown, dot, graphml, jsonl, json-schema",
        ),
        (
            ["--format", "dot", "--about", "an-orde"],
            "there is no record 'an-orde'; did you mean 'an-order'?",
        ),
        (["--format", "dot", "--about", "a\x1bb"], r"there is no record 'a\x1bb'"),
        (
            ["--format", "dot", "--about", "a-source"],
            "'a-source' is a document; --about takes an action, an argument or a claim here",
        ),
        (
            ["--format", "dot", "--about", "an-office"],
            "'an-office' is an organization; --about takes an action, an argument or a claim here",
        ),
        (
            ["--about", "an-order"],
            "--about is for json-ld, argdown, dot, graphml, not for csv",
        ),
        (
            ["--format", "dot", "--on", "2026-06-15"],
            "--on is for csv, parquet, json-ld, not for dot",
        ),
        (
            ["--base-url", "https://example.org/"],
            "--base-url is for json-ld, not for csv",
        ),
        (
            ["--format", "json-ld", "--base-url", "example.org"],
            "Invalid value for '--base-url': 'example.org' is not the address of a site; write it as https://example.org/folder/",
        ),
    ],
)
def test_wrong_use_is_told_with_the_way_out(
    built: Base, tmp_path: Path, arguments: list[str], said: str
):
    assert refused(tmp_path / "out", built.db, *arguments) == (2, f"Error: {said}")
    assert not (tmp_path / "out").exists()


def test_a_database_that_is_missing_or_none_is_told(base: Base, tmp_path: Path):
    assert refused(tmp_path / "out", base.db) == (
        2,
        f"Error: {base.db} does not exist; build it with: policykb load",
    )
    base.db.write_text("no database")
    assert refused(tmp_path / "out", base.db) == (
        3,
        "Error: kb.db is not a knowledge base; build it with: policykb load",
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("form", "module", "said"),
    [
        ("parquet", "pyarrow", "this needs pyarrow"),
        ("graphml", "networkx", "this needs networkx"),
    ],
)
def test_a_missing_package_is_named(
    built: Base, tmp_path: Path, monkeypatch, form: str, module: str, said: str
):
    monkeypatch.setitem(sys.modules, module, None)
    assert refused(tmp_path / "out", built.db, "--format", form) == (
        3,
        f"Error: {said}; install it with: {install('export')}",
    )
    assert not (tmp_path / "out").exists()


def test_an_old_id_leads_to_the_record_and_says_so(base: Base, tmp_path: Path):
    base.write(
        "redirects.toml",
        {"an-old-order": {"to": "an-order", "on": "2026-06-05", "reason": "Named better."}},
    )
    base.load()
    result = base.run(
        "export", str(tmp_path / "out"), "--format", "json-ld", "--about", "an-old-order"
    )
    assert (result.returncode, result.stdout, result.stderr) == (
        0,
        f"{tmp_path / 'out/an-order.jsonld'}\n",
        "an-old-order is now an-order: Named better.\n"
        "addresses begin with http://127.0.0.1:8001/; --base-url says where they are published\n",
    )


# JSON-LD


@pytest.mark.slow
def test_an_order_is_legislation_with_its_facts(triples: Graph):
    order = KB["actions/us-eo-14409"]
    assert set(triples.objects(order, RDF.type)) == {SDO.Legislation}
    assert {str(value) for value in triples.objects(order, SDO.legislationIdentifier)} == {
        "EO 14409",
        "FR Doc. 2026-11415",
        "91 FR 34565",
        "DCPD-202600376",
    }
    assert triples.value(order, SDO.legislationType) == Literal("executive order")
    assert triples.value(order, SDO.legislationJurisdiction) == KB["jurisdictions/us"]
    assert triples.value(order, SDO.legislationDate) == Literal("2026-06-02", datatype=SDO.Date)
    assert triples.value(order, SDO.legislationLegalForce) == SDO.InForce
    assert triples.value(order, SDO.legislationDateVersion) == Literal(
        "2026-10-10", datatype=SDO.Date
    )
    assert triples.value(order, SDO.legislationPassedBy) == KB["organizations/us-president"]
    assert triples.value(order, TERM.effects) == TERM["effects-silent"]
    assert triples.value(KB["actions/us-eo-14409#event-issued"], SDO.startDate) == Literal(
        "2026-06-02", datatype=SDO.Date
    )
    assert triples.value(KB["jurisdictions/us"], RDF.type) == SDO.Country


@pytest.mark.slow
def test_relations_between_acts_are_told_in_the_words_of_schema_org_and_eli(
    shipped: Path, triples: Graph
):
    terms = {
        "amends": SDO.legislationAmends,
        "revokes": SDO.legislationRepeals,
        "replaces": SDO.legislationChanges,
        "implements": ELI.implements,
        "based_on": ELI.based_on,
    }
    law = ",".join(f"'{instrument}'" for instrument in jsonld.LEGISLATION)
    for type, term in terms.items():
        wanted = {
            (KB[f"actions/{action}"], KB[f"actions/{other}"])
            for action, other in answer(
                shipped,
                f"select r.action, r.other from action_relations r join actions a on a.id = r.action where r.type = '{type}' and a.instrument in ({law})",
            )
        }
        assert set(triples.subject_objects(term)) == wanted != set()


def test_legal_force_is_that_of_the_day_and_a_stay_is_none_of_three(base: Base, tmp_path: Path):
    base.action(
        "partly",
        [
            ("2026-01-01", "adopted"),
            ("2026-02-01", "applies_in_part"),
            ("2026-03-01", "took_effect"),
            ("2026-04-01", "suspended"),
            ("2026-05-01", "revoked"),
        ],
    )
    base.load()
    told = {}
    for month in range(1, 6):
        on = f"2026-0{month}-15"
        export(tmp_path / on, base.db, "--format", "json-ld", "--about", "partly", "--on", on)
        node = json.loads((tmp_path / on / "partly.jsonld").read_text(encoding="utf-8"))
        told[month] = node.get("legislationLegalForce", "").rpartition("/")[2]
        assert node["legislationDateVersion"] == on
    assert told == {1: "NotInForce", 2: "PartiallyInForce", 3: "InForce", 4: "", 5: "NotInForce"}
    assert (node["legislationDateOfApplicability"], node["eli:date_no_longer_in_force"]) == (
        "2026-02-01",
        "2026-05-01",
    )


def test_dates_that_are_not_exact_are_not_made_exact(base: Base, tmp_path: Path):
    base.action("roughly", [("2026-01~", "announced"), ("2026-02", "issued")])
    base.action(
        "moved",
        [
            ("2026-03-01", "deadline", {"id": "due"}),
            ("2026-09-01", "deadline", {"supersedes": "due", "moved_on": "2026-02-01"}),
        ],
    )
    base.load()
    nodes = {}
    for id in ("roughly", "moved"):
        export(tmp_path / id, base.db, "--format", "json-ld", "--about", id)
        nodes[id] = json.loads((tmp_path / id / f"{id}.jsonld").read_text(encoding="utf-8"))
    assert [
        event.get("startDate") for event in nodes["roughly"]["subjectOf"] if "@type" in event
    ] == [None, "2026-02"]
    assert nodes["roughly"]["legislationDate"] == "2026-02"
    assert "legislationDateOfApplicability" not in nodes["roughly"]
    assert [
        (event["previousStartDate"], event["startDate"], event["eventStatus"])
        for event in nodes["moved"]["subjectOf"]
        if "@type" in event
    ] == [("2026-03-01", "2026-09-01", "https://schema.org/EventRescheduled")]


def test_a_claim_has_a_finding_and_no_verdict(shipped: Path, triples: Graph):
    assert not {SDO.ClaimReview, SDO.Rating} & set(triples.objects(None, RDF.type))
    assert set(triples.subject_objects(TERM.findings)) == {
        (KB[f"claims/{id}"], TERM[f"findings-{finding}"])
        for id, finding in answer(shipped, "select id, finding from claims")
    }
    assert set(triples.subjects(RDF.type, SDO.Claim)) == {
        KB[f"claims/{id}"] for (id,) in answer(shipped, "select id from claims")
    }


def test_stances_and_answers_of_arguments_are_told(shipped: Path, triples: Graph):
    for stance in vocabulary.ids(vocabulary.STANCES):
        wanted = {
            (KB[f"arguments/{argument}"], KB[f"actions/{action}"])
            for argument, action in answer(
                shipped,
                f"select argument, action from stances where stance = '{stance}' and not inherited",
            )
        }
        assert set(triples.subject_objects(TERM[f"stance_types-{stance}"])) == wanted != set()
    for type in vocabulary.ids(vocabulary.ARGUMENT_RELATIONS):
        wanted = {
            (KB[f"arguments/{argument}"], KB[f"arguments/{other}"])
            for argument, other in answer(
                shipped, f"select argument, other from argument_relations where type = '{type}'"
            )
        }
        assert (
            set(triples.subject_objects(TERM[f"argument_relation_types-{type}"])) == wanted != set()
        )


def test_every_record_is_there_once_with_one_type_and_license_and_version_are_told(
    shipped: Path, triples: Graph
):
    for kind, place in jsonld.PLACES.items():
        ids = {
            KB[f"{place}/{id}"]
            for (id,) in answer(shipped, f"select id from records where kind = '{kind}'")
        }
        assert {
            subject
            for subject in triples.subjects(RDF.type)
            if str(subject).startswith(KB[f"{place}/"]) and "#" not in subject
        } == ids
        assert all(len(set(triples.objects(id, RDF.type))) == 1 for id in ids)
    ((version,),) = answer(shipped, "select value from kb_info where key = 'content_sha256'")
    assert (URIRef(KB), SDO.version, Literal(version)) in triples
    assert triples.value(URIRef(KB), SDO.license) == URIRef(
        "https://creativecommons.org/licenses/by/4.0/"
    )


def test_terms_are_those_of_schema_org_eli_and_the_page_about(shipped: Path, triples: Graph):
    used = {
        str(term)
        for triple in triples
        for term in triple[1:]
        if isinstance(term, URIRef) and str(term).startswith("https://schema.org/")
    }
    # Newer than the list that rdflib has.
    newer = {"legislationAmends", "legislationRepeals", "legislationDateOfApplicability"}
    assert {term.rpartition("/")[2] for term in used} - set(namespace.SDO.__annotations__) == newer
    site = Site(shipped)
    anchors = set(Page(site.get("/about").text).ids)
    ours = {
        str(term).partition("#")[2]
        for triple in triples
        for term in triple[1:]
        if str(term).startswith(str(TERM))
    }
    assert ours - anchors == set()


def test_literals_that_claim_to_be_dates_are(triples: Graph):
    for literal in {term for term in triples.objects() if isinstance(term, Literal)}:
        if literal.datatype == namespace.XSD.date:
            assert dates.is_day(str(literal))
        elif literal.datatype == SDO.Date:
            assert re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", literal)


def test_one_record_says_what_all_say_of_it(shipped: Path, triples: Graph, tmp_path: Path):
    for id in (
        "us-eo-14409",
        "eu-ai-act",
        "lambert-xu-2026-banning-open-source-ai",
        "european-commission",
        "export-control",
        "us-ca",
        "restricting-open-source-ai-is-an-error",
    ):
        export(tmp_path / id, shipped, "--format", "json-ld", "--about", id)
        alone = Graph().parse(tmp_path / id / f"{id}.jsonld", format="json-ld")
        (subject,) = alone.subjects(SDO.sdLicense)
        named = {
            (p, o)
            for p, o in alone.predicate_objects(subject)
            if not hasattr(o, "n3") or not o.n3().startswith("_:")
        }
        assert named - {
            (SDO.sdLicense, URIRef("https://creativecommons.org/licenses/by/4.0/"))
        } == {(p, o) for p, o in triples.predicate_objects(subject) if not o.n3().startswith("_:")}


@pytest.mark.thorough
def test_hostile_texts_survive_json_ld_and_tables(hostile: Base, tmp_path: Path):
    export(
        tmp_path / "linked",
        hostile.db,
        "--format",
        "json-ld",
        "--base-url",
        "https://example.org/kb",
    )
    found = Graph().parse(tmp_path / "linked/records.jsonld", format="json-ld")
    for number, text in enumerate(HOSTILE):
        assert found.value(
            URIRef(f"https://example.org/kb/actions/action-{number}"), SDO.name
        ) == Literal(text)
    export(tmp_path / "csv", hostile.db)
    assert Package(tmp_path / "csv/datapackage.json").validate().valid


# The graph of arguments


def ties(db: Path) -> Counter:
    """The edges between arguments, actions and claims that kb.db has."""
    return Counter(
        answer(
            db,
            """
        select argument, other, type from argument_relations union all select argument, action, stance from stances
        union all select argument, claim, 'rests_on' from argument_claims""",
        )
    )


def inherited(db: Path) -> set[tuple]:
    """The stances that follow only from the thesis of a document: argument, action, stance."""
    return set(answer(db, "select argument, action, stance from stances where inherited"))


def test_graphml_is_read_back_whole(shipped: Path, tmp_path: Path):
    networkx = pytest.importorskip("networkx")
    export(tmp_path / "out", shipped, "--format", "graphml")
    found = networkx.read_graphml(tmp_path / "out/arguments.graphml", force_multigraph=True)
    assert Counter(
        (source, target, data["type"]) for source, target, data in found.edges(data=True)
    ) == ties(shipped)
    assert {
        id: data["label"] for id, data in found.nodes(data=True) if data["kind"] == "argument"
    } == dict(answer(shipped, "select id, title from arguments"))
    assert {id for id, data in found.nodes(data=True) if data["kind"] != "argument"} == {
        target for _, target, type in ties(shipped)
    } - {id for (id,) in answer(shipped, "select id from arguments")}


@pytest.mark.thorough
def test_dot_is_read_back_whole(shipped: Path, tmp_path: Path):
    """The part around one action, as pydot takes seconds to read all."""
    pydot = pytest.importorskip("pydot")
    export(tmp_path / "out", shipped, "--format", "dot", "--about", "us-eo-14409")
    (file,) = (tmp_path / "out").glob("*.dot")
    (found,) = pydot.graph_from_dot_file(str(file), encoding="utf-8")
    assert found.get_type() == "digraph"
    labels = {node.get_name().strip('"'): node.get("label") for node in found.get_nodes()}
    assert Counter(
        tuple(
            part.strip('"')
            for part in (edge.get_source(), edge.get_destination(), edge.get("type"))
        )
        for edge in found.get_edges()
    ) == Counter(
        {tie: count for tie, count in ties(shipped).items() if labels.keys() >= {*tie[:2]}}
    )
    assert len(labels) > 20
    assert (
        labels["us-eo-14409"]
        == '"Promoting Advanced Artificial Intelligence Innovation and Security"'
    )


@pytest.mark.slow
@pytest.mark.parametrize("form", ["graphml", "dot"])
def test_hostile_texts_survive_the_graph(hostile: Base, tmp_path: Path, form: str):
    networkx, pydot = pytest.importorskip("networkx"), pytest.importorskip("pydot")
    export(tmp_path / "out", hostile.db, "--format", form)
    place = tmp_path / "out" / f"arguments.{form}"
    if form == "graphml":
        titles = {
            id: data["label"]
            for id, data in networkx.read_graphml(place, force_multigraph=True).nodes(data=True)
        }
    else:
        (found,) = pydot.graph_from_dot_file(str(place), encoding="utf-8")
        titles = {
            node.get_name().strip('"'): node.get("label")[1:-1]
            .replace('\\"', '"')
            .replace("\\\\", "\\")
            for node in found.get_nodes()
        }
    assert {
        titles[f"argument-{number}"]: titles[f"action-{number}"] for number in range(len(HOSTILE))
    } == {text: text for text in HOSTILE}


@pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz is not there.")
def test_graphviz_reads_hostile_dot(hostile: Base, tmp_path: Path):
    export(tmp_path / "out", hostile.db, "--format", "dot")
    subprocess.run(
        ["dot", "-Tcanon", tmp_path / "out/arguments.dot"], check=True, capture_output=True
    )


def test_graph_around_a_record_is_what_it_is_tied_to_and_all_between(base: Base):
    base.record(
        "arguments",
        "reply",
        stances=[],
        relations=[{"type": "rebuts", "argument": "it-should-stay"}],
        claims=["it-does-good"],
    )
    base.record(
        "arguments",
        "reply-to-reply",
        stances=[],
        relations=[{"type": "undercuts", "argument": "reply"}],
    )
    base.record("arguments", "elsewhere", stances=[{"action": "another", "stance": "opposes"}])
    base.record("actions", "another")
    base.load()
    with closing(reading.connect(base.db)) as database:

        def around(id: str) -> tuple[set[str], set[tuple]]:
            found = graph.graph(database, reading.found(database, id))
            return set(found.nodes), {(edge.source, edge.target) for edge in found.edges}

        assert around("an-order") == (
            {"an-order", "it-should-stay", "reply"},
            {("it-should-stay", "an-order"), ("reply", "it-should-stay")},
        )
        assert around("it-should-stay") == around("an-order")
        assert around("it-does-good") == (
            {"it-does-good", "reply", "it-should-stay", "reply-to-reply"},
            {("reply", "it-does-good"), ("reply", "it-should-stay"), ("reply-to-reply", "reply")},
        )
        assert around("another") == ({"another", "elsewhere"}, {("elsewhere", "another")})


def test_withdrawn_records_are_not_in_the_graph(base: Base):
    base.record(
        "arguments",
        "reply",
        stances=[],
        relations=[{"type": "rebuts", "argument": "it-should-stay"}],
        withdrawn={"on": "2026-06-05", "reason": "Said by nobody."},
    )
    base.load()
    with closing(reading.connect(base.db)) as database:
        assert set(graph.graph(database).nodes) == {"an-order", "it-should-stay"}


# Argdown, by its own parser

ARGDOWN = ROOT / "build/argdown"
READ = """
const {ArgdownApplication, ParserPlugin, DataPlugin, ModelPlugin} = require("@argdown/core");
const app = new ArgdownApplication();
app.addPlugin(new ParserPlugin(), "parse-input"); app.addPlugin(new DataPlugin(), "build-model"); app.addPlugin(new ModelPlugin(), "build-model");
const read = app.run({input: require("fs").readFileSync(process.argv[1], "utf8"), process: ["parse-input", "build-model"], throwExceptions: true});
const text = statement => (statement.members.map(member => member.text).find(text => text) || "").trim(); // the space before its data
console.log(JSON.stringify({
  errors: [...(read.lexerErrors || []), ...(read.parserErrors || [])].map(error => error.message), front: read.frontMatter,
  statements: Object.fromEntries(Object.values(read.statements).map(statement => [statement.title, text(statement)])),
  arguments: Object.fromEntries(Object.values(read.arguments).map(argument => [argument.title, {
    text: text(argument), data: argument.data, steps: argument.pcs.map(step => [step.role, step.title, step.text])}])),
  relations: read.relations.map(relation => [relation.relationType, relation.from.title, relation.to.title || relation.to.argumentTitle]),
}));
"""


def read_argdown(place: Path) -> dict:
    """A file of Argdown as its own parser reads it (npm install --prefix build/argdown @argdown/core)."""
    there = shutil.which("node") and (ARGDOWN / "node_modules/@argdown/core").is_dir()
    if not there:
        assert not REQUIRED, "node and @argdown/core are required"
        pytest.skip("node or @argdown/core is not there")
    return json.loads(
        subprocess.run(
            ["node", "-e", READ, place], capture_output=True, text=True, check=True, cwd=ARGDOWN
        ).stdout
    )


@pytest.mark.slow
def test_argdown_is_read_back_whole(shipped: Path, tmp_path: Path):
    export(tmp_path / "out", shipped, "--format", "argdown")
    read = read_argdown(tmp_path / "out/arguments.argdown")
    assert read["errors"] == []
    assert read["front"] == {
        "title": "Open Source AI Policy",
        "license": "CC BY 4.0",
        "version": answer(shipped, "select value from kb_info where key = 'content_sha256'")[0][0],
    }
    titles = dict(answer(shipped, "select id, title from arguments"))
    folded = {id: " ".join(title.split()) for id, title in titles.items()}
    assert {id: argument["text"] for id, argument in read["arguments"].items()} == folded
    assert {id: read["statements"][id] for id in titles} == folded
    premises = {id: [] for id in titles}
    for id, text in answer(
        shipped, "select argument, text from premises order by argument, position"
    ):
        premises[id].append(" ".join(text.split()))
    for id, claim in answer(
        shipped, "select argument, claim from argument_claims order by argument, id"
    ):
        premises[id].append(read["statements"][claim])
    for id, argument in read["arguments"].items():
        *before, last = argument["steps"]
        assert (last[0], last[1]) == ("main-conclusion", id)
        assert [text or read["statements"][title] for _, title, text in before] == premises[id]
    told = Counter((type, source, target) for type, source, target in map(tuple, read["relations"]))
    is_argument = titles.keys()
    expected = {
        "supports": "support",
        "rebuts": "attack",
        "undercuts": "undercut",
        "opposes": "attack",
    }
    assert told == Counter(
        (expected[type], source, target)
        for source, target, type in ties(shipped).elements()
        if type in expected and not (type == "opposes" and target in is_argument)
    ) - Counter((expected.get(type), *tie) for *tie, type in inherited(shipped))


@pytest.mark.thorough
def test_what_argdown_has_no_word_for_is_kept_as_data(shipped: Path, tmp_path: Path):
    export(tmp_path / "out", shipped, "--format", "argdown")
    read = read_argdown(tmp_path / "out/arguments.argdown")
    kept = Counter(
        (id, target, type)
        for id, argument in read["arguments"].items()
        for type, targets in argument["data"].items()
        if type != "scheme"
        for target in targets
    )
    assert kept == Counter(
        {
            tie: count
            for tie, count in ties(shipped).items()
            if tie[2] in ("supports_if", "warns", "neutral", "qualifies")
            and tie not in inherited(shipped)
        }
    ) + Counter(
        (source, target, f"inherited_{type}") for source, target, type in inherited(shipped)
    )
    assert {id: argument["data"]["scheme"] for id, argument in read["arguments"].items()} == dict(
        answer(shipped, "select id, scheme from arguments")
    )


@pytest.mark.thorough
def test_argdown_reads_hostile_texts_as_text(hostile: Base, tmp_path: Path):
    export(tmp_path / "out", hostile.db, "--format", "argdown")
    read = read_argdown(tmp_path / "out/arguments.argdown")
    assert read["errors"] == []
    for number, text in enumerate(HOSTILE):
        said = " ".join(text.split())
        argument = read["arguments"][f"argument-{number}"]
        assert (
            argument["text"],
            read["statements"][f"action-{number}"],
            read["statements"][f"claim-{number}"],
        ) == (said, said, said)
        assert [step[2] for step in argument["steps"][:2]] == [said, f"And {said}"]
    assert len(read["relations"]) == 2 * len(HOSTILE) + 1


@pytest.mark.slow
def test_policykb_runs_without_the_packages_for_export(built: Base):
    code = "import sys; [sys.modules.__setitem__(name, None) for name in ('pyarrow', 'networkx', 'pydot')]; from policykb.cli import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", code, "check", "--policies", str(built.policies)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert policykb("export", "--help").returncode == 0


def test_today_is_the_day_of_views_and_of_json_ld(base: Base, tmp_path: Path):
    base.action("an-order", [("2026-06-02", "issued"), ("2027-03-01", "expired")])
    base.load()
    for day, due in (("2026-12-01", 1), ("2027-04-01", 0)):
        place = tmp_path / day
        done = policykb("export", str(place), "--db", str(base.db), "--today", day)
        assert done.returncode == 0, done.stderr
        lines = (place / "data" / "upcoming.csv").read_text().splitlines()
        assert len(lines) == 1 + due
        given = ["--format", "json-ld", "--about", "an-order", "--today", day]
        done = policykb("export", str(place / "ld"), "--db", str(base.db), *given)
        assert done.returncode == 0, done.stderr
        node = json.loads((place / "ld" / "an-order.jsonld").read_text())
        assert node["legislationDateVersion"] == day
