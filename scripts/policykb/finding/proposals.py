"""What was found as proposals: the parts `mentions` of a document's record, ready to add."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from policykb.checks.texts import folded
from policykb.finding.judge import FoundMention
from policykb.finding.words import COMMON, clauses, sentences
from policykb.model.records import LINE_FORM, MOST_WORDS
from policykb.model.vocabulary.terms import tables

_PORTRAYALS = tables(Path(__file__).parent / "data" / "portrayals.toml")

LONGEST = 300  # characters of a line in a record
FEW = 30  # characters; fewer are a name or a number, which does not say how it is meant


def _expression(words: Sequence[str]) -> re.Pattern:
    parts = [re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "") for word in words]
    return re.compile(rf"\b(?:{'|'.join(parts)})\b", re.IGNORECASE)


_SIGNS = [(item["as"], _expression(item["words"])) for item in _PORTRAYALS["portrayal"]]


class Proposal(NamedTuple):
    """A mention to add: the part as it would be written, and how it was found."""

    mention: dict[str, str]
    hit: FoundMention


def proposals(mentions: Sequence[FoundMention], paragraphs: Mapping[str, str]) -> list[Proposal]:
    """Return the proposals for what was found in a document with those labelled `paragraphs`."""
    return [Proposal(_mention(item, paragraphs[item.paragraph]), item) for item in mentions]


def _mention(hit: FoundMention, paragraph: str) -> dict[str, str]:
    mention = {"action": hit.action, "locator": f"paragraph {hit.paragraph}"}
    words = locating_words(paragraph, hit.start, hit.end)
    if re.fullmatch(LINE_FORM, words) and 0 < len(words) <= LONGEST:
        mention["words"] = words
    return mention | {"portrayed_as": portrayal(paragraph, hit.start, hit.end)}


def locating_words(paragraph: str, start: int, end: int) -> str:
    """Return at most MOST_WORDS words of `paragraph` from `start` on that occur in it once; '' if there are none such."""
    spans = [match.span() for match in re.finditer(r"\S+", paragraph)]
    if not spans:
        return ""
    first = next((place for place, span in enumerate(spans) if span[1] > start), 0)
    inside = [place for place, span in enumerate(spans) if span[0] < end]
    last = max(first, min(max(inside, default=first), first + MOST_WORDS - 1))
    while last > first + 2 and paragraph[slice(*spans[last])].strip(",;:") in COMMON:
        last -= 1  # "labs, and"
    while not _is_unique(words := _cut(paragraph, spans, first, last), paragraph):
        if last - first >= MOST_WORDS - 1:
            return ""
        if last + 1 < len(spans):
            last += 1
        elif first:
            first -= 1
        else:
            return ""
    return words


def _cut(paragraph: str, spans: Sequence[tuple[int, int]], first: int, last: int) -> str:
    return paragraph[spans[first][0] : spans[last][1]].strip(" ,;:.()")


def _is_unique(words: str, paragraph: str) -> bool:
    """Return whether `words` occur once, by the rule by which `check --texts` compares."""
    return bool(words) and folded(paragraph).count(folded(words)) == 1


def portrayal(paragraph: str, start: int, end: int) -> str:
    """Return how the words from `start` to `end` portray an action: a term of the vocabulary `portrayals`.

    A few words, such as a name, are read with the clause or sentence that they begin in.
    """
    text = paragraph[start:end]
    if len(text) < FEW:
        place, text = next(item for item in reversed(sentences(paragraph)) if item[0] <= start)
        inside = [part for first, part in clauses(text) if 0 <= start - place - first < len(part)]
        text = inside[0] if inside else text
    hit = (term for term, sign in _SIGNS if sign.search(text))
    return next(hit, _PORTRAYALS["otherwise"])


def new_ones(proposed: Sequence[Proposal], document: Mapping[str, Any]) -> list[Proposal]:
    """Return the proposals that the record of the document does not have yet, by action and paragraph."""
    known = {(item.get("action"), item.get("locator")) for item in document.get("mentions", ())}
    return [
        item for item in proposed if (item.mention["action"], item.mention["locator"]) not in known
    ]
