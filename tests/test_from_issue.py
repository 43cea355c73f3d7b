"""Issue forms: what GitHub makes of the answers becomes records or drafts, whatever somebody wrote into it."""

import subprocess
from pathlib import Path

import pytest
import rtoml
from conftest import ANY, ROOT, SHIPPED_DAY, Base
from hypothesis import given, settings
from hypothesis import strategies as st
from policykb.contribute import issue_form
from policykb.contribute.issue_form import FORMS, NOTHING
from policykb.model.problems import InvalidInputError

ACTION = {
    "title": "Order on Weights",
    "source_url": "https://gazette.example.org/order",
    "source_title": "Order",
    "source_grade": "primary: The text itself was read",
    "instrument": "executive_order: Order of a head of state",
    "jurisdiction": "us",
    "identifiers": "eo=14999",
    "bindingness": "mixed: Binds some",
    "events": "2026-06-02 signed: In the capital\n- 2027-01-01 took effect: All of it",
    "effect": "silent: Says nothing.",
    "summary": "Binds agencies.\n\n### A heading of its own\n\n- and a list",
}
ARGUMENT = {
    "title": "Weights should stay free",
    "premises": "One.\nTwo.",
    "scheme": "analogy: What holds",
    "source_url": "https://example.org/a-source",
    "source_title": "A source",
    "source_grade": "primary: x",
    "stances": "opposes an-order: It is vague",
}
DOCUMENT = {
    "url": "https://blog.example.org/x",
    "title": "Blog",
    "type": "post-weblog: Post",
    "grade": "primary: x",
    "authors": "Doe, Jane\nan-office",
    "mentions": 'enacted an-order: Named @ paragraph 3 "the order"',
}
CORRECTION = {
    "id": "an-order",
    "key": "confidence",
    "value": "Medium",
    "source_url": "https://example.org/x",
}


def filled(name: str, answers: dict[str, str]) -> str:
    """The text that GitHub makes of the form `name`."""
    return "\n\n".join(
        f"### {question.label}\n\n{answers.get(question.key or 'else', NOTHING)}"
        for question in FORMS[name].questions
    )


def run(base: Base, text: str | bytes, *options: str) -> subprocess.CompletedProcess:
    place = base.policies.parent / "issue.md"
    place.write_bytes(text if isinstance(text, bytes) else text.encode())
    return base.run("from-issue", str(place), *(options or ("--yes",)))


def files(base: Base) -> dict[str, bytes]:
    return {
        str(path.relative_to(base.policies.parent)): path.read_bytes()
        for path in base.policies.parent.rglob("*")
        if path.is_file() and path.name != "issue.md"
    }


def new(base: Base, before: dict[str, bytes]) -> list[str]:
    return sorted(path for path, content in files(base).items() if before.get(path) != content)


@pytest.mark.parametrize(
    ("name", "answers", "made"),
    [
        (
            "new-action",
            ACTION,
            ["policies/actions/us-eo-14999.toml", "policies/documents/gazette-order.toml"],
        ),
        ("new-argument", ARGUMENT, ["policies/arguments/weights-should-stay-free.toml"]),
        ("new-document", DOCUMENT, ["policies/documents/doe-an-office-blog.toml"]),
        ("correction", CORRECTION, ["policies/actions/an-order.toml"]),
    ],
)
def test_form_that_is_filled_in_well_becomes_valid_records(
    base: Base, name: str, answers: dict[str, str], made: list[str]
):
    before = files(base)
    result = run(base, filled(name, answers))
    assert result.returncode == 0, result.stderr
    assert new(base, before) == made
    assert base.codes() == []


@pytest.mark.parametrize(
    ("name", "answers", "place", "expected"),
    [
        (
            "new-action",
            ACTION | {"jurisdiction": "United States", "bodies": "An Office issuer"},
            "actions/us-eo-14999",
            {"jurisdiction": "us", "bodies": [{"organization": "an-office", "role": "issuer"}]},
        ),
        (
            "new-argument",
            ARGUMENT | {"stances": "opposes EO 14409: It is vague"},
            "arguments/weights-should-stay-free",
            {"stances": [{"action": "an-order", "stance": "opposes", "note": "It is vague"}]},
        ),
        (
            "new-document",
            DOCUMENT | {"mentions": "enacted AN ORDER", "authors": "An office"},
            "documents/an-office-blog",
            {
                "authors": [{"organization": "an-office"}],
                "mentions": [{"action": "an-order", "portrayed_as": "enacted"}],
            },
        ),
        (
            "correction",
            {"id": "EO 14409", "key": "jurisdiction", "value": "US", "source_url": "https://a.org"},
            "actions/an-order",
            {"jurisdiction": "us"},
        ),
    ],
)
def test_form_names_records_by_name_or_number(base: Base, name, answers, place, expected):
    base.record("actions", "an-order", identifiers={"eo": "14409"}, jurisdiction="international")
    result = run(base, filled(name, answers))
    assert result.returncode == 0, result.stderr
    record = rtoml.load(base.policies / f"{place}.toml")
    assert {key: record[key] for key in expected} == expected


