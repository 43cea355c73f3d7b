"""The issue forms: what they ask, and what GitHub makes of the answers, read back.

One table for both: .github/ISSUE_TEMPLATE/ is written from it, and answers are found by its labels. GitHub gives an
answer as a heading with the label and the text below; the text may hold anything.
"""

from pathlib import Path
from typing import Any, NamedTuple

from markdown_it import MarkdownIt

from policykb.contribute.drafts import KINDS
from policykb.model.fields import Field, describe
from policykb.model.records import Document

MOST_CHARACTERS = 300_000  # GitHub takes 65,536 in an issue
NOTHING = "_No response_"
LABEL = "from-form"


class FormError(Exception):
    """The text is not one of the forms; the message says why."""


class Question(NamedTuple):
    """A question of a form: the key that its answer sets ('' for a remark to the editors), and how it is asked.

    Keys that begin with `source_` are those of the document that the record rests on. What the field of the key says
    (whether it is required, a list, a long text) need not be said again.
    """

    key: str
    label: str
    description: str = ""
    needed: bool = False
    long: bool = False


class Form(NamedTuple):
    """A form: the kind of record it makes ('' for corrections), its name, what it is for, its questions."""

    kind: str
    name: str
    description: str
    title: str
    questions: tuple[Question, ...]

    def field(self, question: Question) -> Field | None:
        """Return the field that a question sets, if it is one of a record."""
        if not self.kind:
            return None
        if question.key.startswith("source_"):
            return describe(Document)[question.key.removeprefix("source_")]
        return describe(KINDS[self.kind][0]).get(question.key)


_IN_BRACKETS = "In square brackets if you describe it."
_PARTIAL = "A day, a month or a year."
_SOURCE = (
    Question(
        "source_url",
        "Address of the official page",
        "The page that says so. If it is tracked here already, that is found out.",
        needed=True,
    ),
    Question("source_title", "Title of that page", _IN_BRACKETS),
    Question("source_grade", "How well do you know that page?"),
    Question("source_issued", "Date of that page", _PARTIAL),
)
_ELSE = Question(
    "", "Anything else", "For the editors: doubts, other sources, what you did not find.", long=True
)
_ACTION = (
    Question("title", "Title of the action", "The official title, or one that describes it."),
    *_SOURCE,
    Question("instrument", "What kind of act is it?"),
    Question("jurisdiction", "Jurisdiction", "Its id, such as us, eu, us-ca."),
    Question(
        "identifiers",
        "Official numbers",
        "One a line: scheme=number, such as eo=14409 or us_bill=hr9925-119.",
    ),
    Question("bindingness", "Does it bind?"),
    Question(
        "events",
        "What happened, and what is due?",
        "One a line: date, type and note, such as: 2026-06-02 signed: In the capital. "
        "docs/reference/vocabularies.md lists the types.",
        needed=True,
    ),
    Question(
        "openness",
        "What does it do to open source and open weights?",
        "One word, a colon, and why: exempts, supports, requires, restricts, conditions, silent or unclear. "
        "Such as: silent: Says nothing of them.",
    ),
    Question("summary", "Summary", "What it is and whom it binds, in your own words."),
    _ELSE,
)
_ARGUMENT = (
    Question("title", "Conclusion as one sentence"),
    Question("premises", "Premises", "What the conclusion is drawn from, one sentence a line."),
    Question("scheme", "What kind of inference is it?"),
    *_SOURCE,
    Question(
        "stances",
        "Which side does it take?",
        "One a line: stance and action, such as: opposes us-eo-14409: It stays vague.",
    ),
    _ELSE,
)
_DOCUMENT = (
    Question("url", "Address", needed=True),
    Question("title", "Title of the document", _IN_BRACKETS),
    Question("type", "What kind of document is it?"),
    Question("grade", "How well do you know it?"),
    Question(
        "authors",
        "Authors",
        "One a line: family name, given name; or the id of an organization.",
    ),
    Question("publisher", "Publisher"),
    Question("issued", "Date of publication", _PARTIAL),
    Question(
        "mentions",
        "Which actions does it mention?",
        "One a line: how and which, such as: enacted us-eo-14409: Named in passing @ paragraph 3",
    ),
    _ELSE,
)
_CORRECTION = (
    Question(
        "id", "Which record?", "Its id: the last part of the address of its page.", needed=True
    ),
    Question(
        "key",
        "Which key?",
        "As it is called in the file, such as confidence, as_of or title. Leave it empty if you do not know.",
    ),
    Question("value", "What should stand there?", needed=True, long=True),
    Question("source_url", "Which page says so?", needed=True),
    _ELSE,
)
FORMS: dict[str, Form] = {
    "new-action": Form(
        "action",
        "New action",
        "An order, bill, statute, rule, programme or idea that is not tracked yet.",
        "[action] ",
        _ACTION,
    ),
    "new-argument": Form(
        "argument",
        "New argument",
        "A reason that somebody gives for or against an action.",
        "[argument] ",
        _ARGUMENT,
    ),
    "new-document": Form(
        "document",
        "New document",
        "A source that mentions an action or gives evidence.",
        "[document] ",
        _DOCUMENT,
    ),
    "correction": Form(
        "",
        "Correction",
        "Something here is wrong or no longer true.",
        "[correction] ",
        _CORRECTION,
    ),
}
_INTRODUCTION = (
    "Answers become a proposal that editors look at. Write in your own words, in plain English. "
    "Dates may be written as 2026-06-02, June 2026 or 2026."
)


