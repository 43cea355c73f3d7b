"""The rules for the whole knowledge base.

A rule takes the facts of all records and yields faults, each with the facts of its record. It reads no files and
changes nothing.
"""

from collections.abc import Iterator

from policykb.checks.circles import on_circles
from policykb.checks.editorial import COUNTS, SHARES, editorial_rules, share, sides, tallies
from policykb.checks.facts import At, Knowledge, RecordFacts, Rule
from policykb.checks.record_rules import declared_identifiers
from policykb.files.catalogue import Earlier
from policykb.model.identifiers import congress_end, congress_of
from policykb.model.problems import nearest, program_fault, such_as
from policykb.model.records import TABLES
from policykb.model.vocabulary import IDENTIFIER_SCHEMES
from policykb.text import with_article


def unique_ids(base: Knowledge) -> Iterator[At]:
    """K205: an id is used once, across all kinds of records and without regard to case."""
    for facts, other in base.repeated:
        message = f"the id '{facts.id}' is also that of {other.kind} {other.path}"
        yield facts.fault("K205", (), message, facts.id, "an id that no other record has")


def known_references(base: Knowledge) -> Iterator[At]:
    """R301, R302, L002: a reference names a record of the right kind that is not withdrawn."""
    entries = base.entries
    for facts in (*base.facts, *filter(None, (base.about,))):
        for pointer, record_id, kinds in facts.references:
            target = entries.get(record_id)
            if target is None:
                yield from _unknown(base, facts, pointer, record_id, kinds)
            elif target.kind not in kinds:
                message = f"'{record_id}' is {with_article(target.kind)}"
                expected = f"the id of {with_article(_noun(kinds))}"
                yield facts.fault("R302", pointer, message, record_id, expected)
            elif target.withdrawn and not facts.withdrawn:
                message = f"{target.kind} '{record_id}' was withdrawn"
                expected = "a record that is not withdrawn"
                yield facts.fault("L002", pointer, message, record_id, expected)


def _unknown(
    base: Knowledge, facts: RecordFacts, pointer: tuple, record_id: str, kinds: tuple[str, ...]
) -> Iterator[At]:
    expected = f"the id of {with_article(_noun(kinds))}"
    if record_id in base.redirects:
        target = base.current_id(record_id)
        message = "was renamed" if target else "is a redirect that leads to no record"
        message = f"'{record_id}' {message}"
        yield facts.fault("R301", pointer, message, record_id, expected, target)
    elif base.unread.isdisjoint(kinds):
        message = f"there is no {_noun(kinds)} '{record_id}'"
        near = base.nearest(record_id, *kinds)
        if not near and len(kinds) == 1:
            expected = such_as(expected, base.similar(record_id, *kinds), kinds[0])
        yield facts.fault("R301", pointer, message, record_id, expected, near)


def _noun(kinds: tuple[str, ...]) -> str:
    """Return the only kind, or 'record' for several kinds."""
    return kinds[0] if len(kinds) == 1 else "record"


def no_circles(base: Knowledge) -> Iterator[At]:
    """R303: no record is part of itself."""
    leads = {facts.id: [facts.part_of] for facts in base.known if facts.part_of}
    for record_id in on_circles(leads):
        message = f"'{record_id}' is part of itself, directly or through others"
        expected = "a record that is not part of this one"
        facts = base.entries[record_id]
        yield facts.fault("R303", ("part_of",), message, record_id, expected)


def no_reference_to_itself(base: Knowledge) -> Iterator[At]:
    """R303: no record refers to itself; `no_circles` judges `part_of`."""
    for facts in base.facts:
        for pointer, record_id, kinds in facts.references:
            if record_id == facts.id and facts.kind in kinds and pointer != ("part_of",):
                message = f"'{record_id}' refers to itself"
                expected = f"the id of another {facts.kind}"
                yield facts.fault("R303", pointer, message, record_id, expected)


def no_circular_support(base: Knowledge) -> Iterator[At]:
    """A803: arguments do not support each other in a circle."""
    leads = {
        facts.id: [other for other in facts.supports if other != facts.id]
        for facts in base.known
        if facts.supports
    }
    for record_id in on_circles(leads):
        message = f"'{record_id}' supports itself through the arguments it supports"
        yield base.entries[record_id].fault("A803", ("relations",), message, record_id)


def known_speakers(base: Knowledge) -> Iterator[At]:
    """R305: a speaker of an argument in a document is an author of the document."""
    for facts in base.facts:
        for pointer, document, name in facts.speakers:
            target = base.entries.get(document)
            is_known = target and target.valid and target.kind == "document"
            if is_known and name not in target.names:
                message = f"'{name}' is not an author of '{document}'"
                authors = ", ".join(target.names) or "its authors, of whom it lists none"
                near = nearest(name, target.names)
                yield facts.fault("R305", pointer, message, name, f"one of {authors}", near)


