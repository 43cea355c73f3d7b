"""Countries and subdivisions of ISO 3166, from pycountry, in the only module that imports it."""

import re
from importlib.util import find_spec

from policykb.model.problems import install
from policykb.model.vocabulary import JURISDICTION_KINDS

# Ids that differ from the code, which everyone uses.
_IDS = {"GB": "uk"}
COUNTRY, SUBDIVISION = (
    next(kind.id for kind in JURISDICTION_KINDS if kind.coded and kind.part == part)
    for part in (False, True)
)


def iso_3166(text: str) -> dict[str, str]:
    """Return the keys and the `id` of the jurisdiction with the name or code `text`; {} if ISO 3166 has none or is not installed."""
    if missing():
        return {}
    import pycountry

    text = text.strip()
    wanted = text.upper()
    if re.fullmatch(r"[A-Z]{2}-[A-Z0-9]{1,3}", wanted):
        part = pycountry.subdivisions.get(code=wanted)
    else:
        parts = [item for item in pycountry.subdivisions if item.name.upper() == wanted]
        part = parts[0] if len(parts) == 1 else None
    try:
        country = part.country if part else pycountry.countries.lookup(text)
    except LookupError:
        return {}
    record_id = _IDS.get(country.alpha_2, country.alpha_2.lower())
    if part is None:
        name = getattr(country, "common_name", country.name)
        return {"id": record_id, "name": name, "kind": COUNTRY, "code": country.alpha_2}
    return {
        "id": f"{record_id}-{part.code.partition('-')[2].lower()}",
        "name": part.name,
        "kind": SUBDIVISION,
        "code": part.code,
        "part_of": record_id,
    }


def missing() -> str:
    """Return how to install the list of countries; '' if it is installed."""
    if find_spec("pycountry"):
        return ""
    return f"names and codes of ISO 3166 need pycountry: {install('edit')}"
