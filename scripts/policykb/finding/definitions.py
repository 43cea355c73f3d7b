"""Short names that a text itself gives to an act: Senate Bill 53 (the “Act”), the AI Act (AIA)."""

import re
from collections.abc import Iterable, Iterator, Sequence

_BRACKETS = re.compile(r"[”\"’'’]?,? ?\(([^()]{2,80})\)")
_WITHIN = re.compile(r"\(([A-Z]{3,8})\)")  # the Big Harbor (BH) Act
_QUOTED = re.compile(r"[“\"‘']([A-Z][^“”\"]{1,40}?),?[”\"’']")
_ACRONYM = re.compile(r"(?:the )?([A-Z][A-Za-z]*[A-Z][A-Za-z0-9]*)")
_YEAR = re.compile(r"^(?:19|20)\d\d ")  # the 2024 Harbor Act (2024 HA)
_NAME = re.compile(r"[A-Z][\w.&-]*(?: (?:[A-Z][\w.&-]*|of|on|for|and)){,5}")


def defined(
    text: str, named: Iterable[tuple[int, int, str]]
) -> list[tuple[str, int, tuple[int, int, str]]]:
    """Return the short names that `text` gives to acts, each with the place behind it and the act; `named` are start, end and act of names."""
    return [(name, place, act) for act in named for name, place in _short_names(text, *act[:2])]


def uses(
    text: str, short_names: Iterable[tuple[str, int, tuple[int, int, str]]]
) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and act of each later use of the `short_names` of only one act."""
    acts: dict[str, set[str]] = {}
    begins: dict[str, int] = {}
    for name, place, (_, _, act) in short_names:
        acts.setdefault(name, set()).add(act)
        begins[name] = min(place, begins.get(name, place))
    for name, of_name in acts.items():
        if len(of_name) == 1:
            article = "" if " " in name or _ACRONYM.fullmatch(name) else "[Tt]h(?:e|is) "
            use = re.compile(rf"(?<![\w-]){article}{re.escape(name)}(?![\w-])(?! [A-Z])")
            for match in use.finditer(text, begins[name]):
                yield *match.span(), next(iter(of_name))


def _short_names(text: str, start: int, end: int) -> Iterator[tuple[str, int]]:
    """Yield the short names within and behind the name of an act, each with the place behind it."""
    for inner in _WITHIN.findall(text, start, end):
        yield inner, end
    place = end
    while match := _BRACKETS.match(text, place):
        place = match.end()
        words = re.findall(r"[A-Za-z]+", text[max(0, start - 40) : end])
        quoted = _QUOTED.findall(match[1])
        acronym = _ACRONYM.fullmatch(_YEAR.sub("", match[1]))
        if acronym and _are_initials(acronym[1].upper(), words):
            quoted.append(acronym[1])
        elif len(match[1].split()) > 1 and set(match[1].split()) <= {*words}:
            quoted.append(match[1])  # some of its words: Digital Omnibus on AI (AI Omnibus)
        for name in quoted:
            if _NAME.fullmatch(name.removeprefix("the ")):
                yield name, place


def _are_initials(letters: str, words: Sequence[str]) -> bool:
    """Return whether a name that ends with `words` has these initials, with or without small words and the last word."""
    for of_name in (words, [word for word in words if not word.islower()]):
        initials = "".join(word if word.isupper() else word[0] for word in of_name).upper()
        if initials.endswith(letters) or initials[:-1].endswith(letters):
            return True
    return False
