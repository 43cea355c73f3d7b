"""The finder behind the page /find and the tool for agents: off unless the service was started with it.

It works in a process of its own, one text at a time; texts are not stored.
"""

import asyncio
import os
import threading
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from policykb.site.params import RefusedError, checked_day
from policykb.site.published import names
from policykb.site.state import state_of

if TYPE_CHECKING:
    from policykb.finding.report import Report

VARIABLE = "POLICYKB_FIND"  # set to 1 by `serve --with-find`
MOST_BYTES = 200_000  # of a text
MOST_SECONDS = 2.0  # for a text
MOST_WAITING = 4  # texts at a time
BUSY = "Too many texts are waiting; try again in a few seconds."


def is_on() -> bool:
    """Return whether the service finds mentions."""
    return os.environ.get(VARIABLE) == "1"


class _Service:
    """The process of the finder, and how many texts wait for it."""

    def __init__(self, db: Path) -> None:
        from policykb.finding import stored
        from policykb.finding.apart import Apart

        self.db, self.waiting = db, 0
        self.turn = asyncio.Lock()
        self.apart = Apart(MOST_SECONDS, prepare=(stored.ready, db))


def _service(datasette) -> _Service:
    """Return the process of an instance, which begins with `start` or its first text."""
    state = state_of(datasette)
    if state.finder is None:
        state.finder = _Service(Path(datasette.get_database(names(datasette)[0]).path))
    return state.finder


def start(datasette) -> None:
    """Start the process of an instance; a text that comes before it is ready waits."""
    threading.Thread(target=_service(datasette).apart.start, daemon=True).start()


async def mentions(datasette, text: str, issued: str) -> list[dict]:
    """Return the mentions in a text as rows.

    :raises RefusedError: as `findings`.
    """
    from policykb.finding.report import rows

    return rows(await findings(datasette, text, issued))


async def findings(datasette, text: str, issued: str) -> "Report":
    """Return what is found in a text of the day `issued`, in ISO form or empty.

    :raises RefusedError: if it is too long, takes too long, or others wait; or if the day is not one.
    """
    from policykb.finding import stored
    from policykb.finding.apart import LimitError

    day = checked_day(issued.strip())
    on = date.fromisoformat(day) if day else None
    if len(text.encode(errors="replace")) > MOST_BYTES:
        raise RefusedError(f"The text is longer than {MOST_BYTES // 1000} kB.", 413)
    service = _service(datasette)
    if service.waiting >= MOST_WAITING:
        raise RefusedError(BUSY, 503)
    service.waiting += 1
    try:
        async with service.turn:
            return await asyncio.to_thread(service.apart, stored.report, service.db, text, on)
    except LimitError as error:
        raise RefusedError(f"Reading the text {error}; paste less of it.", 413) from None
    finally:
        service.waiting -= 1
