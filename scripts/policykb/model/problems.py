"""What can be wrong with a knowledge base: the codes, and problems as values.

Nothing here reads files of a knowledge base or prints.
"""

import json
import os
import re
import shlex
import sys
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import rtoml

DEBUG = "POLICYKB_DEBUG"
ERROR, WARNING, OFF = "error", "warning", "off"
PROBLEMS, WRONG_USE, FAILED = 1, 2, 3  # exit status of a command
MOST_SLIPS = 2  # letters by which a typed word may differ from the suggestion
LEAST_LETTERS = 5  # of a part of an id, to suggest the whole id
FEW = 10  # values that a message lists in full
MOST_SIMILAR, LEAST_SIMILARITY = 5, 0.8  # of values that a message lists instead, from 0 to 1


class Code(NamedTuple):
    """A kind of problem; `explanation` is Markdown, and `example` a whole message."""

    severity: str
    title: str
    explanation: str
    example: str


_TEXTS = Path(__file__).with_name("problems.toml").read_text(encoding="utf-8")
CODES = {code: Code(**table) for code, table in rtoml.loads(_TEXTS).items()}
# A knowledge base may set another severity for these codes, in about.toml.
EDITORIAL = tuple(code for code in CODES if code.startswith("E"))


def install(extra: str) -> str:
    """Return the command that installs an extra of pyproject.toml from where this package was installed from."""
    from importlib.metadata import distribution
    from urllib.request import url2pathname

    name = __package__.partition(".")[0]
    origin = json.loads(distribution(name).read_text("direct_url.json") or "{}")
    address = origin.get("url", "")
    if origin.get("dir_info", {}).get("editable"):
        what = ["-e", f"{url2pathname(urlsplit(address).path)}[{extra}]"]
    elif "vcs_info" in origin:
        what = [f"{name}[{extra}] @ {origin['vcs_info']['vcs']}+{address}"]
    else:
        what = [f"{name}[{extra}] @ {address}" if address else f"{name}[{extra}]"]
    python = [sys.executable, "-m", "pip", "install"]
    if not find_spec("pip"):  # in environments that uv made
        python = ["uv", "pip", "install", "--python", sys.executable]
    return shlex.join([*python, *what])


