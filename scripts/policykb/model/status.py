"""From events to periods: in which stage an action was, and whether it bound, from which day to which.

Nothing here reads the clock. Future events make future periods, and the status on a day is the period that contains it.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from policykb.model import vocabulary
from policykb.model.dates import Span

MOVES = {kind.id: (kind.stage, kind.legal_force) for kind in vocabulary.EVENT_TYPES}
RANK = {stage.id: rank for rank, stage in enumerate(vocabulary.STAGES)} | {vocabulary.PRACTICE: 0}


class Happening(NamedTuple):
    """An event for the derivation of a status; `supersedes` is the key of the event that it moves, on the day `moved_on`."""

    key: str
    type: str
    span: Span
    supersedes: str | None = None
    moved_on: str | None = None


class Period(NamedTuple):
    """A time with one stage and one legal force, from `from_date` to the day before `to_date`.

    Days are ISO text; None is an open end. `from_latest` is later than `from_date` if the date is partial.
    `event` opened the period; `stage_event` and `force_event` decided its stage and its legal force.
    """

    stage: str
    legal_force: str
    from_date: str | None
    from_latest: str | None
    to_date: str | None
    event: str | None
    stage_event: str | None
    force_event: str | None
    order_ambiguous: bool


# An event with the day from which it counts, the day from which it no longer does, and its place in the record.
Live = tuple[str, str | None, Happening, int]


class _State(NamedTuple):
    stage: str = vocabulary.REPORTED
    legal_force: str = vocabulary.NOT_YET
    stage_event: str | None = None
    force_event: str | None = None


def periods(happenings: Sequence[Happening], instrument: str, bindingness: str) -> list[Period]:
    """Return the periods of an action in order of time, adjoining; there is at least one.

    Events on one day count in the order of `happenings`. An event that was moved counts only if its day came before
    the move became law, and then only until the move.
    """
    first = vocabulary.STAGE_WITHOUT_EVENTS.get(instrument, vocabulary.REPORTED)
    timeless = Period(first, vocabulary.NOT_APPLICABLE, None, None, None, None, None, None, False)
    if not happenings:
        return [timeless]
    live = _in_order(happenings)
    unsure = doubtful(happenings)
    binds = (
        bindingness not in vocabulary.NOT_LEGALLY_BINDING
        and instrument not in vocabulary.STAGE_WITHOUT_EVENTS
    )
    moves = any(MOVES[happening.type][0] for happening in happenings)
    # An idea, and a practice without a procedure, exist before their first event.
    is_older = instrument in vocabulary.IDEAS or (first == vocabulary.PRACTICE and not moves)
    course = [timeless] if is_older else []
    for day, opening, state in _states(happenings, live, _State(first)):
        force = state.legal_force
        if not binds and force not in (vocabulary.ENDED, vocabulary.SUSPENDED):
            force = vocabulary.NOT_APPLICABLE
        if course and course[-1][:2] == (state.stage, force):
            continue
        if course:
            course[-1] = course[-1]._replace(to_date=day)
        key, latest = (opening.key, max(day, opening.span.latest)) if opening else (None, day)
        decided = state.stage_event, state.force_event
        course.append(Period(state.stage, force, day, latest, None, key, *decided, key in unsure))
    return course


def period_on(periods: Sequence[Period], day: str) -> Period | None:
    """Return the period that contains an ISO day; None before the first period."""
    return next((item for item in periods if contains(item.from_date, item.to_date, day)), None)


def contains(start: str | None, end: str | None, day: str) -> bool:
    """Return whether an ISO day lies in a period from `start` until before `end`; None leaves it open."""
    return (start or "") <= day and (end or "9999") > day


def _states(
    happenings: Sequence[Happening], live: list[Live], first: _State
) -> Iterator[tuple[str, Happening | None, _State]]:
    """Yield each day on which an event begins or ceases to count, the event that opens the new state, and that state."""
    ends = {end for _, end, _, _ in live if end}
    state, count = first, 0  # of the events that began
    for day in sorted({start for start, _, _, _ in live} | ends):
        opening = None
        if day in ends:
            state = first
            for _, end, happening, _ in live[:count]:
                if not end or end > day:
                    state = _step(state, happening)
            opening = next(
                (happening for happening in happenings if happening.moved_on == day), None
            )
        while count < len(live) and live[count][0] == day:
            happening = live[count][2]
            count += 1
            after = _step(state, happening)
            if opening is None or after[:2] != state[:2]:
                opening = happening
            state = after
        yield day, opening, state


def revivals(happenings: Sequence[Happening]) -> Iterator[tuple[str, str]]:
    """Yield the key of an event that ended the action, and of a later event that revives it without a type for that."""
    state = _State()
    for _, end, happening, _ in _in_order(happenings):
        if end:
            continue  # it was moved, so the event that moved it counts
        after = _step(state, happening)
        if happening.type not in vocabulary.REVIVES:
            if state.stage in vocabulary.TERMINAL and after.stage not in vocabulary.TERMINAL:
                yield state.stage_event, happening.key
            elif state.legal_force == vocabulary.ENDED and after.legal_force in vocabulary.BINDING:
                yield state.force_event, happening.key
        state = after


def _in_order(happenings: Sequence[Happening]) -> list[Live]:
    return sorted(_live(happenings), key=lambda item: (item[0], item[2].span.earliest, item[3]))


def _live(happenings: Sequence[Happening]) -> Iterator[Live]:
    """Yield each event that counts, and from which day to which."""
    moves: dict[str, list[Happening]] = {}
    for happening in happenings:
        if happening.supersedes:
            moves.setdefault(happening.supersedes, []).append(happening)
    if not moves:
        yield from (
            (happening.span.earliest, None, happening, position)
            for position, happening in enumerate(happenings)
        )
        return
    for position, happening in enumerate(happenings):
        start = max(happening.span.earliest, happening.moved_on or "")
        voids = [other.moved_on for other in moves.get(happening.key, ()) if other.moved_on]
        # A later move of the same event undoes this move; moves on one day all count (they split a date).
        siblings = moves.get(happening.supersedes, ()) if happening.supersedes else ()
        voids += [
            other.moved_on
            for other in siblings
            if other.moved_on and other.moved_on > (happening.moved_on or "")
        ]
        end = min(voids, default=None)
        if end is None or end > start:
            yield start, end, happening, position


def _step(state: _State, happening: Happening) -> _State:
    """Return the state after an event."""
    stage, force, stage_event, force_event = state
    to_stage, to_force = MOVES[happening.type]
    if happening.type in vocabulary.SCHEDULED and (
        stage in vocabulary.TERMINAL or force == vocabulary.ENDED
    ):
        return state
    if to_stage and (
        to_stage in vocabulary.TERMINAL
        or stage in vocabulary.TERMINAL
        or RANK[to_stage] > RANK[stage]
    ):
        stage, stage_event = to_stage, happening.key
    if to_force:
        moved = _force(force, to_force, happening.type)
        if moved != force or force_event is None:
            force, force_event = moved, happening.key
    return _State(stage, force, stage_event, force_event)


def _force(now: str, then: str, kind: str) -> str:
    """Return the legal force after an event of `kind` that moves it to `then`."""
    if then == vocabulary.NOT_YET:
        return now if now in vocabulary.BINDING or now == vocabulary.ENDED else then
    if then == vocabulary.NOT_APPLICABLE:
        return vocabulary.ENDED if now in vocabulary.BINDING else then
    if kind in vocabulary.SCHEDULED and now in (vocabulary.SUSPENDED, vocabulary.IN_FORCE):
        return now
    if kind in vocabulary.ONLY_BINDING and now not in vocabulary.BINDING:
        return now
    return then


def doubtful(happenings: Sequence[Happening]) -> set[str]:
    """Return the keys of the events that move the status and whose order is ambiguous."""
    if all(map(_exact, happenings)):
        return set()
    in_order = (happening for _, _, happening, _ in _in_order(happenings))
    moving = (happening for happening in in_order if any(MOVES[happening.type]))
    keys: set[str] = set()
    widest: Happening | None = None
    for happening in moving:
        if (
            widest
            and widest.span.latest >= happening.span.earliest
            and not (_exact(widest) and _exact(happening))
        ):
            keys |= {widest.key, happening.key}
        if widest is None or happening.span.latest >= widest.span.latest:
            widest = happening
    return keys


def _exact(happening: Happening) -> bool:
    return happening.span.earliest == happening.span.latest
