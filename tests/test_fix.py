"""policykb check --fix: applies what messages suggest, shows it, and changes nothing else."""

import re
from pathlib import Path

import pytest
import rtoml
from conftest import TODAY, Base
from policykb.contribute import changes, fix
from policykb.files import toml_edit

ACTION = """\
# A comment that stays.
title = "An order"   # and another
instrument = "executve_order"
bindingness = "binding"
jurisdiction = "us"
as_of = "22 November 2026"
confidence = "high"
sumary = "Binds agencies."

[effect]
kind = "silnt" # why
note = "Says nothing."

[[events]]
date = "2 June 2026"  # the day of signing
type = "issud"
cite = [
      { document = "a-source" },
]

[[events]]
date = "June 2026"
type = "reported"
unconfirmed = true
"""
FIXED = """\
# A comment that stays.
title = "An order"  # and another
instrument = "executive_order"
bindingness = "binding"
jurisdiction = "us"
as_of = 2026-11-22
confidence = "high"
summary = "Binds agencies."

[effect]
kind = "silent"  # why
note = "Says nothing."

[[events]]
id = "issued"
former_ids = ["1"]
date = 2026-06-02  # the day of signing
type = "issued"
cite = [
  { document = "a-source" },
]

[[events]]
id = "reported"
former_ids = ["2"]
date = "2026-06"
type = "reported"
unconfirmed = true
"""


def test_everything_that_messages_suggest_is_applied_and_nothing_else(base: Base):
    file = base.write("actions/an-order.toml", ACTION)
    result = base.run("check", "--fix", "--yes")
    assert result.returncode == 0, result.stderr
    assert file.read_text() == FIXED
    assert [line for line in result.stdout.splitlines() if "instrument" in line] == [
        '-instrument = "executve_order"',
        '+instrument = "executive_order"',
    ]
    assert result.stderr.splitlines()[-2] == "wrote policies/actions/an-order.toml"
    assert base.codes() == []
    again = base.run("check", "--fix", "--yes")
    assert (again.returncode, again.stdout) == (0, "")
    assert again.stderr.splitlines()[0] == "nothing to change"


@pytest.mark.parametrize(
    "word",
    [
        "enacted",
        "annulled",
        "delayed",
        "stopped",
        "ruling",
        "comment period",
        "court case",
        "notified",
    ],
)
def test_a_word_with_a_meaning_of_its_own_is_left_to_a_person(base: Base, word: str):
    text = FIXED.replace('type = "issued"', f'type = "{word}"')
    file = base.write("actions/an-order.toml", text)
    result = base.run("check", "--fix", "--yes")
    assert (result.returncode, file.read_text()) == (1, text)
    assert "; 1 error, 0 warnings" in result.stderr


@pytest.mark.parametrize(
    ("key", "word", "term"),
    [
        ("instrument", "press release", None),
        ("instrument", "EU directive", "directive"),
        ("instrument", "Executive  order", "executive_order"),
        ("bindingness", "Bindng", "binding"),
        ("bindingness", "bond", None),
    ],
)
def test_form_is_corrected_and_meaning_is_not(base: Base, key: str, word: str, term: str | None):
    text = re.sub(rf'(?m)^{key} = ".*"$', f'{key} = "{word}"', FIXED)
    file = base.write("actions/an-order.toml", text)
    assert base.run("check", "--fix", "--yes").returncode == (0 if term else 1)
    assert f'{key} = "{term or word}"\n' in file.read_text()


def test_looking_only_writes_nothing(base: Base):
    file = base.write("actions/an-order.toml", ACTION)
    shown = base.run("check", "--fix", "--dry-run")
    assert shown.returncode == 1
    assert "nothing was written (--dry-run)" in shown.stderr.splitlines()
    assert '+instrument = "executive_order"' in shown.stdout.splitlines()
    unasked = base.run("check", "--fix")
    assert unasked.returncode == 2
    assert unasked.stderr.endswith(
        "there is no terminal to ask at; add --yes to write, or --dry-run to look only\n"
    )
    assert file.read_text() == ACTION


def test_only_the_files_named_are_mended(base: Base):
    named, other = (
        base.write(f"actions/{id}.toml", ACTION) for id in ("an-order", "another-order")
    )
    assert base.run("check", "--fix", "--yes", str(named)).returncode == 1  # for the other one
    assert (named.read_text(), other.read_text()) == (FIXED, ACTION)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("nowhere.toml", "is not a file of the knowledge base"),
        ("actions/nothing.toml", "does not exist"),
    ],
)
def test_file_that_is_none_of_the_knowledge_base_is_told(base: Base, place: str, said: str):
    result = base.run("check", "--fix", "--yes", str(base.policies / place))
    assert result.returncode == 2
    assert said in result.stderr.splitlines()[-1]


def test_renamed_id_is_followed_but_an_unknown_one_is_not_guessed(base: Base):
    base.write(
        "redirects.toml",
        '[old-source]\nto = "a-source"\non = 2026-06-01\nreason = "Better name."\n',
    )
    base.record(
        "actions",
        "an-order",
        events=[
            {
                "date": "2026-06-02",
                "type": "issued",
                "cite": [{"document": "old-source"}, {"document": "a-sourcee"}],
            }
        ],
    )
    assert base.run("check", "--fix", "--yes").returncode == 1
    text = (base.policies / "actions/an-order.toml").read_text()
    assert ('"a-source"' in text, '"old-source"' in text, '"a-sourcee"' in text) == (
        True,
        False,
        True,
    )


