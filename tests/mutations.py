"""Broken sources for tests of readers: any bytes near a valid sample, and what must hold of the answer."""

import re
import time
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from policykb.contribute.proposal import Proposal
from policykb.files.reader import faults
from policykb.model import records as model
from policykb.model.fields import describe, with_references
from policykb.model.problems import SourceError
from policykb.sources import table
from policykb.sources.resolve import is_name

SECONDS = 20  # far more than any of these small inputs needs, far less than a loop without end
PIECES = [
    b"\x00",
    b"\xff",
    b"\xe2\x80\xae",
    b"\xef\xbb\xbf",
    b'"',
    b"'",
    b"{",
    b"}",
    b"@",
    b",",
    b";",
    b"\n",
    b"\r",
    b"\\",
    b"$",
    b"%",
    b"=",
    b"[",
    b"]",
    b":",
    b"~",
    b"<",
    b">",
    b"&#8238;",
    b"\\u202e",
    b"\\ud800",
    b"<!DOCTYPE x>",
    b"../../etc/passwd",
    b"TY  - ",
    b"ER  - ",
    b"@article{",
    b" and ",
    b"null",
    b"1e999",
    b"99999",
    b"2024-13-45",
    b"name:",
    b"\\begin{x}",
    "\u00e9\u4e2d".encode(),
    b"x" * 400,
]


@st.composite
def mutated(draw: st.DrawFn, sample: bytes) -> bytes:
    """`sample` with up to four pieces cut out, doubled, moved or put in."""
    data = sample
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 40)))
        piece = draw(
            st.one_of(
                st.just(b""),
                st.sampled_from(PIECES),
                st.binary(max_size=6),
                st.just(data[start:end] * 2),
            )
        )
        data = data[:start] + piece + data[end:]
    return data[: draw(st.integers(0, len(data)))] if draw(st.integers(0, 4)) == 0 else data


def plain(record: type, content: dict[str, Any], names: bool) -> dict[str, Any]:
    """`content` with an id in place of what is looked up by another key, or by a name."""

    def change(_, text: Any, __) -> Any:
        return "x" if re.match("[a-z_]+:.", str(text)) or names and is_name(str(text)) else text

    return with_references(record, content, change)


def answer(read: Callable, data: bytes) -> list[Proposal] | str:
    """The proposals, each one that a file can hold, or the lines that say why there are none."""
    began = time.process_time()
    try:
        found = list(read(data, "sample"))
    except SourceError as error:
        lines = str(error).split("\n")
        assert all(line.isprintable() and line.startswith("sample") for line in lines), lines
        assert max(map(len, lines)) < 2000 and len(lines) <= table.MOST_WRONG
        return str(error)
    finally:
        assert time.process_time() - began < SECONDS
    kinds = {kind: record for kind, (record, _) in (model.FOLDERS | model.TABLES).items()}
    for proposal in found:
        assert re.fullmatch(model.ID_FORM, proposal.id) and len(proposal.id) <= 80, proposal.id
        assert [
            fault.message
            for fault in faults(
                kinds[proposal.kind],
                plain(kinds[proposal.kind], proposal.content, read is table.read),
            )
        ] == [], proposal.content
        assert all(line.isprintable() for line in proposal.unresolved), proposal.unresolved
        parts = {name for name, field in describe(kinds[proposal.kind]).items() if field.part}
        titled = proposal.content.get("title") or proposal.content.get("text")
        assert titled or proposal.kind == "organization" or proposal.content.keys() <= parts
    assert len({proposal.id for proposal in found}) == len(found)
    return found