def test_paragraphs_of_a_document_are_answered_with_the_actions_they_mention(base: Base):
    base.record("actions", "an-order", identifiers={"eo": "14999"})
    before = files(base)
    answers = {"url": "https://example.org/x", "issued": "2026-06-03", "text": "One.\nEO 14999 is."}
    result = run(base, filled("mention", answers))
    assert result.returncode == 1
    assert "https://example.org/x, 2026-06-03: 1 mention" in result.stderr
    assert "paragraph 2    an-order  (number) “EO 14999”" in result.stderr
    assert new(base, before) == []


def test_answers_go_where_they_belong_and_headings_inside_an_answer_stay_there(base: Base):
    run(base, filled("new-action", ACTION).replace("\n", "\r\n"))
    action = rtoml.load(base.policies / "actions/us-eo-14999.toml")
    assert [event["id"] for event in action["events"]] == ["signed", "took-effect"]
    assert [(event["type"], event["note"], event["cite"]) for event in action["events"]] == [
        ("signed", "In the capital", [{"document": "gazette-order"}]),
        ("took_effect", "All of it", [{"document": "gazette-order"}]),
    ]
    assert (action["instrument"], action["bindingness"], action["identifiers"]) == (
        "executive_order",
        "mixed",
        {"eo": "14999"},
    )
    assert (
        action["summary"].strip() == "Binds agencies.\n\n### A heading of its own\n\n- and a list"
    )


def test_correction_of_an_event_is_found_by_its_date_or_the_address_of_its_page(base: Base):
    event = {"key": "note", "value": "In the capital.", "source_url": "https://example.org/x"}
    page = "https://kb.example.org/actions/an-order"
    for answers in ({"id": page, "event": "2026-06-02"}, {"id": f"{page}#event-issued"}):
        base.record("actions", "an-order")
        result = run(base, filled("correction", event | answers))
        assert result.returncode == 0, result.stderr
        action = rtoml.load(base.policies / "actions/an-order.toml")
        assert action["events"][0]["note"] == "In the capital."
    missing = run(base, filled("correction", event | {"id": "an-order", "event": "2020"}))
    assert missing.returncode == 1 and "there is no event '2020'" in missing.stderr


def test_correction_keeps_all_but_the_one_value(base: Base):
    before = (base.policies / "actions/an-order.toml").read_text()
    run(base, filled("correction", CORRECTION))
    assert (base.policies / "actions/an-order.toml").read_text() == before.replace(
        'confidence = "high"', 'confidence = "medium"'
    )


def test_correction_names_the_record_by_its_title_and_an_event_by_its_date(base: Base):
    change = {"id": "An order", "key": "events.2026-06-02.note", "value": "In the capital"}
    result = run(base, filled("correction", CORRECTION | change))
    assert result.returncode == 0, result.stderr
    action = rtoml.load(base.policies / "actions/an-order.toml")
    assert action["events"][0]["note"] == "In the capital"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"id": "../../etc/passwd"}, "there is no record '../../etc/passwd'"),
        ({"key": "events"}, "'events' has several values: name one by its place"),
        ({"key": "withdrawn"}, "'withdrawn' is not a key that can be set here; expected one of "),
        ({"key": "__class__"}, "'__class__' is not a key that can be set here; expected one of "),
        ({"value": "sure"}, "'sure' is not in the vocabulary; expected one of high, medium, low"),
    ],
)
def test_correction_that_needs_an_editor_is_told_and_changes_nothing(
    base: Base, change: dict[str, str], why: str
):
    before = files(base)
    result = run(base, filled("correction", CORRECTION | change))
    assert result.returncode == 1
    expected = f"the correction cannot be made from the form: {why}"
    assert result.stderr.splitlines()[0].startswith(expected)
    assert files(base) == before


def test_what_is_missing_doubtful_or_there_already_makes_a_draft_that_says_so(base: Base):
    before = files(base)
    answers = ACTION | {
        "events": "02/03/2026 signed: In the capital\nnonsense",
        "identifiers": "eo",
        "title": "An order!",
        "summary": NOTHING,
        "else": "Look <b>here</b>\n# not a comment of its own",
    }
    result = run(base, filled("new-action", answers))
    assert result.returncode == 0, result.stderr
    made = new(base, before)
    assert made == ["drafts/actions/us-order.toml", "drafts/documents/gazette-order.toml"]
    text = (base.policies.parent / made[0]).read_text()
    comments = [line for line in text.splitlines() if line.startswith("#")]
    for said in (
        "#   summary: What it is",
        "#   identifiers: 'eo' is not an identifier",
        "#   events: '02/03/2026' can be 2026-03-02",
        "#   events: 'nonsense' cannot be read",
        "#   may already exist: an-order: An order (has the same title)",
        "#   for the editors: Look <b>here</b>",
        "#   for the editors: # not a comment",
    ):
        assert any(line.startswith(said) for line in comments), said
    assert "events" not in rtoml.loads(text)
    assert base.codes() == []


