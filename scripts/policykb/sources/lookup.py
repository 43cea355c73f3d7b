"""References of a source by a key of another record, `scheme:value`, instead of its id."""

from typing import Any

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


def with_placeholders(content: Any, key: str = "") -> Any:
    """Return `content` with an id instead of each well-formed `scheme:value`, so that the record types can check the rest."""
    if isinstance(content, dict):
        return {name: with_placeholders(value, name) for name, value in content.items()}
    if isinstance(content, list):
        return [with_placeholders(item, key) for item in content]
    scheme, colon, value = content.partition(":") if isinstance(content, str) else ("", "", "")
    if (
        not colon
        or not value
        or scheme not in KEYS.get(key, ())
        or (scheme in SCHEMES and not identifier_match(scheme, value))
    ):
        return content
    return "x"
