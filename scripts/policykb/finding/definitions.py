"""Short names that a text itself gives to an act: Senate Bill 53 (the “Act”), the AI Act (AIA)."""

import re
from collections.abc import Iterator, Sequence

_BRACKETS = re.compile(r"[”\"’'’]?,? ?\(([^()]{2,80})\)")
_CALLED = re.compile(
    r"[”\"]?,?\s?[—–-]?\s?(?:henceforth|hereinafter|hereafter|also called)\b([^.;()]{3,60})"
)
_WITHIN = re.compile(r"\(([A-Z]{3,8})\)")  # the Big Harbor (BH) Act
_QUOTED = re.compile(r"[“\"‘']([A-Z][^“”\"]{1,40}?),?[”\"’']")
_ACRONYM = re.compile(r"(?:the )?([A-Z][A-Za-z]*[A-Z][A-Za-z0-9]*)")
_NAME = re.compile(r"[A-Z][\w.&-]*(?: (?:[A-Z][\w.&-]*|of|on|for|and)){,5}")


def uses(text: str, named: Sequence[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and action of each later use of a short name that `text` gives to an act; `named` are the same of names."""
    short: dict[str, set[str]] = {}
    begins: dict[str, int] = {}
    for start, end, action in named:
        for name, place in short_names(text, start, end):
            short.setdefault(name, set()).add(action)
            begins[name] = min(place, begins.get(name, place))
    for name, actions in short.items():
        if len(actions) == 1:
            article = "" if len(name.split()) > 1 or _ACRONYM.fullmatch(name) else "[Tt]h(?:e|is) "
            use = re.compile(rf"(?<![\w-]){article}{re.escape(name)}(?![\w-])(?! [A-Z])")
            for match in use.finditer(text, begins[name]):
                yield *match.span(), next(iter(actions))


def short_names(text: str, start: int, end: int) -> Iterator[tuple[str, int]]:
    """Yield the short names behind the name of an act, each with the place where it was given."""
    words = re.findall(r"[A-Za-z]+", text[max(0, start - 40) : end])
    forms = _initials(words), _initials([word for word in words if not word.islower()])
    for inner in _WITHIN.findall(text, start, end):
        yield inner, end
    place = end
    while match := _BRACKETS.match(text, place) or _CALLED.match(text, place):
        place = match.end()
        quoted = _QUOTED.findall(match[1])
        acronym = _ACRONYM.fullmatch(match[1])
        if acronym and any(
            form.endswith(acronym[1].upper()) for all_of in forms for form in (all_of, all_of[:-1])
        ):
            quoted.append(acronym[1])
        elif len(match[1].split()) > 1 and set(match[1].split()) <= {*words}:
            quoted.append(match[1])  # some of its words: Digital Omnibus on AI (AI Omnibus)
        for name in quoted:
            if _NAME.fullmatch(name.removeprefix("the ")):
                yield name, place


def _initials(words: Sequence[str]) -> str:
    return "".join(word if word.isupper() else word[0] for word in words).upper()