def unique_identifiers(base: Knowledge) -> Iterator[At]:
    """D901: an official identifier belongs to one record; of two, the less connected one repeats the other."""
    seen: dict[tuple[str, str], RecordFacts] = {}
    repeats: dict[tuple[str, str], list[tuple[RecordFacts, tuple, str]]] = {}
    for facts in base.facts:
        for _, key, value in facts.identifiers:
            first = seen.setdefault(key, facts)
            if first is facts:
                continue
            is_newer = base.uses[facts.id] <= base.uses[first.id]
            newer, other = (facts, first) if is_newer else (first, facts)
            pointer = next(place for place, own_key, _ in newer.identifiers if own_key == key)
            repeats.setdefault((newer.id, other.id), []).append((newer, pointer, value))
    for (_, other_id), shared in repeats.items():
        facts, pointer, value = shared[0]
        values = ", ".join(f"'{value}'" for *_, value in shared)
        message = f"'{other_id}' has the same identifier{'s' if shared[1:] else ''} {values}"
        expected = "an identifier that no other record has, or one record for both"
        yield facts.fault("D901", pointer, message, value, expected)


def unique_addresses(base: Knowledge) -> Iterator[At]:
    """D902: two documents do not have the same address."""
    seen: dict[str, RecordFacts] = {}
    for facts in base.facts:
        first = seen.setdefault(facts.address, facts) if facts.address else facts
        if first is not facts:
            message = f"document '{first.id}' has the same address"
            expected = "one record for one document"
            yield facts.fault("D902", ("url",), message, facts.address, expected)


def ended_actions(base: Knowledge) -> Iterator[At]:
    """T410: an action that another action revokes or replaces no longer binds once that action binds."""
    for facts in base.facts:
        for pointer, record_id in facts.ends:
            target, day = base.entries.get(record_id), facts.binds_from
            if target is None or day is None or facts.withdrawn or target.withdrawn:
                continue
            if any(start <= day < (end or day + "~") for start, end in target.binding):
                message = f"'{record_id}' is still in force on {day}, the day from which this action binds and ends it"
                expected = f"an event of '{record_id}' that ends it by that day, or another type of relation"
                yield facts.fault("T410", pointer, message, record_id, expected)


def cited_documents(base: Knowledge) -> Iterator[At]:
    """C508: a record cites a document, or the document mentions an action."""
    if not base.complete:
        return  # an unreadable record may cite it
    for facts in base.records("document"):
        if facts.id not in base.used and not facts.mentions:
            message = "nothing cites this document and it mentions no action"
            yield facts.fault("C508", (), message, facts.id, "a record that cites it")


def sound_redirects(base: Knowledge) -> Iterator[At]:
    """L001: no record has the id of a redirect."""
    for record_id in base.redirects.keys() & base.entries.keys():
        message = f"'{record_id}' is still the id of a record"
        expected = "an id that is no longer used"
        yield base.redirects[record_id].fault("L001", (), message, record_id, expected)


def declared_effects(base: Knowledge) -> Iterator[At]:
    """K201, K202, V701: an action has an effect of a kind that about.toml declares, and none if it declares none."""
    if not base.about or not base.about.valid:
        return
    kinds = base.about.effects
    choice = f"one of {', '.join(kinds)}, as {base.about.path} has them"
    for facts in base.facts:
        if facts.kind != "action" or not facts.valid:
            continue
        if not facts.effect:
            if kinds:
                yield facts.fault("K202", ("effect",), "is missing")
        elif not kinds:
            message = f"is a key of actions only where {base.about.path} has a table [effects]"
            yield facts.fault("K201", ("effect",), message, "effect", "no such key")
        elif facts.effect not in kinds:
            message = f"'{facts.effect}' is not in the vocabulary"
            near = nearest(facts.effect, kinds)
            yield facts.fault("V701", ("effect", "kind"), message, facts.effect, choice, near)


def declared_schemes(base: Knowledge) -> Iterator[At]:
    """V701, V702: a scheme that not every knowledge base has is declared in about.toml, and its values have the form."""
    if not base.about or not base.about.valid:
        return
    schemes = IDENTIFIER_SCHEMES + base.about.schemes
    for facts in base.facts:
        for fault in declared_identifiers(facts.other_identifiers, schemes):
            yield facts, fault


def known_until_today(base: Knowledge) -> Iterator[At]:
    """T402: as_of is not in the future."""
    for facts in base.facts:
        if facts.as_of and facts.as_of > base.today:
            message = f"{facts.as_of} is in the future (today is {base.today})"
            yield facts.fault("T402", ("as_of",), message, facts.as_of, "today or an earlier day")


