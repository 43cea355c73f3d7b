"""New records: from options or from answers, with their source, checked for repetition, whole or as a draft."""

import datetime
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import pexpect
import pytest
import rtoml
from conftest import ABOUT, ANY, ROOT, TODAY, Base
from hypothesis import given, settings
from hypothesis import strategies as st
from policykb.commands import new
from policykb.commands.common import Run
from policykb.contribute import drafts as draft_files
from policykb.contribute import ids, one_line, prompt, similar
from policykb.files import toml_edit
from policykb.files.catalogue import Catalogue, Entry, entry
from policykb.files.reader import MOST_RECORD_BYTES, declared
from policykb.model import records as model
from policykb.model.fields import describe
from policykb.model.vocabulary import with_declared

ORDER = [
    "--title",
    "Order on Weights",
    "--instrument",
    "executive order",
    "--jurisdiction",
    "us",
    "--bindingness",
    "mixed",
    "--effect",
    "silent: Says nothing.",
    "--summary",
    "Binds agencies.",
]
SOURCE = [
    "--source-url",
    "https://gazette.example.org/order?utm_source=mail",
    "--source-title",
    "Order in the gazette",
    "--source-grade",
    "primary",
]


def written(base: Base, place: str) -> dict:
    return rtoml.load(base.policies / place)


def files(base: Base) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in base.policies.parent.rglob("*") if path.is_file()}


