"""Charts of numbers: columns by month, bars by stage and legal force, tiles by jurisdiction. Numbers in, SVG out.

Each part has its number as a title, and each page has the same numbers as a table. Widths fit half a page and a phone.
"""

from collections.abc import Iterator, Sequence

from policykb.model.vocabulary import LEGAL_FORCES, STAGES
from policykb.pictures.marks import FORCES, MONTHS, bar_classes, fill, hatching
from policykb.pictures.svg import Element, element, width

WIDTH = 460
LEFT, BASE, HIGH = 30, 150, 120  # of columns: room for numbers, the line they are on, the highest
ROW, BAR = 24, 15  # of bars
TILE, GAP = 38, 3
STAGE_LABELS = {term.id: term.label for term in STAGES}
# The usual grid of the states of the United States, and one of countries and unions, by code (ISO 3166).
STATES = """
AK .  .  .  .  .  .  .  .  .  ME
.  .  .  .  .  .  .  .  .  VT NH
WA ID MT ND MN IL WI MI NY RI MA
OR NV WY SD IA IN OH PA NJ CT .
CA UT CO NE MO KY WV VA MD DE .
.  AZ NM KS AR TN NC SC DC .  .
.  .  .  OK LA MS AL GA .  .  .
HI .  .  TX .  .  .  .  FL .  PR
"""
WORLD = """
CA .  IS EU NO SE FI EE RU .  .  .
US IE GB NL DK DE PL LV LT KZ .  .
MX .  FR BE LU CZ AT SK UA CN KR JP
SV PT ES CH IT SI HU RO BG IN VN TW
CO BR MT .  HR GR CY TR IL AE TH PH
PE AR MA NG EG KE SA .  SG MY ID .
CL .  .  .  ZA .  .  .  .  AU NZ .
"""
GRIDS = {
    name: {
        prefix + code: (column, row)
        for row, line in enumerate(grid.split("\n")[1:])
        for column, code in enumerate(line.split())
        if code != "."
    }
    for name, prefix, grid in (
        ("States of the United States", "US-", STATES),
        ("Countries and unions", "", WORLD),
    )
}


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def months(rows: Sequence[dict], on: str) -> str:
    """Return a column for each month; rows have `month` (first day, in order) and `number`. Months after the day `on` are hollow.

    Returns '' if all numbers are 0.
    """
    most = max((row["number"] for row in rows), default=0)
    if not most:
        return ""
    step = (WIDTH - LEFT) / len(rows)
    parts = [*_scale(most)]
    for place, row in enumerate(rows):
        year, month, _ = row["month"].split("-")
        x, tall = LEFT + place * step, row["number"] / most * HIGH
        text = f"{MONTHS[int(month) - 1]} {year}: {_many(row['number'], 'event')}"
        ahead = " ahead" if row["month"] > on else ""
        column = element("rect", x=x + 1, y=BASE - tall, width=step - 2, height=tall)
        parts.append(element("g", element("title", text), column, class_=f"part{ahead}"))
        if month == "01":
            parts.append(element("line", class_="tick", x1=x, x2=x, y1=BASE, y2=BASE + 6))
        if month == "01" or (
            place == 0 and "02" <= month <= "08"
        ):  # else the first year is too near
            label = year if month == "01" else f"{MONTHS[int(month) - 1]} {year}"
            parts.append(element("text", label, class_="when", x=x + 1, y=BASE + 18))
    return _svg("Events by month", parts, BASE + 24)


def _scale(most: int) -> Iterator[Element]:
    for value in (0, most):
        y = BASE - value / most * HIGH
        yield element("line", class_="base", x1=LEFT, x2=WIDTH, y1=y, y2=y)
        yield element("text", str(value), x=LEFT - 5, y=y + 4, text_anchor="end")


