"""The rules: over one record (RECORD_CHECKS), and over the whole knowledge base (BASE_CHECKS).

A rule takes what it judges and yields findings; it reads no files and changes nothing. What the record types
alone can say (keys, types, vocabulary, dates, addresses) is checked when a file is parsed.
"""

from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter
from operator import itemgetter

from policykb.checks.editorial import COUNTS, SHARES, editorial_rules
from policykb.files.knowledge import Earlier, Facts, Knowledge, is_of_whole
from policykb.model import event_ids, status, vocabulary
from policykb.model.dates import span
from policykb.model.event_ids import event_keys, happenings
from policykb.model.identifiers import congress_end, congress_of, identifiers
from policykb.model.problems import Finding, fault, nearest, nearest_id
from policykb.model.records import TABLES, Action, Argument, Event, Record

At = tuple[Facts, Finding]

# The steps of an action in the order in which they must come.
STEPS = tuple(
    tuple(kind.id for kind in vocabulary.EVENT_TYPES if kind.step == step)
    for step in ("proposal", "passage", "decision", "effect")
)


def identifier_forms(id: str, action: Action) -> Iterator[Finding]:
    """V702: an identifier has the form of its scheme."""
    for pointer, scheme, value in identifiers(action):
        if not vocabulary.identifier_match(scheme, value):
            yield Finding(
                "V702",
                pointer,
                f"'{value}' does not have the form of scheme '{scheme}'",
                value,
                f"a value like '{vocabulary.identifier_example(scheme)}'",
            )


def own_identifiers(id: str, action: Action) -> Iterator[Finding]:
    """V703: a part of an act does not carry the number of the whole act."""
    for pointer, scheme, value in identifiers(action):
        if is_of_whole(scheme, action):
            yield Finding(
                "V703",
                pointer,
                f"'{value}' is the number of a whole act, and this is a part of one",
                value,
                "the number on a record of the act, and here `part_of` with that record, and `provision`",
            )


def has_events(id: str, action: Action) -> Iterator[Finding]:
    """T406: an action has events, unless it is an idea or a practice."""
    if not action.events and action.instrument not in vocabulary.STAGE_WITHOUT_EVENTS:
        free = ", ".join(sorted(vocabulary.STAGE_WITHOUT_EVENTS))
        yield Finding(
            "T406",
            ("instrument",),
            f"an action of instrument '{action.instrument}' has no [[events]]",
            action.instrument,
            f"at least one event (only {free} may have none)",
        )


def sourced_events(id: str, action: Action) -> Iterator[Finding]:
    """C501: every event cites a source or is marked as unconfirmed."""
    for position, event in enumerate(action.events):
        if not event.cite and not event.unconfirmed:
            yield Finding(
                "C501",
                ("events", position),
                f"the event of {event.date} has no source",
                event.type,
                'cite = [{ document = "..." }] or unconfirmed = true',
            )


def event_names(id: str, action: Action) -> Iterator[Finding]:
    """K205, T430: every event has an id; each id and former id of the events of an action is used once."""
    listed = event_ids.names(action.events)
    missing = event_ids.new_ids(listed)
    seen: dict[str, int] = {}
    for position, one in enumerate(listed):
        if one.id and seen.setdefault(one.id, position) != position:
            yield Finding(
                "K205",
                ("events", position, "id"),
                f"another event of this action is named '{one.id}'",
                one.id,
                "a name used once",
            )
        if position in missing:
            yield Finding(
                "T430",
                ("events", position),
                f"the {one.type} event of {action.events[position].date} has no id",
                one.type,
                f'id = "{missing[position].id}"; `policykb fix` writes it',
            )
    for position, one in enumerate(listed):
        for place, name in enumerate(one.former):
            if name in seen or event_ids.address(id, name) in seen:
                yield Finding(
                    "K205",
                    ("events", position, "former_ids", place),
                    f"'{name}' is the id or a former id of another event of this action"
                    if seen.get(name, -1) != position
                    else f"'{name}' is named twice in this event",
                    name,
                    "an earlier name that no other event has or had",
                )
            seen.update({name: position, event_ids.address(id, name): position})