def error(result: subprocess.CompletedProcess) -> str:
    """The message of a command that was used wrongly."""
    assert (result.returncode, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr
    return result.stderr.partition("\nError: ")[2].rstrip("\n")


def test_one_command_makes_a_valid_action_with_its_source(base: Base):
    result = base.run(
        "new",
        "action",
        "--yes",
        *ORDER,
        *SOURCE,
        "--identifier",
        "eo=14999",
        "--event",
        "last Friday signed: In the capital",
        "--event",
        "end of March 2027 deadline: Reports are due @ source, section 3",
    )
    assert (result.returncode, result.stderr.splitlines()) == (
        0,
        [
            "'last Friday' is read as Friday 20 November 2026: 2026-11-20",
            "'end of March 2027' is read as about Wednesday 31 March 2027 (approximate): 2027-03-31~",
            "accessed of the document is today, 2026-11-22 (when it was read); --accessed or an edit changes it",
            "as_of of the action is today, 2026-11-22 (the latest day for which the status is known to be true); --as-of or an edit changes it",
            "wrote policies/documents/gazette-order-gazette.toml",
            "wrote policies/actions/us-eo-14999.toml",
            "Add to it with `policykb add` or in an editor; `policykb load` puts it into kb.db.",
        ],
    )
    assert written(base, "documents/gazette-order-gazette.toml") == {
        "type": "webpage",
        "title": "Order in the gazette",
        "url": "https://gazette.example.org/order",
        "accessed": datetime.date(2026, 11, 22),
        "grade": "primary",
    }
    assert written(base, "actions/us-eo-14999.toml") == {
        "title": "Order on Weights",
        "instrument": "executive_order",
        "bindingness": "mixed",
        "jurisdiction": "us",
        "as_of": datetime.date(2026, 11, 22),
        "confidence": "medium",
        "summary": "Binds agencies.",
        "identifiers": {"eo": "14999"},
        "effect": {"kind": "silent", "note": "Says nothing."},
        "events": [
            {
                "id": "signed",
                "date": datetime.date(2026, 11, 20),
                "type": "signed",
                "note": "In the capital",
                "cite": [{"document": "gazette-order-gazette"}],
            },
            {
                "id": "deadline",
                "date": "2027-03-31~",
                "type": "deadline",
                "note": "Reports are due",
                "cite": [{"document": "gazette-order-gazette", "locator": "section 3"}],
            },
        ],
    }
    assert base.codes() == []
    for path in base.policies.glob("*/*order*.toml"):
        if path.stem != "an-order":
            assert toml_edit.canonical({"": path.read_text()})[""] == path.read_text()


@pytest.mark.parametrize(
    "url",
    ["https:/example.org", "HTTPS:example.org", "https://exa\u2100mple.org", "://", "https://[a"],
)
@pytest.mark.parametrize("option", ["--url", "--source-url"])
def test_broken_address_is_named_and_nothing_is_written(base: Base, url: str, option: str):
    before = sorted(base.policies.rglob("*"))
    if option == "--url":
        given = (
            "document",
            "--url",
            url,
            "--title",
            "T",
            "--type",
            "webpage",
            "--grade",
            "primary",
        )
    else:
        given = ("claim", "--text", "It is so", "--kind", "causal", "--finding", "contested")
        given += (option, url, "--source-title", "T", "--source-grade", "primary")
    result = base.run("new", *given, "--yes")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert f": U601 url: '{url}' is not a web address" in result.stderr
    assert sorted(base.policies.rglob("*")) == before


def test_source_that_is_there_already_is_cited_and_not_made_again(base: Base):
    result = base.run(
        "new",
        "action",
        "--yes",
        *ORDER,
        "--source-url",
        "http://www.example.org/a-source/#top",
        "--event",
        "2026-06-02 signed",
    )
    assert result.returncode == 0, result.stderr
    assert "The source already has a record: a-source\n" in result.stderr
    assert written(base, "actions/us-order-weights-2026.toml")["events"][0]["cite"] == [
        {"document": "a-source"}
    ]


@pytest.mark.parametrize(
    ("kind", "options", "place", "expected"),
    [
        (
            "argument",
            [
                "--title",
                "Weights should stay free",
                "--premise",
                "One.",
                "--premise",
                "Two.",
                "--scheme",
                "analogy",
                "--appearance",
                'a-source, paragraph 2 "some words": Said in passing',
                "--stance",
                "supports if an-order: Once mended",
                "--value",
                "education",
            ],
            "arguments/weights-should-stay-free.toml",
            {
                "title": "Weights should stay free",
                "premises": ["One.", "Two."],
                "scheme": "analogy",
                "values": ["education"],
                "appearances": [
                    {
                        "document": "a-source",
                        "locator": "paragraph 2",
                        "words": "some words",
                        "note": "Said in passing",
                    }
                ],
                "stances": [{"action": "an-order", "stance": "supports_if", "note": "Once mended"}],
            },
        ),
        (
            "claim",
            [
                "--text",
                "Schools run models",
                "--kind",
                "empirical",
                "--finding",
                "Partly supported",
                "--as-of",
                "yesterday",
                "--appearance",
                "a-source",
                "--evidence",
                "supports: Six of ten do @ a-source, page 4",
            ],
            "claims/schools-run-models.toml",
            {
                "text": "Schools run models",
                "kind": "empirical",
                "finding": "partly_supported",
                "as_of": datetime.date(2026, 11, 21),
                "appearances": [{"document": "a-source"}],
                "evidence": [
                    {
                        "document": "a-source",
                        "locator": "page 4",
                        "finding": "supports",
                        "note": "Six of ten do",
                    }
                ],
            },
        ),
        (
            "document",
            [
                "--title",
                "Weights for Schools",
                "--author",
                "Doe, Jane",
                "--author",
                "an-office",
                "--issued",
                "June 2026",
                "--grade",
                "primary",
                "--type",
                "post-weblog",
                "--mention",
                'enacted an-order: In passing @ paragraph 3 "the order"',
            ],
            "documents/doe-an-office-2026-weights-schools.toml",
            {
                "type": "post-weblog",
                "title": "Weights for Schools",
                "authors": [{"family": "Doe", "given": "Jane"}, {"organization": "an-office"}],
                "issued": "2026-06",
                "accessed": datetime.date(2026, 11, 22),
                "grade": "primary",
                "mentions": [
                    {
                        "action": "an-order",
                        "locator": "paragraph 3",
                        "words": "the order",
                        "portrayed_as": "enacted",
                        "note": "In passing",
                    }
                ],
            },
        ),
    ],
)
def test_other_kinds_are_made_from_options(
    base: Base, kind: str, options: list[str], place: str, expected: dict
):
    result = base.run("new", kind, "--yes", *options)
    assert result.returncode == 0, result.stderr
    assert written(base, place) == expected
    assert base.codes() == []


def test_entry_of_a_table_is_put_behind_those_that_are_there(base: Base):
    before = (base.policies / "organizations.toml").read_text()
    result = base.run(
        "new",
        "organization",
        "--yes",
        "--name",
        "Digital Ministry",
        "--short-name",
        "DM",
        "--kind",
        "government",
        "--jurisdiction",
        "us",
    )
    assert result.returncode == 0, result.stderr
    after = (base.policies / "organizations.toml").read_text()
    assert (
        after
        == before.rstrip("\n")
        + '\n\n[us-dm]\nname = "Digital Ministry"\nshort_name = "DM"\nkind = "government"\njurisdiction = "us"\n'
    )
    assert (
        base.run(
            "new", "topic", "--yes", "--name", "Model weights", "--definition", "What they are."
        ).returncode
        == 0
    )
    assert list(written(base, "topics.toml")) == ["a-topic", "model-weights"]


def test_jurisdiction_goes_without_saying_where_a_body_or_the_id_tells_it(base: Base):
    rest = [word for word in ORDER if word not in ("--jurisdiction", "us")]
    assert (
        base.run(
            "new",
            "action",
            "--yes",
            *rest,
            "--event",
            "2026-06-02 issued @ a-source",
            "--body",
            "an-office issuer",
            "--id",
            "first",
        ).returncode
        == 0
    )
    assert written(base, "actions/first.toml")["jurisdiction"] == "us"
    other = base.run(
        "new",
        "action",
        "--yes",
        *rest,
        "--event",
        "2026-06-02 issued @ a-source",
        "--id",
        "us-ca-second",
        "--even-if-similar",
    )
    assert other.returncode == 0, other.stderr
    assert written(base, "actions/us-ca-second.toml")["jurisdiction"] == "us-ca"


# What is missing or wrong


def test_all_that_is_missing_is_told_with_what_it_means(base: Base):
    before = files(base)
    said = error(base.run("new", "argument", "--yes", "--title", "It must go")).splitlines()
    assert [line.split(":")[0].strip() for line in said] == [
        "these values are missing",
        "--premise",
        "--scheme",
        "Give them, or add --draft to save the record as it is.",
    ]
    assert said[2].startswith(
        "  --scheme: The kind of inference from premises to conclusion. One of consequences, "
    )
    assert files(base) == before


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            ["--event", "02/03/2026 signed"],
            "'--event': '02/03/2026' can be 2026-03-02 (Monday 2 March 2026) or 2026-02-03 (Tuesday 3 February 2026); write the one that is meant",
        ),
        (
            ["--as-of", "02.06.2026"],
            "'--as-of': '02.06.2026' can be 2026-06-02 (Tuesday 2 June 2026) or 2026-02-06 (Friday 6 February 2026); write the one that is meant",
        ),
        (
            ["--event", "2026-06-02 singed: x"],
            "'--event': '2026-06-02 singed: x' cannot be read: 'singed' is not in the vocabulary; did you mean 'signed'?; write DATE TYPE: NOTE @ DOCUMENT, LOCATOR; "
            "DOCUMENT ..., such as: 2026-06-02 signed: In the capital @ a-source, page 3",
        ),
        (
            ["--event", "soon signed"],
            "'--event': 'soon signed' cannot be read: 'soon' is not a date; write it as 2026-06-02, 2026-06, 2026, 'June 5th 2026' or 'last Friday'; write DATE TYPE: "
            "NOTE @ DOCUMENT, LOCATOR; DOCUMENT ..., such as: 2026-06-02 signed: In the capital @ a-source, page 3",
        ),
        (
            ["--event", "signed"],
            "'--event': 'signed' cannot be read: there is no date; write DATE TYPE: NOTE @ DOCUMENT, LOCATOR; DOCUMENT ..., such as: 2026-06-02 signed: In the capital @ a-source, page 3",
        ),
        (
            ["--instrument", "executive ordr"],
            "'--instrument': 'executive ordr' is not in the vocabulary; did you mean 'executive_order'?",
        ),
        (
            ["--identifier", "14409"],
            "'--identifier': '14409' is not an identifier; write SCHEME=NUMBER, such as: eo=14409",
        ),
        (
            ["--cite", "A Sauce"],
            "'--cite': there is no document 'A Sauce'; similar: a-source; create it with: policykb new document",
        ),
        (
            ["--effect", "silent"],
            "'--effect': 'silent' cannot be read: there is no note after a colon; write KIND: NOTE @ DOCUMENT, LOCATOR; DOCUMENT ..., such as: unclear: The text was not read",
        ),
    ],
)
def test_what_cannot_be_read_is_told_with_the_form_expected(
    base: Base, options: list[str], expected: str
):
    assert error(base.run("new", "action", "--yes", *options)) == f"Invalid value for {expected}"


