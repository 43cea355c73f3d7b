"""Entries -> an Atom feed (RFC 4287), written by feedgen, which refuses a feed without what the specification asks for.

No time in it comes from the clock: entries have the time of the commit or the event, the feed that of its newest entry.
"""

import re
from html import escape
from urllib.parse import quote

from policykb.exports.follow import LABELS, Entry, Told

MEDIA = "application/atom+xml"
_CONTROL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def written(told: Told, title: str, path: str, page: str, base: str, entries: list[Entry]) -> str:
    """The feed `title`, which stands at `path` and belongs to `page`; addresses begin with `base`."""
    from feedgen.feed import FeedGenerator

    base = base.rstrip("/")
    feed = FeedGenerator()
    feed.id(tag(told, path.strip("/").removesuffix(".atom")))
    feed.title(_clean(title))
    feed.subtitle(_clean(told.description))
    feed.author(name=_clean(told.title))
    feed.rights(_clean(told.licence))
    feed.link(href=base + path, rel="self", type=MEDIA)
    feed.link(href=base + page, rel="alternate", type="text/html")
    feed.updated(max((entry.time for entry in entries), default=told.time))
    feed.generator("policykb")
    for entry in entries:
        item = feed.add_entry(order="append")
        item.id(tag(told, entry.key))
        item.title(_clean(entry.title))
        item.updated(entry.time)
        item.link(href=base + entry.path, rel="alternate", type="text/html")
        item.category(term=entry.kind, label=LABELS[entry.kind])
        # feedgen takes markup for type html and escapes it once; the text in it is escaped here.
        item.content(
            "".join(f"<p>{escape(_clean(line))}</p>" for line in entry.lines) or "<p></p>",
            type="html",
        )
    return feed.atom_str(pretty=True).decode()


def tag(told: Told, key: str) -> str:
    """A tag URI (RFC 4151) that stays: it names the thing, not the address at which it is published."""
    authority, _, within = told.authority.partition(":")
    return f"tag:{authority}:{quote('/'.join(filter(None, (within, key))), safe='/-._~')}"


def _clean(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return _CONTROL.sub(" ", text)
