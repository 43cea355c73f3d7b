"""The arguments about an action by the side they take, each with who makes it where and what answers it. Rows in, rows out."""

from collections.abc import Iterable

STANCES = ("supports", "opposes", "supports_if", "warns", "neutral")
DEEPEST = 3


def grouped(rows: Iterable[dict], key: str) -> dict[str, list[dict]]:
    """Rows by the value of `key`, in the order in which values and rows come."""
    found: dict[str, list[dict]] = {}
    for row in rows:
        found.setdefault(row[key], []).append(row)
    return found


def by_stance(
    stances: list[dict], answers: list[dict], voices: list[dict]
) -> dict[str, list[dict]]:
    """The arguments by stance, each with `who` (where it is made) and `answers`, nested as far as DEEPEST."""
    by_other, by_argument = (
        grouped(answers, "other"),
        {key: _merged(list) for key, list in grouped(voices, "argument").items()},
    )

    def answered(argument: str, above: tuple[str, ...]) -> list[dict]:
        if len(above) >= DEEPEST:
            return []
        return [
            {
                **answer,
                "who": by_argument.get(answer["argument"], []),
                "answers": answered(answer["argument"], (*above, argument)),
            }
            for answer in by_other.get(argument, [])
            if answer["argument"] not in (*above, argument)
        ]

    found: dict[str, list[dict]] = {}
    for stance in STANCES:
        held = [row for row in stances if row["stance"] == stance]
        if held:
            found[stance] = [
                {
                    **row,
                    "who": by_argument.get(row["argument"], []),
                    "answers": answered(row["argument"], ()),
                }
                for row in held
            ]
    return found


def _merged(voices: list[dict]) -> list[dict]:
    """Places in the same document by the same speakers as one entry with `locators`."""
    found: dict[tuple, dict] = {}
    for voice in voices:
        entry = found.setdefault((voice["document"], voice["speakers"]), {**voice, "locators": []})
        if voice["locator"] and voice["locator"] not in entry["locators"]:
            entry["locators"].append(voice["locator"])
    return list(found.values())
