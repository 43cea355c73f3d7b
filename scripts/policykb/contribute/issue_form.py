"""The issue forms: what they ask, and what GitHub makes of the answers, read back.

One table for both: .github/ISSUE_TEMPLATE/ is written from it, and answers are found by its labels. GitHub gives an
answer as a heading with the label and the text below; whoever writes the text may put anything there.
"""

from pathlib import Path
from typing import Any, NamedTuple

from markdown_it import MarkdownIt

from policykb.contribute.drafts import KINDS
from policykb.model.fields import describe
from policykb.model.records import Document

MOST_CHARACTERS = 300_000  # GitHub takes 65,536 in an issue
NOTHING = "_No response_"
LABEL = "from-form"


class Unusable(Exception):
    """The text is not one of the forms; the message says why."""


class Question(NamedTuple):
    """A question of a form: the key that its answer sets ('' where it is for the reader), and how it is asked.

    Keys that begin with `source_` are those of the document that the record rests on.
    """

    key: str
    label: str
    description: str = ""
    needed: bool = False
    long: bool = False
    listed: bool = False


class Form(NamedTuple):
    """A form: the kind of record it makes ('' for corrections), its name, what it is for, its questions."""

    kind: str
    name: str
    description: str
    title: str
    questions: tuple[Question, ...]


_SOURCE = (
    Question(
        "source_url",
        "Address of the official page",
        "The page that says so. If it is tracked here already, that is found out.",
        needed=True,
    ),
    Question(
        "source_title", "Title of that page", "In square brackets if you describe it.", needed=True
    ),
    Question("source_grade", "How well do you know that page?", needed=True),
    Question("source_issued", "Date of that page", "A day, a month or a year."),
)
_ELSE = Question(
    "", "Anything else", "For the editors: doubts, other sources, what you did not find.", long=True
)

FORMS: dict[str, Form] = {
    "new-action": Form(
        "action",
        "New action",
        "An order, bill, statute, rule, programme or idea that is not tracked yet.",
        "[action] ",
        (
            Question(
                "title",
                "Title of the action",
                "The official title, or one that describes it.",
                needed=True,
            ),
            *_SOURCE,
            Question("instrument", "What kind of act is it?", needed=True),
            Question("jurisdiction", "Jurisdiction", "Its id, such as us, eu, us-ca.", needed=True),
            Question(
                "identifiers",
                "Official numbers",
                "One a line: scheme=number, such as eo=14409 or us_bill=hr9925-119.",
                long=True,
                listed=True,
            ),
            Question("bindingness", "Does it bind?", needed=True),
            Question(
                "events",
                "What happened, and what is due?",
                "One a line: date, type and note, such as: 2026-06-02 signed: In the capital. "
                "docs/reference/vocabularies.md lists the types.",
                needed=True,
                long=True,
                listed=True,
            ),
            Question(
                "openness",
                "What does it do to open source and open weights?",
                "One word, a colon, and why: exempts, supports, requires, restricts, conditions, silent or unclear. Such as: silent: Says nothing of them.",
                needed=True,
            ),
            Question(
                "summary",
                "Summary",
                "What it is and whom it binds, in your own words.",
                needed=True,
                long=True,
            ),
            _ELSE,
        ),
    ),
    "new-argument": Form(
        "argument",
        "New argument",
        "A reason that somebody gives for or against an action.",
        "[argument] ",
        (
            Question("title", "Conclusion as one sentence", needed=True),
            Question(
                "premises",
                "Premises",
                "What the conclusion is drawn from, one sentence a line.",
                needed=True,
                long=True,
                listed=True,
            ),
            Question("scheme", "What kind of inference is it?", needed=True),
            *_SOURCE,
            Question(
                "stances",
                "Which side does it take?",
                "One a line: stance and action, such as: opposes us-eo-14409: It stays vague.",
                long=True,
                listed=True,
            ),
            _ELSE,
        ),
    ),
    "new-document": Form(
        "document",
        "New document",
        "A source that mentions an action or gives evidence.",
        "[document] ",
        (
            Question("url", "Address", needed=True),
            Question(
                "title",
                "Title of the document",
                "In square brackets if you describe it.",
                needed=True,
            ),
            Question("type", "What kind of document is it?", needed=True),
            Question("grade", "How well do you know it?", needed=True),
            Question(
                "authors",
                "Authors",
                "One a line: family name, given name; or the id of an organization.",
                long=True,
                listed=True,
            ),
            Question("publisher", "Publisher"),
            Question("issued", "Date of publication", "A day, a month or a year."),
            Question(
                "mentions",
                "Which actions does it mention?",
                "One a line: how and which, such as: enacted us-eo-14409: Named in passing @ paragraph 3",
                long=True,
                listed=True,
            ),
            _ELSE,
        ),
    ),
    "correction": Form(
        "",
        "Correction",
        "Something here is wrong or no longer true.",
        "[correction] ",
        (
            Question(
                "id",
                "Which record?",
                "Its id: the last part of the address of its page.",
                needed=True,
            ),
            Question(
                "key",
                "Which key?",
                "As it is called in the file, such as confidence, as_of or title. Leave it empty if you do not know.",
            ),
            Question("value", "What should stand there?", needed=True, long=True),
            Question("source_url", "Which page says so?", needed=True),
            _ELSE,
        ),
    ),
}


