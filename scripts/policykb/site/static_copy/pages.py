"""A page of the site as a page of a static copy: links lead to files, and what needs a server says where there is one.

A parser of HTML as browsers read it is used, so that the markup stays as it was, pictures included.
"""

import html
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from policykb.site import words
from policykb.site.static_copy.addresses import (
    ASSETS,
    INDEX,
    MISSING,
    SEARCH,
    Addresses,
    Target,
    relative,
)

HOST = "http://copy.invalid"  # what the application takes for its own address while it is copied
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; {scripts}form-action 'self'; base-uri 'none'"
SEPARATORS = {"·", ","}
LONGEST_LEAD = 25  # characters before a row of links: without them it says nothing


class Copy(NamedTuple):
    """What every page of a copy depends on: its addresses, its day, and the addresses of itself and of the live site, if they are known.

    `base` and `live` end with a slash.
    """

    addresses: Addresses
    day: str
    base: str | None
    live: str | None

    @property
    def told_day(self) -> str:
        """The day in words."""
        return words.date(self.day)

    def cited(self, text: str) -> str:
        """`text` with the address that the application took for its own made that of the copy."""
        there = self.base or self.live or ""
        text = text.replace(f"{HOST}/", there)
        return text.replace(HOST.removeprefix("http://"), urlsplit(there).netloc) if there else text

    def way(self, here: str, target: Target) -> str:
        """The address of `target` for a link on the page `here`; the page for what is missing is shown anywhere and cannot lead relatively."""
        if here == MISSING and self.base:
            return self.base + relative("", target.file) + target.rest
        return relative(here, target.file) + target.rest


def rewritten(text: str, here: str, path: str, copy: Copy) -> tuple[str, set[Target]]:
    """The page `text` that stands in the file `here` and was at `path` of the site, and the pages of the site that it leads to."""
    document = LexborHTMLParser(text)
    found: set[Target] = set()
    for form in document.css("form"):
        _without_form(form, here, path, copy)
    for node in document.css(
        "link[rel=preload]"
    ):  # fonts: read from a disk, they may not be asked for across origins
        node.remove()
    for node in document.css(".unasked"):
        node.remove()
    if not copy.live:
        for node in document.css("p, span"):
            _without_row(node, copy)
    for name in ("href", "src"):
        for node in document.css(f"[{name}]"):
            _lead(node, name, here, copy, found)
    _frame(document, here, copy)
    return copy.cited(document.html) + "\n", found


def _lead(node: LexborNode, name: str, here: str, copy: Copy, found: set[Target]) -> None:
    """Make a link or a source lead to a file, to the live site, or nowhere."""
    href = node.attributes.get(name) or ""
    if not copy.base and not copy.live:
        href = href.removeprefix(HOST)
    if not href.startswith("/"):
        return
    target = copy.addresses.target(href)
    if target:
        if target.address:
            found.add(target._replace(rest=""))
        node.attrs[name] = copy.way(here, target)
    elif copy.live:
        node.attrs[name] = copy.live + href[1:]
    elif node.tag == "a":
        _drop(node)
    else:
        node.remove()


def _without_row(block: LexborNode, copy: Copy) -> None:
    """Take out a block that is a row of links which only a server can answer."""
    links = block.css("a[href]")
    if links and all(
        (href := link.attributes["href"] or "").startswith("/") and not copy.addresses.target(href)
        for link in links
    ):
        lead = len(block.text(strip=True)) - sum(len(link.text(strip=True)) for link in links)
        if lead <= LONGEST_LEAD:
            block.remove()


def _drop(link: LexborNode) -> None:
    """Take a link out: with its separator where it is one of a row of links, else leaving its words."""
    before, after = link.prev, link.next
    if link.parent.tag == "nav":  # to a part of a list or of time that the copy has not
        link.remove()
    elif before is not None and before.tag == "-text" and _said(before).rstrip()[-1:] in SEPARATORS:
        before.replace_with(_said(before).rstrip()[:-1].rstrip())
        link.remove()
    elif after is not None and after.tag == "-text" and _said(after).lstrip()[:1] in SEPARATORS:
        after.replace_with(_said(after).lstrip()[1:].lstrip())
        link.remove()
    else:
        link.unwrap()