def moved_events(id: str, action: Action) -> Iterator[Finding]:
    """R303, R304, T405: moves name an event of the action and their day, and end somewhere."""
    if not any(event.supersedes or event.moved_by for event in action.events):
        return
    names = {event.id: position for position, event in enumerate(action.events) if event.id}
    former = {name: event.id for event in action.events if event.id for name in event.former_ids}
    for position, event in enumerate(action.events):
        if (event.supersedes or event.moved_by) and not event.moved_on:
            yield Finding(
                "T405",
                ("events", position),
                "an event that moves or sets a date needs `moved_on` too",
                event.date,
                "the day on which the new date became law",
            )
        if event.supersedes and event.supersedes not in names:
            yield Finding(
                "R304",
                ("events", position, "supersedes"),
                f"this action has no event with id '{event.supersedes}'",
                event.supersedes,
                "the `id` of an event of this action",
                former.get(event.supersedes) or nearest(event.supersedes, list(names)),
            )
    for name in _circles(
        {event.id: [event.supersedes] for event in action.events if event.id and event.supersedes}
    ):
        yield Finding(
            "R303",
            ("events", names[name], "supersedes"),
            f"event '{name}' supersedes itself, directly or through others",
            name,
        )


def event_order(id: str, action: Action) -> Iterator[Finding]:
    """T403, T404: dates say which status-moving event came first, and as_of is not older than what happened."""
    doubtful = (
        status.doubtful(happenings(id, action.events))
        if any(len(event.date) < 10 for event in action.events)
        else ()
    )
    for position, (key, event) in enumerate(
        zip(event_keys(id, action.events), action.events, strict=True)
    ):
        if key in doubtful:
            yield Finding(
                "T403",
                ("events", position, "date"),
                f"'{event.date}' leaves open whether this came before or after another event that moves the status",
                event.date,
                "a fuller date, if one is known",
            )
        if event.type in vocabulary.UNFORESEEABLE and event.date[:10].rstrip("~?") > action.as_of:
            yield Finding(
                "T404",
                ("events", position, "date"),
                f"an event of type '{event.type}' on {event.date} cannot be known on {action.as_of}, the day of as_of",
                event.date,
                "as_of on or after the day of the event",
            )


def ends_are_final(id: str, action: Action) -> Iterator[Finding]:
    """T411: what ended or failed does not go on, unless an event of a type that revives it says so."""
    positions = {key: place for place, key in enumerate(event_keys(id, action.events))}
    for end, start in status.revivals(happenings(id, action.events)):
        ended, event = action.events[positions[end]], action.events[positions[start]]
        yield Finding(
            "T411",
            ("events", positions[start], "type"),
            f"'{event.type}' on {event.date} comes after '{ended.type}' on {ended.date}, which ended the action",
            event.type,
            f"one of {', '.join(sorted(vocabulary.REVIVES))} if it goes on, or an action of its own for what came after",
        )


def steps_in_order(id: str, action: Action) -> Iterator[Finding]:
    """T412: no event is dated before all events of a step that must come before it."""
    first: tuple[str, Event] | None = None
    for types in STEPS:
        step = [
            (span(event.date), position, event)
            for position, event in enumerate(action.events)
            if event.type in types
        ]
        for days, position, event in step:
            if first and days.latest < first[0]:
                yield Finding(
                    "T412",
                    ("events", position, "date"),
                    f"'{event.type}' on {event.date} lies before '{first[1].type}' on {first[1].date}, which must come first",
                    event.date,
                    "the day that the source gives; or another type, if something else happened then",
                )
        begun = min(
            ((days.earliest, event) for days, _, event in step), key=itemgetter(0), default=None
        )
        if begun and (first is None or begun[0] > first[0]):
            first = begun


def events_give_stage(id: str, action: Action) -> Iterator[Finding]:
    """T413: one of the events says how far the action has come, unless no official act is known."""
    types = {event.type for event in action.events}
    if (
        types
        and action.instrument not in vocabulary.STAGE_WITHOUT_EVENTS
        and not types & vocabulary.UNOFFICIAL
        and not any(status.MOVES[kind][0] for kind in types)
    ):
        yield Finding(
            "T413",
            ("events",),
            f"no event of type {', '.join(sorted(types))} gives a stage, so the action counts as a mere option",
            ", ".join(sorted(types)),
            "an event that says how far it has come, such as proposed, introduced, adopted or issued",
        )


def argument_is_placed(id: str, argument: Argument) -> Iterator[Finding]:
    """A801, A802: an argument takes a stance on an action and is made somewhere."""
    if not argument.stances:
        yield Finding(
            "A801",
            (),
            "the argument takes no stance on any action",
            expected="at least one [[stances]]",
        )
    if not argument.appearances:
        yield Finding(
            "A802",
            (),
            "the argument appears in no document",
            expected="at least one [[appearances]]",
        )


