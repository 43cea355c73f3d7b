"""Edits of TOML text: the result holds what the edits say, and comments and order of everything else stay."""

import re
from collections.abc import Iterator

import pytest
from conftest import ROOT, examples
from hypothesis import given, settings
from hypothesis import strategies as st
from policykb.files.positions import Positions
from policykb.files.reader import sources
from policykb.files.toml_edit import (
    MISSING,
    Draft,
    Edit,
    LayoutError,
    alike,
    apply,
    record_type,
    values,
)
from policykb.model.records import TABLES, Action

SHIPPED = sources(ROOT / "policies")[0]
ODD = """\
# The head.
title = 'It "is" odd'   # the title
topics = [
  "a", # one
  # above two
  "b" # two
]
"aliases" = ["x", "y", ]
bodies = [ {organization="o",role = "issuer"} ]
summary = \"\"\"
[[events]]
# no comment \\\\
\"\"\"

[effect] # the effect
kind = "silent"
  # indented

# Above the first.
[[events]]
date = 2026-01-01
type = "other"
[[events.cite]]
document = "a" # why

# Above the second.
[[events]]
type = "issued" # so
date = "2026-02~"

# About relations.
[[relations]]
type = "amends"
action = "x"
# The end.
"""


def commented(text: str) -> str:
    """Return `text` with a comment above each key and header that begins a line."""
    lines = text.splitlines(keepends=True)
    keys = [node for nodes in Positions(text.encode()).keys.values() for node in nodes]
    rows = {node.start_point[0] for node in keys if node.start_point[1] <= 2}
    rows = {row for row in rows if re.match(r"\[|\w", lines[row])}
    return "".join(f"# {row}\n{line}" if row in rows else line for row, line in enumerate(lines))


def comments(text: str) -> list[str]:
    """Return the comments of `text`, in order."""
    found = []
    waiting = [Positions(text.encode()).tables[()]]
    while waiting:
        node = waiting.pop()
        waiting += reversed(node.children)
        if node.type == "comment":
            found.append(node.text.decode())
    return found


def possible(content: object, at: tuple = ()) -> Iterator[Edit]:
    """Yield an edit of each kind at each place of `content`."""
    if isinstance(content, dict):
        yield Edit((*at, "new-key"), "new")
        yield Edit((*at, "new-key"), ["new", "other"], insert=bool(at))
        for key, value in content.items():
            yield Edit((*at, key))
            yield Edit((*at, key), name=f"{key}-2")
            yield from possible(value, (*at, key))
    elif isinstance(content, list):
        for place, item in enumerate(content):
            yield Edit((*at, place))
            yield Edit((*at, place), item, insert=True)
            yield from possible(item, (*at, place))
        if content:
            yield Edit((*at, len(content)), content[0], insert=True)
    elif isinstance(content, str):
        yield Edit(at, content + ' "and" more')
        yield Edit(at, content.upper())


def check(text: str, record: type, edits: list[Edit]) -> str:
    """Apply `edits`; fail if the result does not hold what they say, or if a comment is lost that was not removed with its value."""
    draft = Draft(values(text))
    for edit in edits:
        draft.make(edit)
    after = apply(text, record, edits)
    assert alike(values(after), draft.content), edits
    before, now = comments(text), comments(after)
    if all(edit.value is not MISSING or edit.name for edit in edits):
        assert now == before, edits
    else:
        rest = iter(before)
        assert all(comment in rest for comment in now), edits
    return after


@pytest.mark.thorough
@pytest.mark.parametrize("number", [*range(5), *range(5, len(SHIPPED), 97)])
def test_any_edit_of_a_shipped_file_says_what_it_should(number: int):
    source = SHIPPED[number]
    text = commented((ROOT / source.path).read_text())
    edits, most = list(possible(values(text))), 60
    if source.kind in TABLES:  # their keys are ids of records, and each edit reads them all
        edits, most = [edit for edit in edits if edit.at != ("new-key",)], 20
    for edit in edits[:: max(1, len(edits) // most)]:
        check(text, record_type(source.kind), [edit])


def test_any_edit_of_an_odd_layout_says_what_it_should():
    for edit in possible(values(ODD)):
        check(ODD, Action, [edit])


def test_later_edits_leave_the_value_of_an_earlier_edit_alone():
    draft = Draft(values(ODD))
    draft.make(Edit(("events", 0, "cite", 0), draft.at(("events", 0, "cite", 0)), insert=True))
    draft.make(Edit(("events", 0, "cite", 1, "document")))
    assert draft.edits[0].value == {"document": "a"}
    assert alike(values(apply(ODD, Action, draft.edits)), draft.content)


def test_a_list_can_be_removed_after_its_last_block():
    check(ODD, Action, [Edit(("events", 0, "cite", 0)), Edit(("events", 0, "cite"))])


@settings(max_examples=examples(60), deadline=None)
@given(st.data())
def test_any_sequence_of_edits_says_what_it_should(data: st.DataObject):
    content = Draft(values(ODD))
    for _ in range(data.draw(st.integers(1, 6))):
        content.make(data.draw(st.sampled_from(list(possible(content.content)))))
    check(ODD, Action, content.edits)


def test_text_beside_blocks_of_a_list_of_tables_and_texts_is_refused_with_what_to_write():
    blocks = 'title = "x"\n\n[[aliases]]\nname = "a"\n'
    edit = Edit(("aliases", 1), "b", insert=True)
    with pytest.raises(LayoutError, match=r"\[\[aliases\]\]; write aliases = \[...\]"):
        apply(blocks, Action, [edit])
    line = blocks.replace('\n[[aliases]]\nname = "a"', 'aliases = [{ name = "a" }]')
    assert '[{ name = "a" }, "b"]' in apply(line, Action, [edit])