def _said(node: LexborNode) -> str:
    return node.text(deep=False)


def _without_form(form: LexborNode, here: str, path: str, copy: Copy) -> None:
    """Let a form search in the browser, or put what the copy has in its place."""
    action = form.attributes.get("action") or ""
    if urlsplit(action).path == "/search":
        form.attrs["action"] = copy.way(here, Target(SEARCH))
        return
    classes = (form.attributes.get("class") or "").split()
    live = (
        f'<a href="{html.escape(copy.live + path[1:])}">on the live site</a>' if copy.live else ""
    )
    if "known-form" in classes:
        said = f"What was said here on another day is {live}." if live else ""
    elif "asof" in classes:
        said = f"As of {copy.told_day}, the day of this copy." + (
            f" Other days are {live}." if live else ""
        )
    elif "ask" in classes:
        said = f"Asked with other values it answers {live or 'on a live site, or on the command line'}."
    else:
        said = f"Words, other days and several filters at once are {live}." if live else ""
    choices = "".join(_choices(form, action, here, copy))
    made = (f'<nav class="choices" aria-label="Filters">{choices}</nav>' if choices else "") + (
        f'<p class="small soft">{said}</p>' if said else ""
    )
    for node in _nodes(made):
        form.insert_before(node)
    form.remove()


def _choices(form: LexborNode, action: str, here: str, copy: Copy) -> Iterator[str]:
    """The choices of each filter as links to the lists that it gives."""
    for select in form.css("select"):
        name, label = select.attributes["name"], form.css_first(f"label[for={select.id}]")
        items = []
        for option in select.css("option"):
            value = option.attributes.get("value") or ""
            target = copy.addresses.target(f"{action}?{name}={value}" if value else action)
            if target and target.address:
                current = ' aria-current="true"' if "selected" in option.attributes else ""
                items.append(
                    f'<li><a href="{html.escape(f"{action}?{name}={value}" if value else action)}"{current}>{html.escape(option.text().strip())}</a></li>'
                )
        if len(items) > 1:
            yield f"<details><summary>{html.escape(label.text().strip() if label else name)}</summary><ul>{''.join(items)}</ul></details>"


def policy(scripts: bool) -> str:
    """Return the element that says what may run in a page: scripts of the site itself, or none."""
    content = POLICY.format(scripts="script-src 'self'; " if scripts else "")
    return f'<meta http-equiv="content-security-policy" content="{content}">'


def _frame(document: LexborHTMLParser, here: str, copy: Copy) -> None:
    """Add what every page of the copy has: its security policy, its look, its permanent address, and that it is a copy."""
    head = policy(scripts=bool(document.css("script[src]")))
    style = f'<link rel="stylesheet" href="{copy.way(here, Target(f"{ASSETS}/copy.css"))}"><link rel="icon" href="{copy.way(here, Target(f"{ASSETS}/icon.png"))}">'
    if copy.base and here != MISSING:
        style += f'<link rel="canonical" href="{html.escape(copy.base + relative("", here).removesuffix(INDEX))}">'
    first = document.css_first("head > meta[charset]")
    for node in reversed(list(_nodes(head))):
        first.insert_after(node)
    for node in _nodes(style):
        document.head.insert_child(node)
    foot = document.css_first("footer.site > div")
    if foot:
        live = (
            f' The <a href="{html.escape(copy.live)}">live site</a> has every day, every filter and SQL.'
            if copy.live
            else ""
        )
        for node in _nodes(
            f"<p>This is a copy of {copy.told_day} that works without a server.{live}</p>"
        ):
            foot.insert_child(node)


def _nodes(text: str) -> Iterator[LexborNode]:
    """The elements of a piece of HTML."""
    holder = LexborHTMLParser(f"<!doctype html><body><div>{text}</div>").css_first("div")
    return (node for node in list(holder.iter(include_text=False)))