def test_what_would_be_invalid_is_refused_with_the_message_of_check(base: Base):
    before = files(base)
    result = base.run("new", "action", "--yes", *ORDER, "--event", "2026-06-02 signed @ a-sorce")
    assert result.returncode == 1
    assert result.stderr.splitlines()[-2:] == [
        "policies/actions/us-order-weights-2026.toml:17: R301 events[0].cite[0].document: there is no document 'a-sorce'; expected the id of a document; did you mean 'a-source'?",
        "nothing was written",
    ]
    assert files(base) == before


@pytest.mark.parametrize(
    "id", ["../../evil", "Evil", "a--b", "a" * 81, "", "an-order", "a/b", "evil\n"]
)
def test_id_that_cannot_be_one_or_is_in_use_is_refused(base: Base, id: str):
    before = files(base)
    for more in ([], ["--draft"]):
        result = base.run(
            "new",
            "action",
            "--yes",
            *ORDER,
            "--event",
            "2026-06-02 signed @ a-source",
            f"--id={id}",
            *more,
            "--dry-run",
        )
        assert result.returncode == (0 if id == "" else 2)
        assert "Traceback" not in result.stderr
    assert files(base) == before


def test_nothing_is_written_without_a_terminal_to_ask_at(base: Base):
    before = files(base)
    result = base.run("new", "action", *ORDER, "--event", "2026-06-02 signed @ a-source")
    assert result.returncode == 2
    assert result.stderr.endswith(
        "Error: there is no terminal to ask at; add --yes to write, or --dry-run to look only\n"
    )
    assert files(base) == before


# What may already exist


def test_record_that_may_be_there_already_is_shown_and_refused(base: Base):
    base.action(
        "us-eo-14409",
        [("2026-06-02", "issued")],
        title="Frontier order",
        identifiers={"eo": "14409"},
    )
    same = ["new", "action", "--yes", *ORDER, "--event", "2026-06-03 signed @ a-source"]
    base.action(
        "a-bill", [("2026-06-02", "introduced")], title="A bill", identifiers={"us_bill": "hr9-119"}
    )
    for shown in ("us_bill=H.R. 9 (119th Congress)", "H.R. 9 (119th Congress)"):
        assert "a-bill: A bill (has the same identifier" in error(
            base.run("new", "action", "--identifier", shown)
        )
    assert error(base.run(*same, "--identifier", "eo=14409")) == (
        "the action may already exist:\n  us-eo-14409: Frontier order (has the same identifier, eo 14409)\nAdd --even-if-similar if it is another record."
    )
    assert "us-eo-14409: Frontier order (has nearly the same title)" in error(
        base.run(*same, "--title", "Frontiers order")
    )
    assert base.run(*same, "--title", "Frontiers order", "--even-if-similar").returncode == 0


def test_document_at_the_same_address_is_found_however_it_is_written():
    there = {"title": "Something", "url": "https://example.org/a?id=1"}
    base = Catalogue([entry("document", "there", there)])
    for url in (
        "https://www.example.org/a?id=1&utm_source=x",
        "http://EXAMPLE.org/a?id=1#top",
        "https://example.org/a?id=1",
    ):
        assert similar.similar(base, "document", {"url": url, "title": "Other"}) == [
            ("there", "Something", "has the same address")
        ]
    assert (
        similar.similar(base, "document", {"url": "https://example.org/a?id=2", "title": "Other"})
        == []
    )


def test_titles_that_differ_in_a_number_are_not_alike():
    base = Catalogue(
        [
            Entry("document", "fifty-three", title="Article 53 of the AI Act"),
            Entry("action", "act", title="Article 54 of the AI Act"),
        ]
    )
    assert similar.similar(base, "document", {"title": "Article 54 of the AI Act"}) == []
    assert [
        match.why
        for match in similar.similar(base, "document", {"title": "Article 53 of the AI Acts"})
    ] == ["has nearly the same title"]


@pytest.mark.thorough
def test_every_shipped_record_is_recognised_as_itself():
    there = Catalogue.read(ROOT / "policies")
    for record in list(there.entries.values())[::7]:
        if record.kind in ("action", "argument", "document"):
            found = similar.similar(there, record.kind, {"title": record.title})
            assert record.id in [match.id for match in found] or len(found) == similar.MOST


# Ids