def options(form: Form, question: Question) -> list[str]:
    """Return the answers to choose from: terms with their definitions; [] where text is asked for.

    The definition is in the answer because GitHub refuses the bare word None.
    """
    field = form.field(question)
    terms = field.terms if field and not field.many else ()
    return [f"{term.id}: {term.definition}" for term in terms]


def template(name: str) -> dict[str, Any]:
    """Return the issue form `name` as GitHub reads it from .github/ISSUE_TEMPLATE/<name>.yml."""
    form = FORMS[name]
    introduction = {"type": "markdown", "attributes": {"value": _INTRODUCTION}}
    return {
        "name": form.name,
        "description": form.description,
        "title": form.title,
        "labels": [LABEL],
        "body": [introduction, *(_element(form, question) for question in form.questions)],
    }


def _element(form: Form, question: Question) -> dict[str, Any]:
    """Return a question as an element of an issue form."""
    field = form.field(question)
    attributes: dict[str, Any] = {"label": question.label}
    if question.description:
        attributes["description"] = question.description
    element = "textarea" if _is_long(form, question) else "input"
    if choices := options(form, question):
        element = "dropdown"
        attributes["options"] = choices
    return {
        "type": element,
        "id": question.key or "else",
        "attributes": attributes,
        "validations": {"required": question.needed or bool(field and field.required)},
    }


def _is_long(form: Form, question: Question) -> bool:
    """Return whether an answer may have several lines."""
    field = form.field(question)
    return question.long or bool(field and (field.many or field.kind == "text"))


class Answers(NamedTuple):
    """A form that was filled in: the texts by key, and the remark to the editors."""

    form: Form
    texts: dict[str, Any]
    remark: str


def read(data: bytes) -> Answers:
    """Return the answers in the text of an issue.

    :raises FormError: if it is not the text of a form, or if a heading of the form occurs twice, so that it is unclear which answer is which.
    """
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise FormError(f"byte 0x{data[error.start]:02x} at {error.start:,} is not UTF-8") from None
    if len(text) > MOST_CHARACTERS:
        raise FormError(f"it has {len(text):,} characters; expected at most {MOST_CHARACTERS:,}")
    headings = _headings(text)
    form = _form(set(headings))
    places = []
    for question in form.questions:
        (start, end), *others = headings[question.label]
        if others:
            raise FormError(
                f"the heading '{question.label}' occurs {len(others) + 1} times; remove it from the answers"
            )
        places.append((start, end, question))
    places.sort()
    lines = text.split("\n")
    ends = [start for start, _, _ in places[1:]] + [len(lines)]
    texts: dict[str, Any] = {}
    for (_, begin, question), end in zip(places, ends, strict=True):
        answer = "\n".join(lines[begin:end]).strip()
        if answer not in ("", NOTHING):
            texts[question.key] = _answer(form, question, answer)
    return Answers(form, texts, texts.pop("", ""))


def _form(labels: set[str]) -> Form:
    """Return the form whose labels are all among `labels`.

    :raises FormError: if there is none, with the nearest form.
    """
    missing = {
        name: [question.label for question in form.questions if question.label not in labels]
        for name, form in FORMS.items()
    }
    for name, form in FORMS.items():
        if not missing[name]:
            return form
    near = max(FORMS, key=lambda name: len(FORMS[name].questions) - len(missing[name]))
    raise FormError(
        f"it is not the text of a form; the nearest is {near}, without {', '.join(missing[near])}"
    )


def _headings(text: str) -> dict[str, list[tuple[int, int]]]:
    """Return the texts of headings of the third rank with the lines where they begin and end, except those inside quotes, lists and code."""
    headings: dict[str, list[tuple[int, int]]] = {}
    tokens = MarkdownIt("commonmark").disable(["lheading"]).parse(text)
    for token, inner in zip(tokens, tokens[1:], strict=False):
        if token.type == "heading_open" and token.tag == "h3" and token.level == 0:
            headings.setdefault(inner.content.strip(), []).append((token.map[0], token.map[1]))
    return headings


def _answer(form: Form, question: Question, text: str) -> Any:
    """Return an answer as the options of `new` have it: one text, or a list of texts."""
    field = form.field(question)
    if field and field.many:
        lines = (line.strip().removeprefix("- ").strip() for line in text.split("\n"))
        return tuple(filter(None, lines))
    if options(form, question):
        return text.partition(":")[0]
    return text if _is_long(form, question) else " ".join(text.split())


def write(folder: Path) -> list[Path]:
    """Write every form into `folder`; return the paths."""
    import yaml

    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.yml" for name in FORMS]
    for path in paths:
        form = template(path.stem)
        text = yaml.safe_dump(form, sort_keys=False, allow_unicode=True, width=150)
        path.write_text(text, encoding="utf-8")
    return paths


if __name__ == "__main__":
    for written in write(Path(".github/ISSUE_TEMPLATE")):
        print(written)
