"""What was found in documents, as text, JSON, TOML, CSV and an HTML page. Each function returns the whole output."""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from policykb.finding import LIKELY
from policykb.finding.judge import MOST_SECONDS, Finder, Kind
from policykb.finding.proposals import Proposal, proposals
from policykb.finding.reading import Document
from policykb.finding.untracked import Untracked
from policykb.model.problems import shown
from policykb.text import json_text

TEMPLATES = Path(__file__).parent / "templates"
COLUMNS = (
    "document",
    "issued",
    "paragraph",
    "start",
    "end",
    "words",
    "action",
    "kind",
    "portrayed_as",
    "score",
    "reasons",
    "runner_up",
    "runner_up_score",
)


class Report(NamedTuple):
    """What was found in a document: its day, the proposals, acts that are not tracked, and what was not looked at."""

    document: Document
    day: date | None
    proposals: list[Proposal]
    untracked: list[Untracked]
    remarks: list[str]


def reported(
    finder: Finder,
    document: Document,
    day: date | None,
    kinds: frozenset[Kind] = frozenset(Kind) - {Kind.IDEA},
    above: float = LIKELY,
    seconds: float = MOST_SECONDS,
) -> Report:
    """Return what `finder` finds in a document, from the score `above` on."""
    hit = finder.find(document.paragraphs, day, kinds, seconds)
    mentions = [item for item in hit.mentions if item.score >= above]
    proposed = proposals(mentions, document.paragraphs)
    return Report(document, day, proposed, hit.untracked, hit.remarks)


class Actions(NamedTuple):
    """What reports say of actions: their names by id, and the knowledge base that their statuses come from."""

    names: Mapping[str, str]
    policies: Path

    def status(self, action_id: str, day: date | None) -> str:
        """Return the status of an action on a day in a few words; '' if there is none."""
        from policykb.files.reader import named, parse, read
        from policykb.model.course import Course
        from policykb.read.status_line import brief_on

        file = named(self.policies, f"{self.policies.name}/actions/{action_id}.toml")
        data = read(file)
        records = parse(file, data)[0] if isinstance(data, bytes) else []
        if not day or not records or records[0].record is None:
            return ""
        periods = [item._asdict() for item in Course(action_id, records[0].record).periods]
        status = brief_on(periods, day.isoformat())
        return status["words"] if status else "not yet begun"


def as_text(reports: Sequence[Report], actions: Actions) -> str:
    """Return one line a mention, with its reasons, and one an untracked act with the command that tracks it."""
    lines = []
    for report in reports:
        day = f", {report.day}" if report.day else ""
        lines.append(f"{shown(report.document.name, 300)}{day}: {_counted(report)}")
        for mention, hit in report.proposals:
            words = shown(mention.get("words", hit.words), 300)
            lines.append(
                f"  {hit.score:.2f}  paragraph {hit.paragraph:<4} {hit.action}  "
                f"({hit.kind.label}) “{words}”"
            )
            other = f"; else {hit.runner_up[0]} {hit.runner_up[1]:.2f}" if hit.runner_up else ""
            lines.append(f"        {shown(', '.join(hit.reasons), 500)}{other}")
        for act in report.untracked:
            lines.append(f"  not tracked: paragraph {act.paragraph}, {act.name}: {act.command}")
        lines += [f"  {remark}" for remark in report.remarks]
    return "".join(f"{line}\n" for line in lines)


def _counted(report: Report) -> str:
    mentions, acts = len(report.proposals), len(report.untracked)
    hit = f"{mentions} mention{'s' * (mentions != 1)}"
    return f"{hit}, {acts} act{'s' * (acts != 1)} not tracked" if acts else hit


def as_json(reports: Sequence[Report], actions: Actions) -> str:
    """Return a list of documents, each with `mentions`, `untracked` and `remarks`."""
    documents = [
        {
            "document": report.document.name,
            "title": report.document.title,
            "issued": report.day.isoformat() if report.day else None,
            "mentions": rows(report),
            "untracked": [act._asdict() | {"command": act.command} for act in report.untracked],
            "remarks": report.remarks,
        }
        for report in reports
    ]
    return json_text(documents)


def rows(report: Report) -> list[dict]:
    """Return the mentions as rows."""
    return [_row(report, item) for item in report.proposals]


def _row(report: Report, proposal: Proposal) -> dict:
    mention, hit = proposal
    return {
        "paragraph": hit.paragraph,
        "start": hit.start,
        "end": hit.end,
        "words": mention.get("words"),
        "action": hit.action,
        "kind": hit.kind.label,
        "portrayed_as": mention["portrayed_as"],
        "score": hit.score,
        "reasons": list(hit.reasons),
        "runner_up": hit.runner_up[0] if hit.runner_up else None,
        "runner_up_score": hit.runner_up[1] if hit.runner_up else None,
    }


def flat_rows(report: Report) -> list[dict]:
    """Return the mentions as rows of the columns COLUMNS."""
    whole = {"document": report.document.name, "issued": report.day}
    return [whole | row | {"reasons": "; ".join(row["reasons"])} for row in rows(report)]


def as_toml(reports: Sequence[Report], actions: Actions) -> str:
    """Return the mentions as the records of documents would have them, each below its reasons."""
    lines = []
    for report in reports:
        lines += [f"# {_one_line(report.document.name)}", ""]
        for mention, hit in report.proposals:
            reasons = _one_line("; ".join(hit.reasons))
            lines += [f"# {hit.score:.2f} {hit.kind.label}: {reasons}", "[[mentions]]"]
            lines += [f"{key} = {_quoted(value)}" for key, value in mention.items()]
            lines.append("")
        for act in report.untracked:
            lines += [f"# not tracked: {_one_line(act.name)}, paragraph {act.paragraph}", ""]
    return "\n".join(lines)


def _one_line(text: str) -> str:
    """Return `text` without characters that a comment of TOML may not have."""
    return "".join(char if char.isprintable() else " " for char in text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def as_csv(reports: Sequence[Report], actions: Actions) -> str:
    """Return one row a mention, with the columns COLUMNS."""
    from policykb.read.questions import harmless

    output = io.StringIO()
    table = csv.DictWriter(output, COLUMNS, lineterminator="\n")
    table.writeheader()
    for report in reports:
        for row in flat_rows(report):
            table.writerow({key: harmless(value) for key, value in row.items()})
    return output.getvalue()


def as_html(reports: Sequence[Report], actions: Actions) -> str:
    """Return a page with the texts, their mentions highlighted, and beside each paragraph the actions with their status on the day of the document."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = templates.get_template("find.html")
    return page.render(reports=reports, paragraphs=marked, actions=actions)


def marked(report: Report) -> list[tuple[str, list[tuple[str, bool]], list[Proposal]]]:
    """Return each paragraph: its label, its text in pieces that are marked or not, and its proposals."""
    by_label: dict[str, list[Proposal]] = defaultdict(list)
    for item in report.proposals:
        by_label[item.hit.paragraph].append(item)
    parts = []
    for label, text in report.document.paragraphs.items():
        here, pieces, place = by_label[label], [], 0
        for start, end in sorted((item.hit.start, item.hit.end) for item in here):
            if start >= place:
                pieces += [(text[place:start], False), (text[start:end], True)]
                place = end
        parts.append((label, [*pieces, (text[place:], False)], here))
    return parts


FORMATS: dict[str, Callable[[Sequence[Report], Actions], str]] = {
    "text": as_text,
    "json": as_json,
    "toml": as_toml,
    "csv": as_csv,
    "html": as_html,
}
