"""What the templates need to know where they make a page of a static copy: where links lead, the day, a live site."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from markupsafe import Markup

from policykb.site.static_copy.addresses import ASSETS, INDEX, MISSING, Addresses, Target, quoted
from policykb.site.static_copy.browser import Engine
from policykb.text import date

HOST = "http://copy.invalid"  # what the application takes for its own address while it is copied
# Parts of the policy: of pages with a form that the browser answers, of other pages with scripts, and of copies whose
# knowledge base is read in parts, from this host and no other.
ASKS = "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; "
SCRIPTS = "script-src 'self'; worker-src 'self'; "
PARTS = "connect-src 'self'; "
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; {}form-action 'self'; base-uri 'none'"
_LINK = re.compile(rf'href="{HOST}(/[^"]*)"')


class Copy(NamedTuple):
    """What every page of a copy depends on: its addresses, its day, and the addresses of itself and of a live site, if known.

    `base` and `live` end with a slash. `parts` are what pages share, each with the pages
    that it leads to.
    """

    addresses: Addresses
    day: str
    base: str | None
    live: str | None
    engine: Engine
    parts: dict[tuple, tuple[Markup, set[Target]]]

    def with_address(self, text: str) -> str:
        """Return `text` with the address of the copy in place of the one that the application took for its own."""
        there = self.base or self.live or ""
        text = text.replace(f"{HOST}/", there)
        return text.replace(HOST.removeprefix("http://"), urlsplit(there).netloc) if there else text


@dataclass
class Page:
    """A page of a copy while it is made: the copy, its file, its address on the site, and the pages that it leads to."""

    copy: Copy
    file: str
    address: str = "/"
    targets: set[Target] = field(default_factory=set)

    def __post_init__(self) -> None:
        # The page for what is missing is shown anywhere and cannot lead relatively.
        is_absolute = self.file == MISSING and self.copy.base
        self.root = self.copy.base if is_absolute else "../" * self.file.count("/")

    @property
    def day(self) -> str:
        """The day of the copy in words."""
        return date(self.copy.day)

    @property
    def base(self) -> str | None:
        """The address of the copy."""
        return self.copy.base

    @property
    def live(self) -> str | None:
        """The address of the live site."""
        return self.copy.live

    @property
    def live_page(self) -> str | None:
        """The address of this page on the live site."""
        return self.live and self.live + self.address[1:]

    @property
    def canonical(self) -> str | None:
        """The permanent address of this page."""
        if not self.copy.base or self.file == MISSING:
            return None
        return self.copy.base + quoted(self.file).removesuffix(INDEX)

    def link(self, href: str) -> str:
        """Return where a link to `href` of the site leads: to a file, to the live site, or '' if only a server can answer it."""
        target = self.copy.addresses.target(href)
        if not target:
            return self.live + href[1:] if self.live else ""
        if target.address:
            self.targets.add(target._replace(rest="") if target.rest else target)
        return self.way(target)

    def way(self, target: Target) -> str:
        """Return the address of a file for a link on this page."""
        return self.root + quoted(target.file) + target.rest

    def asset(self, name: str) -> str:
        """Return the address of a style sheet, script or picture."""
        return self.way(Target(f"{ASSETS}/{name}"))

    def choices(self, path: str, filter: dict) -> list[tuple[str, str, bool]]:
        """Return the values of a filter for which the copy has a list: link, label and whether it is this one."""
        options = [("", "any", None), *filter["choices"]]
        links = []
        for value, label, number in options:
            target = self.copy.addresses.target(
                f"{path}?{filter['name']}={value}" if value else path
            )
            if target and target.address:
                self.targets.add(target)
                text = f"{label} ({number})" if number is not None else label
                links.append((self.way(target), text, value in filter["chosen"]))
        return links if len(links) > 1 else []

    def part(self, name: tuple, make: Callable[[], Markup]) -> Markup:
        """Return what `make` makes for `name`, made once for all pages from which its links are the same."""
        key = (*name, self.root)
        if key not in self.copy.parts:
            named, self.targets = self.targets, set()
            self.copy.parts[key] = make(), self.targets
            self.targets = named
        text, targets = self.copy.parts[key]
        self.targets |= targets
        return text

    def script(self, name: str) -> str:
        """Return the address of a script that loads the engine, with its version, so that all its parts are of one copy."""
        return self.way(Target(f"{ASSETS}/{name}", f"?v={self.copy.engine.version}"))

    def ask(self, kind: str, **names: str) -> Markup:
        """Return the attributes of a form that the browser answers; it is hidden until scripts run."""
        pairs = {"ask": kind, **names}
        attributes = [Markup(' data-{}="{}"').format(name, value) for name, value in pairs.items()]
        return Markup("").join(attributes) + Markup(" hidden")

    @property
    def costs(self) -> str:
        """What the browser loads before its first answer, in a sentence."""
        engine = self.copy.engine
        size, whole = (f"{number / 1e6:.1f} MB" for number in (engine.size, engine.whole))
        if not engine.in_parts:
            return f"The knowledge base ({size}) is loaded once, when you use the form; nothing is sent anywhere."
        return (
            f"SQLite ({size}) is loaded once, when you use the form, and parts of the knowledge base where this host gives"
            f" them; else you are asked before all of it ({whole}) is loaded. Only this host is asked."
        )

    def policy(self, scripts: bool, asks: bool = False) -> Markup:
        """Return the element that says what may run in the page: the engine, scripts of the site itself, or none."""
        allowed = ASKS if asks else SCRIPTS if scripts else ""
        if asks and self.copy.engine.in_parts:
            allowed += PARTS
        content = POLICY.format(allowed)
        return Markup('<meta http-equiv="content-security-policy" content="{}">').format(
            Markup(content)
        )

    def finished(self, text: str) -> str:
        """Return the page with the address of the copy wherever it names its own, and links by that address relative if it has none."""
        if not self.copy.base and not self.copy.live:
            text = _LINK.sub(lambda match: f'href="{self.link(match[1])}"', text)
        return self.copy.with_address(text)
