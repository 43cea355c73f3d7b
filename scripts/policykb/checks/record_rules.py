"""The rules for a single record.

A rule takes a record and, for an action, its course, and yields faults. It reads no files and changes nothing. The
parser already checks what the record types define: keys, types, vocabulary, dates, addresses.
"""

import contextlib
from collections.abc import Callable, Iterator
from operator import itemgetter

from policykb.checks.circles import on_circles
from policykb.files.catalogue import is_of_whole
from policykb.model import event_ids, status, vocabulary
from policykb.model.course import Course
from policykb.model.dates import span
from policykb.model.problems import Fault, nearest
from policykb.model.records import Action, Argument, Event, Record
from policykb.model.tasks import OF_TASKS

# The steps of an action in the order in which they must come.
STEPS = tuple(
    tuple(kind.id for kind in vocabulary.EVENT_TYPES if kind.step == step)
    for step in ("proposal", "passage", "decision", "effect")
)

# The types of events that can set the due date of a task.
DUE_TYPES = vocabulary.SCHEDULED | {vocabulary.DEADLINE}


def identifier_forms(action: Action, course: Course) -> Iterator[Fault]:
    """V702: an identifier has the form of its scheme."""
    for pointer, scheme, value in course.identifiers:
        if scheme in vocabulary.SCHEMES:
            yield from _form(pointer, vocabulary.SCHEMES[scheme], value)


def _form(pointer: tuple, scheme: vocabulary.IdentifierScheme, value: str) -> Iterator[Fault]:
    if not scheme.match(value):
        message = f"'{value}' does not have the form of scheme '{scheme.id}'"
        expected = f"a value like '{scheme.example}'"
        yield Fault("V702", pointer, message, value, expected, scheme.value_in(value))


def declared_identifiers(others: tuple, schemes: tuple) -> Iterator[Fault]:
    """V701, V702: the scheme of each of `others`, items of `other_identifiers`, is one of `schemes`; the value has its form."""
    known = {scheme.id: scheme for scheme in schemes}
    for pointer, scheme, value in others:
        if scheme in known:
            yield from _form(pointer, known[scheme], value)
        else:
            message = f"'{scheme}' is not in the vocabulary"
            expected = vocabulary.choice(schemes, scheme)
            near = vocabulary.corrected(schemes, scheme)
            yield Fault("V701", pointer[:2], message, scheme, expected, near)


def own_identifiers(action: Action, course: Course) -> Iterator[Fault]:
    """V703: a part of an act does not carry the number of the whole act."""
    for pointer, scheme, value in course.identifiers:
        if is_of_whole(scheme, vars(action)):
            message = f"'{value}' is the number of a whole act, and this is a part of one"
            expected = "the number on a record of the act, and here `part_of` with that record, and `provision`"
            yield Fault("V703", pointer, message, value, expected)


def usable_names(action: Action, course: Course) -> Iterator[Fault]:
    """K207: an alias does not have a word near which it means something else."""
    for place, alias in enumerate(course.other_names):
        for position, word in enumerate(alias.not_near):
            if word.casefold() in alias.name.casefold():
                pointer = ("aliases", place, "not_near", position)
                message = f"'{word}' is in the name '{alias.name}', so the name would never count"
                yield Fault("K207", pointer, message, word, "words beside the name")


def has_events(action: Action, course: Course) -> Iterator[Fault]:
    """T406: an action has events, unless it is an idea or a practice."""
    if not action.events and action.instrument not in vocabulary.STAGE_WITHOUT_EVENTS:
        free = ", ".join(sorted(vocabulary.STAGE_WITHOUT_EVENTS))
        message = f"an action of instrument '{action.instrument}' has no [[events]]"
        expected = f"at least one event (only {free} may have none)"
        yield Fault("T406", ("instrument",), message, action.instrument, expected)


def sourced_events(action: Action, course: Course) -> Iterator[Fault]:
    """C501: every event cites a source or is marked as unconfirmed."""
    for place, event in enumerate(action.events):
        if not event.cite and not event.unconfirmed:
            message = f"the event of {event.date} has no source"
            expected = 'cite = [{ document = "..." }] or unconfirmed = true'
            yield Fault("C501", ("events", place), message, event.type, expected)


