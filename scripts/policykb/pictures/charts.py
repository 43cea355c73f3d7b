"""Charts of numbers: columns by month, bars by stage and legal force, tiles by jurisdiction. Numbers in, SVG out.

Each part has its number as a title, and each page has the same numbers as a table. Widths fit half a page and a phone.
"""

from collections.abc import Collection, Iterator, Sequence

from policykb.model.vocabulary import LEGAL_FORCES, STAGES, labels
from policykb.pictures.marks import FORCES, MONTHS, bar_classes, fill, hatching
from policykb.pictures.svg import Element, element, picture, width

WIDTH = 460
LEFT, BASE, HIGH = 30, 150, 120  # of columns: room for numbers, the line they are on, the highest
ROW, BAR = 24, 15  # of bars
TILE, GAP = 38, 3
STAGE_LABELS = labels(STAGES)
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
TILED = {code for places in GRIDS.values() for code in places}


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
    numbers = {(row["stage"], row["legal_force"]): row["number"] for row in rows if row["number"]}
    totals = dict.fromkeys(STAGE_LABELS, 0)
    for (stage, _), number in numbers.items():
        totals[stage] += number
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
    present = {force for _, force in numbers}
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


def tiles(rows: Sequence[dict]) -> list[str]:
    """Return a picture for each grid that has numbers; rows have name, code, number, href. TILED has the codes of all tiles."""
    by_code = {row["code"]: row for row in rows if row["code"]}
    most = max((row["number"] for row in rows), default=0)
    pictures = []
    for heading, places in GRIDS.items():
        if places.keys() & by_code.keys():
            drawn = [_empty(places.keys() - by_code.keys(), places)]
            drawn += [
                _tile(code, at, by_code[code], most)
                for code, at in places.items()
                if code in by_code
            ]
            columns, lines = (max(at) + 1 for at in zip(*places.values(), strict=True))
            title = f"Actions by jurisdiction: {heading.lower()}"
            pictures.append(_svg(title, drawn, lines * TILE, columns * TILE))
    return pictures


def _empty(codes: Collection[str], places: dict[str, tuple[int, int]]) -> Element:
    """Return the tiles without actions, as one path and their codes."""
    side = TILE - GAP
    at = {code: (x * TILE, y * TILE) for code, (x, y) in places.items() if code in codes}
    way = "".join(f"M{x + 1} {y + 1}h{side}v{side}h-{side}z" for x, y in at.values())
    names = [
        element("text", code.removeprefix("US-"), x=x + side // 2, y=y + 23)
        for code, (x, y) in at.items()
    ]
    title = element("title", "Without actions")
    return element("g", title, element("path", d=way), *names, class_="tile", text_anchor="middle")


def _tile(code: str, at: tuple[int, int], row: dict, most: int) -> Element:
    """Return the tile of a jurisdiction that has actions, the darker the more there are."""
    x, y, number = at[0] * TILE, at[1] * TILE, row["number"]
    side, middle = TILE - GAP, x + (TILE - GAP) // 2
    level = 3 if 3 * number >= most else 2 if 10 * number >= most else 1
    parts = [
        element("title", f"{row['name']}: {_many(number, 'action')}"),
        element("rect", x=x + 1, y=y + 1, width=side, height=side, rx=4),
        element("text", code.removeprefix("US-"), x=middle, y=y + 16),
        element("text", str(number), class_="number", x=middle, y=y + 31),
    ]
    name, href = ("a", row["href"]) if row["href"] else ("g", None)
    return element(name, *parts, class_=f"tile level-{level}", text_anchor="middle", href=href)


def _svg(title: str, parts: Sequence[Element], height: int, wide: int = WIDTH) -> str:
    return picture(
        element("title", title),
        *parts,
        size=(wide, height),
        looks="picture chart counted",
        width=wide,
        height=height,
        role="group",
        aria_label=title,
    )
