"""Differences for readers: plain text, a comment in Markdown for a pull request, JSON. Nothing here compares or reads files.

Titles and notes are the words of strangers. In Markdown each is one line without marks, tags, mentions of people,
numbers of issues or addresses that would become links.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from policykb.history.diff import SECTIONS, Difference
from policykb.model.problems import shown

# A comment on GitHub may have 65,536 characters; the rest is left for what is put around it.
MOST_CHARACTERS = 60_000
_NOUNS = {
    "status": ("status", "statuses"),
    "deadlines": ("day ahead", "days ahead"),
    "records": ("record", "records"),
    "redirects": ("redirect", "redirects"),
    "events": ("event", "events"),
    "stances": ("stance", "stances"),
    "relations": ("relation", "relations"),
    "mentions": ("mention or appearance", "mentions or appearances"),
    "findings": ("finding or piece of evidence", "findings or pieces of evidence"),
    "citations": ("citation or grade", "citations or grades"),
    "texts": ("other key", "other keys"),
    "layout": ("layout of a file", "layouts of files"),
    "unread": ("file", "files"),
}
_CHANGES = (
    "added",
    "removed",
    "renamed",
    "merged",
    "withdrawn",
    "restored",
    "moved",
    "changed",
    "unreadable",
)
_OPEN = (
    "status",
    "deadlines",
    "records",
    "unread",
)  # sections that are shown unfolded while they are short
_MOST_OPEN = 12


def counts(differences: Sequence[Difference]) -> dict[str, dict[str, int]]:
    """How many differences of which change each section has; in order, without zeros."""
    counted = Counter((one.section, one.change) for one in differences)
    return {
        section: {
            change: counted[section, change] for change in _CHANGES if counted[section, change]
        }
        for section in SECTIONS
        if any(key[0] == section for key in counted)
    }


def headline(differences: Sequence[Difference]) -> str:
    """The counts in one sentence."""
    said = []
    for section, changes in counts(differences).items():
        one, many = _NOUNS[section]
        total = sum(changes.values())
        said.append(
            f"{one if total == 1 else many}: "
            + ", ".join(
                f"{count:,} {'cannot be read' if change == 'unreadable' else change}"
                for change, count in changes.items()
            )
        )
    return "; ".join(said) if said else "nothing changes in the knowledge"


def data(differences: Sequence[Difference], before: str, after: str, today: str) -> dict:
    """The differences as JSON has them: `before`, `after`, `today`, `counts`, and `differences`, each with the keys of Difference."""
    return {
        "before": before,
        "after": after,
        "today": today,
        "counts": counts(differences),
        "differences": [one._asdict() for one in differences],
    }


def text(differences: Sequence[Difference]) -> str:
    """The differences as plain text, a line each under the headings of their sections."""
    lines = [headline(differences)]
    for section, listed in _sections(differences):
        lines += ["", SECTIONS[section]]
        lines += [
            "  "
            + shown(
                " ".join(
                    filter(
                        None,
                        (
                            one.change,
                            one.path if section == "unread" else one.id or one.kind,
                            _detail(one, str),
                        ),
                    )
                ),
                600,
            )
            for one in listed
        ]
    return "\n".join(lines) + "\n"


def markdown(
    differences: Sequence[Difference],
    before: str,
    after: str,
    link: str = "",
    most: int = MOST_CHARACTERS,
) -> str:
    """The differences as a comment of at most `most` characters: counts first, details folded, what was left out said.

    `link` is put before the path of a file to link it, as `https://github.com/OWNER/REPOSITORY/blob/COMMIT/`.
    """
    head = f"### What changes in the knowledge\n\nFrom {plain(before)} to {plain(after)}: {headline(differences)}.\n"
    sections = [
        (section, _lines(listed, link, most), len(listed))
        for section, listed in _sections(differences)
    ]
    room = {}
    left = most - len(head) - 300 * len(sections)
    # Short sections are shown whole, long ones share what is left alike.
    for place, (section, lines, _) in enumerate(
        sorted(sections, key=lambda one: sum(map(len, one[1])))
    ):
        room[section] = min(sum(map(len, lines)), max(left, 0) // (len(sections) - place))
        left -= room[section]
    return head + "".join(
        _folded(section, lines, total, room[section]) for section, lines, total in sections
    )


def _lines(listed: list[Difference], link: str, most: int) -> list[str]:
    """Differences as items of a list, as many as could be shown if there were no others."""
    lines: list[str] = []
    for one in listed:
        if most < 0:
            break
        lines.append(f"- {_line(one, link)}\n")
        most -= len(lines[-1])
    return lines


def _folded(section: str, lines: list[str], total: int, room: int) -> str:
    kept, used = [], 0
    for line in lines:
        used += len(line)
        if used > room:
            break
        kept.append(line)
    if len(kept) < total:
        kept.append(f"- and {total - len(kept):,} more, left out here; `policykb diff` lists all\n")
    if section in _OPEN and total <= _MOST_OPEN:
        return f"\n**{SECTIONS[section]}**\n\n{''.join(kept)}"
    return f"\n<details><summary>{SECTIONS[section]} ({total:,})</summary>\n\n{''.join(kept)}\n</details>\n"


def _sections(differences: Sequence[Difference]) -> Iterator[tuple[str, list[Difference]]]:
    for section in SECTIONS:
        listed = [one for one in differences if one.section == section]
        if listed:
            yield section, listed


def _line(one: Difference, link: str) -> str:
    """A difference as an item of a list in Markdown."""
    name = plain(one.path if one.section == "unread" else one.id or one.kind)
    # Paths of the knowledge base are plain; another one could end the link.
    named = (
        f"[{name}]({link}{one.path})"
        if link and one.change != "removed" and re.fullmatch(r"[\w./-]+", one.path, re.ASCII)
        else f"**{name}**"
    )
    return " ".join(
        filter(
            None,
            (one.change, one.kind if one.section == "records" else "", named, _detail(one, plain)),
        )
    )


def _detail(one: Difference, write: object) -> str:
    """What is said after the id: what, from what to what, why."""
    if one.section == "records" and one.change in ("renamed", "merged"):
        values = (
            f"(was {write(one.before)})" if one.change == "renamed" else f"into {write(one.after)}"
        )
    elif one.before is not None and one.after is not None:
        values = f"{write(one.before)} → {write(one.after)}"
    else:
        values = write(one.after if one.after is not None else one.before or "")
    what = write(one.what)
    if values and what and one.section not in ("records", "redirects"):
        what += ":"
    return " ".join(filter(None, (what, values, f"({write(one.because)})" if one.because else "")))


def plain(value: object) -> str:
    """`value` as text in Markdown that is shown as it is, on one line: no mark, tag, mention, number or address in it works.

    Every character that could mean something is written as a reference, which CommonMark never takes for structure.
    What GitHub looks for in the finished page (@name, #12, GH-12, https://, www.) is parted by a character of no width.
    """
    line = shown(" ".join(str(value).split()), 1000)
    marked = re.sub(
        r"[^\w\s,;:()%'./→…-]|_|^[-\d]",
        lambda found: f"&#{ord(found[0])};" if ord(found[0]) < 128 else found[0],
        line,
    )
    marked = re.sub(r"&#(64|35);", r"&#\1;&#8203;", marked)
    return re.sub(r"(?i)(gh-(?=\d)|:(?=/)|www(?=\.))", r"\1&#8203;", marked)
