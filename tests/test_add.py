"""policykb add: a part put into a file where it is, everything else kept, and refused with the message of the check."""

import pytest
import rtoml
from conftest import ROOT, Base
from policykb.contribute.parts import PARTS, addition
from policykb.files import toml_edit
from policykb.model import records as model

ORDER = """\
# Read on a Tuesday.
title = "An order"  # official
instrument = "executive_order"
bindingness = "binding"
jurisdiction = "us"
as_of = 2026-06-30
confidence = "high"
summary = "Binds agencies."

[effect]
kind = "silent"
note = "Says nothing."

# The first one.
[[events]]
id = "signing"
date = 2026-06-02
type = "issued"
cite = [{ document = "a-source" }]

# Later.
[[events]]
id = "publication"
date = 2026-06-20
type = "published"
cite = [{ document = "a-source", note = "The header." }]

[[disputes]]
about = "Whether it binds"
note = "Some doubt it."
"""


@pytest.fixture
def order(base: Base):
    """The builder's order, with comments; its file is read and run upon."""
    file = base.write("actions/an-order.toml", ORDER)
    base.record("documents", "b-source")
    base.record("actions", "other-order", cite=[{"document": "b-source"}])

    def run(*arguments: str) -> object:
        return base.run("add", *arguments)

    run.file, run.base = file, base
    return run