def former_events(base: Knowledge) -> Iterator[At]:
    """K205, R301, R302: a former id that names another action is that of an existing action and of a single event."""
    seen: dict[str, RecordFacts] = {}
    for facts in base.facts:
        for pointer, name in facts.former:
            action, _, event = name.partition("#")
            target = base.entries.get(action)
            first = seen.setdefault(name, facts)
            if first is facts and target and event in target.events:
                first = target
            if first is not facts:
                message = f"'{name}' is also the id or a former id of an event of '{first.id}'"
                expected = "an earlier name that no other event has or had"
                yield facts.fault("K205", pointer, message, name, expected)
            elif target and target.kind != "action":
                message = f"'{action}' is {with_article(target.kind)}"
                yield facts.fault("R302", pointer, message, action, "the id of an action")
            elif action not in base:
                yield from _unknown(base, facts, pointer, action, ("action",))


def enough_records(base: Knowledge) -> Iterator[At]:
    """L003: the counts and shares that about.toml expects are reached."""
    base.tallies.update(tallies(base))  # those of other records are known
    for name, least in base.about.expectations if base.about else ():
        if name in SHARES:
            kind, label = SHARES[name]
            count, whole = share(base, kind)
            enough = count * 100 >= least * whole
            message = f"{count} of {whole} {label} ({count * 100 // (whole or 1)} %)"
            expected = f"at least {least} %"
        else:
            counted = len(COUNTS[name](*sides(base))) if name in COUNTS else None
            count = base.counts.get(name[:-1], 0) if counted is None else counted
            enough = count >= least
            label = name.replace("_", " ").replace("two sided", "two-sided")
            message = f"there are {count} {label}"
            expected = f"at least {least}"
        if not enough:
            yield base.about.fault("L003", ("expectations", name), message, str(count), expected)


def completed_bills(base: Knowledge) -> Iterator[At]:
    """T420: a bill of a Congress that is over became law, failed, was withdrawn or lapsed.

    The rule compares with the newest as_of that is not in the future, so that the same files give the same answer every day.
    """
    for facts in base.records("action"):
        if not facts.open_bills:
            continue
        pointer, bill = max(facts.open_bills, key=lambda pair: congress_of(pair[1]))
        congress = congress_of(bill)
        end = congress_end(congress)
        if base.known_until >= end:
            message = f"Congress {congress} ended on {end} and no event completes or ends '{bill}'"
            expected = f"an event of type 'lapsed' on {end}, or what became of it"
            yield facts.fault("T420", pointer, message, bill, expected)


BASE_RULES: tuple[Rule, ...] = (
    unique_ids,
    known_references,
    no_circles,
    no_reference_to_itself,
    no_circular_support,
    known_speakers,
    unique_identifiers,
    unique_addresses,
    ended_actions,
    cited_documents,
    sound_redirects,
    former_events,
    declared_effects,
    declared_schemes,
    known_until_today,
    enough_records,
    completed_bills,
)


def check_base(base: Knowledge) -> Iterator[At]:
    """Yield the faults of all rules for the whole knowledge base."""
    for rule in (*BASE_RULES, *editorial_rules(base)):
        try:
            yield from rule(base)
        except Exception as error:  # a fault in the rule; all other rules are applied
            places = (base.about, *base.facts, RecordFacts("about", "", "", ()))
            yield next(filter(None, places)), program_fault(error, f"the rule {rule.__name__}")


def lasting_ids(base: Knowledge, earlier: Earlier) -> Iterator[At]:
    """L004: an id of a record or redirect in `earlier` still leads to a record of its kind."""
    for record_id, (kind, path) in earlier.records.items():
        redirect = base.redirects.get(record_id)
        now = base.entries.get((redirect and redirect.leads_to) or record_id)
        if now and now.kind != kind:
            message = f"'{record_id}' was the id of {with_article(kind)} in {earlier.name} and is now that of {with_article(now.kind)}"
            yield now.fault("L004", (), message, record_id, "an id that was never used")
        elif not redirect and not now and kind not in base.unread:
            facts = RecordFacts(kind, record_id, path, (record_id,) if kind in TABLES else ())
            message = f"{kind} '{record_id}' existed in {earlier.name} and is missing now"
            expected = "`policykb withdraw`, or a redirect as `policykb rename` and `policykb merge` leave it"
            yield facts.fault("L004", (), message, record_id, expected)
    for record_id, (target, path) in earlier.redirects.items():
        message = f"'{record_id}' led to '{target}' in {earlier.name} and"
        now = base.entries.get(record_id)
        if now:
            message = f"{message} is now the id of {with_article(now.kind)}"
            yield now.fault("L004", (), message, record_id, "an id that was never used")
        elif record_id not in base.redirects and "redirect" not in base.unread:
            facts = RecordFacts("redirect", record_id, path, (record_id,))
            message = f"{message} leads nowhere now"
            expected = "a redirect for every id that was ever used"
            yield facts.fault("L004", (), message, record_id, expected)
