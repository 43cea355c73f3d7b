"""A change of the change log in words, for those who follow the knowledge base. Rows in, text out."""

from policykb.history.entries import decode
from policykb.model.fields import Field, describe
from policykb.model.records import RECORDS
from policykb.model.vocabulary import OTHER_EVENT, SCHEMES
from policykb.text import EVENT_WORDS, capitalized, date, on_date

LONGEST_VALUE = 300
# What fields are called whose names say little to readers.
NAMES = {"as_of": "known as of", "cite": "source", "url": "address"}
LEFT_OUT = {"id", "former_ids", "cite"}


def in_words(row: dict) -> str:
    """Return a change in words: 'Status: Adopted, in force (before: Introduced, not yet in force)'.

    `row` is one of the change log, with `effect_on`: on what about.toml judges the effect, or None.
    """
    change, pointer = row["change"], row["pointer"]
    if not pointer:
        return capitalized(f"{row['kind']} {change}")
    subject, field = _subject(row["kind"], pointer, row["effect_on"])
    before, after = (_value(field, row[key]) for key in ("before", "after"))
    if change in ("withdrawn", "restored"):
        return capitalized(f"{change} {after or ''}".strip())
    if field and field.name == "cite":
        return f"{subject} {change}"
    whole = "#" in pointer.rpartition(".")[2] or (field and field.many)
    if after is None or (before is None and whole):
        return f"{subject} {change}: {after or before}"
    return f"{subject}: {after}" + (f" (before: {before})" if before else "")


def _subject(kind: str, pointer: str, effect_on: str | None) -> tuple[str, Field | None]:
    """Return what changed, such as 'Event “issued”, date', and the description of its field."""
    model, field, nouns = RECORDS.get(kind, (None, ""))[0], None, []
    steps = pointer.split(".")
    for step in steps:
        name, _, item = step.partition("#")
        field = describe(model).get(name) if model else None
        model = field.part if field else None
        noun = NAMES.get(name) or (field.option if field and item else name).replace("_", " ")
        if step != steps[-1] and item:
            noun += f" {item}" if item.isdigit() else f" “{item.replace('-', ' ')}”"
        nouns.append(noun)
    if steps[0] == "effect" and effect_on:
        nouns[0] = f"effect on {effect_on}"
    if steps == ["effect", "kind"]:
        nouns.pop()
    if steps[0] == "identifiers" and len(steps) > 1:
        nouns = [SCHEMES[steps[1]].label if steps[1] in SCHEMES else nouns[1]]
    return capitalized(", ".join(nouns)), field


def _value(field: Field | None, text: str | None) -> str | None:
    """Return a value of the change log in words, shortened; None for none."""
    value = decode(text)
    if value in (None, [], {}):
        return None
    words = " ".join(_words(field, value).split())
    return words if len(words) <= LONGEST_VALUE else words[: LONGEST_VALUE - 1] + "…"


def _words(field: Field | None, value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_words(field, item) for item in value)
    if isinstance(value, dict):
        return _part(field, value)
    text = str(value)
    if field is None:
        return text
    if field.kind == "flag":
        return "yes" if text.casefold() == "true" else "no"
    if field.vocabulary:
        labels = {term.id: term.label for term in field.terms}
        return labels.get(text) or text.replace("_", " ")
    return date(text) if field.dated else text


def _part(field: Field | None, part: dict) -> str:
    """Return a part in words: an event by its type, date and note, another part by its keys."""
    if {"on", "reason"} <= part.keys():
        return f"{on_date(part['on'])}: {part['reason']}"
    if {"type", "date"} <= part.keys() and part["type"] in EVENT_WORDS:
        words = f"{EVENT_WORDS[part['type']]} {on_date(part['date'])}"
        if part["type"] == OTHER_EVENT:
            words = date(part["date"])
        return f"{words}: {part['note']}" if part.get("note") else words
    fields = describe(field.part) if field and field.part else {}
    keys = [key for key in fields or sorted(part) if key in part and key not in LEFT_OUT]
    return "; ".join(
        f"{NAMES.get(key, key.replace('_', ' '))}: {_words(fields.get(key), part[key])}"
        for key in keys
    )