def test_event_goes_where_its_date_belongs_and_comments_stay(order):
    result = order(
        "event",
        "an-order",
        "--date",
        "June 10th 2026",
        "--type",
        "Hearing",
        "--note",
        "A committee listens.",
        "--cite",
        "b-source, page 3",
        "--yes",
    )
    assert (result.returncode, result.stderr) == (
        0,
        "'June 10th 2026' is read as Wednesday 10 June 2026: 2026-06-10\nwrote policies/actions/an-order.toml\n",
    )
    assert order.file.read_text() == ORDER.replace(
        "# Later.\n",
        """\
[[events]]
id = "hearing"
date = 2026-06-10
type = "hearing"
note = "A committee listens."
cite = [{ document = "b-source", locator = "page 3" }]

# Later.
""",
    )
    assert order.base.codes() == []


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["alias", "an-order", "The big one"], 'aliases = ["The big one"]'),
        (["question", "an-order", "Does it last?"], 'open_questions = ["Does it last?"]'),
        (["topic", "an-order", "a-topic"], 'topics = ["a-topic"]'),
        (["identifier", "an-order", "eo", "14409"], 'eo = "14409"'),
        (
            ["body", "an-order", "--organization", "an-office", "--role", "issuer"],
            'bodies = [{ organization = "an-office", role = "issuer" }]',
        ),
        (
            ["citation", "an-order", "--document", "b-source", "--locator", "page 2"],
            'cite = [{ document = "b-source", locator = "page 2" }]',
        ),
        (
            ["citation", "an-order", "--document", "b-source", "--effect"],
            'cite = [{ document = "b-source" }]',
        ),
        (
            ["citation", "an-order", "--document", "b-source", "--dispute", "1"],
            'cite = [{ document = "b-source" }]',
        ),
        (
            ["citation", "an-order", "--document", "b-source", "--event", "signing"],
            'cite = [{ document = "a-source" }, { document = "b-source" }]',
        ),
        (
            ["citation", "an-order", "--document", "b-source", "--event", "2026-06-02"],
            'cite = [{ document = "a-source" }, { document = "b-source" }]',
        ),
        (
            ["citation", "an-order", "--document", "b-source", "--event", "1"],
            'cite = [{ document = "a-source" }, { document = "b-source" }]',
        ),
        (
            ["relation", "an-order", "--type", "amends", "--action", "other-order"],
            'action = "other-order"',
        ),
    ],
)
def test_part_of_an_action_is_added_and_every_other_line_stays(
    order, arguments: list[str], line: str
):
    before = order.file.read_text().splitlines()
    result = order(*arguments, "--yes")
    assert result.returncode == 0, result.stderr
    after = order.file.read_text().splitlines()
    assert line in after
    lost = [kept for kept in before if kept and before.count(kept) > after.count(kept)]
    assert lost == (['cite = [{ document = "a-source" }]'] if "--event" in arguments else [])
    assert order.base.codes() == []
    again = order(*arguments, "--yes")
    assert (again.returncode, "already" in again.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "place", "key"),
    [
        (
            [
                "stance",
                "it-should-stay",
                "--action",
                "other-order",
                "--stance",
                "warns",
                "--note",
                "It may spread.",
            ],
            "arguments/it-should-stay.toml",
            "stances",
        ),
        (
            [
                "appearance",
                "it-should-stay",
                "--document",
                "b-source",
                "--locator",
                "paragraph 2",
                "--words",
                "it should stay",
            ],
            "arguments/it-should-stay.toml",
            "appearances",
        ),
        (
            ["appearance", "it-does-good", "--document", "b-source"],
            "claims/it-does-good.toml",
            "appearances",
        ),
        (
            [
                "evidence",
                "it-does-good",
                "--document",
                "b-source",
                "--finding",
                "refutes",
                "--note",
                "It does harm.",
            ],
            "claims/it-does-good.toml",
            "evidence",
        ),
        (
            ["mention", "b-source", "--action", "other-order", "--portrayed-as", "as feared"[3:]],
            "documents/b-source.toml",
            "mentions",
        ),
    ],
)
def test_part_of_another_record_is_added_at_its_end(
    order, arguments: list[str], place: str, key: str
):
    result = order(*arguments, "--yes")
    assert result.returncode == 0, result.stderr
    content = rtoml.load(order.base.policies / place)
    given = dict(
        zip([name[2:].replace("-", "_") for name in arguments[2::2]], arguments[3::2], strict=True)
    )
    assert content[key][-1] == given
    assert order.base.codes() == []


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (
            ["event", "an-order", "--date", "2026-06-10", "--type", "hearing", "--yes"],
            1,
            'policies/actions/an-order.toml:21: C501 events[1]: the event of 2026-06-10 has no source; expected cite = [{ document = "..." }] or unconfirmed = true',
        ),
        (
            ["event", "an-order", "--date", "2026-06-10", "--type", "hearng"],
            2,
            "did you mean 'hearing'?",
        ),
        (
            ["event", "an-order", "--date", "one day", "--type", "hearing"],
            2,
            "Error: Invalid value for '--date': 'one day' is not a date; write it as 2026-06-02, ",
        ),
        (
            ["citation", "an-order", "--document", "c-source", "--yes"],
            1,
            "no document 'c-source'; expected the id of a document, such as a-source, b-source; `policykb list document` lists all\n",
        ),
        (
            ["citation", "an-order", "--document", "b-source", "--event", "signed"],
            2,
            "Error: there is no event 'signed'; expected a name, place or date: signing 2026-06-02 issued; publication 2026-06-20 published",
        ),
        (
            ["citation", "an-order", "--document", "b-source", "--dispute", "²"],
            2,
            "Error: there is no dispute '²'; expected its place: 1 Whether it binds",
        ),
        (
            ["citation", "an-order", "--document", "b-source", "--dispute", "2"],
            2,
            "Error: there is no dispute '2'; expected its place: 1 Whether it binds",
        ),
        (
            ["citation", "an-order", "--document", "b-source", "--dispute", "1", "--effect"],
            2,
            "Error: a citation has one place: give one of --event, --dispute, --duty and --effect",
        ),
        (
            ["identifier", "an-order", "eo", "14 409", "--yes"],
            2,
            "'14 409' does not have the form of scheme 'eo'; expected a value like '14409'",
        ),
        (
            ["alias", "an-ordr", "x"],
            2,
            "Error: there is no action 'an-ordr'; did you mean 'an-order'?",
        ),
        (
            ["alias", "a-source", "x"],
            2,
            "Error: 'a-source' is a record of kind document; expected one of kind action",
        ),
        (["alias", "../../etc/passwd", "x"], 2, "Error: there is no action '../../etc/passwd'"),
        (["alias", "an-order", "a \u202ename", "--yes"], 1, "has U+202E"),
        (
            ["alias", "an-order", "x"],
            2,
            "Error: there is no terminal to ask at; add --yes to write, or --dry-run to look only",
        ),
    ],
)
def test_what_would_be_wrong_is_refused_and_the_file_stays(
    order, arguments: list[str], status: int, said: str
):
    result = order(*arguments)
    assert (result.returncode, order.file.read_text()) == (status, ORDER)
    assert said in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('title = "open\n', "S104"),
        (ORDER.replace("executive_order", "law"), "V701"),
        (ORDER.replace('title = "An order"', 'aliases = "x"'), "K203"),
        (b"\xff", "S103"),
    ],
)
def test_file_that_is_not_valid_is_mended_first(order, text: str | bytes, said: str):
    order.base.write("actions/an-order.toml", text)
    result = order("alias", "an-order", "x", "--yes")
    assert (result.returncode, result.stderr.splitlines()[-1]) == (1, "nothing was written")
    assert said in result.stderr and "Traceback" not in result.stderr


def test_link_in_place_of_a_record_is_told(order):
    order.file.rename(order.file.with_suffix(".kept"))
    order.file.symlink_to(order.file.with_suffix(".kept"))
    result = order("alias", "an-order", "x", "--yes")
    assert (result.returncode, result.stderr) == (
        1,
        "policies/actions/an-order.toml: S101 is a link; expected the file itself\nnothing was written\n",
    )


def test_old_id_is_answered_with_the_new_one(order):
    order.base.write(
        "redirects.toml", '[old-order]\nto = "an-order"\non = 2026-06-01\nreason = "Better name."\n'
    )
    result = order("alias", "old-order", "x")
    assert (
        result.stderr.splitlines()[-1]
        == "Error: 'old-order' is no longer used; it leads to 'an-order' (Better name.)"
    )