class Fault(NamedTuple):
    """A problem without its place in a file: `pointer` leads to the value inside its record.

    `severity` is '' if the code decides it.
    """

    code: str
    pointer: tuple
    message: str
    value: str = ""
    expected: str = ""
    nearest: str = ""
    severity: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One problem at one place.

    `path` is relative to the folder that contains `policies/`, `line` starts at 1 (0: the file as a whole), and `key`
    leads to the value in dotted form. `value` is the text there, `expected` says what should be there, and `nearest` is
    the most likely intended value ('' if there is none). `severity` is 'error' or 'warning', by default that of the code.
    """

    path: str
    line: int
    code: str
    key: str
    message: str
    value: str = ""
    expected: str = ""
    nearest: str = ""
    severity: str = ""

    def __post_init__(self) -> None:
        if not self.severity:
            object.__setattr__(self, "severity", CODES[self.code].severity)

    def text(self) -> str:
        """Return the problem as one line: place, code, sentence."""
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.code} {self.sentence()}"

    def sentence(self) -> str:
        """Return the problem without its place."""
        text = f"{self.key}: {self.message}" if self.key else self.message
        if self.expected:
            text += f"; expected {self.expected}"
        if self.nearest not in ("", self.value):  # the same value: only its quotes are missing
            text += f"; did you mean '{self.nearest}'?"
        return text if self.severity == ERROR else f"warning: {text}"

    def record(self) -> dict:
        """Return the problem as plain data, for JSON."""
        return {**asdict(self), "title": CODES[self.code].title}

    def github(self) -> str:
        """Return the problem as a workflow command of GitHub Actions, which shows it beside the line."""
        path = _data(self.path).replace(":", "%3A").replace(",", "%2C")
        place = f"file={path},line={max(self.line, 1)}"
        return f"::{self.severity} {place},title={self.code}::{_data(self.sentence())}"


class PolicykbError(Exception):
    """What was asked could not be done; everything is as it was.

    The message says what is wrong and what to do. `status` is the exit status of a command that ends with the error.
    """

    status = FAILED


class InvalidInputError(PolicykbError):
    """What was typed, or a file that was named, cannot be used."""

    status = WRONG_USE


class NotFoundError(InvalidInputError):
    """There is no such record, revision or style; the message has the nearest."""


class ConflictError(PolicykbError):
    """The changes would make the knowledge base invalid, or a file is not what they begin from.

    `problems` say why, and the message has the first error.
    """

    status = PROBLEMS

    def __init__(self, problems: list[Problem]) -> None:
        first = min(problems, key=lambda problem: problem.severity != ERROR)
        others = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(first.text() + others)
        self.problems = problems


class SourceError(PolicykbError):
    """A source gives no usable answer, or a file of a source cannot be read.

    `whole`: further requests to this source would fail too. The message holds no keys.
    """

    status = PROBLEMS

    def __init__(self, message: str, whole: bool = False) -> None:
        super().__init__(message)
        self.whole = whole


class NotInstalledError(PolicykbError):
    """A `package` is missing, which an `extra` of pyproject.toml installs.

    `purpose` is what needs the package, such as 'a brief as PDF'.
    """

    def __init__(self, package: str, extra: str, purpose: str = "this") -> None:
        super().__init__(f"{purpose} needs {package}; install it with: {install(extra)}")


class ProgramError(PolicykbError):
    """A program that was run failed, or did not end in time."""


def program_fault(error: Exception, task: str = "checking this file") -> Fault:
    """Return the fault for `error`, an exception of the program in `task`, so that all other tasks continue.

    If the environment variable POLICYKB_DEBUG is set, the traceback goes to standard error too.
    """
    if os.environ.get(DEBUG):
        traceback.print_exception(error, file=sys.stderr)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return Fault(
        "S108",
        (),
        f"{task} failed ({place}: {type(error).__name__}: {shown(str(error), 200)})",
        expected=f"an answer; please report this fault ({DEBUG}=1 shows more of it)",
    )


def has_errors(problems: Iterable[Problem]) -> bool:
    """Return whether one of `problems` is an error."""
    return any(problem.severity == ERROR for problem in problems)


def did_you_mean(near: str, otherwise: str = "", alike: Iterable[str] = ()) -> str:
    """Return the end of a message: "; did you mean 'near'?", or values that are `alike` and what to do `otherwise`."""
    if near:
        return f"; did you mean '{near}'?"
    similar = ", ".join(alike)
    hints = (f"similar: {similar}" if similar else "", otherwise)
    return "".join(f"; {hint}" for hint in hints if hint)


def placed(fault: Fault, path: str, line: int) -> Problem:
    """Return `fault` as a problem of the file at `path`."""
    key = "".join(
        f"[{part}]" if isinstance(part, int) else f".{shown(part)}" for part in fault.pointer
    ).removeprefix(".")
    return Problem(
        path,
        line,
        fault.code,
        key,
        *(text if text.isprintable() else shown(text, len(text)) for text in fault[2:]),
    )


def explanation(code: str) -> str:
    """Return the meaning of `code` and how to fix it, as text for a terminal.

    :raises KeyError: if there is no such code.
    """
    severity, title, text, example = CODES[code]
    plain = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text).strip()
    return f"{code} {title} ({severity})\n\n{plain}\n\nExample:\n  {example}"


def nearest(value: str, allowed: Iterable[str]) -> str:
    """Return the member of `allowed` that `value` misspells, or ''.

    A misspelling is another form (case, blanks, hyphens, underscores) or a slip: one letter, or two in a word of eight
    letters or more. A slip changes no digit, no first letter and no word of three letters, since that makes another
    number, name or place; but an s at the end of a word is one. A member is returned only if it is nearer than all others.
    """
    folded = {_folded(item): item for item in allowed}
    wanted = _folded(value)
    if wanted in folded:
        return folded[wanted]
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    close = process.extract(
        wanted, list(folded), scorer=OSA.distance, score_cutoff=MOST_SLIPS, limit=None
    )
    slips = [(count, folded[near]) for near, _, _ in close if (count := _slips(wanted, near))]
    fewest = {item for count, item in slips if count == min(slips)[0]}
    return fewest.pop() if len(fewest) == 1 else ""


def similar(value: str, labels: Mapping[str, str]) -> list[str]:
    """Return at most five keys of `labels` that `value` may mean, the most similar first; a label counts as its key does."""
    from rapidfuzz import fuzz, process
    from rapidfuzz.distance import JaroWinkler

    wanted = _folded(value)
    words = wanted.replace("-", " ")
    scores: dict[str, float] = {}
    for names in (labels, labels.values()):
        folded = dict(zip(labels, map(_folded, names), strict=True))
        spaced = {key: name.replace("-", " ") for key, name in folded.items() if len(name) > 3}
        alike = process.extract(wanted, folded, scorer=JaroWinkler.similarity, limit=MOST_SIMILAR)
        shared = process.extract(words, spaced, scorer=fuzz.token_set_ratio, limit=MOST_SIMILAR)
        for _, score, key in (*alike, *((name, score / 105, key) for name, score, key in shared)):
            scores[key] = max(score, scores.get(key, 0))
    close = [key for key, score in scores.items() if score >= LEAST_SIMILARITY]
    return sorted(close, key=lambda key: (-scores[key], key))[:MOST_SIMILAR]


def such_as(what: str, similar: Iterable[str], listing: str) -> str:
    """Return `what` is expected, with the `similar` values if there are any, and the command that lists all."""
    examples = ", ".join(similar)
    return f"{what}{examples and f', such as {examples}'}; `policykb list {listing}` lists all"


def nearest_id(value: str, ids: Iterable[str]) -> str:
    """Return the id that `value` misspells, or the only id that has all words of `value`, or ''. Another number is another act."""
    ids = list(ids)
    if near := nearest(value, ids):
        return near
    words = set(_folded(value).split("-"))
    if len("".join(words)) < LEAST_LETTERS:
        return ""
    whole = [record_id for record_id in ids if words <= set(record_id.split("-"))]
    return whole[0] if len(whole) == 1 else ""


def _folded(text: str) -> str:
    return re.sub(r"[\s_-]+", "-", str(text).casefold().strip())


def _slips(typed: str, expected: str) -> float:
    """Return the number of letters by which `typed` misspells `expected`, or 0 if it is another word."""
    from rapidfuzz.distance import OSA

    if typed.count("-") != expected.count("-"):
        # Other hyphens are a surer sign than another letter.
        return 0.5 if typed.replace("-", "") == expected.replace("-", "") else 0
    count = 0
    for word, other in zip(typed.split("-"), expected.split("-"), strict=True):
        if word == other:
            continue
        if len(word) > 3 and word == f"{other}s":
            count += 1
            continue
        steps = OSA.distance(word, other)
        short = min(len(word), len(other))
        if short < 4 or word[0] != other[0] or re.search(r"\d", word + other):
            return 0
        if steps > (1 if short < 8 else MOST_SLIPS):
            return 0
        count += steps
    return count if count <= MOST_SLIPS else 0


def shown(value: object, limit: int = 80) -> str:
    """Return `value` for a message: on one line, printable, cut to `limit` characters."""
    if not isinstance(value, str):
        value = value.isoformat() if hasattr(value, "isoformat") else repr(value)
    text = value if len(value) <= limit else value[: limit - 1] + "…"
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
