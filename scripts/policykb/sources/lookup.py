"""References that a source makes by a key of the other record, `scheme:value`, where only files know the id."""

from typing import Any

from policykb.model.vocabulary import IDENTIFIER_SCHEMES, identifier_match, ids

SCHEMES = ids(IDENTIFIER_SCHEMES)
# The schemes that may stand instead of an id, by the key that holds the id.
KEYS = {
    "document": ("doi", "url"),
    "organization": ("name",),
    "action": SCHEMES,
    "part_of": SCHEMES,
    "jurisdiction": ("code",),
}


def stand_in(content: Any, key: str = "") -> Any:
    """`content` with an id in place of each well-formed `scheme:value`, so that the record types can judge the rest."""
    if isinstance(content, dict):
        return {name: stand_in(held, name) for name, held in content.items()}
    if isinstance(content, list):
        return [stand_in(held, key) for held in content]
    scheme, colon, value = content.partition(":") if isinstance(content, str) else ("", "", "")
    if (
        not colon
        or not value
        or scheme not in KEYS.get(key, ())
        or (scheme in SCHEMES and not identifier_match(scheme, value))
    ):
        return content
    return "x"
