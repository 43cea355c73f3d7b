"""The questions of `policykb find --accept`: one key a proposal."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from policykb.commands.common import report
from policykb.model.problems import shown

if TYPE_CHECKING:
    from policykb.finding.answers import Answers
    from policykb.finding.proposals import Proposal

NEAR = 200  # characters of the paragraph that are shown before and after the words
KEYS = "[y]es  yes, and a new [a]lias  [n]o  [b]ack  [q]uit "


def accepted(
    proposed: Sequence["Proposal"], paragraphs: Mapping[str, str], answers: "Answers"
) -> tuple[list["Proposal"], list[tuple[str, str]]]:
    """Ask about each of `proposed` that was not accepted before; return those accepted, and new aliases of their actions.

    An answer is saved when it is given, so that a person who quits can continue from there. Back takes the last answer back.
    """
    aliases: dict[int, tuple[str, str]] = {}
    waiting = [place for place, item in enumerate(proposed) if not answers.get(item)]
    number = 0
    while number < len(waiting):
        place = waiting[number]
        proposal = proposed[place]
        _show(proposal, paragraphs[proposal.hit.paragraph], f"{number + 1} of {len(waiting)}")
        key = click.getchar().lower()
        report(key)
        if key == "a":
            if alias := _alias(paragraphs[proposal.hit.paragraph]):
                aliases[place] = proposal.mention["action"], alias
        if key in ("y", "a", "n"):
            answers.put(proposal, key != "n")
            number += 1
        elif key == "b" and number:
            number -= 1
            answers.put(proposed[waiting[number]], None)
            aliases.pop(waiting[number], None)
        elif key == "q":
            break
    chosen = [item for item in proposed if answers.get(item)]
    return chosen, list(dict.fromkeys(aliases.values()))


def _show(proposal: "Proposal", text: str, count: str) -> None:
    mention, hit = proposal
    before = shown(text[max(0, hit.start - NEAR) : hit.start], NEAR)
    after = shown(text[hit.end :][:NEAR], NEAR)
    marked = click.style(shown(text[hit.start : hit.end], 500), bold=True)
    report(f"\n{count}, {mention['locator']}:\n{before}{marked}{after}")
    report(f"{hit.score:.2f}  {hit.action}: {', '.join(hit.reasons)}")
    if hit.runner_up:
        report(f"      next best: {hit.runner_up[0]} {hit.runner_up[1]:.2f}")
    report(KEYS, nl=False)


def _alias(text: str) -> str:
    """Ask for the words of the paragraph `text` that name the action; return '' for none."""
    while True:
        words = click.prompt(
            "Its words that name the action (Enter: none)", "", show_default=False, err=True
        ).strip()
        if words.casefold() in text.casefold():
            return words
        report("The paragraph does not have these words.")