def test_file_that_is_not_toml_is_left_and_others_are_mended(base: Base):
    broken = base.write("actions/broken.toml", 'title = "open\n')
    file = base.write("actions/an-order.toml", ACTION)
    assert base.run("check", "--fix", "--yes").returncode == 1
    assert (broken.read_text(), file.read_text()) == ('title = "open\n', FIXED)


@pytest.mark.parametrize(
    "added",
    [
        '[events]\ndate = "2 June 2026"\n',
        "[events]\n[events]\n",
        '[effect]\nkind="silent"\n',
        'title="Twice"\ntitle = "Twice"\n',
        "[[events]]\n[events.cite]\n[[events.cite]]\n",
    ],
)
def test_file_with_a_doubled_table_or_key_is_left_and_others_are_mended(base: Base, added: str):
    text = f"{ACTION}\n{added}"
    broken = base.write("actions/broken.toml", text)
    file = base.write("actions/an-order.toml", ACTION)
    result = base.run("check", "--fix", "--yes")
    assert (result.returncode, "Traceback" in result.stderr) == (1, False)
    assert (broken.read_text(), file.read_text()) == (text, FIXED)
    assert base.codes() == ["S104"]


@pytest.mark.parametrize("name", ["An-Order", "an order", "an--order", "ä"])
def test_file_whose_name_is_no_id_is_left_and_others_are_mended(base: Base, name: str):
    broken = base.write(f"actions/{name}.toml", ACTION)
    file = base.write("actions/an-order.toml", ACTION)
    result = base.run("check", "--fix", "--yes")
    assert (result.returncode, "Traceback" in result.stderr) == (1, False)
    assert (broken.read_text(), file.read_text()) == (ACTION, FIXED)
    named = base.run("check", "--fix", "--yes", str(broken))
    assert named.returncode == 2
    assert "is not a file of the knowledge base" in named.stderr


def test_lines_that_end_as_on_windows_are_mended(base: Base):
    file = base.write("actions/an-order.toml", ACTION.replace("\n", "\r\n"))
    table = base.policies / "topics.toml"
    text = '[a-topic]\nname = "A topic"\ndefinition = """\nOne.\nTwo.\n"""\n'
    table.write_bytes(text.replace("\n", "\r\n").encode())
    result = base.run("check", "--fix", "--yes")
    assert result.returncode == 0, result.stderr
    assert file.read_bytes().decode() == FIXED
    assert table.read_bytes().decode() == text
    again = base.run("check", "--fix", "--yes")
    assert again.stderr.splitlines()[0] == "nothing to change"
    assert base.codes() == []


def test_value_that_the_formatter_would_change_is_kept(base: Base, monkeypatch: pytest.MonkeyPatch):
    file = base.write("actions/an-order.toml", ACTION)
    before = (base.policies / "topics.toml").read_text()

    def spoil(*_: object, cwd: str, **__: object) -> None:
        for place in Path(cwd).glob("*.toml"):
            spoiled = place.read_text().replace("A topic", "B topic")
            place.write_text(spoiled.replace("effect", '"', 1) if "Binds" in spoiled else spoiled)

    monkeypatch.setattr(toml_edit.subprocess, "run", spoil)
    made, fixed = fix.fixes(base.policies, TODAY)
    assert [change.path for change in made] == ["policies/actions/an-order.toml"]
    assert fixed and rtoml.loads(made[0].after.decode())["summary"] == "Binds agencies."
    assert (base.policies / "topics.toml").read_text() == before
    assert file.read_text() == ACTION


def test_key_is_not_renamed_onto_one_that_is_there(base: Base):
    text = FIXED.replace('confidence = "high"\n', 'confidence = "high"\ntitl = "Another"\n')
    file = base.write("actions/an-order.toml", text)
    assert base.run("check", "--fix", "--yes").returncode == 1
    assert file.read_text() == text


def test_what_is_saved_meanwhile_is_not_overwritten(base: Base, monkeypatch: pytest.MonkeyPatch):
    file = base.write("actions/an-order.toml", ACTION)
    real = fix.canonical

    def slow(texts: dict) -> dict:
        file.write_text(ACTION + "# saved meanwhile\n")
        return real(texts)

    monkeypatch.setattr(fix, "canonical", slow)
    made, _ = fix.fixes(base.policies, TODAY)
    with pytest.raises(changes.ConflictError):
        changes.write(base.policies, made)
    assert file.read_text() == ACTION + "# saved meanwhile\n"


def test_errors_that_need_a_person_are_reported(base: Base):
    base.write("actions/an-order.toml", FIXED.replace("2026-06-02", '"02.03.2026"'))
    result = base.run("check", "--fix", "--yes")
    lines = result.stderr.splitlines()
    assert (result.returncode, lines[0]) == (1, "nothing to change")
    assert "'02.03.2026'" in lines[1] and lines[2].endswith("; 1 error, 0 warnings")


def test_tables_of_many_records_are_mended_too(base: Base):
    file = base.write(
        "organizations.toml",
        '[an-office]\nname = "An office"\nkind = "goverment"\njurisdiction = "us"\n',
    )
    assert base.run("check", "--fix", "--yes").returncode == 0
    assert (
        file.read_text()
        == '[an-office]\nname = "An office"\nkind = "government"\njurisdiction = "us"\n'
    )
