"""Whatever lies under policies/, a run ends with problems in words: no exception, no hang, nothing of other files shown."""

import json
import os
import socket
import sqlite3
import time
from pathlib import Path

import pytest
from conftest import Base, obey_permissions
from policykb.model.problems import CODES

ACTION, CLAIM = "actions/an-order.toml", "claims/it-does-good.toml"
SECRET = "root:x:0:0"


def problems(base: Base, loaded: bool = False) -> list[str]:
    """The problems of the base as text, each one line that can be printed anywhere, and the same from `load`, which then writes nothing."""
    found = base.check().problems
    for problem in found:
        assert problem.text().isprintable(), problem
        assert json.dumps(problem.record(), ensure_ascii=False).encode()
    if any(problem.severity == "error" for problem in found):
        assert base.load().problems == found
        assert base.db.exists() is loaded
    return [problem.text().removeprefix("policies/") for problem in found]


def replace(base: Base, place: str) -> Path:
    """The path of a file of the base, removed so that something else can take its place."""
    path = base.policies / place
    path.unlink()
    return path


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "1: K202 as_of: is missing"),
        (b"# nothing\n\n# here\n", "1: K202 as_of: is missing"),
        (
            b"text = 'caf\xe9'",
            "1: S103 byte 0xe9 is not UTF-8; expected a text file saved as UTF-8",
        ),
        (
            "text = 'x'\n".encode("utf-16"),
            "1: S103 is UTF-16; expected a text file saved as UTF-8",
        ),
        ("text = 'x'\n".encode("utf-16-le"), "1: S104 column 10"),
        (b"text = 'a\x00b'\n", "1: S104 column 10"),
        (b"\n\nx = " + b"[" * 10_000 + b"]" * 10_000, "3: S104 column 85"),
        (b"x = " + b"{a=" * 10_000 + b"1" + b"}" * 10_000, "1: S104 column 245"),
        (b".".join([b"a"] * 10_000) + b" = 1", " S104 recursion limit"),
        (b"[" + b".".join([b"a"] * 10_000) + b"]", " S104 recursion limit"),
        (b"text = 'x'\ntext = 'y'\n", "2: S104 column 1: 'text' is written twice"),
        (b"text = 0x" + b"f" * 10_000, "1: S104 column "),
        (b"[" * 1_000_000, "1: S104 column 3"),
        (b"x" * 1_000_000, "1: S104 column "),
    ],
)
def test_content_that_is_no_record_is_named(base: Base, content: bytes, expected: str) -> None:
    base.write(CLAIM, content)
    assert problems(base)[0].startswith(f"{CLAIM}:{expected}")


