"""Languages as bibliographies and official sources name them -> language tags (BCP 47).

A tag that a document may have is taken as it is; names of languages are those below.
"""

import re

from policykb.model.records import LANGUAGE_FORM

# Tag: what else it is called (ISO 639-2 and -3, English and own names, names of LaTeX's babel).
NAMES = {
    "ar": "ara arabic",
    "bg": "bul bulgarian",
    "cs": "ces cze czech",
    "da": "dan danish",
    "de": "deu ger german ngerman deutsch austrian",
    "el": "ell gre greek",
    "en": "eng english american usenglish ukenglish british",
    "es": "spa spanish español",
    "et": "est estonian",
    "fi": "fin finnish",
    "fr": "fra fre french français francais",
    "ga": "gle irish",
    "hi": "hin hindi",
    "hr": "hrv croatian",
    "hu": "hun hungarian magyar",
    "it": "ita italian italiano",
    "ja": "jpn japanese",
    "ko": "kor korean",
    "lt": "lit lithuanian",
    "lv": "lav latvian",
    "mt": "mlt maltese",
    "nl": "nld dut dutch nederlands",
    "pl": "pol polish polski",
    "pt": "por portuguese português brazilian",
    "ro": "ron rum romanian",
    "ru": "rus russian",
    "sk": "slk slo slovak",
    "sl": "slv slovenian slovene",
    "sv": "swe swedish svenska",
    "tr": "tur turkish",
    "uk": "ukr ukrainian",
    "zh": "zho chi chinese",
}
_TAGS = {name: tag for tag, names in NAMES.items() for name in (tag, *names.split())}


def tag(said: str) -> str | None:
    """Return the tag of the language `said`, or None if it is neither a tag nor a known name.

    A region or script is kept: `en_US` is `en-US`.
    """
    said = said.strip()
    if found := _TAGS.get(said.casefold()):
        return found
    language, *rest = said.replace("_", "-").split("-")
    language = _TAGS.get(language.casefold(), language.lower())
    parts = [part.upper() if len(part) == 2 else part for part in rest]
    tag = "-".join([language, *parts])
    return tag if re.fullmatch(LANGUAGE_FORM, tag, re.ASCII) else None
