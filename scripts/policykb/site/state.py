"""What the site keeps in memory for an instance of Datasette, as long as it runs."""

import asyncio
import sqlite3
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from datasette.utils.asgi import Response

if TYPE_CHECKING:
    from datasette.app import Datasette
    from jinja2 import Environment

# Pages kept in memory: characters of all together and of the largest; a character takes one or two bytes.
MOST_KEPT = 24_000_000
LARGEST_KEPT = 256_000


class Pages:
    """Answers by address and day, as many as fit into MOST_KEPT; those not asked for the longest go first."""

    def __init__(self) -> None:
        self.answers: OrderedDict[tuple, Response] = OrderedDict()
        self.size = 0

    def get(self, key: tuple) -> Response | None:
        """Return the answer kept for `key`, which becomes the last to go."""
        answer = self.answers.get(key)
        if answer is not None:
            self.answers.move_to_end(key)
        return answer

    def keep(self, key: tuple, answer: Response) -> None:
        """Keep `answer` unless it is too large or there already."""
        if len(answer.body) > LARGEST_KEPT or key in self.answers:
            return
        self.answers[key] = answer
        self.size += _weight(answer)
        while self.size > MOST_KEPT:
            self.size -= _weight(self.answers.popitem(last=False)[1])


def _weight(answer: Response) -> int:
    """Return the size of an answer with the cost of keeping it."""
    return len(answer.body) + 1000


class State:
    """What is kept for an instance; each part is described where it is filled."""

    def __init__(self) -> None:
        self.names: list[str] | None = None  # published.py
        self.known: Any = None  # data.py
        self.connection: sqlite3.Connection | None = None  # data.py
        self.recent: OrderedDict[tuple, Any] = OrderedDict()  # data.py
        self.templates: Environment  # set when the plugin starts
        self.pages = Pages()
        self.columns: dict[str, tuple[str, ...]] = {}  # views/bars.py
        self.charts: Any = None  # views/charts.py
        self.citing = asyncio.Lock()  # views/cite.py
        self.finder: Any = None  # finder.py
        self.is_lane = False  # worker.py
        self.socket: str | None = None  # of the lane


def state_of(datasette: "Datasette") -> State:
    """Return what is kept for `datasette`."""
    if "_policykb" not in datasette.__dict__:
        datasette._policykb = State()
    return datasette._policykb
