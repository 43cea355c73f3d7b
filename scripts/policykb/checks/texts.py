"""The texts that were read: their paragraphs, and whether locating words stand where a record says.

Texts are not part of the knowledge base; a folder of `<document-id>.txt` is given when they are at hand.
Markdown is read by markdown-it-py.
"""

import difflib
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from string import ascii_lowercase

from policykb.checks.facts import At, Knowledge
from policykb.model.problems import Finding, shown

MOST_BYTES = 16 << 20
_QUOTES = str.maketrans("‘’‚‛“”„‟‐‑‒–—−", "''''\"\"\"\"------")


def check_texts(base: Knowledge, folder: Path) -> Iterator[At]:
    """C504 to C507: each text is the one that was read, and each phrase stands once in the paragraph named."""
    read: dict[str, dict[str, str] | None] = {}
    for facts in base.facts:
        if facts.kind == "document" and facts.text:
            place = folder / f"{facts.id}.txt"
            if place.is_file() and place.stat().st_size <= MOST_BYTES:
                data = place.read_bytes()
                found = hashlib.sha256(data).hexdigest()
                if found != facts.text[0]:
                    yield (
                        facts,
                        Finding(
                            "C506",
                            ("text_sha256",),
                            f"{place.name} has another SHA-256, {found}",
                            facts.text[0],
                            "the hash of the text that was read",
                        ),
                    )
                else:
                    read[facts.id] = paragraphs(
                        data.decode(errors="replace"), facts.text[1], facts.text[2]
                    )
    for facts in base.facts:
        for pointer, document, locator, words in facts.phrases:
            if read.get(document) is not None:
                yield from (
                    (facts, finding)
                    for finding in _judge(pointer, read[document], document, locator, words)
                )


def paragraphs(text: str, blocks: str, skip: tuple[str, ...] = ()) -> dict[str, str]:
    """The countable paragraphs of a text by label: '1', '2', '5a' ... for rule `blocks` ('lines' or 'markdown')."""
    found = (
        _markdown(text)
        if blocks == "markdown"
        else (line for line in text.splitlines() if line.strip())
    )
    counted: dict[str, str] = {}
    number = 0
    for block in found:
        if isinstance(block, str) and block.strip() in skip:
            continue
        number += 1
        if isinstance(block, str):
            counted[str(number)] = block
        else:
            counted.update(
                (f"{number}{letter}", item)
                for letter, item in zip(ascii_lowercase, block, strict=False)
            )
    return counted


def _markdown(text: str) -> Iterator[str | list[str]]:
    """Top-level paragraphs as text, top-level lists as lists of their items."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.front_matter import front_matter_plugin

    items: list[str] | None = None
    heading = False
    for token in MarkdownIt().use(front_matter_plugin).parse(text):
        if token.level == 0 and token.type in ("bullet_list_open", "ordered_list_open"):
            items = []
        elif token.level == 0 and token.type in ("bullet_list_close", "ordered_list_close"):
            yield items
            items = None
        elif token.type == "list_item_open" and token.level == 1:
            items.append("")
        elif token.type == "inline" and items is not None:
            items[-1] = f"{items[-1]} {_plain(token)}".strip()
        elif token.type == "inline" and token.level == 1 and not heading:
            yield _plain(token)
        heading = token.type == "heading_open"


def _plain(token: object) -> str:
    return "".join(
        "\n" if child.type in ("softbreak", "hardbreak") else child.content
        for child in token.children
    )


def folded(text: str) -> str:
    """`text` with white space, quotes and dashes made alike."""
    return re.sub(r"\s+", " ", text.translate(_QUOTES)).strip()


def _judge(
    pointer: tuple, text: dict[str, str], document: str, locator: str | None, words: str
) -> Iterator[Finding]:
    where = _labels(text, locator)
    if where is None:
        return
    missing = [label for label in where if label not in text]
    if missing:
        yield Finding(
            "C507",
            (*pointer[:-1], "locator"),
            f"{document} has no paragraph {missing[0]}",
            locator or "",
            f"a paragraph up to {list(text)[-1]}",
        )
        return
    wanted, place = folded(words), folded("\n".join(text[label] for label in where))
    count = place.count(wanted)
    if count > 1:
        yield Finding(
            "C505",
            pointer,
            f"'{shown(words)}' stands {count} times in {locator or document}",
            words,
            "words that stand there once",
        )
    elif count == 0:
        elsewhere = [label for label, part in text.items() if wanted in folded(part)]
        hint = f"paragraph {elsewhere[0]} has these words" if elsewhere else _closest(wanted, place)
        yield Finding(
            "C504",
            pointer,
            f"'{shown(words)}' does not stand in {locator or document}"
            + (f" ({hint})" if hint else ""),
            words,
            "words of the text, exactly",
        )


def _labels(text: dict[str, str], locator: str | None) -> list[str] | None:
    """The labels that a locator names; all without one; None for a locator that does not count paragraphs."""
    if locator is None:
        return list(text)
    match = re.fullmatch(r"paragraph (\d+[a-z]?)(?:[-–](\d+[a-z]?))?", locator)
    if not match:
        return None
    first, last = match.groups()
    if last is None:
        return (
            [first]
            if first in text
            else [label for label in text if re.fullmatch(first + "[a-z]", label)] or [first]
        )
    order = list(text)
    if first not in text or last not in text:
        return [first, last]
    return order[order.index(first) : order.index(last) + 1]


def _closest(wanted: str, place: str) -> str:
    """A run of `place` with as many words as `wanted` and most like it, as a suggestion."""
    words, length = place.split(), len(wanted.split())
    runs = [
        " ".join(words[start : start + length])
        for start in range(min(len(words) - length + 1, 2000))
    ]
    best = difflib.get_close_matches(wanted, runs, n=1)
    return f"closest: '{best[0]}'" if best else ""
