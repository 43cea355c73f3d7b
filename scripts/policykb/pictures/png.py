"""An SVG as PNG, drawn by resvg (resvg-py, MIT, one wheel that needs nothing else), from the extra `publish`.

resvg knows neither the variables of CSS nor media queries, so both are resolved before; colors are those of the light
scheme, on its `--paper`. Its text needs a font that is not compressed: the sans serif of the pages, which the file names by its lightest weight.
"""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from policykb.model.problems import NotInstalledError, install

FONT = Path(__file__).parent / "fonts" / "source-sans-3.ttf"
FAMILY, NAME_IN_FONT = '"Source Sans 3"', '"Source Sans 3 ExtraLight"'
WIDEST = 4000  # pixels
_MEDIA = re.compile(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_DEFINED = re.compile(r"(--[a-z]+):\s*([^;}]+)")


@cache
def installed() -> bool:
    """Return whether pictures can be had as PNG."""
    return find_spec("resvg_py") is not None


def png(svg: str, width: int) -> bytes:
    """Return the picture `svg`, with the style that it holds, as a PNG `width` pixels wide, at most WIDEST.

    The same picture gives the same bytes: fonts of the machine are not used.

    :raises NotInstalledError: if the extra `publish` is not installed.
    """
    if not installed():
        raise NotInstalledError(
            "PNG needs the package resvg-py; install it with: " + install("publish")
        )
    import resvg_py

    svg = _MEDIA.sub("", svg)
    values = dict(_DEFINED.findall("".join(_STYLE.findall(svg))))  # not in the words of labels
    svg = re.sub(r"var\((--[a-z]+)\)", lambda match: values.get(match[1], "none"), svg)
    return resvg_py.svg_to_bytes(
        svg_string=svg.replace(FAMILY, NAME_IN_FONT),
        width=min(width, WIDEST),
        background=values.get("--paper"),
        skip_system_fonts=True,
        font_files=[str(FONT)],
        font_family=NAME_IN_FONT.strip('"'),
        sans_serif_family=NAME_IN_FONT.strip('"'),
    )
