"""The official sources: their identifiers, and the requests for a record, page by page.

Addresses of further pages are made here and never taken from an answer. The readers interpret the records.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import httpx

from policykb.contribute.proposal import Reader
from policykb.contribute.reading import MOST_TEXT, Node, parsed_json
from policykb.model.problems import SourceError
from policykb.model.vocabulary import identifier_match
from policykb.sources import congress, federal_register, openstates

# A path below the address of the source and a query -> the bytes of the answer.
Get = Callable[[str, dict[str, Any]], bytes]
# The identifiers of one action by scheme.
Identifiers = dict[str, list[str]]
MOST_PAGES = 20
FIRST_DAY = "1994-01-01"  # of the Federal Register's interface


class Gathered(NamedTuple):
    """A record as bytes for the reader of its source, with a name for messages; or, without a body, a `note` for the editors."""

    body: bytes | None
    name: str
    note: str = ""


class Source(NamedTuple):
    """An official source; `settings` is its section in the settings, and `field` the header field of its key ('': no key).

    `gather` requests the record with the identifiers of an action, by scheme, and news since a day. `whole`: the source
    records everything that can happen to an action before it is adopted.
    """

    settings: str
    title: str
    schemes: tuple[str, ...]
    address: str
    gather: Callable[[Get, Identifiers, str], Iterator[Gathered]]
    reader: Reader
    field: str = ""
    sign_up: str = ""
    seconds_between: float = 1
    whole: bool = True


def _count(node: Node, key: str) -> int:
    """Return the number under `key`, 0 if there is none."""
    number = node.text(key) or "0"
    if not number.isdecimal():
        raise node.at(key).wrong("a count")
    return int(number)


# The Federal Register: https://www.federalregister.gov/developers/documentation/api/v1


def _federal_register(get: Get, identifiers: Identifiers, since: str) -> Iterator[Gathered]:
    documents, orders = identifiers.get("fr_document", []), identifiers.get("eo", [])
    for number in documents:
        yield Gathered(get(f"documents/{number}.json", {}), number)
    for order in orders:
        if not documents:
            number = _document_number(get, order)
            yield Gathered(get(f"documents/{number}.json", {}), f"EO {order}")
        for document in _naming(get, order, since):
            if _may_change(document, order):
                yield Gathered(None, f"EO {order}", _note(document))


def _document_number(get: Get, order: str) -> str:
    """Return the number of the document of an executive order."""
    documents = _naming(get, order, FIRST_DAY)
    orders = [item for item in documents if item.text("executive_order_number") == order]
    if len(orders) != 1:
        raise SourceError(f"the Federal Register has {len(orders) or 'no'} documents of EO {order}")
    return orders[0].text("document_number")


def _naming(get: Get, order: str, since: str) -> Iterator[Node]:
    """Yield the presidential documents since a day whose text names an executive order."""
    query = {
        "conditions[term]": f'"Executive Order {order}"',
        "conditions[type][]": "PRESDOCU",
        "conditions[publication_date][gte]": since,
        "fields[]": (
            "document_number title publication_date executive_order_number executive_order_notes"
        ).split(),
        "order": "oldest",
        "per_page": 100,
    }
    for page in range(1, MOST_PAGES + 1):
        answer = parsed_json(get("documents.json", {**query, "page": page}), "the Federal Register")
        yield from answer.items("results")
        if page >= _count(answer, "total_pages"):
            return
    raise SourceError(f"the Federal Register has more than {MOST_PAGES} pages that name EO {order}")


def _may_change(document: Node, order: str) -> bool:
    """Return whether a document changes an earlier order, or may do so, since its notes appear some days after it."""
    notes = document.text("executive_order_notes", MOST_TEXT)
    return document.text("executive_order_number") != order and (
        not notes or bool(re.search(rf"\bEO {order}\b", notes))
    )


def _note(document: Node) -> str:
    notes = document.text("executive_order_notes", 150)
    notes = notes or "it does not say yet what it does to other orders"
    number, day = document.text("document_number"), document.text("publication_date")
    return f"FR Doc. {number} of {day} names it: {document.text('title', 120)} ({notes})"


# Congress.gov: https://github.com/LibraryOfCongress/api.congress.gov


def _congress(get: Get, identifiers: Identifiers, since: str) -> Iterator[Gathered]:
    for bill in identifiers.get("us_bill", []):
        match = identifier_match("us_bill", bill)
        place = f"bill/{match['congress']}/{match['kind']}/{match['number']}"
        answer = parsed_json(get(place, {"format": "json"}), "Congress.gov")
        actions = [action.value for action in _actions(get, place, bill)]
        record = {"bill": answer.part("bill").value, "actions": actions}
        yield Gathered(json.dumps(record).encode(), bill)


def _actions(get: Get, place: str, bill: str) -> list[Node]:
    """Return all actions of a bill. :raises SourceError: if the source sends fewer than it counts."""
    actions: list[Node] = []
    for _ in range(MOST_PAGES):
        query = {"format": "json", "limit": 250, "offset": len(actions)}
        page = parsed_json(get(f"{place}/actions", query), "Congress.gov")
        listed = page.items("actions")
        actions += listed
        if not listed or not page.part("pagination").at("next").value:
            break
    count = _count(page.part("pagination"), "count")
    if count != len(actions):
        raise SourceError(f"Congress.gov sent {len(actions):,} of {count:,} actions on {bill}")
    return actions


# Open States: https://docs.openstates.org/api-v3/


def _openstates(get: Get, identifiers: Identifiers, since: str) -> Iterator[Gathered]:
    for bill in identifiers.get("us_state_bill", []):
        state, number, first, last = state_bill(bill)
        session = identifier_match("us_state_bill", bill)["session"] or ""
        candidates, plain = _candidates(get, state, number, first), _plain(number)
        matches = [item for item in candidates if _plain(item.text("identifier")) == plain]
        matches = [item for item in matches if _within(item, first, last)]
        # An identifier without a session means the regular session, if there is one.
        own = [item for item in matches if openstates.session_name(item.text("session")) == session]
        matches = own if own or session else matches
        if len(matches) != 1:
            sessions = sorted(item.text("session") for item in matches or candidates)[:10]
            hint = f"; it has the number in sessions {', '.join(sessions)}" if sessions else ""
            message = f"Open States has {len(matches) or 'no'} bills that could be {bill}{hint}"
            raise SourceError(message)
        yield Gathered(json.dumps(matches[0].value).encode(), bill)


def _candidates(get: Get, state: str, number: str, first: int) -> list[Node]:
    """Return the bills that a search for a number gives, of all years, since every state names its sessions in its own way."""
    query = {
        "jurisdiction": state.lower(),
        "q": number,
        "action_since": f"{first - 1}-11-01",
        "per_page": 20,
        "include": ["actions", "sponsorships", "other_titles", "other_identifiers", "sources"],
    }
    bills: list[Node] = []
    for page in range(1, MOST_PAGES + 1):
        answer = parsed_json(get("bills", {**query, "page": page}), "Open States")
        bills += answer.items("results")
        if page >= _count(answer.part("pagination"), "max_page"):
            break
    return bills


def state_bill(identifier: str) -> tuple[str, str, int, int]:
    """Return the state, number (without the letter of an amended print), first and last year of a `us_state_bill`."""
    state, number, first, last = identifier_match("us_state_bill", identifier).group(
        "state", "number", "first", "last"
    )
    end = int(first) if not last else int(last) if len(last) == 4 else int(first[:2] + last)
    return state, re.sub(r"(?<=\d)-?[A-Z]$", "", number), int(first), end


def _plain(number: str) -> str:
    return re.sub(r"(?<=[A-Z])0+", "", re.sub(r"\s", "", number.upper()))


def _within(bill: Node, first: int, last: int) -> bool:
    """Return whether the bill began in these years, or was filed shortly before them."""
    began = bill.text("first_action_date")[:7]
    return f"{first - 1}-11" <= began <= f"{last}-12"


SOURCES = (
    Source(
        settings="federal_register",
        title="Federal Register",
        schemes=("fr_document", "eo"),
        address="https://www.federalregister.gov/api/v1",
        gather=_federal_register,
        reader=federal_register.read,
        whole=False,
    ),
    Source(
        settings="congress",
        title="Congress.gov",
        schemes=("us_bill",),
        address="https://api.congress.gov/v3",
        field="X-Api-Key",
        sign_up="https://api.congress.gov/sign-up/",
        gather=_congress,
        reader=congress.read_api,
    ),
    Source(
        settings="openstates",
        title="Open States",
        schemes=("us_state_bill",),
        address="https://v3.openstates.org",
        field="X-API-KEY",
        sign_up="https://open.pluralpolicy.com/accounts/profile/",
        seconds_between=6,
        gather=_openstates,
        reader=openstates.read,
    ),
)


def address(base: httpx.URL, place: str, query: dict[str, Any]) -> httpx.URL:
    """Return the address of `place` below `base`."""
    return base.copy_with(path=f"{base.path.rstrip('/')}/{place}").copy_merge_params(query)
