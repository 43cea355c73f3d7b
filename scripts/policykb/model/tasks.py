"""What became of the tasks of an action, from day to day: a task is a duty to do something once.

Like a status, it is derived: the state on a day is that of the span of time that contains the day.
"""

from typing import NamedTuple

from policykb.model import vocabulary
from policykb.model.course import Course
from policykb.model.dates import in_days, span
from policykb.model.records import Duty
from policykb.model.status import Happening, period_on

FIRST_DAY = "0001-01-01"
OF_TASKS = ("deadline", "done_by")  # keys of a duty that name events


class TaskPeriod(NamedTuple):
    """A time with one state of a task, from `from_date` to the day before `to_date`; None is an open end.

    `due` is the date by which it must be done, as known in that time, and `deadline` the key of the event that sets it.
    """

    state: str
    due: str | None
    deadline: str | None
    from_date: str | None
    to_date: str | None


def is_task(duty: Duty) -> bool:
    """Return whether a duty is a task: it has a due date, or the record says what became of it."""
    return bool(duty.due or duty.deadline or duty.done_by or duty.outcome)


def task_periods(course: Course, duty: Duty) -> list[TaskPeriod]:
    """Return the states of a task in order of time, adjoining; none of a duty that is no task."""
    if not is_task(duty):
        return []
    by_key = {happening.key: happening for happening in course.happenings}
    deadline = by_key.get(f"{course.id}#{duty.deadline}")
    completion = by_key.get(f"{course.id}#{duty.done_by}")
    days = {FIRST_DAY, *(period.from_date for period in course.periods if period.from_date)}
    days |= {completion.span.earliest} if completion else set()
    days |= {happening.moved_on for happening in course.happenings if happening.moved_on}
    dues = [duty.due, *(course.action.events[place].date for place in course.places.values())]
    days |= {in_days(span(due).latest, 1) for due in dues if due}
    states: list[TaskPeriod] = []
    for day in sorted(days):
        now = deadline and _moved(deadline, course.happenings, day)
        due = course.action.events[course.places[now.key]].date if now else duty.due
        period = period_on(course.periods, day)
        over = period and (
            period.legal_force == vocabulary.ENDED or period.stage in vocabulary.TERMINAL
        )
        state = _state(due, completion, bool(over), day)
        if states and states[-1][:3] == (state, due, now and now.key):
            continue
        if states:
            states[-1] = states[-1]._replace(to_date=day)
        first = None if day == FIRST_DAY else day
        states.append(TaskPeriod(state, due, now and now.key, first, None))
    return states


def _moved(deadline: Happening, happenings: list[Happening], day: str) -> Happening:
    """Return the event that sets the due date under the law of `day`: `deadline`, or the last event that moved it by then."""
    seen = {deadline.key}
    while True:
        moves = [
            other
            for other in happenings
            if other.supersedes == deadline.key and other.moved_on and other.moved_on <= day
        ]
        latest = max(moves, key=lambda move: move.moved_on or "", default=None)
        if latest is None or latest.key in seen:
            return deadline
        deadline = latest
        seen.add(latest.key)


def _state(due: str | None, completion: Happening | None, over: bool, day: str) -> str:
    if completion and completion.span.earliest <= day:
        return vocabulary.TASK_DONE
    if over:
        return vocabulary.TASK_LAPSED
    if not due:
        return vocabulary.UNDATED
    return vocabulary.OVERDUE if span(due).latest < day else vocabulary.DUE