@pytest.mark.parametrize(
    ("kind", "content", "id"),
    [
        (
            "action",
            {"title": "Anything", "jurisdiction": "us", "identifiers": {"eo": "14409"}},
            "us-eo-14409",
        ),
        (
            "action",
            {
                "title": "Some Act",
                "jurisdiction": "us",
                "identifiers": {"us_bill": "hr8315-118"},
                "events": [{"date": "2024-05-08"}],
            },
            "us-hr8315-some-act-2024",
        ),
        (
            "action",
            {
                "title": "Some Act",
                "jurisdiction": "us-ca",
                "identifiers": {"us_state_bill": "CA SB 1047 (2023-24)"},
            },
            "us-ca-sb1047-2023",
        ),
        (
            "action",
            {
                "title": "Open models",
                "part_of": "eu-ai-act",
                "identifiers": {"provision": "art 53(2)"},
            },
            "eu-ai-act-art-53-2",
        ),
        (
            "action",
            {
                "title": "Ban of open models",
                "instrument": "policy_option",
                "jurisdiction": "no-jurisdiction",
            },
            "option-ban-open-models",
        ),
        (
            "action",
            {
                "title": "Gesetz über künstliche Intelligenz",
                "jurisdiction": "de",
                "events": [{"date": "2026"}],
            },
            "de-gesetz-uber-kunstliche-intelligenz-2026",
        ),
        (
            "document",
            {
                "title": "Banning Open Source AI?",
                "authors": [{"family": "Lambert"}, {"family": "Xu"}],
                "issued": "2026-06-19",
            },
            "lambert-xu-2026-banning-open-source-ai",
        ),
        ("document", {"title": "Text", "url": "https://www.congress.gov/x"}, "congress-text"),
        (
            "argument",
            {"title": "Open models can become world standards"},
            "open-models-can-become-world-standards",
        ),
        (
            "organization",
            {
                "name": "Bureau of Industry and Security",
                "short_name": "BIS",
                "kind": "government",
                "jurisdiction": "us",
            },
            "us-bis",
        ),
        ("topic", {"name": "人工智能"}, "ren-gong-zhi-neng"),
        ("topic", {"name": "🎉"}, "new-topic"),
    ],
)
def test_id_is_proposed_in_the_style_of_those_that_are_there(kind: str, content: dict, id: str):
    assert ids.proposed(kind, content, ()) == id


def test_id_in_use_is_not_proposed_again():
    assert ids.proposed("topic", {"name": "Weights"}, {"weights", "weights-2"}) == "weights-3"


@given(
    st.sampled_from(["action", "argument", "claim", "document", "organization", "topic"]),
    st.text(ANY, max_size=400),
    st.text(ANY, max_size=100),
)
def test_proposed_id_is_an_id(kind: str, title: str, other: str):
    content = {
        "title": title,
        "text": title,
        "name": title,
        "jurisdiction": "us",
        "authors": [{"family": other}] if other else [],
        "events": [{"date": "2026"}],
    }
    id = ids.proposed(kind, content, ())
    assert re.fullmatch(model.ID_FORM, id) and len(id) <= 80 and id.isascii()


# Parts in one line


@pytest.mark.parametrize(
    "form", one_line.FORMS.values(), ids=[part.__name__ for part in one_line.FORMS]
)
def test_example_of_a_part_is_read_into_a_valid_part(form: one_line.Form):
    content = one_line.read(form.part, form.example, lambda text, past: text)
    if "document" in form.part.model_fields:
        content.setdefault("document", "a-source")
    assert form.part.model_validate(content).model_dump(exclude_unset=True)
    assert {"note"} <= content.keys() or form.part is model.Body


def test_terms_may_take_several_words_and_notes_hold_colons_and_addresses():
    event = one_line.read(
        model.Event,
        "June 5th 2026 took effect: see 3:1 me@example.org @ a-source; another-source, page 2",
        lambda text, past: "2026-06-05",
    )
    assert event == {
        "date": "2026-06-05",
        "type": "took_effect",
        "note": "see 3:1 me@example.org",
        "cite": [{"document": "a-source"}, {"document": "another-source", "locator": "page 2"}],
    }
    assert one_line.read(model.Event, "2026 signed @ unconfirmed", lambda text, past: text) == {
        "date": "2026",
        "type": "signed",
        "unconfirmed": True,
    }


def test_colon_between_digits_belongs_to_the_locator():
    cite = one_line.read(model.Cite, "a-source, article 3:2: As amended", lambda text, past: text)
    assert cite == {"document": "a-source", "locator": "article 3:2", "note": "As amended"}


@given(
    st.sampled_from(list(one_line.FORMS)),
    st.text(ANY, max_size=60)
    | st.from_regex(r'[a-z ]{0,9}[a-z-]{0,9}:? ?[a-z"]{0,9} ?@? ?[a-z,;" ]{0,12}', fullmatch=True),
)
def test_any_text_is_a_part_or_unclear(part: type, text: str):
    try:
        assert isinstance(one_line.read(part, text, lambda typed, past: typed), dict)
    except one_line.InvalidInputError as error:
        assert str(error).isprintable()


# Drafts


def test_draft_says_what_is_missing_and_is_not_read(base: Base):
    result = base.run(
        "new",
        "action",
        "--yes",
        "--draft",
        "--title",
        "Order on Weights",
        "--jurisdiction",
        "usa",
        "--event",
        "2026-06-02 signed",
        "--as-of",
        "2026-06-02",
    )
    assert (result.returncode, result.stderr) == (
        0,
        "wrote drafts/actions/usa-order-weights-2026.toml\n",
    )
    text = (base.policies.parent / "drafts/actions/usa-order-weights-2026.toml").read_text()
    assert text == result.stdout
    assert re.findall(r"^#   (\w[^:\n]*):", text, re.MULTILINE) == [
        "instrument",
        "bindingness",
        "summary",
        "effect",
        "events[0].cite",
        "R301 jurisdiction",
    ]
    assert toml_edit.canonical({"": text})[""] == text
    assert base.codes() == []
    assert base.run("check").stderr.endswith("0 errors, 0 warnings\n")


