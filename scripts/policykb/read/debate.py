"""The arguments about an action by stance, each with its speakers, places and answers. Rows in, rows out."""

from collections.abc import Iterable
from typing import NamedTuple

from policykb.model.vocabulary import AGAINST, ANSWERS, FOR, STANCES, ids

DEEPEST = 3


def grouped(rows: Iterable[dict], key: str) -> dict[str, list[dict]]:
    """Return rows by the value of `key`, in their order."""
    groups: dict[str, list[dict]] = {}
    for row in rows:
        groups.setdefault(row[key], []).append(row)
    return groups


class Voices(NamedTuple):
    """The numbers of arguments, documents and speakers on one side, and of inherited stances, which are not counted.

    Documents about another action are not counted either.
    """

    arguments: int
    documents: int
    speakers: int
    inherited: int


def counted(speakers: Iterable[dict]) -> Voices:
    """Return the numbers of arguments, documents and speakers in rows of the view `voices`."""
    rows = list(speakers)
    own = [row for row in rows if not row["inherited"]]
    about_it = [row for row in own if not row["about_another_action"]]
    return Voices(
        len({row["argument"] for row in own}),
        *(len({row[key] for row in about_it}) for key in ("document", "speaker_key")),
        inherited=len({row["argument"] for row in rows if row["inherited"]}),
    )


def counts(stances: dict[str, list[dict]], speakers: Iterable[dict]) -> dict[str, Voices]:
    """Return the numbers for each of `stances` (see `by_stance`), and for the sides 'for', 'against' and 'all'.

    The view `voices` has no withdrawn actions; only their arguments are counted.
    """
    rows = grouped(speakers, "stance")

    def together(*terms: str) -> Voices:
        matches = [row for term in terms for row in rows.get(term, ())]
        shown = sum(len(stances.get(term, ())) for term in terms)
        return counted(matches) if matches else Voices(shown, 0, 0, 0)

    sides = {"for": FOR, "against": AGAINST, "all": ids(STANCES)} | {
        term: (term,) for term in stances
    }
    return {name: together(*terms) for name, terms in sides.items()}


def by_stance(
    stances: list[dict], answers: list[dict], voices: list[dict], speakers: list[dict]
) -> dict[str, list[dict]]:
    """Return the arguments by stance, each with `who` (speakers and places) and `answers`, nested up to DEEPEST.

    Answers that are marked as not `bearing` on the action are left out; `elsewhere` is how many.
    `speakers` are the rows of the view `voices` for the action. They mark places whose text appeared before the action
    began with `before`.
    """
    by_other = grouped(answers, "other")
    places = {argument: _merged(rows) for argument, rows in grouped(voices, "argument").items()}
    early = {
        (row["argument"], row["stance"], row["document"])
        for row in speakers
        if row["written_before_action"]
    }

    def answered(argument: str, above: tuple[str, ...]) -> dict:
        """Return the answers to an argument, and how many others it has."""
        if len(above) >= DEEPEST:
            return {"answers": [], "elsewhere": 0}
        above = (*above, argument)
        rows = [row for row in by_other.get(argument, []) if row["argument"] not in above]
        shown = [row for row in rows if row.get("bearing", True)]
        return {
            "answers": [
                {
                    **row,
                    "who": places.get(row["argument"], []),
                    **answered(row["argument"], above),
                }
                for row in shown
            ],
            "elsewhere": len(rows) - len(shown),
        }

    def entry(row: dict) -> dict:
        argument, stance = row["argument"], row["stance"]
        who = [
            {**place, "before": (argument, stance, place["document"]) in early}
            for place in places.get(argument, [])
        ]
        return {**row, "who": who, **answered(argument, ())}

    rows = grouped(stances, "stance")
    return {term: [entry(row) for row in rows[term]] for term in ids(STANCES) if term in rows}


def trees(arguments: Iterable[str], ties: Iterable[dict]) -> dict[str, list[dict]]:
    """Return the answers to `arguments`, and to those answers, by the id of what they answer.

    `ties` have id, other and type. An answer is its tie with `answers`, nested at one place only, as near to one of
    `arguments` as can be; at other places it is marked `again`.
    """
    answers = grouped((tie for tie in ties if tie["type"] in ANSWERS), "other")
    below: dict[str, list[dict]] = {argument: [] for argument in arguments}
    waiting = list(below)
    for argument in waiting:  # which grows meanwhile
        for tie in answers.get(argument, ()):
            entry = {**tie, "again": tie["id"] in below, "answers": []}
            below[argument].append(entry)
            if not entry["again"]:
                below[tie["id"]] = entry["answers"]
                waiting.append(tie["id"])
    return below


def _merged(voices: list[dict]) -> list[dict]:
    """Return places in the same document by the same speakers as one entry with `locators`."""
    entries: dict[tuple, dict] = {}
    for voice in voices:
        key = (voice["document"], voice["speakers"])
        entry = entries.setdefault(key, {**voice, "locators": [], "before": False})
        if voice["locator"] and voice["locator"] not in entry["locators"]:
            entry["locators"].append(voice["locator"])
    return list(entries.values())
