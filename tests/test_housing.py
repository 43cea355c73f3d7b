"""A knowledge base about another subject, rents and housing: begun with `init`, ten records, every page and command."""

import re
from html import unescape
from pathlib import Path

import click
import pytest
import rtoml
from conftest import TODAY, leaves, policykb
from policykb.build.load import check, load
from policykb.contribute.starter import Answers, create
from policykb.files.toml_edit import values
from policykb.read.dictionary import tables
from test_contribute import ACTION, asked
from test_pages import Page, Site

# No record of this base has to do with what the shipped base is about.
FOREIGN = re.compile(
    r"\bAI\b|artificial intelligence|14409|2024/1689|openness|open source|open weights", re.I
)
EFFECTS = """
[effects]
on = "rents"

[[effects.kinds]]
id = "lowers"
label = "Lowers"
definition = "It makes rents fall, or rise less."
mark = "▼"

[[effects.kinds]]
id = "unclear"
label = "Unclear"
definition = "The sources do not allow a judgment."
mark = "?"
"""
SCHEME = r"""
[[identifier_schemes]]
id = "xe_gazette"
label = "Gazette of Examplia"
definition = "Number of the gazette of Examplia."
pattern = '(?P<year>\d{4})/(?P<number>\d+)'
example = "2026/14"
display = "Gazette {value}"
url = "https://gazette.example.org/{year}/{number}"
"""
COMMON = {
    "jurisdiction": "xe",
    "as_of": "2026-10-01",
    "confidence": "high",
    "topics": ["rents-housing"],
}
CAP = COMMON | {
    "title": "Act to Limit Rents",
    "short_title": "Rent Cap Act",
    "instrument": "statute",
    "bindingness": "binding",
    "summary": "Landlords may raise a rent by at most two percent a year.",
    "identifiers": {"official_number": "Act 7 of 2026", "xe_gazette": "2026/31"},
    "official_text": "xe-gazette-2026-rent-cap",
    "events": [
        {"id": "introduced", "date": "2026-02-03", "type": "introduced"},
        {"id": "passed", "date": "2026-05-12", "type": "passed"},
        {"id": "signed", "date": "2026-05-20", "type": "signed"},
        {"id": "took-effect", "date": "2026-07-01", "type": "took_effect"},
    ],
}
ADVICE = COMMON | {
    "title": "Advice Centers for Tenants",
    "instrument": "program",
    "bindingness": "voluntary",
    "summary": "Pays for advice centers in every town.",
    "no_official_text": "Only the newspaper reports it.",
    "events": [{"id": "announced", "date": "2026-08", "type": "announced"}],
}
OPTION = COMMON | {
    "title": "Public register of rents",
    "instrument": "policy_option",
    "bindingness": "unknown",
    "jurisdiction": "no-jurisdiction",
    "summary": "A list of rents that anyone can read.",
    "no_official_text": "An idea has no text.",
    "cite": [{"document": "tenants-2026-letter"}],
}
RECORDS = {
    "actions/xe-rent-cap-act-2026": CAP,
    "actions/xe-advice-centers-2026": ADVICE,
    "actions/option-register-of-rents": OPTION,
    "arguments/a-cap-keeps-tenants-at-home": {
        "title": "A cap keeps tenants in their homes",
        "premises": ["Rents rise faster than wages.", "A cap slows them down."],
        "scheme": "consequences",
        "appearances": [{"document": "tenants-2026-letter", "locator": "page 1"}],
        "stances": [{"action": "xe-rent-cap-act-2026", "stance": "supports"}],
        "claims": ["rents-rise-faster-than-wages"],
    },
    "arguments/a-cap-stops-building": {
        "title": "A cap stops building",
        "premises": ["Who cannot raise rents does not build."],
        "scheme": "consequences",
        "appearances": [{"document": "builders-2026-statement", "locator": "page 2"}],
        "stances": [{"action": "xe-rent-cap-act-2026", "stance": "opposes"}],
        "relations": [{"type": "rebuts", "argument": "a-cap-keeps-tenants-at-home"}],
    },
    "claims/rents-rise-faster-than-wages": {
        "text": "Rents in Examplia rise faster than wages",
        "kind": "empirical",
        "finding": "contested",
        "as_of": "2026-10-01",
        "appearances": [{"document": "tenants-2026-letter"}],
        "evidence": [
            {
                "document": "builders-2026-statement",
                "finding": "context",
                "note": "Compares new contracts only.",
            }
        ],
    },
    "documents/xe-gazette-2026-rent-cap": {
        "type": "legislation",
        "title": "Act to Limit Rents",
        "issued": "2026-10-01",
        "url": "https://gazette.example.org/2026/7",
        "grade": "primary",
    },
    "documents/tenants-2026-letter": {
        "type": "report",
        "title": "Letter on the Rent Cap",
        "authors": [{"family": "Roe", "given": "Rita"}],
        "issued": "2026-09",
        "url": "https://tenants.example.org/letter",
        "grade": "primary",
        "mentions": [{"action": "xe-rent-cap-act-2026", "portrayed_as": "enacted"}],
    },
    "documents/builders-2026-statement": {
        "type": "report",
        "title": "Statement of the Builders",
        "authors": [{"organization": "builders-union"}],
        "issued": "2026-09-01",
        "url": "https://builders.example.org/statement",
        "grade": "established",
    },
}
for _action, _source in ((CAP, "xe-gazette-2026-rent-cap"), (ADVICE, "tenants-2026-letter")):
    for _event in _action["events"]:
        _event["cite"] = [{"document": _source}]