def test_draft_is_completed_with_the_documents_that_it_cites_and_removed(base: Base):
    first = base.run(
        "new", "action", "--yes", "--draft", *ORDER[:6], *SOURCE, "--event", "2026-06-02 signed"
    )
    drafts = sorted(
        str(path.relative_to(base.policies.parent))
        for path in base.policies.parent.glob("drafts/*/*.toml")
    )
    assert drafts == [
        "drafts/actions/us-order-weights-2026.toml",
        "drafts/documents/gazette-order-gazette.toml",
    ], first.stderr
    result = base.run(
        "new", "action", "--yes", "--from-draft", str(base.policies.parent / drafts[0]), *ORDER[6:]
    )
    assert result.returncode == 0, result.stderr
    assert written(base, "actions/us-order-weights-2026.toml")["events"][0]["cite"] == [
        {"document": "gazette-order-gazette"}
    ]
    assert base.codes() == []
    assert not list(base.policies.parent.glob("drafts/*/*.toml"))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"title = ", "S104"),
        (b"\xff\xfe", "S103"),
        (b"title = 3", "K203"),
        (b"events = [3]", "K203"),
        (b"events = 3", "K203"),
        (b"titel = 'x'", "K201"),
        (b"events = [{ date = 3, type = 'signed' }]", "T401"),
        (b"a = " + b"[" * 100_000, "S104"),
        (b"#" * (MOST_RECORD_BYTES + 1), "has 1,048,577 bytes"),
    ],
    ids=["syntax", "encoding", "number", "list", "no list", "key", "date", "deep", "huge"],
)
def test_file_that_is_no_draft_is_refused(base: Base, content: bytes, expected: str):
    place = base.policies.parent / "draft.toml"
    place.write_bytes(content)
    said = error(base.run("new", "action", "--yes", "--from-draft", str(place)))
    assert expected in said
    assert place.exists()


def test_a_wrong_line_of_a_draft_is_named_by_its_number(base: Base):
    place = base.policies.parent / "an-office.toml"
    place.write_text('name = "An office"\nkind = "company"\nnmae = "An office"\n')
    said = error(base.run("new", "organization", "--yes", "--from-draft", str(place)))
    assert f"{place}:3: K201 nmae: is not a key" in said


def test_options_add_to_the_lists_of_a_draft(base: Base):
    place = base.policies.parent / "first.toml"
    place.write_text('title = "Weights should stay free"\npremises = ["One."]\nscheme = "need"\n')
    result = base.run(
        "new",
        "argument",
        "--yes",
        "--from-draft",
        str(place),
        "--premise",
        "Two.",
        "--scheme",
        "analogy",
        "--stance",
        "opposes an-order",
        "--appearance",
        "a-source",
    )
    assert result.returncode == 0, result.stderr
    assert {key: written(base, "arguments/first.toml")[key] for key in ("premises", "scheme")} == {
        "premises": ["One.", "Two."],
        "scheme": "analogy",
    }
    assert not place.exists()


def test_draft_of_somebody_else_is_not_replaced(base: Base):
    keep = ["new", "topic", "--yes", "--draft", "--name", "Weights", "--id", "weights"]
    assert base.run(*keep).returncode == 0
    before = files(base)
    assert (
        error(base.run(*keep))
        == "drafts/topics/weights.toml already exists; continue with --from-draft, or give another --id"
    )
    assert files(base) == before
    assert base.run(*keep[:-2]).stderr == "wrote drafts/topics/weights-2.toml\n"
    result = base.run(
        "new",
        "topic",
        "--yes",
        "--from-draft",
        str(base.policies.parent / "drafts/topics/weights.toml"),
        "--definition",
        "What they are.",
    )
    assert result.returncode == 0, result.stderr
    assert written(base, "topics.toml")["weights"] == {
        "name": "Weights",
        "definition": "What they are.",
    }


def test_drafts_are_not_written_through_a_link(base: Base, tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "drafts").symlink_to(tmp_path / "elsewhere")
    result = base.run("new", "action", "--yes", "--draft", "--title", "Order on Weights")
    assert (result.returncode, list((tmp_path / "elsewhere").iterdir())) == (3, [])
    assert result.stderr.endswith(f"Error: {tmp_path / 'drafts'} is a link\n")


@given(
    st.dictionaries(
        st.sampled_from(["title", "summary", "jurisdiction"]),
        st.text(ANY, min_size=1, max_size=60),
    )
)
@settings(max_examples=15, deadline=None)
def test_any_answers_make_a_draft_that_can_be_read_again(content: dict[str, str]):
    fields = describe(model.Action)
    content = {
        key: line
        for key, typed in content.items()
        if (line := one_line.value(fields[key], typed, lambda text, past: text))
    }
    found = rtoml.loads(draft_files.text("action", "x", content))
    assert found.keys() == content.keys()
    assert {key: " ".join(held.split()) for key, held in found.items()} == {
        key: " ".join(held.split()) for key, held in content.items()
    }


# At the terminal


def started(base: Base, words: list[str]) -> pexpect.spawn:
    """The command `new` at a terminal."""
    command = ["-m", "policykb", "new", *words, "--policies", str(base.policies), "--today", TODAY]
    return pexpect.spawn(
        sys.executable,
        command,
        encoding="utf-8",
        timeout=120,
        dimensions=(60, 200),
        env={"TERM": "dumb", "PATH": "", "PYTHONPATH": os.environ["PYTHONPATH"]},
    )


def answered(base: Base, words: list[str], answers: list[tuple[str, str]]) -> tuple[str, int]:
    """What `new` says at a terminal where somebody answers, and its exit status."""
    child = started(base, words)
    said = ""
    for question, answer in answers:
        child.expect_exact(question)
        said += child.before + child.after
        child.send(answer + "\r")
    child.expect(pexpect.EOF)
    child.close()
    return said + child.before, child.exitstatus