def test_second_identifier_of_a_scheme_makes_a_list(order):
    for number in ("14409", "14410"):
        assert order("identifier", "an-order", "eo", number, "--yes").returncode == 0
    assert rtoml.load(order.file)["identifiers"] == {"eo": ["14409", "14410"]}


def test_day_up_to_which_it_is_known_moves_along(order):
    assert (
        order(
            "event",
            "an-order",
            "--date",
            "2026-07-09",
            "--type",
            "revoked",
            "--cite",
            "b-source",
            "--as-of",
            "9 July 2026",
            "--yes",
        ).returncode
        == 0
    )
    assert str(rtoml.load(order.file)["as_of"]) == "2026-07-09"


def test_layout_of_ones_own_is_kept(order):
    text = ORDER.replace(
        'cite = [{ document = "a-source" }]', 'cite = [   {document="a-source"}   ]'
    ).replace("[[disputes]]", "\n\n\n[[disputes]]")
    order.file.write_text(text)
    assert (
        order(
            "event", "an-order", "--date", "2026-06-25", "--type", "other", "--unconfirmed", "--yes"
        ).returncode
        == 0
    )
    after = order.file.read_text()
    assert [line for line in text.splitlines() if line not in after.splitlines()] == []
    assert 'cite = [   {document="a-source"}   ]' in after


def test_citation_where_sources_stand_as_tables(order):
    order.file.write_text(
        ORDER.replace(
            'cite = [{ document = "a-source" }]\n\n# Later',
            '[[events.cite]]\ndocument = "a-source"\n\n# Later',
        )
    )
    assert (
        order(
            "citation", "an-order", "--event", "signing", "--document", "b-source", "--yes"
        ).returncode
        == 0
    )
    assert rtoml.load(order.file)["events"][0]["cite"] == [
        {"document": "a-source"},
        {"document": "b-source"},
    ]


CONTENT = {
    "event": {"date": "2026-01-01", "type": "other", "unconfirmed": True},
    "citation": {"document": "x"},
    "relation": {"type": "supports", "action": "x"},
    "body": {"organization": "x", "role": "issuer"},
    "identifier": ("official_number", "x"),
    "alias": "x",
    "author": {"family": "x"},
    "claim": "x",
    "dispute": {"about": "x", "note": "x"},
    "duty": {
        "who": "x",
        "rule": "must",
        "type": "conduct",
        "what": "x",
        "cite": [{"document": "x"}],
    },
    "keyword": "x",
    "legal-basis": "x",
    "premise": "x",
    "value": "freedom",
    "topic": "x",
    "question": "x?",
    "stance": {"action": "x", "stance": "warns"},
    "appearance": {"document": "x"},
    "mention": {"action": "x", "portrayed_as": "feared"},
    "evidence": {"document": "x", "finding": "context", "note": "x"},
}


@pytest.mark.thorough
@pytest.mark.parametrize("part", PARTS)
def test_shipped_records_take_every_part(part: str, monkeypatch: pytest.MonkeyPatch):
    """The edit is compared with what is meant inside `addition`, which fails if they differ; the layout is left out, as it is slow and tested elsewhere."""
    monkeypatch.setattr(toml_edit, "canonical", dict)
    places = {
        "action": "actions",
        "argument": "arguments",
        "claim": "claims",
        "document": "documents",
    }
    records = [
        file.stem
        for kind in PARTS[part].fields
        for file in sorted((ROOT / "policies" / places[kind]).glob("*.toml"))
    ]
    assert len(records) >= 40
    for id in records[:: len(records) // 12]:
        assert addition(ROOT / "policies", id, part, CONTENT[part]).after


@pytest.mark.thorough
@pytest.mark.parametrize("part", PARTS)
def test_file_whose_lines_end_as_on_windows_takes_every_part(base: Base, part: str):
    kind = next(iter(PARTS[part].fields))
    folder = model.FOLDERS[kind][1]
    for file in sorted((ROOT / "policies" / folder).glob("*.toml"))[:6]:
        text = file.read_text()
        found = []
        for ends in ("\n", "\r\n"):
            path = base.policies / folder / file.name
            path.write_bytes(text.replace("\n", ends).encode())
            after = addition(base.policies, file.stem, part, CONTENT[part]).after.decode()
            found.append(rtoml.loads(after.replace("\r\n", "\n")))
        assert found[0] == found[1] != rtoml.loads(text)


def test_file_that_cannot_be_edited_is_left_with_the_reason(order):
    text = ORDER.replace("[effect]\nkind", "effect.kind")
    order.file.write_text(text.replace('note = "Says', 'effect.note = "Says'))
    before = order.file.read_text()
    assert order.base.codes() == []
    result = order("citation", "an-order", "--document", "b-source", "--effect", "--yes")
    assert (result.returncode, "Traceback" in result.stderr) == (2, False)
    assert "an-order.toml: the file cannot be edited" in result.stderr
    assert order.file.read_text() == before
