"""Official numbers in running text, looked up among the identifiers of actions; the cost does not grow with the knowledge base."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from policykb.finding.index import Table
from policykb.finding.knowledge import KnownAction, RecordIndex
from policykb.finding.places import STATES
from policykb.finding.strings import Strings
from policykb.model import vocabulary
from policykb.model.vocabulary import folded
from policykb.model.vocabulary.terms import IdentifierScheme, tables

_CHAMBERS = {"senate": "SB", "assembly": "AB", "house": "HB"}
# States whose bills are A, H and S.
_ONE_LETTER = frozenset(("us-ma", "us-ny", "us-nj", "us-ri", "us-sc", "us-vt"))
_PROVISION = re.compile(
    r"\b(?P<label>Articles?|Arts?\.|Recitals?|Annex(?:es)?|Sections?|articles?|arts?\.|recitals?|sections?) "
    r"(?P<values>(?:\d{1,5}[a-z]?(?:\(\w{1,3}\))*|[IVX]{1,5})"
    r"(?:(?:,? and |, | or |–|-)(?:\d{1,5}[a-z]?(?:\(\w{1,3}\))*|[IVX]{1,5}))*)"
)
BEFORE, AFTER = 96, 32  # characters: no number has more before its first digit, or after its last
_DIGITS = re.compile(rf"\d(?:\D{{0,{BEFORE + AFTER}}}\d)*")
_VALUE = re.compile(r"\d{1,5}[a-z]?(?:\(\w{1,3}\))*|[IVX]+")
_NUMBER = re.compile(r"\d[A-Z\d-]*")
_WITH_BLANK = re.compile(r"(\d\d) (\d{3})\b")  # SB 26 189 for SB 26-189
_SEPARATOR = re.compile(r"(?<=\d)[.,](?=\d{3}(?!\d))")  # of thousands
_NO = re.compile(r"(?:of Law )?No\. ")
_CODE = re.compile(r"\b([A-Z]{2})(?:[’']s)? $")  # of a state: CT SB 5
_FIRST_CONGRESS = 1789
_CONGRESS = re.compile(r"\b(1[01]\d)th Congress")
_OF_CONGRESS = re.compile(r"[Bb]ill|Senat|Congress")
CERTAIN, NEAR, LIKELY, GUESS = 0.99, 0.95, 0.8, 0.6


class Form(NamedTuple):
    """A form of numbers: letters in lower case of which a text has one, the expression, how it is shown, whether it names acts."""

    hints: tuple[str, ...]
    pattern: re.Pattern
    shown: str
    names_act: bool


class BillForm(NamedTuple):
    """A form of numbers of bills of a state or of Congress."""

    hints: tuple[str, ...]
    pattern: re.Pattern
    of_congress: bool


class NumberMatch(NamedTuple):
    """A number in a text: where, as shown, the action it names ('' if none), how sure that is, whether it names an act."""

    start: int
    end: int
    shown: str
    action: str
    score: float
    names_act: bool = True


class Bill(NamedTuple):
    """A bill of a state that an action is: the id of the action, its state and the year in which the session began, if known."""

    action: str
    jurisdiction: str
    year: int


class Surroundings(NamedTuple):
    """What is known of a number beside its own words.

    The places named in its paragraph and in the document, the year, the Congress that the paragraph names or else that of the
    year, whether the paragraph speaks of bills or of Congress, and the state named last before the number or else in the rest
    of its sentence, or ''.
    """

    here: set[str]
    document: set[str]
    year: int
    congress: int
    is_of_congress: bool
    state: str = ""

    @classmethod
    def of(cls, paragraph: str, here: set[str], document: set[str], year: int) -> "Surroundings":
        """Return what is known of all numbers in a paragraph."""
        named = _CONGRESS.search(paragraph)
        congress = int(named[1]) if named else (year - _FIRST_CONGRESS) // 2 + 1
        return cls(here, document, year, congress, bool(_OF_CONGRESS.search(paragraph)))


_TABLES = tables(Path(__file__).parent / "data" / "number_forms.toml")


def _hints(pattern: str) -> tuple[str, ...]:
    """Return the longest run of plain characters that every match of an expression has, in lower case, or else those of which it has one."""
    outside = re.sub(r"\(\?[:P].*?\)\??|\\[a-z(]|\[.*?\]|\(.*?\)", "\n", pattern)
    runs = re.findall(r"[a-z.-]{2,}(?![?*{])", outside.replace("\\", "").lower())
    if runs:
        return (max(runs, key=len),)
    choices = re.search(r"\(\?:([a-z|]{4,})\)", pattern)
    return tuple(choices[1].split("|")) if choices else ("",)


_FORMS = [
    *(
        Form(
            _hints(form.pattern),
            re.compile(form.pattern, re.IGNORECASE),
            form.shown,
            "FR " not in form.shown,  # the Federal Register prints notices of all kinds
        )
        for form in vocabulary.RUNNING_FORMS
        if form.shown[:3] not in {f"{chamber} " for chamber in _CHAMBERS.values()}
    ),
    *(
        Form(
            tuple(item["hint"]),
            re.compile(item["pattern"]),
            item["shown"],
            item.get("named", False),
        )
        for item in _TABLES["form"]
    ),
]
_BILLS = [
    BillForm(tuple(item["hint"]), re.compile(item["pattern"]), item["of"] == "congress")
    for item in _TABLES["bill"]
]


class Numbers:
    """The identifiers of actions, and the search for them."""

    def __init__(self, knowledge: RecordIndex) -> None:
        if knowledge.new:
            self._make(knowledge)
        run = knowledge.index.connection
        self._known = Table(run, "select actions from numbers where number = ?", missing=[])
        self._literal = dict(run.execute("select text, action from literals"))
        self._official_numbers = Strings.of(self._literal)
        self.forms = [*_FORMS, *_BILLS, *_declared_forms(knowledge.schemes)]
        self._by_hint: dict[str, list[int]] = defaultdict(list)
        for place, form in enumerate(self.forms):
            for hint in form.hints:
                self._by_hint[hint].append(place)

    def _make(self, knowledge: RecordIndex) -> None:
        """Make the tables of the numbers of actions."""
        own = {scheme.id: scheme for scheme in knowledge.schemes}
        entries = _Entries()
        for action in knowledge.new:
            for name, value in action.identifiers:
                scheme = own.get(name) or vocabulary.SCHEMES.get(name)
                if not scheme or not scheme.match(value):
                    continue  # not valid; `check` reports it
                if name in own:
                    entries.enter_shown(action, scheme.shown(value)[0])
                else:
                    entries.enter(action, name, value)
        for action in knowledge.new:  # after the identifiers, which are surer
            for name in action.names:
                entries.enter_name(action, name)
        run = knowledge.index.connection
        run.execute("create table numbers (number text primary key, actions) without rowid")
        numbers = ((key, json.dumps(listed)) for key, listed in entries.numbers.items())
        run.executemany("insert into numbers values (?, ?)", numbers)
        run.execute("create table literals (text, action)")
        run.executemany("insert into literals values (?, ?)", entries.literals.items())

    @property
    def literals(self) -> list[str]:
        """The official numbers that are looked for as they are, in lower case."""
        return [number.lower() for number in self._literal]

    def search(self, text: str, around: Callable[[int], Surroundings]) -> list[NumberMatch]:
        """Return the numbers in a text, in order; of overlapping ones the one that names an action, then the longest.

        `around` returns what is known of a number that begins at a place.
        """
        matches = list(self._all(text, around))
        if len(matches) < 2:
            return matches
        chosen, occupied = [], bytearray(len(text))
        for match in sorted(matches, key=lambda item: (not item.action, item.start - item.end)):
            if occupied.find(1, match.start, match.end) < 0:
                occupied[match.start : match.end] = b"\1" * (match.end - match.start)
                chosen.append(match)
        return sorted(chosen)

    def any_in(self, text: str) -> bool:
        """Return whether a number of a form that is looked for may be in a text."""
        around = cache(lambda: Surroundings.of(text, set(), set(), 0))
        return next(self._all(text, lambda _: around()), None) is not None

    def _all(self, text: str, around: Callable[[int], Surroundings]) -> Iterator[NumberMatch]:
        """Yield the numbers in a text, which may overlap. Only what is near digits is read."""
        for digits in _DIGITS.finditer(text):
            first, last = max(0, digits.start() - BEFORE), digits.end() + AFTER
            window = text[first:last]
            for form in self._forms_in(window.lower()):
                for match in form.pattern.finditer(text, first, last):
                    if isinstance(form, Form):
                        yield from self._of_form(match, form)
                    else:
                        of_place = self._of_congress if form.of_congress else self._of_state
                        yield from of_place(match, around(match.start()))
            for start, end, number in self._official_numbers.whole_words(window):
                action = self._literal.get(number, "")
                yield NumberMatch(first + start, first + end, number, action, CERTAIN)

    def _forms_in(self, low: str) -> list[Form | BillForm]:
        """Return the forms of which a text in lower case has a hint, in their order."""
        places = {
            place for hint, places in self._by_hint.items() if hint in low for place in places
        }
        return [self.forms[place] for place in sorted(places)]

    def _of_form(self, match: re.Match, form: Form) -> Iterator[NumberMatch]:
        parts = match.groupdict()
        if len(parts.get("year", "")) == 2:
            parts["year"] = f"20{parts['year']}"
        shown = _SEPARATOR.sub("", form.shown.format(**parts))
        plain = _NO.sub("", shown)
        action = next(chain(self._known[folded(shown)], self._known[folded(plain)]), "")
        if action or form.names_act:
            yield NumberMatch(*match.span(), shown, action, CERTAIN, form.names_act)

    def _of_congress(self, match: re.Match, around: Surroundings) -> Iterator[NumberMatch]:
        """Yield a bill of the Congress that the text names, or of the one in the year of the document."""
        congress = around.congress
        number = folded(match["chamber"]) + match["number"]
        action, score = next(iter(self._known[f"bill {number}-{congress}"]), ""), CERTAIN
        if not action and (others := self._known[f"bill {number}"]):
            action, score = others[0], GUESS
        if not action and self._known[f"whole {number}-{congress}"]:
            return  # a part of it is tracked
        if action or match["chamber"] != "S." or around.is_of_congress:
            shown = f"{match['chamber']} {match['number']} ({congress}th Congress)"
            yield NumberMatch(*match.span(), shown, action, score)

    def _of_state(self, match: re.Match, around: Surroundings) -> Iterator[NumberMatch]:
        """Yield a bill of a state that is named in the paragraph, then of one in the document, then of the only state that has it."""
        letters = _CHAMBERS.get(match["chamber"].lower(), match["chamber"].replace(".", ""))
        if len(letters) == 1 and around.document.isdisjoint(_ONE_LETTER):
            return  # a section, a model
        start = match.start()
        blank = _WITH_BLANK.match(match.string, match.start("number"))
        if blank and self._known[f"bill {letters} {blank[1]}-{blank[2]}"]:
            named = self._state_bill(match, letters, f"{blank[1]}-{blank[2]}", around)
            yield NumberMatch(start, blank.end(), *named)
            return
        for number in _NUMBER.finditer(match.string, *match.span("number")):
            shown, action, score = self._state_bill(match, letters, number[0], around)
            yield NumberMatch(start, number.end(), shown, action, score)
            start = number.end() + 1

    def _state_bill(
        self, match: re.Match, letters: str, number: str, around: Surroundings
    ) -> tuple[str, str, float]:
        """Return the number of a bill of a state as it is shown, the action that it is ('' if none) and how sure that is."""
        bills = [Bill(*item) for item in self._known[f"bill {letters} {number}"]]
        states_here, states = around.here & STATES, around.document & STATES
        if code := _CODE.search(match.string[max(0, match.start() - 6) : match.start()]):
            states_here = {f"us-{code[1].lower()}"} & STATES or states_here
        choices = [
            ([item for item in bills if item.jurisdiction in states_here], CERTAIN),
            ([item for item in bills if item.jurisdiction in states and not states_here], NEAR),
            (bills if not around.state and len(bills) == 1 else [], LIKELY),
        ]
        near, score = next((choice for choice in choices if choice[0]), ([], CERTAIN))
        if near:
            action = min(
                near, key=lambda item: abs((item.year or around.year) - around.year)
            ).action
        else:
            action = ""
        state = min(states_here) if len(states_here) == 1 else around.state
        return f"{state[3:].upper()} {letters} {number}".strip(), action, score

    def provisions_in(self, text: str) -> Iterator[tuple[int, int, str, str]]:
        """Yield start, end, what is written and the action for each provision in `text` that some action is."""
        for match in _PROVISION.finditer(text):
            label = _label(match["label"])
            for value in _VALUE.finditer(text, match.start("values"), match.end("values")):
                for action in self._known[f"{label} {value[0]}"]:
                    yield match.start(), value.end(), f"{match['label']} {value[0]}", action


class _Entries:
    """The numbers of actions while they are collected: `numbers` by form of comparison, and `literals`, looked for as they are."""

    def __init__(self) -> None:
        self.numbers: dict[str, list] = defaultdict(list)
        self.literals: dict[str, str] = {}

    def enter(self, action: KnownAction, scheme: str, value: str) -> None:
        """Take in an identifier of an action."""
        if scheme == "us_state_bill":
            self._enter_bill(action, value)
        elif scheme == "us_bill":
            number, _, _ = value.partition("-")
            self.numbers[f"bill {value}"].insert(0, action.id)
            self.numbers[f"bill {number}"].append(action.id)
        elif scheme == "provision":
            for label, number in re.findall(r"(art|recital|annex|section) ([\w()]+)", value):
                self.numbers[f"{label} {number}"].append(action.id)
        elif scheme == "official_number":
            self._enter_official(action, value)
        elif scheme in ("us_session_law", "cn_document", "jp_law", "kr_law"):
            number = vocabulary.identifier_display(scheme, value)[0]
            self._enter_official(action, re.sub(r"^(Public Act \S+) .*", r"\1", number))
        elif scheme == "us_docket":
            self.numbers[folded(value.rpartition(" ")[2])].append(action.id)
        else:
            shown = re.sub(r" final$", "", vocabulary.identifier_display(scheme, value)[0])
            self.numbers[folded(value if scheme == "eu_number" else shown)].append(action.id)

    def enter_shown(self, action: KnownAction, shown: str) -> None:
        """Take in an identifier of a scheme that the content declares, as it is shown."""
        self._enter_official(action, shown)

    def _enter_bill(self, action: KnownAction, value: str) -> None:
        match = vocabulary.identifier_match("us_state_bill", value)
        letters, number = re.fullmatch(r"([A-Z]+) ?(.+)", match["number"]).groups()
        bill = Bill(action.id, action.jurisdiction, int(match["first"]))
        number = re.sub(r"-[A-Z]$", "", number)
        for form in {number, re.sub(r"^\d\d[A-Z]?-0*(?=\d{3}$)", "", number)}:
            self.numbers[f"bill {letters} {form}"].append(bill)
        if len(letters) == 1:  # only as they are: 'A 5000' may be anything
            version = match["number"].removeprefix(letters).strip().removeprefix(number)
            for blank in ("", " ", "-", "."):
                for end in {"", version, version.strip("-")}:
                    self.literals.setdefault(f"{letters}{blank}{number}{end}", action.id)

    def _enter_official(self, action: KnownAction, value: str) -> None:
        self.numbers[folded(value)].append(action.id)
        for text in {value, re.sub(r",.*| \(.*", "", value)}:
            if len(text) > 5 and any(char.isdigit() for char in text):
                self.literals.setdefault(text, action.id)
            if match := re.fullmatch(r"(SB|HB|AB) (\w+-\d+)", text):
                bill = Bill(action.id, action.jurisdiction, 0)
                self.numbers[f"bill {match[1]} {match[2]}"].append(bill)

    def enter_name(self, action: KnownAction, name: str) -> None:
        """Take in a name that is a number, such as 'California SB 53' or 'H.R. 1', or that begins with that of the whole."""
        if match := re.fullmatch(r"(?:[A-Z][a-z]+ )?(SB|AB|HB|SA|PA) ?([\w-]+)", name):
            bills = self.numbers[f"bill {match[1]} {match[2]}"]
            if action.id not in {bill.action for bill in bills}:
                bills.append(Bill(action.id, action.jurisdiction, 0))
        elif match := re.fullmatch(r"(H\.R\.|S\.) ?(\d+)", name):
            self.numbers[f"bill {folded(match[0])}"].append(action.id)
        elif match := re.fullmatch(r"(H\.R\.|S\.) ?(\d+) \((\d+)th Congress\), .+", name):
            self.numbers[f"whole {folded(match[1])}{match[2]}-{match[3]}"].append(action.id)
        elif match := re.match(r"([A-Z][a-z]+)(?: No\.)? (\d+/\d{4})\b", name):
            for law in dict.fromkeys((match[1], "Law")):
                self.numbers[folded(f"{law} {match[2]}")].append(action.id)
        elif re.fullmatch(r"[A-Z]{3,5} \d\w{3,}", name):
            self.literals.setdefault(name, action.id)


def _declared_forms(schemes: Sequence[IdentifierScheme]) -> Iterator[Form]:
    """Yield the forms of the schemes that the content declares: what they show around a value, and the pattern of the value.

    A scheme that shows no word around it has none: its values may be any number. What its records have is still found.
    """
    for scheme in schemes:
        before, value, after = scheme.display.partition("{value}")
        words = re.findall(r"[^\W\d_]{2,}", before + after)
        if value and words and "{" not in before + after:
            parts = [re.escape(part).replace(r"\ ", r"\s") for part in (before, after)]
            pattern = rf"(?<!\w){parts[0]}(?P<whole_value>{scheme.pattern}){parts[1]}(?!\w)"
            shown = f"{before}{{whole_value}}{after}"
            with suppress(re.error):  # a pattern that refers to its own groups by number
                form = re.compile(pattern, re.ASCII | re.IGNORECASE)
                yield Form((max(words, key=len).lower(),), form, shown, True)


def _label(label: str) -> str:
    """Return how the identifiers of provisions begin, for a label of running text."""
    return next(
        item for item in ("art", "recital", "annex", "section") if label.lower().startswith(item)
    )