def cited_text(action: Action, course: Course) -> Iterator[Fault]:
    """C509: the official text of an action is one of its sources, and an action that has one does not say why it lacks one."""
    if not action.official_text:
        return
    cites = [*action.cite, *(action.effect.cite if action.effect else ())]
    cites += (cite for part in (*action.events, *action.disputes) for cite in part.cite)
    if action.official_text not in {cite.document for cite in cites}:
        message = f"'{action.official_text}' is not a source of this action"
        expected = "a document that this record cites"
        yield Fault("C509", ("official_text",), message, action.official_text, expected)
    if action.no_official_text:
        message = "the action names its official text and says that there is none"
        expected = "either `official_text` or `no_official_text`"
        yield Fault("C509", ("no_official_text",), message, action.no_official_text, expected)


def event_names(action: Action, course: Course) -> Iterator[Fault]:
    """K205: each id and former id of the events of an action is used once."""
    seen: dict[str, int] = {}
    for place, event in enumerate(course.names):
        if event.id and seen.setdefault(event.id, place) != place:
            message = f"another event of this action is named '{event.id}'"
            yield Fault("K205", ("events", place, "id"), message, event.id, "a name used once")
    for place, event in enumerate(course.names):
        for position, name in enumerate(event.former):
            names = name, event_ids.address(course.id, name)
            if not seen.keys().isdisjoint(names):
                message = (
                    f"'{name}' is named twice in this event"
                    if seen.get(name, -1) == place
                    else f"'{name}' is the id or a former id of another event of this action"
                )
                expected = "an earlier name that no other event has or had"
                yield Fault(
                    "K205", ("events", place, "former_ids", position), message, name, expected
                )
            seen.update(dict.fromkeys(names, place))


def named_events(action: Action, course: Course) -> Iterator[Fault]:
    """T430: every event has an id."""
    for place, name in event_ids.new_ids(course.names).items():
        event = action.events[place]
        message = f"the {event.type} event of {event.date} has no id"
        expected = f'id = "{name.id}"; `policykb check --fix` writes it'
        yield Fault("T430", ("events", place), message, event.type, expected)


def moved_events(action: Action, course: Course) -> Iterator[Fault]:
    """R303, R304, T405: moves name an event of the action and their day, and end somewhere."""
    if not any(event.supersedes or event.moved_by for event in action.events):
        return
    places = {event.id: place for place, event in enumerate(action.events) if event.id}
    for place, event in enumerate(action.events):
        if (event.supersedes or event.moved_by) and not event.moved_on:
            message = "an event that moves or sets a date needs `moved_on` too"
            expected = "the day on which the new date became law"
            yield Fault("T405", ("events", place), message, event.date, expected)
        if event.supersedes:
            yield from _unknown_event(action, ("events", place, "supersedes"), event.supersedes)
    moves = [event for event in action.events if event.id and event.supersedes]
    for name in on_circles({event.id: [event.supersedes] for event in moves}):
        message = f"event '{name}' supersedes itself, directly or through others"
        yield Fault("R303", ("events", places[name], "supersedes"), message, name)


def _unknown_event(action: Action, pointer: tuple, name: str) -> Iterator[Fault]:
    """R304: an event that the action names is one of its events."""
    known = [event.id for event in action.events if event.id]
    if name in known:
        return
    former = {other: event.id for event in action.events for other in event.former_ids}
    message = f"this action has no event with id '{name}'"
    expected = "the `id` of an event of this action"
    near = former.get(name) or nearest(name, known)
    yield Fault("R304", pointer, message, name, expected, near)


def event_order(action: Action, course: Course) -> Iterator[Fault]:
    """T403: the dates of events that move the status give their order."""
    if not any(len(event.date) < 10 for event in action.events):
        return
    doubtful = status.doubtful(course.happenings)
    for place, happening in enumerate(course.happenings):
        if happening.key in doubtful:
            date = action.events[place].date
            message = f"'{date}' leaves open whether this came before or after another event that moves the status"
            expected = "a fuller date, if one is known"
            yield Fault("T403", ("events", place, "date"), message, date, expected)


