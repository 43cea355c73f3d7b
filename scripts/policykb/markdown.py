"""The Markdown of records as HTML that cannot do anything: no raw HTML, no pictures, links only to the web."""

import re
from functools import cache, lru_cache

from markdown_it import MarkdownIt
from markupsafe import Markup


@cache
def _markdown() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "breaks": False}).disable(
        ["image", "heading", "lheading", "hr"]
    )
    reader.validateLink = lambda url: bool(re.match(r"https?://", url, re.IGNORECASE))

    def link_open(self, tokens, index, options, env):
        tokens[index].attrSet("rel", "nofollow noopener")
        return self.renderToken(tokens, index, options, env)

    reader.add_render_rule("link_open", link_open)
    return reader


@lru_cache(maxsize=4096)
def markdown(text: str | None) -> Markup:
    """Markdown as HTML: no raw HTML, no images, no headings, links only to http and https."""
    return Markup(_markdown().render(text or ""))


@lru_cache(maxsize=4096)
def inline(text: str | None) -> Markup:
    """Markdown of one paragraph as HTML without the paragraph."""
    return Markup(_markdown().renderInline(" ".join((text or "").split())))


def web(url: str | None) -> str | None:
    """`url` if it leads to the web, else None: nothing else is ever linked."""
    return url if url and re.match(r"https?://[^\s]", url, re.IGNORECASE) else None