def test_dry_run_writes_nothing(base: Base):
    before = files(base)
    for name, answers in (
        ("new-action", ACTION),
        ("new-action", {"title": "Something"}),
        ("correction", CORRECTION),
    ):
        result = run(base, filled(name, answers), "--dry-run")
        assert result.returncode == 0, result.stderr
    assert files(base) == before


# Hostile text


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"\xff\xfe\x00", "byte 0xff at 0 is not UTF-8"),
        (
            b"",
            "it is not the text of a form; the nearest is new-action, without Title of the action, ",
        ),
        (
            b"### Title of the action\n\nx",
            "it is not the text of a form; the nearest is new-action, without Address of the official page, ",
        ),
        (b"a" * 1_300_000, "it has 1,200,001 characters; expected at most 300,000"),
        (b"> ### Title\n" * 20_000, "it is not the text of a form"),
        (b"[" * 100_000, "it is not the text of a form"),
        (
            filled("new-action", ACTION)
            .replace("In the capital", "x\n\n### Summary\n\ny")
            .encode(),
            "the heading 'Summary' occurs 2 times; remove it from the answers",
        ),
    ],
    ids=["encoding", "empty", "cut", "huge", "quotes", "brackets", "heading"],
)
def test_text_that_is_no_form_is_refused_with_one_message(base: Base, text: bytes, why: str):
    before = files(base)
    result = run(base, text)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.partition("\nError: issue.md: ")[2].startswith(why), result.stderr[-500:]
    assert files(base) == before


@pytest.mark.parametrize(
    "hidden",
    [
        "> ### Summary\n> x",
        "```\n### Summary\n```",
        "    ### Summary",
        "- ### Summary",
        "Summary\n---",
        "<!-- -->\\### Summary",
    ],
)
def test_heading_inside_a_quote_list_or_code_is_no_heading_of_the_form(hidden: str):
    answers = issue_form.read(filled("new-action", ACTION | {"else": hidden}).encode())
    assert answers.texts["summary"] == ACTION["summary"]
    assert answers.remark == hidden.strip()


@pytest.mark.parametrize(
    "evil",
    [
        "../../../tmp/evil",
        "..",
        "/etc/passwd",
        "a\x00b",
        "\u202eevil",
        "x" * 5000,
        "<script>alert(1)</script>",
        '"""\nid = 1',
        "'''",
        "\\u0000",
        "${{ secrets.X }}",
        "$(touch evil)",
    ],
)
def test_hostile_answers_end_as_text_in_a_draft_or_a_record_and_nowhere_else(base: Base, evil: str):
    before = files(base)
    result = run(base, filled("new-action", {**dict.fromkeys(ACTION, evil), "else": evil}))
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    assert {path.split("/")[0] for path in new(base, before)} <= {"drafts", "policies"}
    assert all(path.count("/") == 2 and ".." not in path for path in new(base, before))
    assert base.codes() == []
    for path in new(base, before):
        assert rtoml.loads((base.policies.parent / path).read_text())


@given(st.sampled_from(list(FORMS)), st.lists(st.text(ANY, max_size=80), min_size=14, max_size=14))
@settings(deadline=None)
def test_any_answers_are_read_back_or_refused(name: str, texts: list[str]):
    form = FORMS[name]
    text = "\n\n".join(
        f"### {question.label}\n\n{answer}"
        for question, answer in zip(form.questions, texts, strict=False)
    )
    try:
        answers = issue_form.read(text.encode(errors="replace"))
    except InvalidInputError as error:
        assert str(error)
        return
    assert answers.form == form
    assert answers.texts.keys() <= {question.key for question in form.questions}


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_or_read(data: bytes):
    with pytest.raises(InvalidInputError):
        issue_form.read(data)


@pytest.mark.thorough
def test_shipped_knowledge_takes_a_form(tmp_path: Path):
    import shutil

    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    base = Base.__new__(Base)
    base.policies, base.db, base.today = tmp_path / "policies", tmp_path / "kb.db", SHIPPED_DAY
    result = run(
        base,
        filled(
            "new-argument",
            ARGUMENT
            | {
                "source_url": "https://gazette.example.org/new",
                "stances": "opposes us-eo-14409: It stays vague",
            },
        ),
    )
    assert result.returncode == 0, result.stderr
    assert base.check().errors == 0
    assert (base.policies / "arguments/weights-should-stay-free.toml").exists()