def known_events(action: Action, course: Course) -> Iterator[Fault]:
    """T404: as_of is not older than an event that cannot be foreseen."""
    for place, event in enumerate(action.events):
        if event.type in vocabulary.UNFORESEEABLE and event.date[:10].rstrip("~?") > action.as_of:
            message = f"an event of type '{event.type}' on {event.date} cannot be known on {action.as_of}, the day of as_of"
            expected = "as_of on or after the day of the event"
            yield Fault("T404", ("events", place, "date"), message, event.date, expected)


def ends_are_final(action: Action, course: Course) -> Iterator[Fault]:
    """T411: only an event of a type that revives an action moves it after its end."""
    for end, start in status.revivals(course.happenings):
        place = course.places[start]
        ended, event = action.events[course.places[end]], action.events[place]
        message = f"'{event.type}' on {event.date} comes after '{ended.type}' on {ended.date}, which ended the action"
        expected = f"one of {', '.join(sorted(vocabulary.REVIVES))} if it goes on, or an action of its own for what came after"
        yield Fault("T411", ("events", place, "type"), message, event.type, expected)


def steps_in_order(action: Action, course: Course) -> Iterator[Fault]:
    """T412: no event is dated before all events of an earlier step."""
    first: tuple[str, Event] | None = None
    for types in STEPS:
        step = [
            (span(event.date), place, event)
            for place, event in enumerate(action.events)
            if event.type in types
        ]
        for days, place, event in step:
            if first and days.latest < first[0]:
                message = f"'{event.type}' on {event.date} lies before '{first[1].type}' on {first[1].date}, which must come first"
                expected = "the day that the source gives; or another type, if something else happened then"
                yield Fault("T412", ("events", place, "date"), message, event.date, expected)
        starts = [(days.earliest, event) for days, _, event in step]
        start = min(starts, key=itemgetter(0), default=None)
        if start and (first is None or start[0] > first[0]):
            first = start


def events_give_stage(action: Action, course: Course) -> Iterator[Fault]:
    """T413: an event gives the stage, unless no official act is known."""
    types = {event.type for event in action.events}
    if (
        not types
        or action.instrument in vocabulary.STAGE_WITHOUT_EVENTS
        or types & vocabulary.UNOFFICIAL
    ):
        return
    if not any(status.MOVES[event_type][0] for event_type in types):
        listed = ", ".join(sorted(types))
        message = f"no event of type {listed} gives a stage, so the status cannot say how far the action has come"
        expected = "an event that says how far it has come, such as proposed, introduced, adopted or issued"
        yield Fault("T413", ("events",), message, listed, expected)


def duties_end_after_start(action: Action, course: Course) -> Iterator[Fault]:
    """T414: a duty does not end before it begins."""
    for place, duty in enumerate(action.duties):
        start, end = duty.applies_from, duty.applies_until
        if start and end and span(end).latest < span(start).earliest:
            message = f"the duty ends on {end}, before it begins on {start}"
            expected = "a day on or after applies_from"
            yield Fault("T414", ("duties", place, "applies_until"), message, end, expected)


def exemptions_have_a_treatment(action: Action, course: Course) -> Iterator[Fault]:
    """K208: the text on the exemption from a duty explains a `treatment`, and does not write it in words."""
    for place, duty in enumerate(action.duties):
        text, pointer = duty.exemption or "", ("duties", place, "exemption")
        none = text.partition(":")[0].casefold() == "none"
        terms = ", ".join(vocabulary.ids(vocabulary.DUTY_TREATMENTS))
        if text and not duty.treatment:
            message = (
                "the text explains an exemption or the lack of one, but the duty has no treatment"
            )
            near = vocabulary.NOT_EXEMPT if none else ""
            yield Fault("K208", pointer, message, text, f"treatment with one of {terms}", near)
        elif none:
            message = f"the text says that there is no exemption, which treatment = '{duty.treatment}' says or denies"
            expected = f"treatment = '{vocabulary.NOT_EXEMPT}', and a text that says why"
            yield Fault("K208", pointer, message, text, expected)