def test_file_of_200_megabytes_is_not_read(base: Base) -> None:
    with (base.policies / ACTION).open("r+b") as file:
        file.truncate(200_000_000)
    began = time.process_time()
    assert problems(base) == [f"{ACTION}: S102 has 200,000,000 bytes; expected at most 1,048,576"]
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("folder", "is not a file; expected a text file in TOML"),
        ("fifo", "is not a file; expected a text file in TOML"),
        ("socket", "cannot be read: No such device or address"),
        ("dangling", "is a link; expected the file itself"),
        ("looping", "is a link; expected the file itself"),
        ("passwd", "is a link; expected the file itself"),
    ],
)
@pytest.mark.parametrize("place", [ACTION, "topics.toml", "about.toml"])
def test_what_is_not_a_plain_file_is_neither_followed_nor_waited_for(
    base: Base, kind: str, expected: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = replace(base, place)
    monkeypatch.chdir(path.parent)  # the name of a socket must be short
    {
        "folder": path.mkdir,
        "fifo": lambda: os.mkfifo(path),
        "socket": lambda: socket.socket(socket.AF_UNIX).bind(path.name),
        "dangling": lambda: path.symlink_to("nowhere"),
        "looping": lambda: path.symlink_to(path),
        "passwd": lambda: path.symlink_to("/etc/passwd"),
    }[kind]()
    assert problems(base) == [f"{place}: S101 {expected}"]
    if kind == "passwd":
        assert SECRET in path.read_text() and SECRET not in str(
            base.run("check", "--format", "json")
        )


def test_folder_that_is_a_link_is_not_followed(base: Base, tmp_path: Path) -> None:
    (base.policies / "claims").rename(tmp_path / "elsewhere")
    (base.policies / "claims").symlink_to(tmp_path / "elsewhere")
    assert problems(base) == ["claims: S101 is a link; expected the folder itself"]


@pytest.mark.parametrize("place", ["claims", "."])
def test_file_where_a_folder_should_be_is_named(base: Base, place: str) -> None:
    folder = base.policies / place
    folder.rename(folder.parent.parent / "away")
    folder.write_text("")
    expected = (
        "claims: S101 cannot be read: Not a directory"
        if place == "claims"
        else "policies: S101 cannot be read: Not a directory"
    )
    assert problems(base) == [expected]


def test_file_that_this_user_may_not_read_is_named(base: Base) -> None:
    (base.policies / ACTION).chmod(0)
    result = base.run_process("check", preexec_fn=obey_permissions)
    assert (
        result.stderr.splitlines()[0]
        == f"policies/{ACTION}: S101 cannot be read: Permission denied"
    )
    assert (result.returncode, result.stdout) == (1, "")


def test_byte_order_mark_and_line_ends_of_windows_are_accepted(base: Base) -> None:
    text = (
        (base.policies / ACTION).read_text().replace('"Binds agencies."', '"""Binds\nagencies."""')
    )
    windows = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
    base.write(ACTION, windows)
    assert problems(base) == []
    base.load()
    assert sqlite3.connect(base.db).execute("select summary from actions").fetchone() == (
        "Binds\nagencies.",
    )
    base.write(ACTION, windows.replace(b"silent", b"sylent"))
    assert problems(base, loaded=True)[0].startswith(
        f"{ACTION}:19: V701 effect.kind: 'sylent' is not in the vocabulary;"
    )


@pytest.mark.parametrize(
    ("place", "changes", "code"),
    [
        ("actions/an-order", {"title": "An \x1b[31morder"}, "S105"),
        ("actions/an-order", {"title": "one\ntwo"}, "S105"),
        ("actions/an-order", {"summary": "a\x07b"}, "S105"),
        ("actions/an-order", {"summary": "a\u202eb"}, "S105"),
        (
            "actions/an-order",
            {"cite": [{"document": "a-source", "locator": "page \x1b[31m1"}]},
            "C502",
        ),
        (
            "actions/an-order",
            {"cite": [{"document": "a-source", "locator": "page 1\u202e"}]},
            "C502",
        ),
        ("actions/an-order", {"as_of": "\u0662\u0660\u0662\u0666-06-02"}, "T401"),
        ("documents/a-source", {"url": "https://example.org/\x1b[31m"}, "U601"),
        ("documents/a-source", {"url": "https://example.org/\u202efdp"}, "U601"),
        ("documents/a-source", {"doi": "10.1234/a\x1b"}, "K203"),
        ("documents/a-source", {"doi": "10.1234/\u2066a"}, "K203"),
        ("documents/a-source", {"a\nb\x1b[31m": 1}, "K201"),
    ],
)
def test_characters_that_control_or_mislead_are_refused_and_shown_escaped(
    base: Base, place: str, changes: dict, code: str
) -> None:
    base.record(*place.split("/"), **changes)
    (text,) = problems(base)
    assert f": {code} " in text


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Foo", "foo"),
        ("foo_", "foo"),
        ("-foo", "foo"),
        ("foo bar", "foo-bar"),
        ("a..", "a"),
        ("%2e%2e", "2e-2e"),
        ("foo\x1b[31m", "foo-31m"),
        ("foo\nbar", "foo-bar"),
        ("fo\u202eo", "fo-o"),
        ("a\udcff", "a"),
        ("f" * 81, "f" * 80),
        ("CON.toml", "con-toml"),
        ("\xe9", ""),
    ],
)
def test_file_name_that_is_no_id_is_named_and_shown_escaped(
    base: Base, name: str, meant: str
) -> None:
    for place in ("claims/it-does-good", "actions/an-order"):
        with open(os.fsencode(base.policies / Path(place).parent / f"{name}.toml"), "wb") as file:
            file.write(
                (base.policies / f"{place}.toml").read_bytes()
                + b"[identifiers]\nfr_document = '2026-11415'\n" * place.startswith("actions")
            )
    base.record("actions", "zoo", identifiers={"fr_document": "2026-11415"}, part_of="foo")
    assert len(problems(base)) >= 5
    found = [problem for problem in base.check().problems if problem.code == "K204"]
    assert [problem.nearest for problem in found] == [meant, meant]
    assert {"K205", "D901"} < set(base.codes())