@pytest.fixture(scope="module")
def housing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return begun(tmp_path_factory.mktemp("housing"))


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same base, which judges the effect of every action on rents."""
    folder = begun(tmp_path_factory.mktemp("judged"))
    about = folder / "policies" / "about.toml"
    about.write_text(about.read_text() + EFFECTS)
    for place in RECORDS:
        if place.startswith("actions/"):
            kind = "lowers" if "cap" in place else "unclear"
            path = folder / "policies" / f"{place}.toml"
            note = '"The letter says so."'
            cite = '[{ document = "tenants-2026-letter" }]'
            effect = f'effect = {{ kind = "{kind}", note = {note}, cite = {cite} }}\n'
            path.write_text(effect + path.read_text())
    assert load(folder / "policies", folder / "kb.db", TODAY).problems == []
    return folder


def begun(folder: Path) -> Path:
    """Begin the base in `folder`."""
    url = "https://creativecommons.org/licenses/by/4.0/"
    subject = ("Rents in Examplia", "rents and housing", ["XE=Examplia"])
    create(folder, Answers(*subject, "CC BY 4.0", url, examples=False))
    for place, record in RECORDS.items():
        path = folder / "policies" / f"{place}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(rtoml.dumps(record))
    unions = {"builders-union": {"name": "Builders' Union", "kind": "nonprofit"}}
    (folder / "policies" / "organizations.toml").write_text(rtoml.dumps(unions))
    about = folder / "policies" / "about.toml"
    about.write_text('searches = ["Rent Cap Act", "Act 7 of 2026"]\n' + about.read_text() + SCHEME)
    return folder


def test_it_is_checked_and_loaded(housing: Path):
    checked = policykb("check", "--strict", "--today", TODAY, cwd=housing)
    assert checked.returncode == 0, checked.stderr
    assert "3 actions, 2 arguments, 1 claim, 3 documents; 0 errors, 0 warnings" in checked.stderr
    assert policykb("load", "--today", TODAY, cwd=housing).returncode == 0
    answer = policykb("query", "arguments-about", "-p", "action=xe-rent-cap-act-2026", cwd=housing)
    assert "A cap stops building" in answer.stdout and "supports" in answer.stdout


@pytest.mark.slow
def test_every_page_is_about_its_own_subject(housing: Path):
    policykb("load", "--today", TODAY, cwd=housing)
    site = Site(housing / "kb.db")
    waiting, seen = ["/", "/search"], set()
    while waiting:
        path = waiting.pop()
        if path in seen or re.search(r"^/(kb|-)|\?|\.[a-z]+$", path):
            continue
        seen.add(path)
        answer = site.get(path)
        assert answer.status_code == 200, path
        page = Page(answer.text)
        assert not page.objections or path.endswith("/card"), path
        main = re.sub(r"<(script|style)\b.*?</\1>", "", answer.text, flags=re.DOTALL)
        if not path.startswith(("/about", "/questions")):  # they explain what every base has
            assert not FOREIGN.search(re.sub(r"<[^>]+>", " ", main)), path
        waiting += [link.partition("#")[0] for link in page.links if link.startswith("/")]
    assert {f"/{place}" for place in RECORDS} | {"/contribute/action", "/search"} <= seen
    assert len(seen) > 60
    assert "Rent Cap Act, Act 7 of 2026" in site.get("/").text
    assert "In force since 1 July 2026" in site.get("/actions/xe-rent-cap-act-2026").text


@pytest.mark.thorough
def test_it_is_published_as_files(housing: Path, tmp_path: Path):
    policykb("load", "--today", TODAY, cwd=housing)
    copy = tmp_path / "copy"
    done = policykb("publish", "--static", str(copy), "--today", TODAY, cwd=housing)
    assert done.returncode == 0, done.stderr
    page = (copy / "actions" / "xe-rent-cap-act-2026" / "index.html").read_text()
    assert "Rent Cap Act" in page
    assert "contribute/correction/index.html?id=xe-rent-cap-act-2026" in page
    assert values((housing / "policies" / "about.toml").read_text())["title"] in page


@pytest.mark.thorough
def test_the_copy_leads_to_where_mistakes_are_reported(housing: Path, tmp_path: Path):
    about = housing / "policies" / "about.toml"
    before = about.read_text()
    tracker = 'report_url = "https://git.example.org/rents/issues/new?title={id}&body={text}"\n'
    about.write_text(tracker + before)
    policykb("load", "--today", TODAY, cwd=housing)
    copy = tmp_path / "copy"
    policykb("publish", "--static", str(copy), "--today", TODAY, cwd=housing)
    about.write_text(before)
    page = (copy / "contribute" / "correction" / "index.html").read_text()
    assert 'href="https://git.example.org/rents/issues/new?title=' in page


# Schemes of identifiers


@pytest.mark.slow
def test_a_declared_scheme_is_shown_and_found(judged: Path):
    site = Site(judged / "kb.db")
    page = site.get("/actions/xe-rent-cap-act-2026").text
    assert "Gazette of Examplia" in page
    assert (
        '<a href="https://gazette.example.org/2026/31"' in page and ">Gazette 2026/31</a>" in page
    )
    assert "Rent Cap Act" in site.get("/search?q=Gazette+2026/31").text
    assert "Number of the gazette of Examplia." in site.get("/about").text
    for number in ("2026/31", "gazette 2026/31"):
        answer = policykb("query", "identifier", "-p", f"identifier={number}", cwd=judged)
        assert "xe-rent-cap-act-2026" in answer.stdout, answer.stderr
    brief = policykb("brief", "xe-rent-cap-act-2026", "--format", "html", cwd=judged).stdout
    assert "Gazette 2026/31" in brief
    data = site.get("/actions/xe-rent-cap-act-2026.jsonld").text
    assert "Gazette 2026/31" in data and "https://gazette.example.org/2026/31" in data


@pytest.mark.parametrize(
    ("scheme", "value", "shown"),
    [
        ("xe_gazette", "2026/14", 'xe_gazette = "2026/14"'),
        ("Gazette of Examplia", "No. 2026/14", 'xe_gazette = "2026/14"'),
        ("xe_gazette", "fourteen", "a value like '2026/14'"),
        ("xe_gazete", "2026/14", "did you mean 'xe_gazette'?"),
    ],
)
def test_commands_know_a_declared_scheme(housing: Path, scheme: str, value: str, shown: str):
    for arguments in (
        ("add", "identifier", "xe-advice-centers-2026", scheme, value),
        ("set", "xe-advice-centers-2026", f"identifiers.{scheme}", value),
    ):
        done = policykb(*arguments, "--dry-run", "--today", TODAY, cwd=housing)
        assert shown in done.stdout + done.stderr
        assert (done.returncode == 0) == shown.startswith("xe_gazette")


@pytest.mark.parametrize(("value", "sound"), [("2026/14", True), ("fourteen", False)])
def test_a_form_knows_a_declared_scheme(judged: Path, value: str, sound: bool):
    answers = ACTION | {
        "check": "1",
        "jurisdiction": "Examplia",
        "bodies.0.organization": "builders-union",
        "effect.0.kind": "unclear",
        "topics": "rents-housing",
        "identifiers": f"xe_gazette={value}",
    }
    text = unescape(asked(Site(judged / "kb.db"), "action", answers))
    assert ("a value like '2026/14'" in text) != sound
    assert (f'xe_gazette = "{value}"' in text) == sound


@pytest.mark.parametrize(
    ("line", "instead", "problem"),
    [
        ('id = "xe_gazette"', 'id = "XE-Gazette"', "K204 identifier_schemes[0].id: "),
        ('id = "xe_gazette"', 'id = "celex"', "K205 identifier_schemes[0].id: "),
        ("pattern = ", "pattern = '(' #", "K203 identifier_schemes[0].pattern: "),
        ("pattern = ", f"pattern = '{'7' * 201}' #", "has 201 characters"),
        ("pattern = ", r"pattern = '(\d+)+/\d' #", "in too many ways"),
        ("pattern = ", r"pattern = '(2|2)*/\d' #", "in too many ways"),
        ("pattern = ", "pattern = '" + r"\d?" * 30 + "/' #", "in too many ways"),
        ('example = "2026/14"', 'example = "14"', "V702 identifier_schemes[0].example: "),
        ('url = "https:', 'url = "http:', "U601 identifier_schemes[0].url: "),
        ("{year}/", "{page}/", "K203 identifier_schemes[0].url: "),
        ("{year}/", "{year.__class__}/", "K203 identifier_schemes[0].url: "),
        ("Gazette {value}", "Gazette {value", "K203 identifier_schemes[0].display: "),
        ("Gazette {value}", "Gazette {}", "K203 identifier_schemes[0].display: "),
        ("Gazette {value}", "{value:>999999999}", "K203 identifier_schemes[0].display: "),
    ],
)
def test_a_wrong_declaration_is_refused(housing: Path, line: str, instead: str, problem: str):
    text = (housing / "policies" / "about.toml").read_text()
    before, scheme = text.split(SCHEME)[0], SCHEME.replace(line, instead, 1)
    result = check(
        housing / "policies", TODAY, proposed={"policies/about.toml": (before + scheme).encode()}
    )
    lines = (before + scheme).splitlines()
    found = next(found for found in result.problems if found.path == "policies/about.toml")
    assert problem in found.text() and "expected" in found.text()
    assert instead in lines[found.line - 1]


def test_a_value_that_is_too_long_is_not_matched(housing: Path):
    place = "policies/actions/xe-rent-cap-act-2026.toml"
    text = (housing / place).read_text().replace("2026/31", f"2026/{'1' * 100}")
    result = check(housing / "policies", TODAY, proposed={place: text.encode()})
    assert "V702 identifiers.xe_gazette: " in result.problems[0].text()


# The effect of actions


@pytest.mark.slow
def test_without_a_declared_effect_nothing_shows_one(housing: Path, tmp_path: Path):
    policykb("load", "--today", TODAY, cwd=housing)
    site = Site(housing / "kb.db")
    assert site.get("/questions/by-effect").status_code == 404
    assert "effect" not in site.get("/actions.csv").text.partition("\n")[0].split(",")
    assert "effect" not in site.get("/actions.json").json()[0]
    form = site.get("/contribute/action").text
    assert 'name="effect' not in site.get("/actions").text + form
    assert "Effect on" not in site.get("/compare?ids=xe-rent-cap-act-2026").text
    done = policykb("export", str(tmp_path / "data"), "--format", "csv", cwd=housing)
    assert done.returncode == 0, done.stderr
    files = {path.name: path.read_text() for path in (tmp_path / "data").rglob("*.csv")}
    assert "actions.csv" in files and "effects.csv" not in files
    heads = [text.partition("\n")[0].split(",") for text in files.values()]
    assert not any("effect" in head for head in heads)
    listed = policykb("query", cwd=housing).stdout
    assert "changed-between" in listed and "by-effect" not in listed


@pytest.mark.parametrize("name", sorted(leaves()))
def test_the_help_of_a_command_is_about_no_subject(name: str):
    command = leaves()[name]
    assert "openness" not in command.get_help(click.Context(command)).lower()


def test_the_descriptions_of_tables_are_about_no_subject():
    assert "openness" not in str(tables()).lower()


def test_pages_show_the_declared_effect(judged: Path):
    site = Site(judged / "kb.db")
    page = site.get("/actions/xe-rent-cap-act-2026").text
    assert "What it does to rents" in page and "▼" in page and "<dt>Rents</dt>" in page
    everything = site.get("/actions").text
    assert '<th scope="col">Rents</th>' in everything and "Effect on rents" in everything
    filtered = site.get("/actions?effect=lowers").text
    assert "Rent Cap Act" in filtered and "Advice Centers" not in filtered
    wrong = site.get("/actions?effect=raises").text
    assert "“raises” is not a value of “effect”; it has: lowers, unclear." in wrong
    compared = site.get("/compare?ids=xe-rent-cap-act-2026,xe-advice-centers-2026").text
    assert '<th scope="row">Effect on rents</th>' in compared and ">Exemption<" in compared
    assert "What it does to rents" not in site.get("/documents/builders-2026-statement").text
    assert "what it does to rents" in site.get("/documents/tenants-2026-letter").text
    assert "Effects on rents" in site.get("/about").text
    form = site.get("/contribute/action").text
    assert 'name="effect.0.kind"' in form and "Lowers: It makes rents fall" in form


@pytest.mark.thorough
def test_files_and_questions_have_the_declared_effect(judged: Path, tmp_path: Path):
    site = Site(judged / "kb.db")
    rows = {row["id"]: row for row in site.get("/actions.json").json()}
    assert rows["xe-rent-cap-act-2026"]["effect"] == "lowers"
    question = site.get("/questions/by-effect?effect=lowers").text
    assert "Actions by their effect on rents" in question
    assert "Rent Cap" in question
    assert "Public register" not in question
    answer = policykb("query", "by-effect", "-p", "effect=raises", cwd=judged)
    assert "there is no effect 'raises'" in answer.stderr
    brief = policykb("brief", "xe-rent-cap-act-2026", "--format", "html", cwd=judged).stdout
    assert "Effect on rents: lowers." in brief
    copy = tmp_path / "copy"
    assert policykb("publish", "--static", str(copy), cwd=judged).returncode == 0
    words = (copy / "assets" / "words.js").read_text()
    assert '"effect":"Rents"' in words and '"lowers":"▼"' in words


@pytest.mark.parametrize(
    ("declared", "effect", "problem"),
    [
        (False, '{ kind = "lowers", note = "x" }', "K201 effect: is a key of actions only where"),
        (True, "", "K202 effect: is missing"),
        (True, '{ kind = "lower", note = "x" }', "did you mean 'lowers'?"),
    ],
)
def test_an_effect_is_judged_by_what_is_declared(
    housing: Path, judged: Path, declared: bool, effect: str, problem: str
):
    folder = judged if declared else housing
    place = "policies/actions/xe-advice-centers-2026.toml"
    text = re.sub("^effect = .*\n", "", (folder / place).read_text())
    text = f"effect = {effect}\n" * bool(effect) + text
    result = check(folder / "policies", TODAY, proposed={place: text.encode()})
    assert [found.line for found in result.problems] == [1]
    assert problem in result.problems[0].text()


def test_a_kind_is_declared_once(judged: Path):
    text = (judged / "policies" / "about.toml").read_text().replace('"unclear"', '"lowers"')
    result = check(judged / "policies", TODAY, proposed={"policies/about.toml": text.encode()})
    assert "K203 effects.kinds: " in result.problems[0].text()
    assert "has 'lowers' twice" in result.problems[0].text()


def test_an_import_writes_the_last_kind(judged: Path, tmp_path: Path):
    (tmp_path / "a.csv").write_text(
        "title,instrument,jurisdiction,event.date,event.type,event.document\n"
        "Act on Deposits,statute,xe,2026-03-01,signed,tenants-2026-letter\n"
    )
    done = policykb(*("import", str(tmp_path / "a.csv"), "--dry-run", "--today", TODAY), cwd=judged)
    assert 'kind = "unclear"' in done.stdout, done.stderr


def test_the_starter_shows_how_an_effect_is_declared(housing: Path):
    text = (housing / "policies" / "about.toml").read_text()
    shown = text.partition("# [effects]")[1] + text.partition("# [effects]")[2]
    lines = [line.removeprefix("# ").removeprefix("#") for line in shown.splitlines()]
    assert values("\n".join(lines))["effects"] == values(EFFECTS)["effects"]
