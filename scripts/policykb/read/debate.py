"""The arguments about an action by the side they take, each with who makes it where and what answers it. Rows in, rows out."""

from collections.abc import Iterable
from typing import NamedTuple

from policykb.model.vocabulary import AGAINST, FOR, STANCES, ids

DEEPEST = 3


def grouped(rows: Iterable[dict], key: str) -> dict[str, list[dict]]:
    """Rows by the value of `key`, in the order in which values and rows come."""
    found: dict[str, list[dict]] = {}
    for row in rows:
        found.setdefault(row[key], []).append(row)
    return found


class Voices(NamedTuple):
    """How many arguments, documents and speakers there are on one side, and how many stances are inherited and not counted."""

    arguments: int
    documents: int
    speakers: int
    inherited: int


def counted(speakers: Iterable[dict]) -> Voices:
    """Return the numbers of arguments, documents and speakers among rows of the view `voices`."""
    rows = list(speakers)
    own = [row for row in rows if not row["inherited"]]
    return Voices(
        *(len({row[key] for row in own}) for key in ("argument", "document", "speaker_key")),
        inherited=len({row["argument"] for row in rows if row["inherited"]}),
    )


def counts(stances: dict[str, list[dict]], speakers: Iterable[dict]) -> dict[str, Voices]:
    """Return the numbers for each of `stances` (see `by_stance`), and under 'for', 'against' and 'all' those of the sides.

    The view `voices` leaves withdrawn actions out; of these only the arguments are counted.
    """
    rows = grouped(speakers, "stance")

    def together(*terms: str) -> Voices:
        found = [row for term in terms for row in rows.get(term, ())]
        shown = sum(len(stances.get(term, ())) for term in terms)
        return counted(found) if found else Voices(shown, 0, 0, 0)

    sides = {"for": FOR, "against": AGAINST, "all": ids(STANCES)}
    return {name: together(*terms) for name, terms in sides.items()} | {
        stance: together(stance) for stance in stances
    }


def by_stance(
    stances: list[dict], answers: list[dict], voices: list[dict], speakers: list[dict]
) -> dict[str, list[dict]]:
    """The arguments by stance, each with `who` (where it is made) and `answers`, nested as far as DEEPEST.

    `speakers` are the rows of the view `voices` on the action: places where the text was out before the action began
    get `before`.
    """
    by_other, by_argument = (
        grouped(answers, "other"),
        {key: _merged(list) for key, list in grouped(voices, "argument").items()},
    )
    early = {
        (row["argument"], row["stance"], row["document"])
        for row in speakers
        if row["written_before_action"]
    }

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
    for stance in ids(STANCES):
        held = [row for row in stances if row["stance"] == stance]
        if held:
            found[stance] = [
                {
                    **row,
                    "who": [
                        {**place, "before": (row["argument"], stance, place["document"]) in early}
                        for place in by_argument.get(row["argument"], [])
                    ],
                    "answers": answered(row["argument"], ()),
                }
                for row in held
            ]
    return found


def _merged(voices: list[dict]) -> list[dict]:
    """Places in the same document by the same speakers as one entry with `locators`."""
    found: dict[tuple, dict] = {}
    for voice in voices:
        entry = found.setdefault(
            (voice["document"], voice["speakers"]), {**voice, "locators": [], "before": False}
        )
        if voice["locator"] and voice["locator"] not in entry["locators"]:
            entry["locators"].append(voice["locator"])
    return list(found.values())