RECORD_CHECKS: dict[str, tuple[Callable[..., Iterator[Finding]], ...]] = {
    "action": (
        identifier_forms,
        own_identifiers,
        has_events,
        sourced_events,
        event_names,
        moved_events,
        event_order,
        ends_are_final,
        steps_in_order,
        events_give_stage,
    ),
    "argument": (argument_is_placed,),
}


def unique_ids(base: Knowledge) -> Iterator[At]:
    """K205: an id is used once, whatever the kind of record and whatever the case of its letters."""
    for facts, other in base.repeated:
        yield (
            facts,
            Finding(
                "K205",
                (),
                f"the id '{facts.id}' is also that of {other.kind} {other.path}",
                facts.id,
                "an id that no other record has",
            ),
        )


def known_references(base: Knowledge) -> Iterator[At]:
    """R301, R302, L002: a reference names a record, of the right kind, that stands."""
    by_id = base.by_id
    for facts in base.facts:
        for pointer, id, kinds in facts.references:
            target = by_id.get(id)
            if target is None:
                yield from ((facts, finding) for finding in _unknown(base, pointer, id, kinds))
            elif target.kind not in kinds:
                yield (
                    facts,
                    Finding(
                        "R302",
                        pointer,
                        f"'{id}' is {_one(target.kind)}",
                        id,
                        f"the id of {_one(*kinds)}",
                    ),
                )
            elif target.withdrawn and not facts.withdrawn:
                yield (
                    facts,
                    Finding(
                        "L002",
                        pointer,
                        f"{target.kind} '{id}' was withdrawn",
                        id,
                        "a record that stands",
                    ),
                )


def _unknown(base: Knowledge, pointer: tuple, id: str, kinds: tuple[str, ...]) -> Iterator[Finding]:
    if id in base.redirects:
        end = _end(base, id)
        yield Finding(
            "R301",
            pointer,
            f"'{id}' was renamed" if end else f"'{id}' is a redirect that leads to no record",
            id,
            f"the id of {_one(*kinds)}",
            end,
        )
    elif base.unread.isdisjoint(kinds):
        yield Finding(
            "R301",
            pointer,
            f"there is no {_one(*kinds).partition(' ')[2]} '{id}'",
            id,
            f"the id of {_one(*kinds)}",
            nearest_id(id, base.near(id, kinds)),
        )


def _end(base: Knowledge, id: str) -> str:
    """Return the id of the record that a redirect leads to in the end; '' if it leads round in a circle or to nothing."""
    seen = set()
    while id in base.redirects and id not in seen:
        seen.add(id)
        id = base.redirects[id]
    return id if id in base.by_id else ""


def _one(*kinds: str) -> str:
    """'an action', 'a document', or 'a record' where many kinds will do."""
    kind = kinds[0] if len(kinds) == 1 else "record"
    return f"an {kind}" if kind[0] in "ao" else f"a {kind}"


def no_circles(base: Knowledge) -> Iterator[At]:
    """R303: following `part_of` ends somewhere."""
    for id in _circles({facts.id: [facts.part_of] for facts in base.facts if facts.part_of}):
        yield (
            base.by_id[id],
            Finding(
                "R303",
                ("part_of",),
                f"'{id}' is part of itself, directly or through others",
                id,
                "a record that is not part of this one",
            ),
        )


def no_circular_support(base: Knowledge) -> Iterator[At]:
    """A803: arguments do not support each other in a circle."""
    for id in _circles({facts.id: facts.supports for facts in base.facts if facts.supports}):
        yield (
            base.by_id[id],
            Finding(
                "A803",
                ("relations",),
                f"'{id}' supports itself through the arguments it supports",
                id,
            ),
        )


def known_speakers(base: Knowledge) -> Iterator[At]:
    """R305: who makes an argument in a document is one of its authors."""
    for facts in base.facts:
        for pointer, document, name in facts.speakers:
            target = base.by_id.get(document)
            if target and target.kind == "document" and name not in target.names:
                yield (
                    facts,
                    Finding(
                        "R305",
                        pointer,
                        f"'{name}' is not an author of '{document}'",
                        name,
                        "one of "
                        + (", ".join(target.names) or "its authors, of whom it lists none"),
                        nearest(name, target.names),
                    ),
                )