@pytest.mark.thorough
def test_action_is_made_by_answering(base: Base):
    said, status = answered(
        base,
        ["action"],
        [
            ("title: ", "Order on Weights"),
            ("instrument: ", "1"),
            ("several with ;: ", "EO 14999"),
            ("organization (id, name or number): ", "An Office"),
            ("role: ", ""),
            ("This needs an answer", ""),
            ("role: ", "issuer"),
            ("note: ", ""),
            ("bindingness: ", "?"),
            ("returns to the question before", ""),
            ("bindingness: ", "mixd"),
            ("Did you mean mixed?", "y"),
            ("topics (id, name or number; several with ;): ", "back"),
            ("bindingness: ", "internal"),
            ("topics (id, name or number; several with ;): ", "a-topic"),
            ("date: ", "last Friday"),
            ("type: ", "signed"),
            ("note: ", "In the capital"),
            ("page 3): ", "https://gazette.example.org/order, somewhere 3"),
            ("'somewhere 3' is not a locator", ""),
            ("page 3): ", "https://gazette.example.org/order, p. 3"),
            ("title of the source: ", "Order in the gazette (The Gazette, 02.11.2026), primary"),
            ("Which one", ""),
            ("kind: ", "silent: Says nothing."),
            ("summary: ", "Binds agencies."),
            ("as of [2026-11-22]: ", ""),
            ("Write it as us-eo-14999?", "y"),
        ],
    )
    assert status == 0, said
    assert "'last Friday' is read as Friday 20 November 2026: 2026-11-20" in said
    assert "1  2026-11-02 (Monday 2 November 2026)" in said
    assert "made it. [means: not legally binding]" in said
    (document,) = (path.stem for path in base.policies.glob("documents/*gazette*.toml"))
    record = written(base, "actions/us-eo-14999.toml")
    assert record["events"] == [
        {
            "id": "signed",
            "date": datetime.date(2026, 11, 20),
            "type": "signed",
            "note": "In the capital",
            "cite": [{"document": document, "locator": "page 3"}],
        }
    ]
    assert record["bodies"] == [{"organization": "an-office", "role": "issuer"}]
    assert base.codes() == []


@pytest.mark.thorough
def test_who_answers_that_it_is_the_same_writes_no_record(base: Base):
    before = files(base)
    said, status = answered(
        base, ["action"], [("title: ", "An order!"), ("Is yours another record?", "n")]
    )
    assert "an-order: An order (has the same title)" in said
    place = base.policies.parent / "drafts/actions/order.toml"
    after = files(base)
    assert "An order!" in after.pop(place).decode()
    assert (status, after) == (1, before)


# Nothing that was typed is lost

DIALOG = [
    ("title", "Order on Weights", "Order on Weights"),
    ("instrument", "executive_order", "executive_order"),
    ("identifiers", "EO 14999", "14999"),
    ("organization", "", ""),
    ("jurisdiction", "United States", 'jurisdiction = "us"'),
    ("bindingness", "mixed", "mixed"),
    ("topics", "a topic", "a-topic"),
    ("date", "2026-11-20", "2026-11-20"),
    ("type", "signed", "signed"),
    ("note", "In the capital", "In the capital"),
    ("source", "https://gazette.example.org/order, page 3", "https://gazette.example.org/order"),
    ("title of the source", "Order in the gazette", "Order in the gazette"),
    ("type", "report", "report"),
    ("authors", "Doe, Jane; An office", "Jane"),
    ("publisher", "The gazette", "The gazette"),
    ("issued", "2026-11-21", "2026-11-21"),
    ("grade", "primary", "primary"),
    ("kind", "silent", "silent"),
    ("note", "Says nothing.", "Says nothing."),
    ("source", "A source, page 4", "page 4"),
    ("summary", "Binds agencies.", "Binds agencies."),
    ("as of", "2026-11-21", "2026-11-21"),
    ("Write it as us-eo-14999?", "us-order-typed", "us-order-typed"),
    ("Write it as us-order-typed?", "y", ""),
]


def talk(
    base: Base,
    monkeypatch: pytest.MonkeyPatch,
    answers: list[tuple[str, str]],
    end: type[BaseException],
    **options: object,
) -> None:
    """Make an action by answering in this process; when the answers are used up, the next question ends with `end`."""
    left = list(answers)

    def answer(message: str, *_: object, **__: object) -> str:
        if not left:
            raise end
        asked, text = left.pop(0)
        assert message.startswith(asked), (message, asked)
        return text

    monkeypatch.setattr(prompt, "line", answer)
    monkeypatch.setattr(sys, "stdin", type("Terminal", (), {"isatty": lambda self: True})())
    flags = dict.fromkeys(("as_draft", "even_if_similar"), False)
    given = {"record_id": "", "from_draft": None} | flags | options
    with with_declared(declared(base.policies)):
        new.make("action", Run(base.policies, base.db, TODAY), given)
    assert left == []


def drafts(base: Base) -> str:
    """The texts of all drafts, one after the other."""
    return "".join(path.read_text() for path in sorted(base.policies.parent.glob("drafts/*/*")))


@pytest.mark.thorough
@pytest.mark.parametrize("end", [click.Abort, KeyboardInterrupt, OSError])
def test_dialog_that_ends_at_any_question_keeps_every_answer(
    base: Base, monkeypatch: pytest.MonkeyPatch, end: type[BaseException]
):
    before = files(base)
    for count in range(1, len(DIALOG)):
        with pytest.raises(end):
            talk(base, monkeypatch, [row[:2] for row in DIALOG[:count]], end)
        kept = drafts(base)
        assert [typed for _, _, typed in DIALOG[:count] if typed not in kept] == [], count
        after = files(base)
        assert {path: after[path] for path in before} == before
        shutil.rmtree(base.policies.parent / "drafts")


def test_dialog_whose_record_is_written_leaves_no_draft(
    base: Base, monkeypatch: pytest.MonkeyPatch
):
    talk(base, monkeypatch, [row[:2] for row in DIALOG], click.Abort)
    assert drafts(base) == ""
    assert written(base, "actions/us-order-typed.toml")["title"] == "Order on Weights"
    assert base.codes() == []


REST = [
    ("kind", "silent: Says nothing."),
    ("summary", "Binds agencies."),
    ("as of", "2026-11-21"),
]
CITED = [("source", "a-source")]


@pytest.mark.parametrize(
    ("count", "rest"),
    [
        (8, [*REST, ("type", "signed"), *CITED]),
        (10, [*REST, *CITED]),
        (17, REST),
        (22, []),
    ],
    ids=["date of an event", "event without source", "source of an event", "all"],
)
def test_next_dialog_goes_on_with_what_was_kept(
    base: Base, monkeypatch: pytest.MonkeyPatch, count: int, rest: list[tuple[str, str]]
):
    with pytest.raises(click.Abort):
        talk(base, monkeypatch, [row[:2] for row in DIALOG[:count]], click.Abort)
    answers = [("Go on with one of them", "1"), *rest, ("Write it as", "y")]
    talk(base, monkeypatch, answers, click.Abort)
    (path,) = base.policies.glob("actions/us-*.toml")
    record = rtoml.load(path)
    assert (record["title"], record["summary"]) == ("Order on Weights", "Binds agencies.")
    assert [(str(event["date"]), event["type"]) for event in record["events"]] == [
        ("2026-11-20", "signed")
    ]
    assert record["events"][0]["cite"]
    assert drafts(base) == ""
    assert base.codes() == []


