"""What people write instead of TOML: why a line cannot be read, and the line as it should be.

Only the form of a line changes: quotes, signs and the writing of dates, never a word.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from policykb.model.dates import understood
from policykb.model.problems import shown

_CURLY = str.maketrans("“”„‟«»‘’‚‛", '""""""' + "''''")
_PAIR = re.compile(r"^(?P<key>\s*[\w.-]+\s*=\s*)(?P<value>[^\"'\[{#]*?)(?P<rest>\s*(?:#.*)?)$")
_MARK = re.compile(rb"^(?:<<<<<<< [^\r\n]*|=======(?=\r?$)|>>>>>>> )", re.MULTILINE)
_EXAMPLE = 'title = "An order"'
_DATE_FORM = 'a day as 2026-06-02, any other date in quotes, such as "2026-06"'


class Advice(NamedTuple):
    """Why a line cannot be read, what is expected, and the corrected line ('' if a person must decide)."""

    message: str
    expected: str
    line: str = ""


def advice(line: str, message: str) -> Advice | None:
    """Return the advice for a `line` that a parser refused with `message`; None if its mistake is not known."""
    for mistake in _MISTAKES:
        if result := mistake(line, message):
            return result
    return None


def conflict(data: bytes) -> re.Match[bytes] | None:
    """Return the first mark of a merge conflict in the content of a file; None if its three marks are not there in order."""
    if b"<<<<<<<" not in data:
        return None
    marks: list[re.Match[bytes]] = []
    for mark in _MARK.finditer(data):
        if mark[0].startswith((b"<", b"=", b">")[len(marks)]):
            marks.append(mark)
        if len(marks) == 3:
            return marks[0]
    return None


def _control(line: str, message: str) -> Advice | None:
    match = re.search(r"[\x00-\x08\x0b-\x1f\x7f]", line)
    return match and Advice(f"has U+{ord(match[0]):04X}, a control character", "plain text")


def _duplicate(line: str, message: str) -> Advice | None:
    if "duplicate key" not in message:
        return None
    key = line.partition("=")[0].strip(" \t[]")
    return Advice(f"'{key}' is written twice", "each key once; remove one of the two lines")


def _curly_quotes(line: str, message: str) -> Advice | None:
    if not re.search("[“”„‟«»]|[=\\[{,]\\s*[‘’‚‛]", line):
        return None
    straight = line.translate(_CURLY)
    return Advice("has curly quotes", f"straight quotes, such as {_EXAMPLE}", straight)


def _hard_space(line: str, message: str) -> Advice | None:
    head, equals, rest = line.partition("=")
    if "\u00a0" not in head:
        return None
    plain = head.replace("\u00a0", " ") + equals + rest
    return Advice("has a no-break space beside the key", "a plain space", plain)


def _bare_value(line: str, message: str) -> Advice | None:
    """Judge a value without quotes: a date, true or false, nothing, or a word."""
    match = _PAIR.match(line)
    value = match["value"].strip() if match else ""
    if "invalid date, expected day" in message:
        return Advice(f"there is no day {value}", "a day that exists, such as 2026-06-02")
    if not value or re.fullmatch(r"\d+(\.\d+)?|true|false|\d{4}-\d\d-\d\d", value):
        return None
    if value.casefold() in ("true", "false"):
        new, expected = value.casefold(), "true or false in lower case"
    elif value.casefold() in ("null", "none", "nil", "n/a"):
        return Advice(
            f"'{value}' is not a value", "no such line; a key without a value is left out"
        )
    elif day := understood(value):
        new = day if re.fullmatch(r"\d{4}-\d\d-\d\d", day) else f'"{day}"'
        return Advice(f"'{value}' is not in the form of a date", _DATE_FORM, _with(match, new))
    elif value.endswith(","):
        return None
    elif re.fullmatch(r"[\d/.-]+", value):
        return Advice(f"'{value}' is not a date or number", _DATE_FORM)
    else:
        new, expected = f'"{value}"', f"text in quotes, such as {_EXAMPLE}"
        return Advice(f"'{value}' has no quotes", expected, _with(match, new))
    return Advice(f"'{value}' is not written as a value", expected, _with(match, new))


def _with(match: re.Match, value: str) -> str:
    return f"{match['key']}{value}{match['rest']}"


def _colon(line: str, message: str) -> Advice | None:
    if re.match(r"\s*[\w-]+\s*=", line) is None:
        new = re.sub(r"^(\s*[\w-]+)\s*:\s*", r"\1 = ", line)
    else:
        new = re.sub(r"([{,]\s*[\w-]+)\s*:(?=\s*[\"'\[{\d])", r"\1 =", line)
    if new == line:
        return None
    value = _bare_value(new, "")
    return Advice("has a colon", f"an equals sign, as in {_EXAMPLE}", value.line if value else new)


def _no_equals(line: str, message: str) -> Advice | None:
    match = re.match(r"(\s*[\w-]+)\s+([\"'\[{].*)$", line)
    if not match:
        return None
    return Advice("has no equals sign", _EXAMPLE, f"{match[1]} = {match[2]}")


def _blank_in_key(line: str, message: str) -> Advice | None:
    match = re.match(r"(\s*)([a-z]+(?: [a-z]+)+)(\s*=.*)$", line)
    if not match:
        return None
    new = f"{match[1]}{match[2].replace(' ', '_')}{match[3]}"
    return Advice(f"the key '{match[2]}' has a blank", "an underscore, such as as_of", new)


def _end_of_line(line: str, message: str) -> Advice | None:
    if match := re.match(r"(.*?[\"'\]}\w])\s*[,;]\s*$", line):
        return Advice("has a comma at its end", "nothing after the value", match[1])
    if match := re.match(r"(.*?[\"'\]}\w])\s*//(.*)$", line):
        return Advice("has a comment after //", "a comment after #", f"{match[1]} #{match[2]}")
    return None


def _quotes(line: str, message: str) -> Advice | None:
    value = line.partition("=")[2].strip()
    if "unclosed array" in message:
        return Advice("the list does not end", "a bracket ] at its end")
    if word := re.fullmatch(r"\s*([\w.-]+)\s*", line):
        return Advice(f"'{shown(word[1], 40)}' is not a key with a value", _EXAMPLE)
    if "=" not in line and "key with no value" in message:
        expected = 'three quotes before and after text of several lines: """text"""'
        return Advice("has text outside of quotes", expected)
    if value.startswith('"') and value.count('"') == 1:
        expected = 'a quote at the end; text of several lines has three, as in """text"""'
        return Advice("the text does not end with a quote", expected)
    if re.match(r'"[^"]*"[^\s,#\]}]', value) and not value.startswith('"""'):
        return Advice(
            "has quotes inside quotes", 'a backslash before each quote inside: "An \\"order\\""'
        )
    if re.match(r"'[^']*'\w", value):
        return Advice(
            "has an apostrophe inside apostrophes", 'double quotes around: "It\'s an order"'
        )
    return None


def _list(line: str, message: str) -> Advice | None:
    if line.lstrip().startswith("- "):
        return Advice("is a list as in YAML", 'a list in brackets, such as ["one", "two"]')
    return None


_MISTAKES: tuple[Callable[[str, str], Advice | None], ...] = (
    _control,
    _duplicate,
    _curly_quotes,
    _hard_space,
    _list,
    _end_of_line,
    _bare_value,
    _colon,
    _no_equals,
    _blank_in_key,
    _quotes,
)