def unique_identifiers(base: Knowledge) -> Iterator[At]:
    """D901: an official identifier belongs to one record."""
    seen: dict[tuple[str, str], Facts] = {}
    for facts in base.facts:
        for pointer, scheme, value in facts.identifiers:
            key = scheme, vocabulary.identifier_key(scheme, value)
            first = seen.setdefault(key, facts)
            if first is not facts:
                yield (
                    facts,
                    Finding(
                        "D901",
                        pointer,
                        f"'{first.id}' has the same identifier '{value}'",
                        value,
                        "an identifier that no other record has",
                    ),
                )


def unique_addresses(base: Knowledge) -> Iterator[At]:
    """D902: two documents do not have the same address."""
    seen: dict[str, Facts] = {}
    for facts in base.facts:
        if facts.address:
            first = seen.setdefault(facts.address, facts)
            if first is not facts:
                yield (
                    facts,
                    Finding(
                        "D902",
                        ("url",),
                        f"document '{first.id}' has the same address",
                        facts.address,
                        "one record for one document",
                    ),
                )


def ended_actions(base: Knowledge) -> Iterator[At]:
    """T410: an action that another one revokes or replaces does not bind from the day on which that one binds."""
    for facts in base.facts:
        for pointer, id in facts.ends:
            target, day = base.by_id.get(id), facts.binds_from
            if target is None or day is None or facts.withdrawn or target.withdrawn:
                continue
            if any(start <= day < (end or day + "~") for start, end in target.binding):
                yield (
                    facts,
                    Finding(
                        "T410",
                        pointer,
                        f"'{id}' is still in force on {day}, the day from which this action binds and ends it",
                        id,
                        f"an event of '{id}' that ends it by that day, or another type of relation",
                    ),
                )


def cited_documents(base: Knowledge) -> Iterator[At]:
    """C508: a document is there because something rests on it or because it mentions an action."""
    if not base.complete:
        return  # what a record cites that could not be read is not known
    for facts in base.facts:
        if (
            facts.kind == "document"
            and facts.id not in base.used
            and not facts.mentions
            and not facts.withdrawn
        ):
            yield (
                facts,
                Finding(
                    "C508",
                    (),
                    "nothing cites this document and it mentions no action",
                    facts.id,
                    "a record that cites it",
                ),
            )


def sound_redirects(base: Knowledge) -> Iterator[At]:
    """L001: a redirect starts at an id that is no longer used and leads to a record."""
    for facts in base.facts:
        if facts.kind == "redirect" and facts.id in base.by_id:
            yield (
                facts,
                Finding(
                    "L001",
                    (),
                    f"'{facts.id}' is still the id of a record",
                    facts.id,
                    "an id that is no longer used",
                ),
            )


def known_until_today(base: Knowledge) -> Iterator[At]:
    """T402: nothing is known as of a day that has not come."""
    for facts in base.facts:
        if facts.as_of and facts.as_of > base.today:
            yield (
                facts,
                Finding(
                    "T402",
                    ("as_of",),
                    f"{facts.as_of} has not come yet (today is {base.today})",
                    facts.as_of,
                    "a day that has come",
                ),
            )


def former_events(base: Knowledge) -> Iterator[At]:
    """K205, R301, R302: a former id of an event that names another action was the address of one event of it, and of no other now."""
    seen: dict[str, Facts] = {}
    for facts in base.facts:
        for pointer, name in facts.former:
            action, _, event = name.partition("#")
            there = base.by_id.get(action)
            first = seen.setdefault(name, facts)
            if first is facts and there and there is not facts and event in there.events:
                first = there
            if first is not facts:
                yield (
                    facts,
                    Finding(
                        "K205",
                        pointer,
                        f"'{name}' is also the id or a former id of an event of '{first.id}'",
                        name,
                        "an earlier name that no other event has or had",
                    ),
                )
            elif there and there.kind != "action":
                message = f"'{action}' is {_one(there.kind)}"
                yield facts, Finding("R302", pointer, message, action, "the id of an action")
            elif not there and action not in base.redirects:
                yield from ((facts, one) for one in _unknown(base, pointer, action, ("action",)))


def enough_records(base: Knowledge) -> Iterator[At]:
    """L003: there is at least as much as about.toml expects, of records and of what they should have."""
    if base.about is None:
        return
    for name, least in base.about.expectations:
        if name in SHARES:
            share, described = SHARES[name]
            part, whole = share(base)
            enough = part * 100 >= least * whole
            message = f"{part} of {whole} {described} ({part * 100 // (whole or 1)} %)"
            expected = f"at least {least} %"
        else:
            part = COUNTS[name](base) if name in COUNTS else base.counts.get(name[:-1], 0)
            enough = part >= least
            message = f"there are {part} {name.replace('_', ' ').replace('two sided', 'two-sided')}"
            expected = f"at least {least}"
        if not enough:
            yield base.about, Finding("L003", ("expectations", name), message, str(part), expected)


