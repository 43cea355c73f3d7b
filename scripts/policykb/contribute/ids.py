"""Ids for new records, in the style of those that are there."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from slugify import slugify

from policykb.files.catalogue import NAMED_BY
from policykb.files.knowledge import host
from policykb.model.vocabulary import IDEAS, PUBLIC_KINDS

MOST = 80
LONG = 50
_SMALL = (
    "a",
    "an",
    "and",
    "as",
    "at",
    "by",
    "for",
    "from",
    "in",
    "into",
    "is",
    "it",
    "its",
    "of",
    "on",
    "or",
    "that",
    "the",
    "their",
    "this",
    "to",
    "with",
)
# Schemes whose numbers name an action well, and how the number is written in an id.
_NUMBERS = {
    "eo": "eo-{}",
    "us_bill": "{}",
    "us_state_bill": "{}",
    "us_memorandum": "{}",
    "us_public_law": "pl-{}",
    "eu_number": "{}",
}


def proposed(kind: str, content: Mapping[str, Any], taken: Collection[str]) -> str:
    """An id for `content`: ASCII, at most 80 characters, not `taken`; `new-<kind>` if there is nothing to make it from.

    Actions: jurisdiction and number, or jurisdiction, words and year. Documents: family names, year and words. Others: words.
    """
    made = _READERS.get(kind, _words_of_title)(content)
    made = _cut(made, MOST) or f"new-{kind}"
    if made not in taken:
        return made
    return next(
        id
        for number in range(2, len(taken) + 3)
        if (id := f"{_cut(made, MOST - 5)}-{number}") not in taken
    )


def words(text: str, most: int = LONG, small: Collection[str] = _SMALL) -> str:
    """The words of `text` as a part of an id, without `small` words, up to `most` characters; those of other scripts in Latin letters."""
    text = re.sub(r"['’]", "", re.sub(r"\([^)]*\)", " ", text[:300])) or text[:300]
    return slugify(
        text, max_length=most, word_boundary=True, save_order=True, stopwords=small
    ) or slugify(text, max_length=most)


def _cut(id: str, most: int) -> str:
    return slugify(id, max_length=most, word_boundary=True, save_order=True)


def _action(content: Mapping[str, Any]) -> str:
    title = content.get("short_title") or content.get("title", "")
    named = {
        scheme: values[0] if isinstance(values, list) else values
        for scheme, values in content.get("identifiers", {}).items()
        if values
    }
    if content.get("part_of") and named.get("provision"):
        return f"{content['part_of']}-{slugify(named['provision'])}"
    if content.get("instrument") in IDEAS:
        return f"option-{words(title)}"
    place = content.get("jurisdiction", "")
    place = "" if place in ("no-jurisdiction", "international") else place
    year = min(
        (event["date"][:4] for event in content.get("events", ()) if event.get("date")), default=""
    )
    for scheme, form in _NUMBERS.items():
        if number := named.get(scheme):
            # The number of a bill says little and comes again in another congress.
            more = (words(title, 30), year) if scheme == "us_bill" else ()
            return "-".join(filter(None, (place, _number(scheme, number, form), *more)))
    held = words(title)
    year = "" if year in held else year
    return "-".join(
        part for part in ("" if held.startswith(f"{place}-") else place, held, year) if part
    )


def _number(scheme: str, number: str, form: str) -> str:
    """A number as the ids have it: hr8315 of 'hr8315-118', sb1047-2023 of 'CA SB 1047 (2023-24)', eo-14409."""
    if scheme == "us_state_bill" and (
        match := re.fullmatch(
            r"[A-Z]{2} ([A-Z]+) ?(\d+[A-Z]?)(?: \((\d{4})[^,]*(?:, (.+))?\))?", number
        )
    ):
        return "-".join(
            filter(None, (slugify(match[1] + match[2]), match[3], slugify(match[4] or "")))
        )
    return form.format(slugify(number.partition("-")[0] if scheme == "us_bill" else number))


def _document(content: Mapping[str, Any]) -> str:
    authors = [
        author.get("organization") or author.get("family") for author in content.get("authors", ())
    ]
    who = "-".join(words(name, 24, ()) for name in authors[:3] if name) or words(
        content.get("publisher") or content.get("container") or "", 24
    )
    if not who and content.get("url"):
        labels = host(content["url"]).split(".")
        who = words(max(labels[:-1] or labels, key=len), 24, ())
    issued = content.get("issued") or ""
    return "-".join(
        filter(None, (who, issued[:4], words(content.get("title", "").strip("[]"), 36)))
    )


def _organization(content: Mapping[str, Any]) -> str:
    public = content.get("kind") in PUBLIC_KINDS and content.get("jurisdiction") not in (
        None,
        "no-jurisdiction",
        "international",
    )
    short = words(content.get("short_name") or content.get("name", ""))
    place = content.get("jurisdiction", "")
    return (
        f"{place}-{short}"
        if public and short and not short.startswith(f"{place}-")
        else words(content.get("name", ""), small=())
    )


def _statement(content: Mapping[str, Any]) -> str:
    return words(content.get("title") or content.get("text", ""), small=("a", "an", "the"))


def _words_of_title(content: Mapping[str, Any]) -> str:
    return words(next((content[key] for key in set(NAMED_BY.values()) if content.get(key)), ""))


_READERS = {
    "action": _action,
    "document": _document,
    "organization": _organization,
    "argument": _statement,
    "claim": _statement,
}
