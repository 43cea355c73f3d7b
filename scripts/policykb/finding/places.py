"""Places named in running text, as ids of jurisdictions."""

from pathlib import Path

from policykb.finding.strings import Strings
from policykb.model.vocabulary.terms import tables

_NAMES: dict[str, str] = {
    name: place
    for place, names in tables(Path(__file__).parent / "data" / "places.toml").items()
    for name in names
}
_SEARCH = Strings.of(_NAMES)
STATES = frozenset(place for place in _NAMES.values() if place.startswith("us-"))


def named(text: str) -> list[tuple[int, str]]:
    """Return each place that `text` names, with where; a name is matched with its capitals."""
    return [(start, _NAMES[name]) for start, _, name in _SEARCH.whole_words(text) if name in _NAMES]


def place_of(name: str) -> str:
    """Return the jurisdiction that `name` is a name of, or ''."""
    return _NAMES.get(name, "")


def belongs(jurisdiction: str, places: set[str]) -> bool:
    """Return whether an act of `jurisdiction` may be meant where `places` are named."""
    return jurisdiction in places or jurisdiction == "no-jurisdiction"