def kept_ids(base: Knowledge, earlier: Earlier) -> Iterator[At]:
    """L004: an id that a record or a redirect had earlier still leads to a record of its kind."""
    for id, (kind, path) in earlier.records.items():
        now = base.by_id.get(base.redirects.get(id) or id)
        if now and now.kind != kind:
            yield (
                now,
                Finding(
                    "L004",
                    (),
                    f"'{id}' was the id of {_one(kind)} in {earlier.name} and is now that of {_one(now.kind)}",
                    id,
                    "an id that was never used",
                ),
            )
        elif not now and id not in base.redirects and kind not in base.unread:
            yield (
                Facts(kind, id, path, (id,) if kind in TABLES else ()),
                Finding(
                    "L004",
                    (),
                    f"{kind} '{id}' was there in {earlier.name} and is gone",
                    id,
                    "`policykb withdraw`, or a redirect as `policykb rename` and `policykb merge` leave it",
                ),
            )
    for id, (to, path) in earlier.redirects.items():
        if id in base.by_id:
            yield (
                base.by_id[id],
                Finding(
                    "L004",
                    (),
                    f"'{id}' led to '{to}' in {earlier.name} and is now the id of {_one(base.by_id[id].kind)}",
                    id,
                    "an id that was never used",
                ),
            )
        elif id not in base.redirects and "redirect" not in base.unread:
            yield (
                Facts("redirect", id, path, (id,)),
                Finding(
                    "L004",
                    (),
                    f"'{id}' led to '{to}' in {earlier.name} and leads nowhere now",
                    id,
                    "a redirect for every id that was ever used",
                ),
            )


def completed_bills(base: Knowledge) -> Iterator[At]:
    """T420: a bill of a Congress that is over became law, failed, was withdrawn or lapsed.

    The day is the newest one on which the knowledge base knows something, so that the same files give the same answer.
    """
    known = max((facts.as_of for facts in base.facts if facts.as_of), default="")
    for facts in base.facts:
        if not facts.open_bills or facts.withdrawn:
            continue
        pointer, bill = max(facts.open_bills, key=lambda pair: congress_of(pair[1]))
        congress = congress_of(bill)
        end = congress_end(congress)
        if known >= end:
            yield (
                facts,
                Finding(
                    "T420",
                    pointer,
                    f"Congress {congress} ended on {end} and no event completes or ends '{bill}'",
                    bill,
                    f"an event of type 'lapsed' on {end}, or what became of it",
                ),
            )


BASE_CHECKS: tuple[Callable[[Knowledge], Iterator[At]], ...] = (
    unique_ids,
    known_references,
    no_circles,
    no_circular_support,
    known_speakers,
    unique_identifiers,
    unique_addresses,
    ended_actions,
    cited_documents,
    sound_redirects,
    former_events,
    known_until_today,
    enough_records,
    completed_bills,
)


def check_record(kind: str, id: str, record: Record) -> Iterator[Finding]:
    """What is wrong with one record."""
    for rule in RECORD_CHECKS.get(kind, ()):
        yield from rule(id, record)


def check_base(base: Knowledge) -> Iterator[At]:
    """What is wrong with the knowledge base as a whole, each with the record it is found in."""
    for rule in (*BASE_CHECKS, *editorial_rules(base)):
        try:
            yield from rule(base)
        except Exception as error:  # a fault in the rule; all others are applied
            places = (base.about, *base.facts, Facts("about", "", "", ()))
            yield next(filter(None, places)), fault(error, f"the rule {rule.__name__}")


def _circles(leads: dict[str, list[str]]) -> list[str]:
    """The nodes of a directed graph that lie on a circle, or between two, in order."""
    back: dict[str, list[str]] = {}
    for node, following in leads.items():
        for after in following:
            back.setdefault(after, []).append(node)
    return sorted(_blocked(leads) & _blocked(back))


def _blocked(leads: dict[str, list[str]]) -> set[str]:
    """The nodes that a topological sort cannot reach, because a circle stands before them."""
    sorter = TopologicalSorter(leads)
    try:
        sorter.prepare()
        return set()
    except CycleError:
        reached: set[str] = set()
        while ready := sorter.get_ready():
            reached.update(ready)
            sorter.done(*ready)
    return {*leads, *(after for following in leads.values() for after in following)} - reached
