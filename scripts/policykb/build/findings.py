"""The problems of all records. After a change of a few files, only the records that it can concern are judged again.

What the rules say of a record depends on its own facts, on those of the records to which it refers or with which it
shares a key, on about.toml and the tables, and on what `Knowledge` has of all records. So a change concerns the records
that changed, those that share a key with them, those that refer to them, and those to which they refer. All records
are judged if anything else could have changed.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from policykb.build.cache import plain
from policykb.build.parallel import Work, records
from policykb.checks.base_rules import check_base
from policykb.checks.editorial import Tally
from policykb.checks.facts import At, Knowledge, Links, RecordFacts
from policykb.model.identifiers import congress_on
from policykb.model.problems import Problem

NAME, LINKS = "findings", "links"  # of results in the cache
# Problems that depend on all records: no such id, with the nearest one; a circle; an id or number that is used twice.
OF_ALL = frozenset(("R301", "R303", "A803", "K205", "D901"))
# Problems that can disappear without a change of a file: it cannot be read, or the program failed.
TEMPORARY = frozenset(("S101", "S108"))
# A change of more records than one in SHARE, and than FEW, is not small.
SHARE, FEW = 20, 100
PART = 10_000  # records whose links are kept together

Place = Callable[[Iterator[At]], list[Problem]]


class Findings(NamedTuple):
    """The facts, the problems, the SHA-256 of each file by its path; the token and parts of the kept links if they are the same."""

    base: Knowledge
    problems: list[Problem]
    digests: dict[str, bytes]
    token: bytes = b""
    parts: int = 0


class Stored(NamedTuple):
    """The findings of an earlier run on the day `today`, as plain data.

    Its links, which change less often, are stored in so many `parts` with the same `token`.
    """

    token: bytes
    parts: int
    today: str
    problems: list[tuple]
    digests: dict[str, bytes]
    tallies: dict[str, tuple]


def keep(work: Work, findings: Findings) -> None:
    """Keep the findings for the next run, unless it must judge all records."""
    base, problems, digests, token, parts = findings
    is_on_disk = all(file.proposed is None for file in work.records)
    if is_on_disk and base.complete and _are_of_few(problems):
        tallies = {place: tuple(tally) for place, tally in base.tallies.items()}
        digests = {file.path: digests[file.path] for file in work.records}
        if not token:
            token = os.urandom(16)
            parts = _keep_links(work, base, token)
        stored = Stored(token, parts, base.today, plain(problems), digests, tallies)
        work.cache.keep_result(NAME, work.key, tuple(stored))


def _keep_links(work: Work, base: Knowledge, token: bytes) -> int:
    """Keep the links of all records in parts, since they take much memory, and return the number of parts."""
    links, number = iter(base.links()), 0
    while part := dict(islice(links, PART)):
        work.cache.keep_result(f"{LINKS} {number}", work.key, (token, part))
        number += 1
    return number


def _kept_links(work: Work, stored: Stored) -> dict[str, Links] | None:
    """Return the kept links of all records; None if they are not those of the `stored` findings."""
    links: dict[str, Links] = {}
    for number in range(stored.parts):
        token, part = work.cache.result(f"{LINKS} {number}", work.key) or (b"", {})
        if token != stored.token:
            return None
        links |= part
    return links


def after_change(work: Work, today: str, place: Place) -> Findings | None:
    """Return the findings by means of those of an earlier run; None if all records must be judged.

    `place` gives the findings of rules their lines.
    """
    stored = work.cache.result(NAME, work.key)
    if not stored or _has_repeated_ids(work):
        return None
    old, some = Stored(*stored), _Some(work)
    old_links = _kept_links(work, old)
    if old_links is None:
        return None
    new = some.files.keys() - work.unchanged.keys()
    new |= {path for path, digest in work.unchanged.items() if old.digests.get(path) != digest}
    gone = old.digests.keys() - some.files.keys()
    if some.is_many(new | gone):
        return None
    some.read(new)
    links = {path: some.facts[path].links() for path in new}
    before = {path: old_links[path] for path in new | gone if path in old_links}
    changed = [*before.values(), *links.values()]
    token = old.token if before == links else b""
    links = old_links | links
    for path in gone:
        del links[path], old.digests[path]
    judged = new | some.concerned(new | gone, changed, links)
    if some.is_many(judged) or not some.read_around(judged):
        return None
    base = Knowledge(today, links)
    some.add_to(base, judged)
    base.tallies = {
        path: Tally(*tally) for path, tally in old.tallies.items() if path not in judged | gone
    }
    same_days = token and today == old.today
    if not base.complete or not (same_days or _is_as_before(Knowledge(old.today, old_links), base)):
        return None
    problems = [problem for problem in some.problems if problem.path in judged]
    problems += [problem for chunk in work.head for problem in chunk.problems]
    problems += place(check_base(base))
    others = [item for item in old.problems if item[0] in some.files and item[0] not in judged]
    problems += [Problem(*item) for item in others]
    findings = Findings(base, problems, old.digests | some.digests, token, old.parts)
    return findings if _are_of_few(problems) else None


def _are_of_few(problems: list[Problem]) -> bool:
    """Return whether each of `problems` depends on few records."""
    return (OF_ALL | TEMPORARY).isdisjoint(problem.code for problem in problems)


def _has_repeated_ids(work: Work) -> bool:
    ids = [file.id.casefold() for file in work.records]
    ids += [facts.id.casefold() for facts in _head(work) if facts.kind != "redirect"]
    return len(set(ids)) < len(ids)


def _head(work: Work) -> list[RecordFacts]:
    """Return the facts of about.toml and of the records in tables."""
    return [facts for chunk in work.head for facts in chunk.facts]


def _is_as_before(before: Knowledge, now: Knowledge) -> bool:
    """Return whether rules that compare with a day say the same of records that did not change."""
    days = sorted({before.today, now.today})
    in_future = len(days) > 1 and before.newest > days[0]
    congresses = {
        congress_on(base.known_until) if base.known_until else 0 for base in (before, now)
    }
    return not in_future and len(congresses) == 1


class _Some:
    """The records of some files, which are read when they are asked for."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.files = {file.path: file for file in work.records}
        self.facts: dict[str, RecordFacts] = {}
        self.problems: list[Problem] = []
        self.digests: dict[str, bytes] = {}
        self._paths = {file.id: file.path for file in work.records}

    def is_many(self, paths: set[str]) -> bool:
        """Return whether these are so many that judging all records takes no longer."""
        return len(paths) > max(len(self.files) // SHARE, FEW)

    def read(self, paths: Iterable[str]) -> None:
        """Read the files at `paths` that were not read yet."""
        wanted = sorted(set(paths) - self.facts.keys())
        for chunk in records(self.work, [self.files[path] for path in wanted]):
            self.facts.update((facts.path, facts) for facts in chunk.facts)
            self.problems += chunk.problems
            self.digests.update(chunk.digests)

    def concerned(self, paths: set[str], changed: list[Links], links: dict[str, Links]) -> set[str]:
        """Return the files that a change of the files at `paths` concerns.

        `changed` are the links of these before and after the change, `links` are those of all records after it.
        """
        ids = {path.rpartition("/")[2].removesuffix(".toml") for path in paths}
        concerned = self._named(target for _, _, targets, _ in changed for target in targets)
        for place, (_, _, targets, _) in links.items():
            if not ids.isdisjoint(targets):
                concerned.add(place)
        keys = ids.union(*(keys for _, keys, _, _ in changed))
        keys.update(*(links[place][1] for place in concerned))
        while sharing := {
            place
            for place, (_, own, _, _) in links.items()
            if own and place not in concerned and not keys.isdisjoint(own)
        }:
            concerned |= sharing
            keys.update(*(links[place][1] for place in sharing))
        return concerned & self.files.keys()

    def _named(self, names: Iterable[object]) -> set[str]:
        """Return the files of the records whose ids are among `names`."""
        return {self._paths[name] for name in names if name in self._paths}

    def read_around(self, judged: set[str]) -> bool:
        """Read the files at `judged` and all that the rules compare with these records; return False if they are many."""
        self.read(judged)
        some = [*_head(self.work), *(self.facts[path] for path in judged)]
        names = {target for facts in some for _, target, _ in facts.references}
        names.update(facts.id for facts in some if facts.kind == "redirect")
        names.update(key for facts in some for key in facts.links()[1])
        while (paths := self._named(names)) - self.facts.keys():
            if self.is_many(paths | self.facts.keys()):
                return False
            self.read(paths)
            names = {name for facts in self.facts.values() for name in facts.upward}
        return True

    def add_to(self, base: Knowledge, judged: set[str]) -> None:
        """Add the facts to `base`, those of the files at `judged` as facts to judge."""
        for facts in _head(self.work):
            base.add(facts)
        counts = Counter(base.counts)
        counts.update(file.kind for file in self.work.records)
        for path in self.files:
            if path in self.facts:
                base.add(self.facts[path], path in judged)
        base.counts = dict(counts)
