"""A bill and its actions as the Congress.gov interface tells them (version 3, JSON) -> proposals.

Its fields are those of BILLSTATUS under the same names, with lists where that has `<item>`, so it is read as that. It counts
committees, cosponsors, titles and related bills and gives them elsewhere; they are not asked for.
"""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from policykb.contribute.proposal import Proposal, Refuse, stop
from policykb.contribute.reading import Node, each, parsed_json
from policykb.sources.billstatus import described


def is_it(data: bytes) -> bool:
    """Return whether the bytes look like this format."""
    head = data[:4096]
    return re.search(rb'"bill"\s*:\s*\{', data) is not None and (
        b'"actions"' in data and b'"congress"' in data and re.match(rb"\s*\{", head) is not None
    )


def read(data: bytes, name: str, refuse: Refuse = stop) -> Iterator[Proposal]:
    """Return the bill in `{"bill": {...}, "actions": [...]}`, as BILLSTATUS is read. :raises Unreadable: if it is something else."""
    root = parsed_json(data, name)
    bill = root.part("bill")
    if not bill.value:
        raise bill.wrong("a bill")
    return each([root], _described, lambda _: bill.called("type", "number", "congress"), refuse)


def _described(root: Node) -> list[Proposal]:
    found = Element("bill")
    bill = root.part("bill").value
    _fill(found, {key: value for key, value in bill.items() if key != "actions"})
    _fill(SubElement(found, "actions"), _listed(root))
    return described(found, root.name)


def _listed(root: Node) -> list:
    """The actions, the last one first. :raises Unreadable: if there are none, or other things."""
    found = root.items("actions")
    if not found:
        raise root.at("actions").wrong(
            "a list of actions, as bill/CONGRESS/TYPE/NUMBER/actions gives it, under a key of its own beside bill"
        )
    for action in found:
        action.text("text")  # raises if it is not an object with a text
    return [action.value for action in found]


def _fill(target: Element, value: Any) -> None:
    """Put `value` into `target`: an object as elements, a list as items, the rest as text."""
    if isinstance(value, dict):
        for key, inner in value.items():
            _fill(SubElement(target, key), inner)
    elif isinstance(value, list):
        for inner in value:
            _fill(SubElement(target, "item"), inner)
    elif value is not None:
        target.text = str(value)
