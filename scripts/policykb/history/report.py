"""Differences for readers: plain text, a comment in Markdown for a pull request, JSON.

Titles and notes are the words of strangers. In Markdown each is one line without marks, tags, mentions of people,
numbers of issues or addresses that would become links.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from policykb.history.diff import SECTIONS, Difference
from policykb.model.problems import shown

# GitHub allows 65,536 in a comment; the rest is for what others put around it.
MOST_CHARACTERS = 60_000
MOST_UNFOLDED = 12
UNFOLDED = ("status", "deadlines", "records", "unread")  # these are not folded while they are short
_CHANGES = "added removed renamed merged withdrawn restored moved changed unreadable".split()


def counts(differences: Sequence[Difference]) -> dict[str, dict[str, int]]:
    """Return how many differences of which change each section has; in order, without zeros."""
    result = {}
    for section, items in _sections(differences):
        numbers = Counter(item.change for item in items)
        result[section] = {change: numbers[change] for change in _CHANGES if numbers[change]}
    return result


def headline(differences: Sequence[Difference]) -> str:
    """Return the counts in one sentence."""
    sections = []
    for section, numbers in counts(differences).items():
        noun = SECTIONS[section].entry if sum(numbers.values()) == 1 else SECTIONS[section].many
        phrases = [f"{number:,} {change}" for change, number in numbers.items()]
        changes = ", ".join(phrases).replace("unreadable", "cannot be read")
        sections.append(f"{noun}: {changes}")
    return "; ".join(sections) or "nothing changes in the knowledge"


def data(differences: Sequence[Difference], before: str, after: str, today: str) -> dict:
    """Return the differences for JSON: `before`, `after`, `today`, `counts`, and `differences` with the keys of Difference."""
    return {
        "before": before,
        "after": after,
        "today": today,
        "counts": counts(differences),
        "differences": [difference._asdict() for difference in differences],
    }


def text(differences: Sequence[Difference]) -> str:
    """Return the differences as plain text, one on a line, below the headings of their sections."""
    lines = [headline(differences)]
    for section, items in _sections(differences):
        lines += ["", SECTIONS[section].heading]
        for item in items:
            words = (item.change, _name(item), _detail(item, str))
            lines.append(f"  {shown(_joined(*words), 600)}")
    return "\n".join(lines) + "\n"


def markdown(differences: Sequence[Difference], before: str, after: str, link: str = "") -> str:
    """Return the differences as a comment of at most MOST_CHARACTERS: counts first, details folded.

    It says what it leaves out. `link` before the path of a file is the address of the file, as
    `https://github.com/OWNER/REPOSITORY/blob/COMMIT/`.
    """
    head = f"### What changes in the knowledge\n\nFrom {plain(before)} to {plain(after)}: {headline(differences)}.\n"
    sections = {
        section: (_lines(items, link), len(items)) for section, items in _sections(differences)
    }
    sizes = {section: sum(map(len, lines)) for section, (lines, _) in sections.items()}
    room = MOST_CHARACTERS - len(head) - 300 * len(sections)
    rooms = {}
    # Short sections are whole; long ones share the rest equally.
    for place, section in enumerate(sorted(sizes, key=sizes.get)):
        rooms[section] = min(sizes[section], max(room, 0) // (len(sizes) - place))
        room -= rooms[section]
    return head + "".join(
        _section(section, lines, total, rooms[section])
        for section, (lines, total) in sections.items()
    )


def _lines(items: list[Difference], link: str) -> list[str]:
    """Return differences as items of a list, at least as many as fit into MOST_CHARACTERS."""
    most = MOST_CHARACTERS // len("- added **a**\n") + 1
    return [f"- {_line(item, link)}\n" for item in items[:most]]


def _section(section: str, lines: list[str], total: int, room: int) -> str:
    """Return a section with as many of its `total` lines as have room."""
    sizes = accumulate(map(len, lines))
    listed = [line for line, size in zip(lines, sizes, strict=True) if size <= room]
    if len(listed) < total:
        rest = f"- and {total - len(listed):,} more, left out here; `policykb diff` lists all\n"
        listed.append(rest)
    heading, content = SECTIONS[section].heading, "".join(listed)
    if section in UNFOLDED and total <= MOST_UNFOLDED:
        return f"\n**{heading}**\n\n{content}"
    return f"\n<details><summary>{heading} ({total:,})</summary>\n\n{content}\n</details>\n"


def _sections(differences: Sequence[Difference]) -> Iterator[tuple[str, list[Difference]]]:
    """Yield the sections that have differences, with these, in order."""
    by_section: dict[str, list[Difference]] = {section: [] for section in SECTIONS}
    for item in differences:
        by_section[item.section].append(item)
    yield from ((section, items) for section, items in by_section.items() if items)


def _line(item: Difference, link: str) -> str:
    """Return a difference as an item of a list in Markdown."""
    name = plain(_name(item))
    kind = item.kind if item.section == "records" else ""
    # Paths of the knowledge base are plain; another path could end the link.
    if link and item.change != "removed" and re.fullmatch(r"[\w./-]+", item.path, re.ASCII):
        return _joined(item.change, kind, f"[{name}]({link}{item.path})", _detail(item, plain))
    return _joined(item.change, kind, f"**{name}**", _detail(item, plain))


def _name(item: Difference) -> str:
    return item.path if item.section == "unread" else item.id or item.kind


def _detail(item: Difference, write: Callable[[str], str]) -> str:
    """Return the rest of a line after the name: the thing, its values before and after, and the reason; `write` writes each."""
    before, after = (value and write(value) for value in item[6:8])
    if item.section == "records" and item.change == "renamed":
        values = f"(was {before})"
    elif item.section == "records" and item.change == "merged":
        values = f"into {after}"
    elif before is not None and after is not None:
        values = f"{before} → {after}"
    else:
        values = before or after or ""
    what = write(item.what)
    if values and what and item.section not in ("records", "redirects"):
        what += ":"
    return _joined(what, values, f"({write(item.because)})" if item.because else "")


def _joined(*words: str) -> str:
    return " ".join(filter(None, words))


def plain(value: object) -> str:
    """Return `value` as one line of Markdown that shows it as it is: no mark, tag, mention, number or address in it works.

    Each character that could mean something becomes a reference, which CommonMark never takes for structure.
    A character of no width parts what GitHub looks for in the finished page (@name, #12, GH-12, https://, www.).
    """
    line = shown(" ".join(str(value).split()), 1000)
    marked = re.sub(
        r"[^\w\s,;:()%'./→…-]|_|^[-\d]",
        lambda match: f"&#{ord(match[0])};" if ord(match[0]) < 128 else match[0],
        line,
    )
    marked = re.sub(r"&#(64|35);", r"&#\1;&#8203;", marked)
    return re.sub(r"(?i)(gh-(?=\d)|:(?=/)|www(?=\.))", r"\1&#8203;", marked)
