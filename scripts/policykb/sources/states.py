"""What the readers of bills must know of the legislatures of states: time zones, chambers, what their measures need."""

import re

from policykb.sources.congress import Measure

# Legislatures of one chamber.
UNICAMERAL = frozenset({"US-DC", "US-GU", "US-NE", "US-VI"})

# The classification of a measure in Open States -> what completes it. What is not listed is as a bill.
MEASURES = {
    "bill": Measure(),
    "resolution": Measure(1, False),
    "memorial": Measure(1, False),
    "commemoration": Measure(1, False),
    "order": Measure(1, False),
    "study request": Measure(1, False),
    "concurrent resolution": Measure(2, False),
    "joint resolution": Measure(2, False),
    "concurrent memorial": Measure(2, False),
    "joint memorial": Measure(2, False),
    "concurrent order": Measure(2, False),
    "concurrent study request": Measure(2, False),
}

# What the letters of a number say where Open States calls every measure a bill.
NUMBERS = {
    "HR": "resolution",
    "SR": "resolution",
    "HM": "memorial",
    "SM": "memorial",
    "HCR": "concurrent resolution",
    "SCR": "concurrent resolution",
    "HJR": "joint resolution",
    "SJR": "joint resolution",
    "HJM": "joint memorial",
    "SJM": "joint memorial",
}

# The time zone of the capital, where the legislature meets.
_PLACES = {
    "America/New_York": "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV",
    "America/Chicago": "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
    "America/Denver": "CO ID MT NM UT WY",
    "America/Phoenix": "AZ",
    "America/Los_Angeles": "CA NV OR WA",
    "America/Juneau": "AK",
    "Pacific/Honolulu": "HI",
    "America/Puerto_Rico": "PR VI",
    "Pacific/Guam": "GU MP",
    "Pacific/Pago_Pago": "AS",
}
ZONES = {f"US-{place}": zone for zone, places in _PLACES.items() for place in places.split()}
WASHINGTON = "America/New_York"


def zone_of(place: str) -> str:
    """Return the time zone of the legislature of `place` ('US-WY'); that of Washington for Congress and unknown places."""
    return ZONES.get(place, WASHINGTON)


def measure_of(classifications: list[str], number: str, place: str) -> Measure:
    """Return what completes a measure of `place` with these classifications and this number ('HJR 4').

    The first classification that is known decides; if that is a bill, the letters of the number may know better.
    """
    name = next((name for name in classifications if name in MEASURES), "bill")
    letters = re.match("[A-Z]*", number.upper())[0]
    measure = MEASURES[NUMBERS.get(letters, name) if name == "bill" else name]
    return measure._replace(chambers=1) if place in UNICAMERAL else measure