def tasks_name_events(action: Action, course: Course) -> Iterator[Fault]:
    """R304, T415: `deadline` and `done_by` of a duty name events of the action, and it has one due date."""
    types = {event.id: event.type for event in action.events}
    for place, duty in enumerate(action.duties):
        for key in OF_TASKS:
            name, pointer = getattr(duty, key), ("duties", place, key)
            if not name:
                continue
            yield from _unknown_event(action, pointer, name)
            message = f"event '{name}' has the type '{types.get(name)}'"
            if key == "deadline" and types.get(name, vocabulary.DEADLINE) not in DUE_TYPES:
                expected = f"an event of type {', '.join(sorted(DUE_TYPES))}"
                yield Fault("T415", pointer, message, name, expected)
            elif key == "done_by" and types.get(name) == vocabulary.DEADLINE:
                expected = "the event by which the task was done"
                yield Fault("T415", pointer, message, name, expected)
        if duty.due and duty.deadline:
            message = f"the event '{duty.deadline}' already sets the day"
            expected = "either `due` or `deadline`"
            yield Fault("T415", ("duties", place, "due"), message, duty.due, expected)


def duties_follow_events(action: Action, course: Course) -> Iterator[Fault]:
    """T416: a duty of an action that binds applies from a day on which an event moves the legal force.

    While the action is in force in whole, an event of type `deadline` says it too.
    """
    if action.bindingness in vocabulary.NOT_LEGALLY_BINDING:
        return
    events = [
        (happening.span, status.MOVES[happening.type][1] in vocabulary.BINDING)
        for happening in course.happenings
        if status.MOVES[happening.type][1] in vocabulary.BINDING
        or happening.type == vocabulary.DEADLINE
    ]
    for place, duty in enumerate(action.duties):
        start = span(duty.applies_from) if duty.applies_from else None
        if not start or not any(moves for _, moves in events):
            continue
        period = status.period_on(course.periods, start.latest)
        whole = period is not None and period.legal_force == vocabulary.IN_FORCE
        if not any(
            days.earliest <= start.latest and start.earliest <= days.latest and (moves or whole)
            for days, moves in events
        ):
            message = f"no event moves the legal force on {duty.applies_from}, when the duty begins to apply"
            expected = "an event such as applies_in_part or took_effect on that day"
            pointer = ("duties", place, "applies_from")
            yield Fault("T416", pointer, message, duty.applies_from, expected)


def argument_is_placed(argument: Argument, course: None) -> Iterator[Fault]:
    """A801, A802: an argument takes a stance on an action and is made somewhere."""
    if not argument.stances:
        message = "the argument takes no stance on any action"
        yield Fault("A801", (), message, expected="at least one [[stances]]")
    if not argument.appearances:
        message = "the argument appears in no document"
        yield Fault("A802", (), message, expected="at least one [[appearances]]")


RECORD_RULES: dict[str, tuple[Callable[..., Iterator[Fault]], ...]] = {
    "action": (
        identifier_forms,
        own_identifiers,
        usable_names,
        has_events,
        sourced_events,
        cited_text,
        event_names,
        named_events,
        moved_events,
        event_order,
        known_events,
        ends_are_final,
        steps_in_order,
        events_give_stage,
        duties_end_after_start,
        exemptions_have_a_treatment,
        tasks_name_events,
        duties_follow_events,
    ),
    "argument": (argument_is_placed,),
}


def check_record(kind: str, record: Record, course: Course | None) -> Iterator[Fault]:
    """Yield the faults of all rules for a record; `course` is that of an action."""
    for rule in RECORD_RULES.get(kind, ()):
        yield from rule(record, course)


def check_rest(kind: str, rest: Record, course: Course | None) -> Iterator[Fault]:
    """Yield the faults of the rules that need none of the invalid keys, which `rest` of a record does not have."""
    for rule in RECORD_RULES.get(kind, ()):
        with contextlib.suppress(AttributeError):
            yield from rule(rest, course)
