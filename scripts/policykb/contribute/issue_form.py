"""The issue forms: what they ask, and what GitHub makes of the answers, read back.

issue_forms.toml serves both: .github/ISSUE_TEMPLATE/ is written from it, and answers are found by its labels. GitHub gives
an answer as a heading with the label and the text below; the text may hold anything.
"""

from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from markdown_it import MarkdownIt

from policykb.contribute.drafts import KINDS
from policykb.files.reader import keys_and_values
from policykb.model.fields import Field, describe
from policykb.model.problems import InvalidInputError
from policykb.model.records import Document
from policykb.model.vocabulary import Term

MOST_CHARACTERS = 300_000  # GitHub takes 65,536 in an issue
NOTHING = "_No response_"
LABEL = "from-form"


class Question(NamedTuple):
    """A question of a form, as issue_forms.toml describes it."""

    label: str
    key: str = ""
    description: str = ""
    needed: bool = False
    long: bool = False


class Form(NamedTuple):
    """A form, as issue_forms.toml describes it."""

    name: str
    description: str
    title: str
    questions: tuple[Question, ...]
    kind: str = ""

    def field(self, question: Question) -> Field | None:
        """Return the field that a question sets, if it is one of a record."""
        if not self.kind:
            return None
        if question.key.startswith("source_"):
            return describe(Document)[question.key.removeprefix("source_")]
        return describe(KINDS[self.kind][0]).get(question.key)

    def terms(self, question: Question) -> tuple[Term, ...]:
        """Return the terms to choose from; none where text is asked for."""
        field = self.field(question)
        return field.terms if field and not field.many else ()

    def is_needed(self, question: Question) -> bool:
        """Return whether a question needs an answer."""
        field = self.field(question)
        return question.needed or bool(field and field.required)

    def is_long(self, question: Question) -> bool:
        """Return whether an answer may have several lines."""
        field = self.field(question)
        return question.long or bool(field and (field.many or field.kind == "text"))


def _load() -> dict[str, Form]:
    """Return the forms of issue_forms.toml by name."""
    text = resources.files(__package__).joinpath("issue_forms.toml").read_text(encoding="utf-8")
    tables = keys_and_values(text)
    shared = tables.pop("shared")
    forms = {}
    for name, table in tables.items():
        rows: list[dict[str, Any]] = []
        for item in table["questions"]:
            rows += shared[item] if isinstance(item, str) else [item]
        forms[name] = Form(**table | {"questions": tuple(Question(**row) for row in rows)})
    return forms


FORMS = _load()
_INTRODUCTION = (
    "Answers become a proposal that editors look at. Write in your own words, in plain English. "
    "Dates may be written as 2026-06-02, June 2026 or 2026."
)


def options(form: Form, question: Question) -> list[str]:
    """Return the answers to choose from: terms with their definitions; [] where text is asked for.

    The definition is in the answer because GitHub refuses the bare word None.
    """
    return [f"{term.id}: {term.definition}" for term in form.terms(question)]


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
    element = "textarea" if form.is_long(question) else "input"
    attributes: dict[str, Any] = {"label": question.label}
    if question.description:
        attributes["description"] = question.description
    if choices := options(form, question):
        element = "dropdown"
        attributes["options"] = choices
    return {
        "type": element,
        "id": question.key or "else",
        "attributes": attributes,
        "validations": {"required": form.is_needed(question)},
    }


class Answers(NamedTuple):
    """A form that was filled in: the texts by key, and the remark to the editors."""

    form: Form
    texts: dict[str, Any]
    remark: str


def read(data: bytes) -> Answers:
    """Return the answers in the text of an issue.

    :raises InvalidInputError: if it is not the text of a form, or if a heading of the form occurs twice, so that it is unclear which answer is which.
    """
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        byte = f"byte 0x{data[error.start]:02x} at {error.start:,}"
        raise InvalidInputError(f"{byte} is not UTF-8") from None
    if len(text) > MOST_CHARACTERS:
        most = f"at most {MOST_CHARACTERS:,}"
        raise InvalidInputError(f"it has {len(text):,} characters; expected {most}")
    headings = _headings(text)
    form = _form(set(headings))
    places = []
    for question in form.questions:
        (start, end), *others = headings[question.label]
        if others:
            raise InvalidInputError(
                f"the heading '{question.label}' occurs {len(others) + 1} times; remove it from the answers"
            )
        places.append((start, end, question))
    places.sort()
    lines = text.split("\n")
    ends = [*(heading for heading, _, _ in places[1:]), len(lines)]
    texts: dict[str, Any] = {}
    for (_, start, question), end in zip(places, ends, strict=True):
        answer = "\n".join(lines[start:end]).strip()
        if answer not in ("", NOTHING):
            texts[question.key] = _answer(form, question, answer)
    return Answers(form, texts, texts.pop("", ""))


def _form(labels: set[str]) -> Form:
    """Return the form whose labels are all among `labels`.

    :raises InvalidInputError: if there is none, with the nearest form.
    """
    missing = {
        name: [question.label for question in form.questions if question.label not in labels]
        for name, form in FORMS.items()
    }
    for name, form in FORMS.items():
        if not missing[name]:
            return form
    near = max(FORMS, key=lambda name: len(FORMS[name].questions) - len(missing[name]))
    raise InvalidInputError(
        f"it is not the text of a form; the nearest is {near}, without {', '.join(missing[near])}"
    )


def _headings(text: str) -> dict[str, list[list[int]]]:
    """Return the first line of each heading of the third rank and the line after it; not those in quotes, lists and code."""
    headings: dict[str, list[list[int]]] = {}
    tokens = MarkdownIt("commonmark").disable(["lheading"]).parse(text)
    for token, inner in zip(tokens, tokens[1:], strict=False):
        if token.type == "heading_open" and token.tag == "h3" and token.level == 0:
            headings.setdefault(inner.content.strip(), []).append(token.map)
    return headings


def _answer(form: Form, question: Question, text: str) -> Any:
    """Return an answer as the options of `new` have it: one text, or a list of texts."""
    field = form.field(question)
    if field and field.many:
        lines = (line.strip().removeprefix("- ").strip() for line in text.split("\n"))
        return tuple(filter(None, lines))
    if form.terms(question):
        return text.partition(":")[0]
    return text if form.is_long(question) else " ".join(text.split())


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
