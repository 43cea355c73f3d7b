"""The Markdown of records as harmless HTML: no raw HTML, no pictures, links only to the web."""

import re
from functools import cache, lru_cache

from markdown_it import MarkdownIt
from markupsafe import Markup

from policykb.model.addresses import mixes_scripts


@cache
def _markdown() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "breaks": False}).disable(
        ["image", "heading", "lheading", "hr"]
    )
    reader.validateLink = lambda url: web(url) is not None

    def link_open(self, tokens, index, options, env):
        tokens[index].attrSet("rel", "nofollow noopener")
        return self.renderToken(tokens, index, options, env)

    reader.add_render_rule("link_open", link_open)
    return reader


@lru_cache(maxsize=4096)
def markdown(text: str | None) -> Markup:
    """Return Markdown as HTML without raw HTML, images and headings, and with links to http and https only."""
    return Markup(_markdown().render(text or ""))


@lru_cache(maxsize=4096)
def inline(text: str | None) -> Markup:
    """Return the Markdown of one paragraph as HTML without its <p>."""
    return Markup(_markdown().renderInline(" ".join((text or "").split())))


@lru_cache(maxsize=4096)
def web(url: str | None) -> str | None:
    """Return `url` if it leads to the web and to the host that it shows, else None. Pages link nothing else."""
    match = re.match(r"https?://([^\s/?#\\%@]+)(?=[/?#]|$)[^\s\\]*$", url or "", re.IGNORECASE)
    return url if match and not mixes_scripts(match[1]) else None