def test_ids_that_are_paths_are_named_in_tables_too(base: Base) -> None:
    base.write(
        "topics.toml",
        "['../../etc/passwd']\nname = 'x'\ndefinition = 'x'\n\n[a-topic]\nname = 'x'\n\n['A-topic']\nname = 'x'\ndefinition = 'x'\n",
    )
    form = "is not an id; expected lower-case letters, digits and single hyphens, at most 80; did you mean"
    assert problems(base) == [
        f"topics.toml:1: K204 ../../etc/passwd: '../../etc/passwd' {form} 'etc-passwd'?",
        "topics.toml:5: K202 a-topic.definition: is missing",
        f"topics.toml:8: K204 A-topic: 'A-topic' {form} 'a-topic'?",
        "topics.toml:8: K205 A-topic: the id 'A-topic' is also that of topic policies/topics.toml; expected an id that no other record has",
    ]


def test_longest_id_keeps_its_path(base: Base) -> None:
    base.record("claims", "x" * 80)
    base.load()
    assert sqlite3.connect(base.db).execute(
        "select file from records where id = ?", ("x" * 80,)
    ).fetchone() == (f"policies/claims/{'x' * 80}.toml",)


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        (
            "as_of = 2026-06-02T10:00:00Z",
            "T401 as_of: '2026-06-02T10:00:00+00:00' is not a day; expected a full date such as 2026-06-02; did you mean '2026-06-02'?",
        ),
        (
            "as_of = 10:00:00",
            "T401 as_of: '10:00:00' is not a day; expected a full date such as 2026-06-02",
        ),
        (
            "as_of = '202606021202606021202606021200h1'",
            "T401 as_of: '202606021202606021202606021200h1' is not a day; expected a full date such as 2026-06-02",
        ),
        (
            "as_of = '0000-01-01'",
            "T401 as_of: '0000-01-01' is not a day; expected a full date such as 2026-06-02",
        ),
        (
            "as_of = [[]]",
            "T401 as_of: '[[]]' is not a day; expected a full date such as 2026-06-02",
        ),
        ("as_of = nan", "T401 as_of: 'nan' is not a day; expected a full date such as 2026-06-02"),
        (
            "as_of = -inf",
            "T401 as_of: '-inf' is not a day; expected a full date such as 2026-06-02",
        ),
        (
            "as_of = 9223372036854775807",
            "T401 as_of: '9223372036854775807' is not a day; expected a full date such as 2026-06-02",
        ),
        (
            f"as_of = '{'1 ' * 500_000}'",
            f"T401 as_of: '{'1 ' * 39}1…' is not a day; expected a full date such as 2026-06-02",
        ),
        (
            f"as_of = 2026-06-02\nshort_title = '{'x' * 1_000_000}'",
            "K206 short_title: is longer than 300 characters",
        ),
        (
            f"as_of = 2026-06-02\n{'x' * 1_000_000} = 1",
            f"K201 {'x' * 79}…: is not a key of this kind of record;",
        ),
    ],
)
def test_odd_value_is_named_in_one_short_line(base: Base, toml: str, expected: str) -> None:
    base.write(ACTION, (base.policies / ACTION).read_text().replace('as_of = "2026-06-02"', toml))
    (text,) = problems(base)
    assert text.split(" ", 1)[1].startswith(expected)
    assert len(text) < 500


