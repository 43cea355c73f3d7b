"""References of a source by a key of another record, `scheme:value`, instead of its id."""

from typing import Any

from policykb.model.records import is_id
from policykb.model.vocabulary import IDENTIFIER_SCHEMES, identifier_match, ids

SCHEMES = ids(IDENTIFIER_SCHEMES)
# The schemes that may replace an id, by the key of the id.
KEYS = {
    "document": ("doi", "url"),
    "organization": ("name",),
    "action": SCHEMES,
    "part_of": SCHEMES,
    "jurisdiction": ("code",),
}


def is_name(text: str) -> bool:
    """Return whether a reference is neither an id nor `scheme:value`, so that it may be a name, a number or an address."""
    scheme = text.partition(":")[0]
    return not is_id(text) and not any(scheme in schemes for schemes in KEYS.values())


def with_placeholders(content: Any, key: str = "") -> Any:
    """Return `content` with an id instead of each well-formed `scheme:value`, so that the record types can check the rest."""
    if isinstance(content, dict):
        return {name: with_placeholders(value, name) for name, value in content.items()}
    if isinstance(content, list):
        return [with_placeholders(item, key) for item in content]
    scheme, _, value = content.partition(":") if isinstance(content, str) else ("", "", "")
    if not value or scheme not in KEYS.get(key, ()):
        return content
    return content if scheme in SCHEMES and not identifier_match(scheme, value) else "x"
