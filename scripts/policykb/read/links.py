"""The addresses of records on the site: the one map from a kind of record to its place."""

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
KINDS = {place: kind for kind, place in PLACES.items()}


def path(kind: str, record_id: str) -> str:
    """Return the path of the page of a record, below the address of the site."""
    return f"/{PLACES[kind]}/{record_id}"