def test_person_may_begin_another_record_and_the_draft_stays(
    base: Base, monkeypatch: pytest.MonkeyPatch
):
    for title in ("First one here", "Second thing there"):
        with pytest.raises(click.Abort):
            offer = [] if title.startswith("First") else [("Go on with one of them", "")]
            talk(base, monkeypatch, [*offer, ("title", title)], click.Abort)
    kept = drafts(base)
    assert "First one here" in kept and "Second thing there" in kept


def test_record_that_the_rules_refuse_is_kept(base: Base, monkeypatch: pytest.MonkeyPatch):
    answers = [row[:2] for row in DIALOG[:-2]]
    answers[8:17] = [("type", "expired"), ("note", ""), ("source", "a-source")]
    answers += [("What to change", "n")]
    strict = {"shorthand": ["on Weights"], "severities": {"E861": "error"}}
    base.write("about.toml", ABOUT | strict)
    with pytest.raises(click.Abort):
        talk(base, monkeypatch, answers, click.Abort)
    assert "expired" in drafts(base)


def test_event_in_one_line_is_kept_when_its_new_source_is_not_described(
    base: Base, monkeypatch: pytest.MonkeyPatch
):
    event = "2026-11-20 signed: In the capital @ https://gazette.example.org/order, page 3"
    answers = [*(row[:2] for row in DIALOG[:7]), ("date", event)]
    with pytest.raises(click.Abort):
        talk(base, monkeypatch, answers, click.Abort)
    rest = [("Go on with one of them", "1"), *REST]
    rest += [("title", "Order in the gazette"), ("grade", "primary"), ("Write it as", "y")]
    talk(base, monkeypatch, rest, click.Abort)
    (place,) = base.policies.glob("documents/*gazette*.toml")
    (event,) = written(base, "actions/us-eo-14999.toml")["events"]
    assert event["cite"] == [{"document": place.stem, "locator": "page 3"}]
    assert rtoml.load(place)["url"] == "https://gazette.example.org/order"
    assert drafts(base) == "" and base.codes() == []


def test_person_may_go_back_from_a_new_source(base: Base, monkeypatch: pytest.MonkeyPatch):
    answers = [row[:2] for row in DIALOG]
    answers[10:17] = [
        ("source", "https://gazette.example.org/order"),
        ("title of the source", "Wrong one"),
        ("type", "back"),
        ("title of the source", "back"),
        ("source", "a-source"),
    ]
    talk(base, monkeypatch, answers, click.Abort)
    assert [path.stem for path in base.policies.glob("documents/*")] == ["a-source"]
    record = written(base, "actions/us-order-typed.toml")
    assert record["events"][0]["note"] == "In the capital"
    assert record["events"][0]["cite"] == [{"document": "a-source"}]


def test_unknown_organization_and_jurisdiction_are_made_with_the_record(
    base: Base, monkeypatch: pytest.MonkeyPatch
):
    answers = [row[:2] for row in DIALOG]
    answers[3:5] = [
        ("organization", "Diet issuer"),
        ("There is no organization 'Diet'. Make it?", "y"),
        ("kind", "legislature"),
        ("jurisdiction", "Japan"),
        ("There is no jurisdiction 'Japan'. Make it?", "y"),
    ]
    answers[-2:] = [("Write it as jp-eo-14999?", "y")]
    talk(base, monkeypatch, answers, click.Abort)
    assert written(base, "jurisdictions.toml")["jp"]["code"] == "JP"
    assert written(base, "organizations.toml")["jp-diet"]["jurisdiction"] == "jp"
    record = written(base, "actions/jp-eo-14999.toml")
    assert (record["jurisdiction"], record["bodies"][0]["organization"]) == ("jp", "jp-diet")
    assert base.codes() == []


def test_another_answer_takes_the_place_of_one_that_is_doubted(
    base: Base, monkeypatch: pytest.MonkeyPatch
):
    answers = [row[:2] for row in DIALOG]
    answers[5:6] = [
        ("bindingness", "mixd"),
        ("There is no 'mixd'. Did you mean mixed?", "voluntry"),
        ("There is no 'voluntry'. Did you mean voluntary?", "?"),
        ("bindingness", "internal"),
    ]
    talk(base, monkeypatch, answers, click.Abort)
    assert written(base, "actions/us-order-typed.toml")["bindingness"] == "internal"


def test_final_question_changes_adds_and_renames(base: Base, monkeypatch: pytest.MonkeyPatch):
    answers = [row[:2] for row in DIALOG[:-2]]
    answers += [
        ("Write it as us-eo-14999?", "tittle"),
        ("Write it as us-eo-14999?", "title"),
        ("title", "Order on Model Weights"),
        ("Write it as us-eo-14999?", "event"),
        ("date", "2026-10-01 announced @ A source"),
        ("Write it as us-eo-14999?", "an-order"),
        ("Write it as us-eo-14999?", "us-order-typed"),
        ("Write it as us-order-typed?", ""),
    ]
    talk(base, monkeypatch, answers, click.Abort)
    record = written(base, "actions/us-order-typed.toml")
    assert record["title"] == "Order on Model Weights"
    assert [event["type"] for event in record["events"]] == ["announced", "signed"]


def test_words_typed_at_a_question_of_yes_or_no_are_kept(
    base: Base, monkeypatch: pytest.MonkeyPatch
):
    answers = [("title", "An order"), ("Is yours another record?", "It is about weights")]
    with pytest.raises(click.Abort):
        talk(base, monkeypatch, answers, click.Abort)
    assert "It is about weights" in drafts(base)


