"""Values and parts of records as people type them in options, forms and at the terminal.

A part is one line: what it is, then `: note`, then `@ document, locator`, such as
`2026-06-02 signed: In the capital @ a-source, page 3`. Reads text; knows neither files nor commands. A reference is read as
typed: an id, a name, an official number or an address; `resolve` turns it into the id.
"""

import re
from collections.abc import Callable, MutableMapping
from typing import Any, NamedTuple

from policykb.contribute.resolve import References
from policykb.model import records as model
from policykb.model.fields import Field, Part, describe
from policykb.model.parts import one_or_several, several
from policykb.model.problems import InvalidInputError, shown
from policykb.model.records import is_id
from policykb.model.vocabulary import (
    UNFORESEEABLE,
    Term,
    advice,
    locator,
    scheme_named,
    term_of,
    terms_of,
)

NEW = "source"  # means the document that is made together with the record
UNCONFIRMED = "unconfirmed"
MOST_WORDS_OF_TERM = 4

# A date as typed, and whether it must lie in the past -> the partial date.
Dates = Callable[[str, bool], str]


class AmbiguousError(InvalidInputError):
    """The text can be read in several ways, and the message names them."""


class Form(NamedTuple):
    """How a part is written: the keys at its head, or none if it begins with its document; an example."""

    part: type[Part]
    head: tuple[str, ...]
    example: str

    @property
    def place(self) -> str:
        """Return the key that the text after the @ sets: 'cite', 'document', 'locator' or ''."""
        fields = describe(self.part)
        return next((key for key in ("cite", "document", "locator") if key in fields), "")

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys that a line can set, in the order in which a person is asked for them."""
        if self.place == "cite":
            return (*self.head, "note", "cite")
        if self.place == "document" and self.head:
            return (*self.head, "note", "document", "locator")
        rest = () if self.head else ("document",)
        known = describe(self.part)
        return (*self.head, *rest, *(key for key in ("locator", "words", "note") if key in known))

    @property
    def grammar(self) -> str:
        """Return the form in words: `DATE TYPE: NOTE @ DOCUMENT, LOCATOR`."""
        if not self.head:
            words = ' "WORDS"' if "words" in self.keys else ""
            return f"DOCUMENT, LOCATOR{words}: NOTE"
        place = {
            "cite": " @ DOCUMENT, LOCATOR; DOCUMENT ...",
            "document": " @ DOCUMENT, LOCATOR",
            "locator": ' @ LOCATOR "WORDS"',
            "": "",
        }[self.place]
        return f"{' '.join(map(_label, self.head)).upper()}: NOTE{place}"


_FORMS = (
    Form(model.Event, ("date", "type"), "2026-06-02 signed: In the capital @ a-source, page 3"),
    Form(model.Effect, ("kind",), "unclear: The text was not read"),
    Form(model.Body, ("organization", "role"), "us-president issuer"),
    Form(model.ActionRelation, ("type", "action"), "revokes us-eo-14110: In whole"),
    Form(
        model.Dispute,
        ("about",),
        "Who reviews: The press names one body, the text another @ a-source; another-source",
    ),
    Form(model.Cite, (), "a-source, page 3: The date is below"),
    Form(model.Appearance, (), 'a-source, paragraph 2 "let a teacher run one": Said of schools'),
    Form(model.Stance, ("stance", "action"), "supports us-eo-14409: It leaves release free"),
    Form(
        model.ArgumentRelation,
        ("type", "argument"),
        "rebuts an-argument: In class it can be supervised",
    ),
    Form(model.Evidence, ("finding",), "supports: Six of ten schools say so @ a-source, page 4"),
    Form(
        model.Mention,
        ("portrayed_as", "action"),
        'enacted us-eo-14409: Not named @ paragraph 3 "signed the order"',
    ),
)
FORMS: dict[type[Part], Form] = {form.part: form for form in _FORMS}


def grammar(field: Field) -> str:
    """Return how a value is written that is more than a text, a term or a date; else ''."""
    if field.part in FORMS:
        return FORMS[field.part].grammar
    if field.part is model.Author:
        return "FAMILY, GIVEN or ID"
    return "SCHEME=NUMBER" if field.kind == "table" else ""


def value(field: Field, text: str, when: Dates) -> Any:
    """Return the meaning of `text` in a field: one value, or one item of a list.

    :raises InvalidInputError: if it cannot be read; whether ids exist is for the checks.
    """
    text = text.strip() if field.kind == "text" else " ".join(text.split())
    if field.kind == "table":
        return identifier(text)
    if field.part is model.Author:
        return _author(text)
    if field.name == "locator":
        return locator(text) or text
    return read(field.part, text, when) if field.part else _plain(field, text, when)


def put(content: dict[str, Any], field: Field, value: Any) -> None:
    """Set a value in `content`, or add it to the list or table of its field."""
    if field.kind == "table":
        scheme, number = value
        table = content.setdefault(field.name, {})
        table[scheme] = one_or_several([*several(table.get(scheme)), number])
    elif field.many:
        content.setdefault(field.name, []).append(value)
    else:
        content[field.name] = value


def read(part: type[Part], text: str, when: Dates) -> dict[str, Any]:
    """Return the part that `text` describes, as keys and values of its file.

    :raises InvalidInputError: if it cannot be read; whether ids exist is for the checks.
    """
    form = FORMS[part]
    text = " ".join(text.split())
    try:
        return _with_head(form, text, when) if form.head else _with_source(form, text)
    except AmbiguousError:
        raise
    except InvalidInputError as error:
        raise InvalidInputError(
            f"'{shown(text, 160)}' cannot be read: {error}; write {form.grammar}, such as: {form.example}"
        ) from None


def identifier(text: str) -> tuple[str, str]:
    """Return scheme and value of `eo=14409`.

    :raises InvalidInputError: if it is not of that form, the scheme is unknown, or the number has not the form of the scheme.
    """
    scheme, equals, number = text.partition("=")
    if not equals and (pair := _scheme_and_number(text)):
        return pair
    if not equals or not number.strip():
        raise InvalidInputError(
            f"'{shown(text)}' is not an identifier; write SCHEME=NUMBER, such as: eo=14409"
        )
    term = scheme_named(scheme_of(scheme))
    if value := term.value_in(number):
        return term.id, value
    raise InvalidInputError(
        f"'{shown(number.strip())}' does not have the form of scheme '{term.id}'; expected a value like '{term.example}'"
    )


def scheme_of(text: str) -> str:
    """Return the scheme of identifiers that `text` names.

    :raises InvalidInputError: if there is none.
    """
    terms = terms_of("identifier_schemes")
    if term := term_of(terms, text):
        return term.id
    raise InvalidInputError(
        f"'{shown(text)}' is not a scheme of identifiers; {advice(terms, text)}"
    )


def _scheme_and_number(text: str) -> tuple[str, str] | None:
    """Return scheme and value of `EO 14409`: the words of a scheme, then a number of its form; None if it is not such a text.

    A scheme that has another way to write its values needs no words before it: `H.R. 9925 (119th Congress)`.
    """
    for term in terms_of("identifier_schemes"):
        if term.written and (number := term.value_in(text)):
            return term.id, number
    for match in re.finditer(r"\s+", text.strip()):
        term = term_of(terms_of("identifier_schemes"), text[: match.start()])
        number = term.value_in(text[match.end() :]) if term else ""
        if number:
            return term.id, number
    return None


def resolve(content: MutableMapping[str, Any], part: type[Part], reference: References) -> None:
    """Replace each reference inside `content`, keys and values of a `part`, by the id that it means.

    :raises InvalidInputError: if a reference can mean several records, or none.
    """
    if part is model.Author and content.keys() == {"family"}:
        if organization := reference.known(content["family"], ("organization",)):
            content |= {"organization": organization}
            del content["family"]
        return
    for key, field in describe(part).items():
        value = content.get(key)
        if not value or value == NEW:
            continue
        if field.part:
            for item in several(value):
                resolve(item, field.part, reference)
        elif field.reference and isinstance(value, list):
            content[key] = [reference(item, field.reference) for item in value]
        elif field.reference:
            content[key] = reference(value, field.reference)


def _author(text: str) -> dict[str, str]:
    """Return the author that `Doe, Jane`, a family name or the id of an organization means."""
    if is_id(text):
        return {"organization": text}
    family, _, rest = text.partition(",")
    return {"family": family.strip()} | ({"given": rest.strip()} if rest.strip() else {})


def unknown_term(terms: tuple[Term, ...], text: str) -> InvalidInputError:
    """Return the error for a text that is not one of `terms`."""
    return InvalidInputError(f"'{shown(text)}' is not in the vocabulary; {advice(terms, text)}")


def _plain(field: Field, text: str, when: Dates, past: bool = True) -> str:
    """Return the id of a term, a date, or other text as it is."""
    if field.terms:
        if term := term_of(field.terms, text):
            return term.id
        raise unknown_term(field.terms, text)
    return when(text, past) if field.dated else text


def _label(key: str) -> str:
    return key.removesuffix("_as")


def _with_head(form: Form, text: str, when: Dates) -> dict[str, Any]:
    # A web address or a note may hold a colon or an @, so the @ needs space on both sides.
    match = re.fullmatch(r"(.*?)(?:(?:^| )@ (.*))?", text)
    before, after = match.groups() if form.place else (text, None)
    head, _, note = before.partition(":")
    content = _head(form, head.split(), when)
    if note.strip():
        content["note"] = note.strip()
    elif describe(form.part)["note"].required:
        raise InvalidInputError("there is no note after a colon")
    if after is None:
        return content
    if form.place == "locator":
        return content | _locator(after)
    if form.part is model.Event and after.strip() == UNCONFIRMED:
        return content | {"unconfirmed": True}
    places = [_place(place.strip(), words=False) for place in after.split(";")]
    return content | ({"cite": places} if form.place == "cite" else places[0])


def _head(form: Form, words: list[str], when: Dates) -> dict[str, str]:
    """Return the keys at the head. Where there are two, a term ends it or begins it, and the other key has all other words."""
    fields = describe(form.part)
    count = len(words)
    if len(form.head) == 2:
        at_end = bool(fields[form.head[1]].terms)
        term = fields[form.head[1] if at_end else form.head[0]]
        size = _words_of_term(term, words, at_end)
        count = len(words) - size if at_end else size
    texts = dict(zip(form.head, (" ".join(words[:count]), " ".join(words[count:])), strict=False))
    for key in reversed(form.head):
        if not texts[key]:
            raise InvalidInputError(f"there is no {_label(key)}")
    content: dict[str, str] = {}
    for key in reversed(form.head):  # the type of an event before its date
        past = content.get("type") in UNFORESEEABLE
        content[key] = _plain(fields[key], texts[key], when, past)
    return content


def _words_of_term(field: Field, words: list[str], at_end: bool) -> int:
    """Return how many words at the end, or at the start, are a term of `field`; at least one, so that a message can name it."""
    for count in range(min(MOST_WORDS_OF_TERM, len(words) - 1), 0, -1):
        term = words[-count:] if at_end else words[:count]
        if term_of(field.terms, " ".join(term)):
            return count
    return min(1, len(words))


def _with_source(form: Form, text: str) -> dict[str, Any]:
    # A colon between digits belongs to the locator, article 3:2, and one before slashes to an address.
    match = re.fullmatch(r'((?:[^:"]|(?<=\d):(?=\d)|:(?=//))*(?:"[^"]*")?)(?::\s*(.*))?', text)
    if not match:
        raise InvalidInputError("a quotation mark is not closed")
    note = {"note": match[2].strip()} if match[2] else {}
    return _place(match[1].strip(), words="words" in form.keys) | note


def _place(text: str, words: bool) -> dict[str, str]:
    """Return the document and the place in it. A name may have commas, so a place after a name begins with a label."""
    text, quote, rest = text.partition('"') if words else (text, "", "")
    commas = [match for match in re.finditer(r",\s*", text) if locator(text[match.end() :])]
    if "://" in text:
        commas = list(re.finditer(r",\s+", text))
    elif not commas and is_id(text.partition(",")[0].strip()):
        commas = list(re.finditer(",", text))
    document, place = text, ""
    if commas:
        document, place = text[: commas[0].start()], text[commas[0].end() :]
    if not document.strip():
        raise InvalidInputError("there is no document")
    return {"document": document.strip(" ,")} | _locator(place + quote + rest, words)


def _locator(text: str, words: bool = True) -> dict[str, str]:
    match = re.fullmatch(r'\s*([^"]*?)\s*(?:"([^"]*)")?\s*', text)
    if not match:
        raise InvalidInputError("a quotation mark is not closed")
    if match[2] and not words:
        raise InvalidInputError("locating words are not allowed here")
    place = locator(match[1]) or match[1]
    return {key: value for key, value in (("locator", place), ("words", match[2])) if value}
