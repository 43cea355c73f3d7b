"""The addresses of records on the site: the one map from a kind of record to its place, and back."""

import re
from urllib.parse import unquote, urlsplit

# Kind of record -> the first part of the address of its pages, which is also its table.
PLACES = {
    "action": "actions",
    "argument": "arguments",
    "claim": "claims",
    "document": "documents",
    "organization": "organizations",
    "jurisdiction": "jurisdictions",
    "topic": "topics",
}
EVENT = "event-"  # begins the name of an event on the page of its action
KINDS = {place: kind for kind, place in PLACES.items()}
# The part of the path of a page that names the record, as a regular expression.
PAGE = rf"/(?:{'|'.join(KINDS)})/([a-z0-9-]{{1,100}})(?:[./]|$)"


def path(kind: str, record_id: str) -> str:
    """Return the path of the page of a record, below the address of the site."""
    return f"/{PLACES[kind]}/{record_id}"


def anchor(event_id: str) -> str:
    """Return the name of an event on the page of its action, from an id such as 'an-order#signed'."""
    return EVENT + event_id.partition("#")[2]


def event_path(action_id: str, event_id: str) -> str:
    """Return the path of an event on the page of its action."""
    return f"{path('action', action_id)}#{anchor(event_id)}"


def target(text: str) -> tuple[str, str]:
    """Return the ids of the record and of the event to which the address of a page leads; '' where it leads to none."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return "", ""
    match = re.search(PAGE, parts.path)
    return (match[1], unquote(parts.fragment).removeprefix(EVENT)) if match else ("", "")
