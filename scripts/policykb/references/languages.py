"""Languages as bibliographies and official sources name them -> language tags (BCP 47)."""

import re

from policykb.model.records import LANGUAGE_FORM
from policykb.model.vocabulary import LANGUAGE_NAMES

_TAGS = {name: tag for tag, names in LANGUAGE_NAMES.items() for name in (tag, *names)}


def tag(name: str) -> str | None:
    """Return the tag of the language `name`, or None if it is neither a tag nor a known name.

    A tag that a document may have is returned as it is, with its region or script: `en_US` is `en-US`.
    """
    name = name.strip()
    if known := _TAGS.get(name.casefold()):
        return known
    language, *rest = name.replace("_", "-").split("-")
    language = _TAGS.get(language.casefold(), language.lower())
    parts = [part.upper() if len(part) == 2 else part for part in rest]
    text = "-".join([language, *parts])
    return text if re.fullmatch(LANGUAGE_FORM, text, re.ASCII) else None