def test_event_later_than_its_source_is_asked_about(base: Base, monkeypatch: pytest.MonkeyPatch):
    base.record("documents", "a-source", type="report", issued="2026-11-02", title="A source")
    answers = [row[:2] for row in DIALOG]
    answers[7:17] = [
        ("date", "2026-11-20 signed @ A source, p. 3"),
        ("Is the date right?", "n"),
        ("date", "2026-11-01"),
    ]
    talk(base, monkeypatch, answers, click.Abort)
    (event,) = written(base, "actions/us-order-typed.toml")["events"]
    assert event["date"] == datetime.date(2026, 11, 1)
    assert event["cite"] == [{"document": "a-source", "locator": "page 3"}]


def test_id_that_cannot_name_a_draft_loses_nothing(base: Base, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(click.Abort):
        talk(base, monkeypatch, [("title", "Order on Weights")], click.Abort, record_id="Not An Id")
    assert "Order on Weights" in drafts(base)


@pytest.mark.parametrize(
    ("count", "answer"),
    [
        (2, ("identifiers", "order no 5 of the year")),
        (7, ("date", "20 November 2026 signde: In the capital")),
        (17, ("kind", "silentt: Says nothing of it")),
    ],
)
def test_answer_that_could_not_be_read_is_kept_too(
    base: Base, monkeypatch: pytest.MonkeyPatch, count: int, answer: tuple[str, str]
):
    with pytest.raises(click.Abort):
        talk(base, monkeypatch, [*(row[:2] for row in DIALOG[:count]), answer], click.Abort)
    kept = drafts(base)
    assert answer[1] in kept.replace("\n#   ", " ")
    assert [typed for _, _, typed in DIALOG[:count] if typed not in kept] == []


@pytest.mark.parametrize("end", [EOFError, KeyboardInterrupt])
def test_end_of_the_input_ends_a_dialog_as_an_interrupt_does(
    monkeypatch: pytest.MonkeyPatch, end: type[BaseException]
):
    def interrupted(*_: object, **__: object) -> str:
        raise end

    monkeypatch.setattr("prompt_toolkit.PromptSession.prompt", interrupted)
    with pytest.raises(click.Abort):
        prompt.line("title")


@pytest.mark.parametrize("form", one_line.FORMS.values(), ids=lambda form: form.part.__name__)
def test_part_in_one_line_is_taken_where_the_question_offers_it(
    base: Base, monkeypatch: pytest.MonkeyPatch, form: one_line.Form
):
    example = re.sub(r"\b(us-eo-14409|us-eo-14110)\b", "an-order", form.example)
    example = re.sub(r"\b(us-president)\b", "an-office", example)
    example = re.sub(r"\b(an-argument)\b", "it-should-stay", example).replace(
        "another-source", "a-source"
    )
    monkeypatch.setattr(prompt, "line", lambda *_, **__: example)
    monkeypatch.setattr(prompt, "_accepted", lambda *_: pytest.fail("it was understood"))
    space = prompt.Workspace.open(base.policies, TODAY, asking=True)
    record, field = next(
        (record, field)
        for record, _ in model.FOLDERS.values()
        for field in describe(record).values()
        if field.part is form.part
    )
    made = prompt.ask(space, record, field)
    expected = one_line.read(form.part, example, lambda text, past: text)
    assert made == ([expected] if form.part is model.Cite else expected)


def test_web_address_is_not_taken_as_a_title(
    base: Base, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    answers = iter(["https://example.org/order", "An order at https://example.org"])
    monkeypatch.setattr(prompt, "line", lambda *_, **__: next(answers))
    space = prompt.Workspace.open(base.policies, TODAY, asking=True)
    title = describe(model.Action)["title"]
    assert prompt.ask(space, model.Action, title) == "An order at https://example.org"
    assert "Is this the address, not the title?" in capsys.readouterr().err


def test_event_in_one_line_without_a_source_is_asked_for_one(
    base: Base, monkeypatch: pytest.MonkeyPatch
):
    answers = [row[:2] for row in DIALOG]
    answers[7:17] = [
        ("date", "20 November 2026 signed"),
        ("source", "a-source, page 3"),
    ]
    talk(base, monkeypatch, answers, click.Abort)
    assert written(base, "actions/us-order-typed.toml")["events"] == [
        {
            "id": "signed",
            "date": datetime.date(2026, 11, 20),
            "type": "signed",
            "cite": [{"document": "a-source", "locator": "page 3"}],
        }
    ]


def hang_up(child: pexpect.spawn) -> None:
    """Close the terminal, and leave the process the time that it needs; `close` of pexpect would kill it."""
    os.close(child.child_fd)
    child.closed = child.ptyproc.closed = True


@pytest.mark.thorough
@pytest.mark.parametrize(
    "stop",
    [
        lambda child: child.sendintr(),
        lambda child: child.kill(signal.SIGTERM),
        lambda child: child.kill(signal.SIGHUP),
        hang_up,
    ],
    ids=["Ctrl-C", "SIGTERM", "SIGHUP", "closed terminal"],
)
def test_answers_are_kept_when_a_person_or_the_terminal_ends_it(base: Base, stop: Callable):
    answers = [row[:2] for row in DIALOG[:10]]
    child = started(base, ["action"])
    for question, text in answers:
        child.expect(rf"\n(\x1b\[\?\w+)*{question}[^\r\n]*: ")
        child.send(text + "\r")
    child.expect_exact("source, with the place in it")
    stop(child)
    if not child.closed:
        said = child.read()
        child.close()
        assert "saved drafts/actions/us-eo-14999.toml" in said
        assert "policykb new action --from-draft drafts/actions/us-eo-14999.toml" in said
        assert child.exitstatus != 0
    until = time.monotonic() + 20
    while "In the capital" not in drafts(base) and time.monotonic() < until:
        time.sleep(0.1)
    kept = drafts(base)
    assert [typed for _, _, typed in DIALOG[:10] if typed not in kept] == []