def test_ids_that_differ_only_in_case_are_one_id(base: Base) -> None:
    base.record("claims", "Foo")
    base.record("claims", "foo")
    assert problems(base) == [
        "claims/Foo.toml:1: K204 'Foo' is not an id; expected lower-case letters, digits and single hyphens, at most 80; did you mean 'foo'?",
        "claims/foo.toml:1: K205 the id 'foo' is also that of claim policies/claims/Foo.toml; expected an id that no other record has",
    ]


@pytest.mark.slow
def test_action_of_10_000_events_is_refused_at_once(base: Base) -> None:
    base.write(
        ACTION,
        (base.policies / ACTION).read_text()
        + "\n[[events]]\ndate = 2026-06-02\ntype = 'issued'\n" * 9_999,
    )
    began = time.process_time()
    assert problems(base) == [f"{ACTION}:9: K206 events: has more than 1,000 items"]
    assert time.process_time() - began < 5


def test_1_000_events_of_unclear_order_are_judged_in_time(base: Base) -> None:
    unclear = [("2026", "suspended"), ("2026-01", "resumed")] * 499
    base.action("an-order", [("2025-06-02", "issued"), *unclear])
    began = time.process_time()
    assert base.codes() == ["T403"] * 998
    assert time.process_time() - began < 5


def test_events_that_supersede_each_other_in_a_circle_are_named(base: Base) -> None:
    names = [f"e{number}" for number in range(500)]
    base.action(
        "an-order",
        [
            (
                "2026-06-02",
                "issued",
                {"id": name, "supersedes": names[place - 1], "moved_on": "2026-06-01"},
            )
            for place, name in enumerate(names)
        ],
    )
    found = problems(base)
    assert len(found) == 500
    assert (
        found[0]
        == f"{ACTION}:13: R303 events[0].supersedes: event 'e0' supersedes itself, directly or through others"
    )


@pytest.mark.thorough
def test_circle_of_10_000_actions_is_named_in_time(base: Base) -> None:
    text = (base.policies / ACTION).read_text()
    for number in range(10_000):
        base.write(f"actions/a{number:04}.toml", f"part_of = 'a{(number + 1) % 10_000:04}'\n{text}")
    began = time.monotonic()
    found = base.check().problems
    assert time.monotonic() - began < 30
    assert [problem.text() for problem in found[:1]] == [
        "policies/actions/a0000.toml:1: R303 part_of: 'a0000' is part of itself, directly or through others; expected a record that is not part of this one"
    ]
    assert [problem.code for problem in found] == ["R303"] * 10_000


def test_command_tells_of_everything_at_once_without_a_traceback(base: Base) -> None:
    os.mkfifo(replace(base, "topics.toml"))
    replace(base, ACTION).symlink_to("/etc/passwd")
    base.write(CLAIM, b"\xff\xfe")
    os.mkdir(os.fsencode(base.policies / "claims") + b"/\xff.toml")
    base.write("documents/a\x1b[31m.toml", "'\\u001b[31m' = 1")
    for form, stream in (("text", "stderr"), ("json", "stdout"), ("github", "stdout")):
        result = base.run("check", "--format", form)
        assert result.returncode == 1
        assert "Traceback" not in result.stderr
        assert "\x1b" not in result.stdout + result.stderr
        assert {"S101", "S103", "K201", "K202", "K204"} == {
            code for code in CODES if code in getattr(result, stream)
        }
    assert base.run("load").returncode == 1


INVISIBLE = ["\u200b", "\u2060", "\u00ad", "\u200f", "\u200e", "\u061c", "\u2063", "\U000e0041"]


@pytest.mark.parametrize("char", INVISIBLE, ids=[f"U+{ord(char):04X}" for char in INVISIBLE])
@pytest.mark.parametrize("key", ["title", "summary"])
def test_a_character_that_nobody_sees_is_refused(base: Base, key: str, char: str):
    base.record("actions", "an-order", **{key: f"An or{char}der"})
    (problem,) = base.check().problems
    assert problem.code == "S105" and f"has U+{ord(char):04X}" in problem.text()


@pytest.mark.parametrize("text", ["می\u200cخواهم", "👩\u200d💻", "שלום", "مرحبا"])
def test_characters_that_scripts_need_are_taken(base: Base, text: str):
    base.record("actions", "an-order", title=text)
    assert base.check().problems == []
