"""Ids for new records: of those that people describe, and of those that come from sources."""

import re
from collections.abc import Collection, Container, Iterable, Mapping
from contextlib import suppress
from typing import Any

from policykb.files.catalogue import free_id, numbered
from policykb.model.addresses import host
from policykb.model.records import LONGEST_ID
from policykb.model.vocabulary import IDEAS, PUBLIC_KINDS

LONG = 50
_MOST_AUTHORS = 3
_MOST_WORDS = 5
_SMALL = tuple(
    "a an and as at by for from in into is it its of on or that the their this to with".split()
)
_LEFT_OUT = frozenset("a an the is are be was were of would will should could can may must".split())
_PLACELESS = (None, "", "no-jurisdiction", "international")
# Schemes whose numbers name an action well, and how the number is written in an id.
_NUMBERS = {
    "eo": "eo-{}",
    "us_bill": "{}",
    "us_state_bill": "{}",
    "us_memorandum": "{}",
    "us_public_law": "pl-{}",
    "eu_number": "{}",
}


def proposed(kind: str, content: Mapping[str, Any], used: Container[str]) -> str:
    """Return an id that is not in `used`; `new-<kind>` if `content` has nothing to make it from.

    Actions: jurisdiction and number, or jurisdiction, words and year. Documents: family names, year and words. Others: words.
    """
    if kind in _READERS:
        wanted = _READERS[kind](content)
    else:
        wanted = words(content.get("name") or content.get("title") or "")
    wanted = slugify(wanted, max_length=LONGEST_ID, word_boundary=True, save_order=True)
    return free_id(wanted or f"new-{kind}", used)


def exported() -> dict[str, Any]:
    """Return the words and forms of numbers by which a browser proposes the same ids, as JSON values.

    `letters` are the Latin and other common letters that are written in other letters than their base.
    """
    letters = {}
    with suppress(ModuleNotFoundError):  # without the extra `edit`
        import text_unidecode

        common = [*range(0xA0, 0x250), *range(0x2010, 0x2122)]
        letters = {chr(code): text_unidecode.unidecode(chr(code)) for code in common}
    return {
        "numbers": _NUMBERS,
        "small": _SMALL,
        "placeless": [place or "" for place in _PLACELESS],
        "ideas": sorted(IDEAS),
        "letters": letters,
    }


def slugify(text: str, **options: Any) -> str:
    """Return `text` in the letters of ids, as python-slugify gives it, which has the options."""
    from slugify import slugify  # of the extra `edit`; the site imports this module without it

    return slugify(text, **options)


def words(text: str, most: int = LONG, small: Collection[str] = _SMALL) -> str:
    """Return the words of `text` as a part of an id, in Latin letters, without `small` words."""
    text = re.sub(r"['’]", "", re.sub(r"\([^)]*\)", " ", text[:300])) or text[:300]
    return slugify(
        text, max_length=most, word_boundary=True, save_order=True, stopwords=small
    ) or slugify(text, max_length=most)


def _joined(*parts: str | None) -> str:
    return "-".join(filter(None, parts))


def _action(content: Mapping[str, Any]) -> str:
    title = content.get("short_title") or content.get("title", "")
    numbers = {
        scheme: values[0] if isinstance(values, list) else values
        for scheme, values in content.get("identifiers", {}).items()
        if values
    }
    if content.get("part_of") and numbers.get("provision"):
        return f"{content['part_of']}-{slugify(numbers['provision'])}"
    if content.get("instrument") in IDEAS:
        return f"option-{words(title)}"
    place = content.get("jurisdiction")
    place = "" if place in _PLACELESS else place
    dates = [event["date"] for event in content.get("events", ()) if event.get("date")]
    year = min(dates, default="")[:4]
    for scheme, form in _NUMBERS.items():
        if number := numbers.get(scheme):
            # The number of a bill says little and comes again in another congress.
            more = (words(title, 30), year) if scheme == "us_bill" else ()
            return _joined(place, _number(scheme, number, form), *more)
    name = words(title)
    return _joined(
        "" if name.startswith(f"{place}-") else place, name, "" if year in name else year
    )


def _number(scheme: str, number: str, form: str) -> str:
    """Return a number as ids have it: hr8315 of 'hr8315-118', sb1047-2023 of 'CA SB 1047 (2023-24)'."""
    state_bill = r"[A-Z]{2} ([A-Z]+) ?(\d+[A-Z]?)(?: \((\d{4})[^,]*(?:, (.+))?\))?"
    if scheme == "us_state_bill" and (match := re.fullmatch(state_bill, number)):
        return _joined(slugify(match[1] + match[2]), match[3], slugify(match[4] or ""))
    return form.format(slugify(number.partition("-")[0] if scheme == "us_bill" else number))


def _document(content: Mapping[str, Any]) -> str:
    authors = content.get("authors", ())[:3]
    names = [author.get("organization") or author.get("family") for author in authors]
    publisher = content.get("publisher") or content.get("container") or ""
    who = _joined(*(words(name, 24, ()) for name in names if name)) or words(publisher, 24)
    if not who and content.get("url"):
        labels = host(content["url"]).split(".")
        who = words(max(labels[:-1] or labels, key=len), 24, ())
    year = (content.get("issued") or "")[:4]
    return _joined(who, year, words(content.get("title", "").strip("[]"), 36))


def _organization(content: Mapping[str, Any]) -> str:
    place = content.get("jurisdiction")
    public = content.get("kind") in PUBLIC_KINDS
    short = words(content.get("short_name") or content.get("name", ""))
    if public and place not in _PLACELESS and short and not short.startswith(f"{place}-"):
        return f"{place}-{short}"
    return words(content.get("name", ""), small=())


def _statement(content: Mapping[str, Any]) -> str:
    return words(content.get("title") or content.get("text", ""), small=("a", "an", "the"))


_READERS = {
    "action": _action,
    "document": _document,
    "organization": _organization,
    "argument": _statement,
    "claim": _statement,
}


def slug(*parts: str, most: int = LONGEST_ID) -> str:
    """Return `parts` as an id, cut between words; '' if nothing remains."""
    return slugify("-".join(parts)[:500], max_length=most, word_boundary=True).strip("-")


def document_id(names: list[str], issued: str | None, title: str, used_ids: dict[str, int]) -> str:
    """Return the id of a document of a source: family names, or one of many; year; words of its title."""
    names = names if len(names) <= _MOST_AUTHORS else names[:1]
    families = [slug(name, most=30) for name in names]
    all_words = slug(re.split(r"[:?!.]\s", title, maxsplit=1)[0]).split("-")
    main_words = [word for word in all_words if word not in _LEFT_OUT] or all_words
    return unique([*families, (issued or "")[:4], *main_words[:_MOST_WORDS]], used_ids)


def unique(parts: Iterable[str], used_ids: dict[str, int]) -> str:
    """Return the parts as one id, with a number behind it if `used_ids` has it; add it there.

    `used_ids` counts how often an id was wanted, so that a source with many records of one name is numbered in linear time.
    """
    wanted = slug("-".join(filter(None, parts))) or "record"
    record_id = wanted
    while record_id in used_ids:
        used_ids[wanted] += 1
        record_id = numbered(wanted, used_ids[wanted])
    used_ids[record_id] = 1
    return record_id
