"""What a request asks for by its parameters: values, the day, the page; and how one is refused."""

import datetime
import re
from collections.abc import Iterable

from policykb.model import dates

LONGEST = 200
MOST_VALUES = 20  # of a parameter


def today() -> str:
    """Return the day that the site takes for today, in ISO form."""
    return dates.today().isoformat()


class RefusedError(ValueError):
    """A request that cannot be answered with its values. The message says why; `status` is that of the answer."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def checked_day(text: str) -> str:
    """Return the text if it is a day in ISO form, or empty.

    :raises RefusedError: if it is something else.
    """
    if not text or dates.is_day(text):
        return text
    near = dates.day_meant(text)
    hint = f" Did you mean {near}?" if near else ""
    raise RefusedError(f"“{text[:LONGEST]}” is not a day; write it as 2026-06-15.{hint}")


def day_of_file(request, name: str = "on") -> str:
    """Return the day that a request asks for in ISO form, today by default.

    :raises RefusedError: if its value is not a day.
    """
    return checked_day(param(request, name)) or today()


def day_asked(request, as_file: bool = False) -> tuple[str, str | None]:
    """Return the day that a request asks for in ISO form, today by default, and a message if its value is not a day.

    :raises RefusedError: with this message, if a file is asked for.
    """
    try:
        return day_of_file(request), None
    except RefusedError as error:
        if as_file:
            raise
        return today(), f"{error} Shown as of today."


def other_day(on: str) -> str | None:
    """Return the day for an address that shows `on`; None for today, which needs none."""
    return on if on != today() else None


def day_after(day: str) -> str:
    """Return the day after an ISO day, which may be the last that there is."""
    try:
        return (datetime.date.fromisoformat(day) + datetime.timedelta(1)).isoformat()
    except OverflowError:
        return day


def param(request, name: str) -> str:
    """Return a parameter of the request, cleaned; the first, if it is given more than once, which `repeated` then says."""
    values = every(request, name)
    if len(values) > 1:
        request.__dict__.setdefault("_policykb_repeated", {})[name] = None
    return cleaned(request.args.get(name) or "")


def every(request, name: str) -> list[str]:
    """Return the different values of a parameter, each cleaned as by `param`; at most MOST_VALUES."""
    values = (cleaned(value) for value in request.args.getlist(name))
    return list(dict.fromkeys(value for value in values if value))[:MOST_VALUES]


def repeated(request) -> list[str]:
    """Return a message for each parameter with several values of which a page took the first."""
    return [
        f"“{name}” was given more than once, and takes one value. The first is used."
        for name in request.__dict__.get("_policykb_repeated", ())
    ]


def refuse_faults(request, messages: Iterable[str] = ()) -> None:
    """Raise an error if a request for a file is faulty, since a file cannot show messages beside its rows.

    :raises RefusedError: with `messages`, the parameters that were repeated, and the page if one is named.
    """
    faults = [*messages, *repeated(request)]
    if request.args.get("page"):
        faults.append("A file has all pages; leave out “page”.")
    if faults:
        raise RefusedError(" ".join(faults))


def cleaned(text: str) -> str:
    """Return what was typed, without surrounding space and never longer than a line."""
    return text.replace("\0", " ").strip()[:LONGEST]


def ids_asked(request) -> list[str]:
    """Return the `ids` of a request: with commas or spaces between them, in one parameter or in several."""
    texts = " ".join(request.args.getlist("ids")).replace("\0", " ").replace(",", " ")
    return list(dict.fromkeys(texts.split()))


def page_number(request) -> int:
    """Return the page that is asked for, from 1; 1 for anything that is not a number."""
    text = param(request, "page")
    return max(1, int(text)) if re.fullmatch(r"[0-9]{1,6}", text) else 1


def quoted(message: object) -> str:
    """Return a message with the quotes of the pages around the values that it names."""
    return re.sub(r"(?<!\w)'([^']*)'(?!\w)", r"“\1”", str(message))


def sentence(message: object) -> str:
    """Return a message as a sentence."""
    text = quoted(message)
    return f"{text[:1].upper()}{text[1:]}."
