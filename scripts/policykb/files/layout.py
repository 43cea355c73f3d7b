"""The layout of files under policies/: records as TOML text, edits that keep comments and order, and the canonical form.

The canonical form is that of the formatter Tombi without settings, which editors use too; the order of keys in a
new file is that of the record types. Values never change with the layout, and that is checked.
"""

import datetime
import os
import re
import shutil
import subprocess
import sysconfig
import tempfile
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import rtoml
import tomlkit

from policykb.model import dates, event_ids
from policykb.model import records as model
from policykb.model.fields import Part, describe
from policykb.model.problems import NotDone, shown

WIDTH = 100


class Unlike(NotDone):
    """The edit does not give what was meant in this layout; the file was left as it is."""


def document(text: str) -> tomlkit.TOMLDocument:
    """`text` as a document that can be edited.

    :raises Unlike: if it is not TOML to the parser that edits, which is stricter than the one that reads.
    """
    try:
        return tomlkit.parse(text)
    except (ValueError, RecursionError) as error:
        raise Unlike(f"the file cannot be edited: {shown(str(error), 200)}") from None


def canonical(text: str) -> str:
    """`text` in the canonical layout; as it is if it is not TOML."""
    return canonical_all({"": text})[""]


def canonical_all(texts: Mapping[str, str]) -> dict[str, str]:
    """Each of `texts` in the canonical layout; as it is if it is not TOML, or if a value would change.

    :raises OSError: if the formatter is not there or does not end.
    """
    with tempfile.TemporaryDirectory() as folder:
        places = {name: Path(folder, f"{number}.toml") for number, name in enumerate(texts)}
        for name, place in places.items():
            place.write_text(texts[name], encoding="utf-8", newline="\n")
        # An empty home keeps settings of the user's own out of it; the answer tells no more than the files do.
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": folder,
            "XDG_CONFIG_HOME": folder,
            "XDG_CACHE_HOME": folder,
            "NO_COLOR": "1",
        }
        try:
            subprocess.run(
                [_formatter(), "format", "--offline", "--quiet", "."],
                cwd=folder,
                env=environment,
                capture_output=True,
                timeout=300,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise OSError("the formatter did not end") from None
        done = {name: place.read_text(encoding="utf-8") for name, place in places.items()}
    return {
        name: text if text != texts[name] and _same(text, texts[name]) else texts[name]
        for name, text in done.items()
    }


def _same(one: str, other: str) -> bool:
    """Whether two texts are TOML and hold the same values. The end of a line is no part of a value, on any system."""
    try:
        return _values(one) == _values(other)
    except (ValueError, RecursionError):
        return False


def _values(text: str) -> dict[str, Any]:
    return rtoml.loads(text.replace("\r\n", "\n"))


def _formatter() -> str:
    found = shutil.which("tombi", path=sysconfig.get_path("scripts")) or shutil.which("tombi")
    if not found:
        raise OSError("the formatter tombi is not installed")
    return found


def composed(kind: type[Part], content: Mapping[str, Any]) -> str:
    """`content`, the keys and values of a record of type `kind`, as the text of a file in canonical layout.

    Events that have no id get one.
    """
    return canonical(drafted(kind, content))


def drafted(kind: type[Part], content: Mapping[str, Any]) -> str:
    """As `composed`, before the layout is made canonical; for many files, whose layout is made at once."""
    if kind is model.Action and content.get("events"):
        content = {**content, "events": event_ids.with_ids(content["events"])}
    document = tomlkit.document()
    _fill(document, kind, content, tables=True)
    return document.as_string()


def entry(kind: type[Part], id: str, content: Mapping[str, Any]) -> str:
    """`content` as the entry `id` of a file of many records."""
    document = tomlkit.document()
    document[id] = table(kind, content)
    return canonical(document.as_string())


def table(kind: type[Part], content: Mapping[str, Any]) -> tomlkit.items.Table:
    """`content` as a table of the record type or part `kind`."""
    made = tomlkit.table()
    _fill(made, kind, content, tables=False)
    return made


def inline(kind: type[Part], content: Mapping[str, Any]) -> tomlkit.items.InlineTable:
    """`content` as an inline table of the part `kind`."""
    made = tomlkit.inline_table()
    for name in _ordered(kind, content):
        made[name] = value(kind, name, content[name])
    return made


def _fill(target: Any, kind: type[Part], content: Mapping[str, Any], tables: bool) -> None:
    """Write `content` into a document or table: plain keys, then tables, then lists of tables, each in the order of the type."""
    later: list[tuple[str, Any]] = []
    for name in _ordered(kind, content):
        held = content[name]
        part = part_of(kind, name)
        if isinstance(held, Mapping) and not (part and part.inline):
            later.append((name, table(part, held) if part else _plain(held)))
        elif tables and part and isinstance(held, list) and not part.inline:
            listed = tomlkit.aot()
            for item in held:
                listed.append(table(part, item))
            later.append((name, listed))
        else:
            target[name] = value(kind, name, held)
    for name, made in sorted(later, key=lambda pair: isinstance(pair[1], tomlkit.items.AoT)):
        target[name] = made


def _plain(content: Mapping[str, Any]) -> tomlkit.items.Table:
    made = tomlkit.table()
    for name, held in content.items():
        made[name] = held
    return made


def _ordered(kind: type[Part], content: Mapping[str, Any]) -> list[str]:
    """The keys of `content` that have a value, in the order of the type, those it does not know last."""
    fields = list(describe(kind))
    known = [name for name in fields if name in content]
    return [
        name
        for name in [*known, *(name for name in content if name not in fields)]
        if content[name] not in (None, [], {}, "")
    ]


def value(kind: type[Part], name: str, held: Any) -> Any:
    """A value as it is written under the key `name` of `kind`: full days as dates, long text over several lines."""
    field = describe(kind).get(name)
    part = field.part if field else None
    if part and isinstance(held, list):
        listed = tomlkit.array()
        for item in held:
            listed.append(inline(part, item))
        return _spread(listed)
    if part and isinstance(held, Mapping):
        return inline(part, held)
    if isinstance(held, str) and field and field.dated and dates.is_day(held):
        return datetime.date.fromisoformat(held)
    if isinstance(held, str) and (
        "\n" in held or (field and field.kind == "text" and len(held) > WIDTH + 20)
    ):
        # A line break right after the quotes is not part of the value; it is there for the eye.
        return tomlkit.value(
            '"""\n' + tomlkit.string(_wrapped(held) + "\n", multiline=True).as_string()[3:]
        )
    if isinstance(held, list):
        return _spread(tomlkit.item(held))
    return held


def _spread(listed: tomlkit.items.Array) -> tomlkit.items.Array:
    """An array of one line, or of a line an item if that is too long; the formatter leaves both."""
    return listed.multiline(len(listed.as_string()) > WIDTH)


def _wrapped(text: str) -> str:
    """Paragraphs broken into lines; those with lists or other marks of Markdown at the start of a line stay as they are."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(
        part
        if re.search(r"^\s*([-*+>|#]|\d+[.)])\s|^\s{4}|  $", part, re.MULTILINE)
        else textwrap.fill(part, WIDTH, break_long_words=False, break_on_hyphens=False)
        for part in paragraphs
    )


def part_of(kind: type[Part], name: str) -> type[Part] | None:
    """Return the type of the parts under the key `name` of `kind`, or None if it holds plain values."""
    field = describe(kind).get(name)
    return field.part if field else None


def edited(before: str, document: tomlkit.TOMLDocument, meant: Mapping[str, Any]) -> str:
    """The text of an edited `document`, in canonical layout if `before` was. Raises as `edited_all` does."""
    return edited_all({"": (before, document, meant)})[""]


def edited_all(
    edits: Mapping[str, tuple[str, tomlkit.TOMLDocument, Mapping[str, Any]]],
) -> dict[str, str]:
    """The texts of edited documents, each in canonical layout if it was so before. `edits` are (before, document, meant) by name.

    :raises Unlike: if one does not say what was `meant`, or its layout cannot be kept.
    """
    texts = {name: document.as_string() for name, (_, document, _) in edits.items()}
    befores = canonical_all({name: before for name, (before, _, _) in edits.items()})
    texts |= canonical_all(
        {name: text for name, text in texts.items() if befores[name] == edits[name][0]}
    )
    for name, (_, _, meant) in edits.items():
        if rtoml.loads(texts[name]) != meant:
            raise Unlike(
                f"{name or 'the file'}: the edit cannot be made in this layout; run `policykb fix` on the file first"
            )
    return texts
