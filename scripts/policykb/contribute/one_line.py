"""Parts of records in one line, as they are typed as options and into forms: `2026-06-02 signed: In the capital @ a-source, page 3`.

One grammar for all: what it is, then `: note`, then `@ document, locator`. Reads text; knows neither files nor commands.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from policykb.model import records as model
from policykb.model.fields import Part, describe
from policykb.model.problems import shown
from policykb.model.records import ID_FORM
from policykb.model.vocabulary import UNFORESEEABLE, VOCABULARIES, advice, term_of

NEW = "source"  # stands for the document that is made together with the record
UNCONFIRMED = "unconfirmed"

# What somebody typed as a date, and whether it must lie in the past -> the partial date.
Dates = Callable[[str, bool], str]


class Unclear(Exception):
    """The text cannot be read; the message says what was wrong and what was expected."""


class Doubtful(Unclear):
    """The text can be read in several ways, and the message names them."""


class Form(NamedTuple):
    """How a part is written: the keys at its head, the key after the colon, what stands after the @, and an example.

    `places` is 'cite' for a list of sources, 'place' for a document and place of its own, 'within' for a place in the
    record itself, '' for none. A part without a head is a source.
    """

    part: type[Part]
    head: tuple[str, ...]
    places: str
    example: str

    @property
    def grammar(self) -> str:
        """The form in words: `DATE TYPE: NOTE @ DOCUMENT, LOCATOR`."""
        if not self.head:
            words = ' "WORDS"' if "words" in describe(self.part) else ""
            return f"DOCUMENT, LOCATOR{words}: NOTE"
        after = {
            "cite": " @ DOCUMENT, LOCATOR; DOCUMENT ...",
            "place": " @ DOCUMENT, LOCATOR",
            "within": ' @ LOCATOR "WORDS"',
            "": "",
        }[self.places]
        return " ".join(key.removesuffix("_as").upper() for key in self.head) + ": NOTE" + after


FORMS: dict[type[Part], Form] = {
    form.part: form
    for form in (
        Form(
            model.Event,
            ("date", "type"),
            "cite",
            "2026-06-02 signed: In the capital @ a-source, page 3",
        ),
        Form(model.Openness, ("effect",), "cite", "silent: Says nothing of open weights"),
        Form(model.Body, ("organization", "role"), "", "us-president issuer"),
        Form(model.ActionRelation, ("type", "action"), "", "revokes us-eo-14110: In whole"),
        Form(
            model.Dispute,
            ("about",),
            "cite",
            "Who reviews: The press names one body, the text another @ a-source; another-source",
        ),
        Form(model.Cite, (), "", "a-source, page 3: The date stands below"),
        Form(
            model.Appearance,
            (),
            "",
            'a-source, paragraph 2 "let a teacher run one": Said of schools',
        ),
        Form(
            model.Stance, ("stance", "action"), "", "supports us-eo-14409: It leaves release free"
        ),
        Form(
            model.ArgumentRelation,
            ("type", "argument"),
            "",
            "rebuts an-argument: In class it can be supervised",
        ),
        Form(
            model.Evidence,
            ("finding",),
            "place",
            "supports: Six of ten schools say so @ a-source, page 4",
        ),
        Form(
            model.Mention,
            ("portrayed_as", "action"),
            "within",
            'enacted us-eo-14409: Not named @ paragraph 3 "signed the order"',
        ),
    )
}


def read(kind: type[Part], text: str, when: Dates) -> dict[str, Any]:
    """The part `kind` that `text` describes, as keys and values of its file.

    :raises Unclear: if it cannot be read; whether ids exist is for the checks.
    """
    form = FORMS[kind]
    text = " ".join(text.split())
    try:
        return _headed(form, text, when) if form.head else _sourced(form, text)
    except Doubtful:
        raise
    except Unclear as error:
        raise Unclear(
            f"'{shown(text, 160)}' cannot be read: {error}; write {form.grammar}, such as: {form.example}"
        ) from None


def _headed(form: Form, text: str, when: Dates) -> dict[str, Any]:
    # A web address or a note may hold a colon or an @, so the @ has to stand alone.
    before, at, after = (
        re.fullmatch(r"(.*?)(?:(?:^| )(@) (.*))?", text).groups()
        if form.places
        else (text, None, "")
    )
    head, colon, note = before.partition(":")
    found = _head(form, head.strip(), when)
    if colon and note.strip():
        found["note"] = note.strip()
    elif describe(form.part)["note"].required:
        raise Unclear("there is no note after a colon")
    if not at:
        return found
    if form.places == "within":
        return found | _locator(after)
    if form.part is model.Event and after.strip() == UNCONFIRMED:
        return found | {"unconfirmed": True}
    places = [_place(place.strip(), words=False) for place in after.split(";")]
    if form.places == "cite":
        return found | {"cite": places}
    return found | places[0]


def _head(form: Form, head: str, when: Dates) -> dict[str, Any]:
    """The keys at the head. Vocabulary may take several words, and so may the first key; an id is one word."""
    found: dict[str, Any] = {}
    rest = head.split()
    for position in range(len(form.head) - 1, -1, -1):
        key = form.head[position]
        if position == 0:
            taken, rest = rest, []
        else:
            taken = _tail(form.part, key, rest)
            rest = rest[: len(rest) - len(taken)]
        if not taken:
            raise Unclear(f"there is no {key.replace('_as', '')}")
        found[key] = " ".join(taken)
    for key in form.head:
        found[key] = _value(form.part, key, found[key], found, when)
    return {key: found[key] for key in form.head}


def _tail(part: type[Part], key: str, words: list[str]) -> list[str]:
    """The words at the end of `words` that are a term of the vocabulary of `key`; the last word, if none are or there is none."""
    terms = describe(part)[key].terms
    for count in range(min(4, len(words) - 1), 0, -1):
        if terms and term_of(terms, " ".join(words[-count:])):
            return words[-count:]
    return words[-1:]


def _value(part: type[Part], key: str, text: str, found: Mapping[str, str], when: Dates) -> str:
    field = describe(part)[key]
    if field.terms:
        if not (one := term_of(field.terms, text)):
            raise Unclear(
                f"'{shown(text)}' is no {key.replace('_as', '')}; {advice(field.terms, text)}"
            )
        return one.id
    return when(text, found.get("type") in UNFORESEEABLE) if field.dated else text


def _sourced(form: Form, text: str) -> dict[str, Any]:
    match = re.fullmatch(r'([^:"]*(?:"[^"]*")?)(?::\s*(.*))?', text)
    if not match:
        raise Unclear("the quotation marks do not pair")
    found = _place(match[1].strip(), words="words" in describe(form.part))
    return found | ({"note": match[2].strip()} if match[2] else {})


def _place(text: str, words: bool) -> dict[str, str]:
    document, _, place = text.partition(",")
    document, quote, rest = document.partition('"') if words else (document, "", "")
    if not re.fullmatch(ID_FORM, document.strip()):
        raise Unclear(f"'{shown(document.strip())}' is not the id of a document")
    return {"document": document.strip()} | (_locator(quote + rest + place, words))


def _locator(text: str, words: bool = True) -> dict[str, str]:
    match = re.fullmatch(r'\s*([^"]*?)\s*(?:"([^"]*)")?\s*', text)
    if not match or (match[2] and not words):
        raise Unclear(
            "the quotation marks do not pair" if not match else "locating words have no place here"
        )
    return {key: value for key, value in (("locator", match[1]), ("words", match[2])) if value}


def identifier(text: str) -> tuple[str, str]:
    """Scheme and value of `eo=14409`.

    :raises Unclear: if it is not of that form or the scheme is unknown.
    """
    scheme, equals, value = text.partition("=")
    terms = VOCABULARIES["identifier_schemes"]
    one = term_of(terms, scheme)
    if not equals or not value.strip():
        raise Unclear(
            f"'{shown(text)}' is not an identifier; write SCHEME=NUMBER, such as: eo=14409"
        )
    if not one:
        raise Unclear(f"'{shown(scheme)}' is no scheme of identifiers; {advice(terms, scheme)}")
    return one.id, value.strip()


def author(text: str) -> dict[str, str]:
    """An author: `Doe, Jane`, a family name, or the id of an organization or person."""
    text = " ".join(text.split())
    if re.fullmatch(ID_FORM, text):
        return {"organization": text}
    family, _, given = text.partition(",")
    return {"family": family.strip()} | ({"given": given.strip()} if given.strip() else {})


def typed(kind: type[Part], key: str, text: str, when: Dates) -> Any:
    """What `text` means under the key `key` of `kind`: one value, or one item of a list.

    :raises Unclear: if it cannot be read.
    """
    field = describe(kind)[key]
    text = text.strip() if field.kind == "text" else " ".join(text.split())
    if key == "identifiers":
        return identifier(text)
    if field.part is model.Author:
        return author(text)
    if field.part:
        return read(field.part, text, when)
    if field.terms:
        if one := term_of(field.terms, text):
            return one.id
        raise Unclear(f"'{shown(text)}' is not in the vocabulary; {advice(field.terms, text)}")
    return when(text, True) if field.dated else text


def table() -> list[str]:
    """The forms of parts as the rows of a table in Markdown."""
    rows = [
        (form.part.__name__, f"`{form.grammar}`", f"`{form.example}`") for form in FORMS.values()
    ]
    return [
        "| " + " | ".join(row) + " |"
        for row in (("Part", "Written as", "Example"), ("---",) * 3, *rows)
    ]
