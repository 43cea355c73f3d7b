"""The texts of documents: their paragraphs, and whether locating words occur where a record says.

Texts are not part of the knowledge base; `check --texts` names a folder with files `<document-id>.txt`.
"""

import difflib
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from string import ascii_lowercase

from policykb.checks.facts import At, Knowledge
from policykb.model.problems import Fault, shown

MOST_BYTES = 16 << 20
MOST_RUNS = 2000  # to compare with a phrase that does not occur
_QUOTES = str.maketrans("‘’‚‛“”„‟‐‑‒–—−", "''''\"\"\"\"------")


def check_texts(base: Knowledge, folder: Path) -> Iterator[At]:
    """C504 to C507: each text is the version that was read, and each phrase occurs once in its paragraph."""
    texts: dict[str, dict[str, str]] = {}
    for facts in base.facts:
        file = folder / f"{facts.id}.txt"
        if not facts.text or not file.is_file() or file.stat().st_size > MOST_BYTES:
            continue
        expected, blocks, skip = facts.text
        data = file.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        if digest == expected:
            texts[facts.id] = paragraphs(data.decode(errors="replace"), blocks, skip)
        else:
            message = f"{file.name} has another SHA-256, {digest}"
            hint = "the hash of the text that was read"
            yield facts.fault("C506", ("text_sha256",), message, expected, hint)
    for facts in base.facts:
        for pointer, document, locator, words in facts.phrases:
            if document in texts:
                for fault in _judge(pointer, texts[document], document, locator, words):
                    yield facts, fault


def paragraphs(text: str, blocks: str, skip: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the countable paragraphs of a text by label: '1', '2', '5a' ... for rule `blocks` ('lines' or 'markdown')."""
    lines = (line for line in text.splitlines() if line.strip())
    counted: dict[str, str] = {}
    number = 0
    for block in _markdown(text) if blocks == "markdown" else lines:
        if isinstance(block, str) and block.strip() in skip:
            continue
        number += 1
        if isinstance(block, str):
            counted[str(number)] = block
        else:
            for letter, item in zip(ascii_lowercase, block, strict=False):
                counted[f"{number}{letter}"] = item
    return counted


_FRONT_MATTER = re.compile(r"\A---+[ \t]*\n.*?^---+[ \t]*$", re.DOTALL | re.MULTILINE)


def _markdown(text: str) -> Iterator[str | list[str]]:
    """Yield top-level paragraphs as text, top-level lists as lists of their items."""
    from markdown_it import MarkdownIt

    items: list[str] | None = None
    heading = False
    for token in MarkdownIt().parse(_FRONT_MATTER.sub("", text, count=1)):
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
    """Return `text` with uniform white space, quotes and dashes."""
    return re.sub(r"\s+", " ", text.translate(_QUOTES)).strip()


def _judge(
    pointer: tuple, text: dict[str, str], document: str, locator: str | None, words: str
) -> Iterator[Fault]:
    """Yield a fault unless `words` occur once at `locator` in the paragraphs `text` of `document`."""
    labels = _labels(text, locator)
    if labels is None:
        return
    missing = [label for label in labels if label not in text]
    if missing:
        message = f"{document} has no paragraph {missing[0]}"
        expected = f"a paragraph up to {list(text)[-1]}"
        yield Fault("C507", (*pointer[:-1], "locator"), message, locator or "", expected)
        return
    phrase, place = folded(words), folded("\n".join(text[label] for label in labels))
    count = place.count(phrase)
    where = locator or document
    if count > 1:
        message = f"'{shown(words)}' occurs {count} times in {where}"
        yield Fault("C505", pointer, message, words, "words that occur there once")
    elif count == 0:
        elsewhere = [label for label, part in text.items() if phrase in folded(part)]
        hint = f"paragraph {elsewhere[0]} has these words" if elsewhere else _closest(phrase, place)
        message = f"'{shown(words)}' does not occur in {where}" + (f" ({hint})" if hint else "")
        yield Fault("C504", pointer, message, words, "words of the text, exactly")


def _labels(text: dict[str, str], locator: str | None) -> list[str] | None:
    """Return the labels that a locator names; all labels for None; None for a locator that does not count paragraphs."""
    order = list(text)
    if locator is None:
        return order
    match = re.fullmatch(r"paragraph (\d+[a-z]?)(?:[-–](\d+[a-z]?))?", locator)
    if not match:
        return None
    first, last = match.groups()
    if last is None:
        items = [label for label in order if re.fullmatch(first + "[a-z]", label)]
        return [first] if first in text else items or [first]
    if first not in text or last not in text:
        return [first, last]
    return order[order.index(first) : order.index(last) + 1]


def _closest(phrase: str, place: str) -> str:
    """Return a hint with the run of words in `place` that is most like `phrase`, or ''."""
    words, length = place.split(), len(phrase.split())
    starts = range(min(len(words) - length + 1, MOST_RUNS))
    runs = [" ".join(words[start : start + length]) for start in starts]
    best = difflib.get_close_matches(phrase, runs, n=1)
    return f"closest: '{best[0]}'" if best else ""