def statuses(rows: Sequence[dict]) -> str:
    """Return a bar for each stage, divided by legal force; rows have `stage`, `legal_force`, `number`. Returns '' for none."""
    numbers = {(row["stage"], row["legal_force"]): row["number"] for row in rows}
    totals = {
        stage: sum(number for (other, _), number in numbers.items() if other == stage)
        for stage in STAGE_LABELS
    }
    shown = [stage for stage, total in totals.items() if total]
    if not shown:
        return ""
    left = max(width(STAGE_LABELS[stage]) for stage in shown) + 8
    most = max(totals.values())
    parts: list[Element] = [hatching()]
    for row, stage in enumerate(shown):
        y, x = row * ROW + 4, float(left)
        parts.append(element("text", STAGE_LABELS[stage], x=left - 8, y=y + 12, text_anchor="end"))
        for force in FORCES:
            number = numbers.get((stage, force), 0)
            wide = number / most * (WIDTH - left - 34)
            if number:
                text = f"{STAGE_LABELS[stage]}, {FORCES[force].lower()}: {_many(number, 'action')}"
                parts.append(_bar(force, text, x, y, wide))
            x += wide
        parts.append(element("text", str(totals[stage]), class_="label", x=x + 5, y=y + 12))
    height = len(shown) * ROW + 10
    present = {force for (_, force), number in numbers.items() if number}
    forces = [term.id for term in LEGAL_FORCES if term.id in present]
    keys, height = _key(forces, height + 8)
    return _svg("Actions by stage and legal force", [*parts, *keys], height)


def _bar(force: str, text: str, x: float, y: float, wide: float) -> Element:
    place = {"x": x, "y": float(y), "width": wide, "height": BAR}
    title = element("title", text)
    return element("rect", title, class_=bar_classes(force), fill=fill(force), **place)


def _key(forces: list[str], y: int) -> tuple[list[Element], int]:
    """Return what each kind of bar means, and the height with it."""
    parts, x = [], 0.0
    for force in forces:
        wide = 30 + width(FORCES[force])
        if x and x + wide > WIDTH:
            x, y = 0.0, y + 18
        parts.append(_bar(force, FORCES[force], x + 1, y, 18))
        parts.append(element("text", FORCES[force], x=x + 24, y=y + 12))
        x += wide + 12
    return parts, y + 20


def tiles(rows: Sequence[dict]) -> tuple[list[str], list[dict]]:
    """Return a picture for each grid that has numbers, and the rows that have no tile; rows have name, code, number, href."""
    by_code = {row["code"]: row for row in rows if row["code"]}
    most = max((row["number"] for row in rows), default=0)
    pictures = []
    for heading, places in GRIDS.items():
        if places.keys() & by_code.keys():
            drawn = [_tile(code, at, by_code.get(code), most) for code, at in places.items()]
            columns, lines = (max(at) + 1 for at in zip(*places.values(), strict=True))
            title = f"Actions by jurisdiction: {heading.lower()}"
            pictures.append(_svg(title, drawn, lines * TILE, columns * TILE))
    tiled = {code for places in GRIDS.values() for code in places}
    return pictures, [row for row in rows if row["code"] not in tiled]


def _tile(code: str, at: tuple[int, int], row: dict | None, most: int) -> Element:
    """Return a tile with its code, and with the number of a jurisdiction that has actions, the darker the more there are."""
    x, y = at[0] * TILE, at[1] * TILE
    side, middle = TILE - GAP, x + (TILE - GAP) // 2
    number = row["number"] if row else 0
    box = element("rect", x=x + 1, y=y + 1, width=side, height=side, rx=4)
    short = code.removeprefix("US-")
    if not number:
        words = element("text", short, x=middle, y=y + 23, text_anchor="middle")
        return element("g", element("title", f"{code}: no action"), box, words, class_="tile")
    level = 3 if 3 * number >= most else 2 if 10 * number >= most else 1
    title = element("title", f"{row['name']}: {_many(number, 'action')}")
    words = element("text", short, x=middle, y=y + 16, text_anchor="middle")
    count = element("text", str(number), class_="number", x=middle, y=y + 31, text_anchor="middle")
    if not row["href"]:
        return element("g", title, box, words, count, class_=f"tile level-{level}")
    link = {"class_": f"tile level-{level}", "href": row["href"]}
    return element("a", title, box, words, count, **link)


def _svg(title: str, parts: Sequence[Element], height: int, wide: int = WIDTH) -> str:
    return element(
        "svg",
        element("title", title),
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        class_="picture chart counted",
        viewBox=f"0 0 {wide} {height}",
        width=wide,
        height=height,
        role="group",
        aria_label=title,
    )
