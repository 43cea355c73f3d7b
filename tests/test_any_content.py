"""A file of any bytes, and a valid record changed at random, give problems that stand in the file, or load; never an exception."""

import re

import pytest
from checkouts import committed
from click.testing import CliRunner
from conftest import ANY, TODAY, Base, examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import mutated
from policykb.cli import cli

RECORD = '''title = "An order"
instrument = "executive_order"
bindingness = "binding"
jurisdiction = "us"
as_of = 2026-07-02
confidence = "high"
summary = """
Binds agencies."""
identifiers = { eo = "14409", com = ["COM(2021) 206"] }
topics = ["a-topic"]
effect = { kind = "silent", note = "Says nothing." }
[[events]]
id = "first"
date = "2026-06~"
type = "issued"
cite = [{ document = "a-source", locator = "page 1" }]
[[events]]
id = "revoked"
date = 2026-07-02
type = "revoked"
supersedes = "first"
moved_on = 2026-06-30
unconfirmed = true
'''
PIECES = [
    *RECORD.split(),
    *"[] {} [[ ]] \" ' , . = \\ # \n -".split(" "),
    "nan",
    "1e9",
    "10:00:00",
    "2026-06-02T00:00:00Z",
    "true",
    "'''",
    "\x00",
    "\u202e",
    "\ufeff",
    "\r",
]
MUTATIONS = st.lists(
    st.tuples(
        st.integers(0, len(RECORD)),
        st.integers(0, 40),
        st.sampled_from(PIECES) | st.text(ANY, max_size=5),
    ),
    min_size=1,
    max_size=4,
)


def judge(base: Base, content: bytes) -> None:
    """A file of any content gives problems that stand in it, or is loaded."""
    path = base.write("actions/an-order.toml", content)
    result = base.check()
    for problem in result.problems:
        assert (base.policies.parent / problem.path).exists()
        lines = content.count(b"\n") + 1 if problem.path.endswith(path.name) else 100
        assert 0 <= problem.line <= lines, problem
        assert problem.text().isprintable(), problem
    if not result.errors:
        assert base.load()[:2] == result[:2]
        base.db.unlink()


def test_the_record_that_is_changed_at_random_is_valid(base: Base) -> None:
    base.write("actions/an-order.toml", RECORD)
    assert base.check().problems == []


ANY_BASE = settings(
    max_examples=examples(300),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@ANY_BASE
@given(content=st.binary(max_size=200))
def test_any_bytes_give_problems_and_no_exception(base: Base, content: bytes) -> None:
    judge(base, content)


@pytest.mark.thorough
@ANY_BASE
@given(mutations=MUTATIONS)
def test_any_change_of_a_record_gives_problems_or_loads(
    base: Base, mutations: list[tuple[int, int, str]]
) -> None:
    text = RECORD
    for start, length, piece in mutations:
        text = text[:start] + piece + text[start + length :]
    judge(base, text.encode(errors="surrogatepass"))


# What people and merges do to a file beside typing wrong characters.
LINES = [
    "[events]",
    "[[events]]",
    "[effect]",
    "[[effect]]",
    "[[events.cite]]",
    "events = 1",
    "events = []",
    'title = "Twice"',
    '"" = 1',
    "'a.b' = 1",
    "a.b.c = 1",
    "x = 2026-01-01T00:00:00",
    "as_of = inf",
    'url = "https:/example.org"',
    'url = "http://[::1"',
    "identifiers.us_bill = [1]",
    'bodies = [1, "a", {}]',
    'type = ["a"]',
    'id = "X"',
    '"\\u0000" = 1',
    'typ = "issud"',
    'date = "2 June 2026"',
    "<<<<<<< HEAD",
]
COMMANDS = [
    ("check",),
    ("check", "--format", "json"),
    ("load",),
    ("diff",),
    ("diff", "--format", "markdown"),
    ("check", "--fix", "--dry-run"),
    ("check", "--fix", "--yes"),
    ("add", "alias", "an-order", "X", "--dry-run"),
    ("rename", "an-order", "b-order", "--reason", "x", "--dry-run"),
    ("merge", "it-does-good", "x", "--reason", "x", "--dry-run"),
    ("withdraw", "a-source", "--reason", "x", "--dry-run"),
]


@st.composite
def damaged(draw: st.DrawFn, sample: bytes) -> bytes:
    """`sample` with lines put in, doubled, moved or taken out, other ends of lines, and broken bytes."""
    lines = sample.decode().splitlines(keepends=True)
    for kind in draw(st.lists(st.sampled_from(["in", "out", "twice", "single"]), max_size=3)):
        place = draw(st.integers(0, len(lines) - 1)) if lines else 0
        if kind == "in":
            lines.insert(place, draw(st.sampled_from(LINES)) + "\n")
        elif kind == "twice" and lines:
            lines.insert(draw(st.integers(0, len(lines))), lines[place])
        elif kind == "single" and lines:
            lines[place] = lines[place].replace("[[", "[").replace("]]", "]")
        elif lines:
            del lines[place]
    ends = draw(st.sampled_from(["\n", "\n", "\r\n", "\r\r\n"]))
    data = "".join(lines).replace("\n", ends).encode()
    return draw(mutated(data)) if draw(st.booleans()) else data


@pytest.mark.thorough
@settings(
    max_examples=examples(40),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_no_command_ends_in_an_exception_on_damaged_files(base: Base, data: st.DataObject) -> None:
    base.write("actions/an-order.toml", RECORD)
    whole = {path: path.read_bytes() for path in base.policies.rglob("*.toml")}
    if not (base.policies.parent / ".git").exists():
        committed(base)
    damage = {}
    for path in data.draw(st.lists(st.sampled_from(sorted(whole)), min_size=1, max_size=3)):
        name = data.draw(st.sampled_from([path.stem, path.stem, "An-Order", "a b", "ä", "x" * 90]))
        damage[path.with_stem(name)] = data.draw(damaged(whole[path]))
    for path, content in damage.items():
        path.write_bytes(content)
    try:
        for command in COMMANDS:
            found = CliRunner().invoke(
                cli,
                [*command, "--policies", str(base.policies), "--db", str(base.db)]
                + ["--today", TODAY],
            )
            assert found.exception is None or isinstance(found.exception, SystemExit), command
            assert not re.search("S108|Traceback", found.output), command
    finally:
        for path in base.policies.rglob("*.toml"):
            path.unlink()
        for path, content in whole.items():
            path.write_bytes(content)
