"""A file of any bytes, and a valid record changed at random, give problems that stand in the file, or load; never an exception."""

from conftest import Base
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
openness = { effect = "silent", note = "Says nothing." }
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
        st.sampled_from(PIECES) | st.text(max_size=5),
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
        assert base.load() == result
        base.db.unlink()


def test_the_record_that_is_changed_at_random_is_valid(base: Base) -> None:
    base.write("actions/an-order.toml", RECORD)
    assert base.check().problems == []


ANY_BASE = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@ANY_BASE
@given(content=st.binary(max_size=200))
def test_any_bytes_give_problems_and_no_exception(base: Base, content: bytes) -> None:
    judge(base, content)


@ANY_BASE
@given(mutations=MUTATIONS)
def test_any_change_of_a_record_gives_problems_or_loads(
    base: Base, mutations: list[tuple[int, int, str]]
) -> None:
    text = RECORD
    for start, length, piece in mutations:
        text = text[:start] + piece + text[start + length :]
    judge(base, text.encode(errors="surrogatepass"))