def options(form: Form, question: Question) -> list[str]:
    """The answers to choose from: terms with their definitions; [] where text is asked for.

    The definition stands in the answer because GitHub refuses the bare word None.
    """
    kind, key = (
        (Document, question.key.removeprefix("source_"))
        if question.key.startswith("source_")
        else (KINDS.get(form.kind, (None,))[0], question.key)
    )
    field = describe(kind).get(key) if kind else None
    if not field or question.listed:
        return []
    return [f"{term.id}: {term.definition}" for term in field.terms]


def template(name: str) -> dict[str, Any]:
    """The issue form `name` as GitHub reads it from .github/ISSUE_TEMPLATE/<name>.yml."""
    form = FORMS[name]
    body: list[dict[str, Any]] = [
        {
            "type": "markdown",
            "attributes": {
                "value": "Answers become a proposal that editors look at. Write in your own words, in plain English. Dates may be written as 2026-06-02, June 2026 or 2026."
            },
        }
    ]
    for question in form.questions:
        choices = options(form, question)
        attributes: dict[str, Any] = {"label": question.label} | (
            {"description": question.description} if question.description else {}
        )
        body.append(
            {
                "type": "dropdown" if choices else "textarea" if question.long else "input",
                "id": question.key or "else",
                "attributes": attributes | ({"options": choices} if choices else {}),
                "validations": {"required": question.needed},
            }
        )
    return {
        "name": form.name,
        "description": form.description,
        "title": form.title,
        "labels": [LABEL],
        "body": body,
    }


class Answers(NamedTuple):
    """A form that was filled in: its kind, the texts by key, and what was said to the editors."""

    form: Form
    given: dict[str, Any]
    remark: str


def read(data: bytes) -> Answers:
    """The answers in the text of an issue.

    :raises Unusable: if it is not the text of a form, or if a heading of the form stands in it twice, so that nobody can tell which is which.
    """
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise Unusable(f"byte 0x{data[error.start]:02x} at {error.start:,} is not UTF-8") from None
    if len(text) > MOST_CHARACTERS:
        raise Unusable(f"it has {len(text):,} characters; expected at most {MOST_CHARACTERS:,}")
    places = _headings(text)
    fitting = {
        name: form
        for name, form in FORMS.items()
        if {question.label for question in form.questions} <= places.keys()
    }
    if not fitting:
        near, form = max(
            FORMS.items(),
            key=lambda pair: sum(question.label in places for question in pair[1].questions),
        )
        lost = [question.label for question in form.questions if question.label not in places]
        raise Unusable(
            f"it is not the text of a form; the nearest is {near}, without {', '.join(lost)}"
        )
    form = next(iter(fitting.values()))
    labels = {question.label: question for question in form.questions}
    for label in labels:
        if len(places[label]) > 1:
            raise Unusable(
                f"the heading '{label}' stands there {len(places[label])} times; remove it from the answers"
            )
    lines = text.split("\n")
    starts = sorted((*places[label][0], label) for label in labels)
    given: dict[str, Any] = {}
    remark = ""
    for position, (_, begins, label) in enumerate(starts):
        ends = starts[position + 1][0] if position + 1 < len(starts) else len(lines)
        answer = "\n".join(lines[begins:ends]).strip()
        if answer in ("", NOTHING):
            continue
        question = labels[label]
        if question.key == "":
            remark = answer
        else:
            given[question.key] = _answer(form, question, answer)
    return Answers(form, given, remark)


def _headings(text: str) -> dict[str, list[tuple[int, int]]]:
    """The texts of headings of the third rank, each with the lines where it begins and ends; those inside quotes, lists and code are none."""
    found: dict[str, list[tuple[int, int]]] = {}
    tokens = MarkdownIt("commonmark").disable(["lheading"]).parse(text)
    for token, inner in zip(tokens, tokens[1:], strict=False):
        if token.type == "heading_open" and token.tag == "h3" and token.level == 0:
            found.setdefault(inner.content.strip(), []).append((token.map[0], token.map[1]))
    return found


def _answer(form: Form, question: Question, text: str) -> Any:
    """An answer as the options of `new` are given: one text, or a list of texts."""
    if question.listed:
        return tuple(
            part for line in text.split("\n") if (part := line.strip().removeprefix("- ").strip())
        )
    if options(form, question):
        return text.partition(":")[0]
    return text if question.long else " ".join(text.split())


def write(folder: Path) -> list[Path]:
    """Write every form into `folder`; the paths."""
    import yaml

    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.yml" for name in FORMS]
    for path in paths:
        path.write_text(
            yaml.safe_dump(template(path.stem), sort_keys=False, allow_unicode=True, width=150),
            encoding="utf-8",
        )
    return paths


if __name__ == "__main__":
    for written in write(Path(".github/ISSUE_TEMPLATE")):
        print(written)
