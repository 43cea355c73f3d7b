"""Notices of EUR-Lex (the XML of the repository Cellar: branch, object and tree notices) -> proposals.

The notice of a procedure (a tree with a <DOSSIER>) is read as the notice of the proposal that began it.

Copied: CELEX, ELI, place in the Official Journal, procedure, title, dates of document, publication, entry into force,
application and end of validity, institutions, treaty articles, and the acts that it repeals, amends, replaces, implements
or rests on. Not copied: EuroVoc and directory codes, citations, summaries, files. The text of an act is never read.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from policykb.contribute import ids, reading
from policykb.contribute.proposal import Proposal, Refuse, stop
from policykb.files.reader import faults
from policykb.model import dates
from policykb.model.parts import with_values
from policykb.model.problems import SourceError, shown
from policykb.model.records import Action
from policykb.model.vocabulary import identifier_match
from policykb.references import entry as bibliography
from policykb.references import languages
from policykb.sources.resolve import with_placeholders
from policykb.sources.wordings import table

_TABLES = table("eurlex")
RELATIONS: dict[str, list[str]] = _TABLES["relations"]
REPORTED: dict[str, str] = _TABLES["reported"]
DEADLINES: dict[str, str] = _TABLES["deadlines"]
INSTITUTIONS: dict[str, list[str]] = _TABLES["institutions"]
REPEALED = (
    "RESOURCE_LEGAL_REPEALED_BY_RESOURCE_LEGAL",
    "RESOURCE_LEGAL_IMPLICITLY_REPEALED_BY_RESOURCE_LEGAL",
)
ADOPTED = "RESOURCE_LEGAL_ADOPTED_BY_RESOURCE_LEGAL"
ADOPTS = "RESOURCE_LEGAL_ADOPTS_RESOURCE_LEGAL"
IN_FORCE = "RESOURCE_LEGAL_DATE_ENTRY-INTO-FORCE"
ENDED = "RESOURCE_LEGAL_DATE_END-OF-VALIDITY"
DATED = ("WORK_DATE_DOCUMENT", "DATE_DOCUMENT")
PUBLISHED = "DATE_PUBLICATION"
# Elements of a work that relate it to another act or date it. Those that are neither read nor ignored are reported.
_MEANINGFUL = re.compile(r"RESOURCE_LEGAL_\w+_RESOURCE_LEGAL|(?:\w+_)?DATE(?:_[\w-]+)?")
_READ = {*RELATIONS, *REPORTED, *DEADLINES, ADOPTED, ADOPTS, IN_FORCE, ENDED, *DATED, PUBLISHED}
_KNOWN = frozenset(_READ | set(table("ignored_keys")["eurlex"]))
# In this procedure Parliament decides together with the Council; in others it gives its opinion.
CO_DECISION = "COD"
EFFECTS = ("entered_into_force", "applies_in_part", "took_effect")  # in their order on a day
# The program reads the record of the Publications Office, not the text of the act, so the grade is not primary.
GRADE = "established"
UNENDING = "9999-12-31"
MOST_RELATIONS = 100


class Step(NamedTuple):
    """A dated event of a notice."""

    date: str
    type: str
    note: str


def is_it(data: bytes) -> bool:
    """Return whether the bytes look like this format."""
    return re.search(rb"<NOTICE[\s>]", data[:4096]) is not None


def read(data: bytes, name: str, refuse: Refuse = stop) -> Iterator[Proposal]:
    """Yield for each notice its page as a document, the institutions, and the act.

    :raises SourceError: unless it is a notice of an act (sector 3) or a proposal (sector 5).
    """
    root = reading.parsed_xml(data, name, strict=True)
    notices = list(_notices(root))
    if not notices:
        expected = "expected a notice of EUR-Lex, <NOTICE> with a <WORK>"
        raise SourceError(f"{name}: <{shown(root.tag, 40)}>: {expected}")
    used_ids: dict[str, int] = {}
    seen: set[str] = set()
    for proposal in reading.each(
        notices, lambda element: Notice(element, name).proposals(used_ids), _label, refuse
    ):
        if proposal.kind != "organization" or proposal.id not in seen:
            seen.add(proposal.id)
            yield proposal


def _label(notice: Element) -> str:
    """Return the CELEX number of a notice, for messages."""
    work = notice.find("WORK")
    return _celex(work) if work is not None else "a notice without <WORK>"


def _notices(root: Element) -> Iterator[Element]:
    """Yield the notices of a file, without those embedded in others."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if element.tag == "NOTICE":
            yield element
        elif element.tag != "EMBEDDED_NOTICE":
            waiting += reversed(element)


# Values in the XML


def _text(element: Element | None) -> str:
    return " ".join((element.text or "").split()) if element is not None else ""


def _value(element: Element, *tags: str) -> str:
    """Return the first value under one of `tags`, '' if there is none."""
    values = (_text(match.find("VALUE")) for tag in tags for match in element.findall(tag))
    return next(filter(None, values), "")


def _date(element: Element, *tags: str) -> str:
    day = _value(element, *tags)[:10]
    return day if dates.is_day(day) and day != UNENDING else ""


def _same_as(element: Element, kind: str) -> str:
    """Return the identifier of a work or link in the numbering `kind`, '' if it has none."""
    for uri in (*element.findall("SAMEAS/URI"), *element.findall("URI")):
        identifier = _text(uri.find("IDENTIFIER"))
        if identifier and _text(uri.find("TYPE")) == kind:
            return identifier
    return ""


def _celex(work: Element) -> str:
    return _value(work, "RESOURCE_LEGAL_ID_CELEX", "ID_CELEX") or _same_as(work, "celex")


def _linked(link: Element) -> str:
    """Return the CELEX number of the act that a link leads to, '' if it has none."""
    works = link.findall("EMBEDDED_NOTICE/WORK")
    embedded = (_value(work, "RESOURCE_LEGAL_ID_CELEX", "ID_CELEX") for work in works)
    celex = _same_as(link, "celex") or next(filter(None, embedded), "")
    return celex if identifier_match("celex", celex) else ""


def _code(annotated: str) -> str:
    """Return the code of `{EV|http://...}`, or the text itself."""
    match = re.fullmatch(r"\{([^|{}]+)\|[^{}]*\}", annotated)
    return match[1] if match else annotated


def _worded(comment: str) -> str:
    """Return a comment on a date with its codes in words, as the end of a note."""
    words = re.sub(
        r"\{([^|{}]+)\|[^{}]*\}", lambda match: _TABLES["words"].get(match[1], match[1]), comment
    )
    return f": {' '.join(words.split())}"[:1000] if words.strip() else ""


def _sorted(steps: list[Step]) -> list[Step]:
    order = {event_type: place for place, event_type in enumerate(EFFECTS, 1)}
    return sorted(dict.fromkeys(steps), key=lambda step: (step.date, order.get(step.type, 0)))


class Notice:
    """The act, or proposal of the Commission, in a notice.

    `tree` is the notice of a procedure, or None; `unresolved` has sentences about what has no place in the record.
    """

    def __init__(self, element: Element, name: str) -> None:
        self.name = name
        self.decoding = element.get("decoding", "")
        self.tree = element if element.find("DOSSIER") is not None else None
        self.element = element if self.tree is None else self._proposal_part(element)
        work = self.element.find("WORK")
        if work is None:
            message = f"{name}: <NOTICE>: has no <WORK>; expected a branch, object or tree notice of EUR-Lex"
            raise SourceError(message)
        self.work = work
        self.celex = _celex(work)
        match = re.fullmatch(
            r"([35])(\d{4})([A-Z]{1,2})(\d{4})(?:\((\d\d)\))?", self.celex, re.ASCII
        )
        if not match:
            message = f"{name}: CELEX '{shown(self.celex)}': expected the number of an act (32024R1689) or a proposal (52021PC0206)"
            raise SourceError(message)
        sector, self.year, self.form, self.number, self.part = match.groups()
        self.is_act = sector == "3"
        self.unresolved: list[str] = []

    def _proposal_part(self, tree: Element) -> Element:
        """Return the part of a tree notice that holds the proposal. :raises SourceError: if it names none."""
        for begun in tree.findall("DOSSIER/DOSSIER_INITIATED_BY_ACT_PREPARATORY"):
            for part in (begun, begun.find("EMBEDDED_NOTICE")):
                if part is not None and part.find("WORK") is not None:
                    return part
        expected = "expected a procedure that began with one"
        raise SourceError(f"{self.name}: <DOSSIER>: names no proposal; {expected}")

    def proposals(self, used_ids: dict[str, int]) -> Iterator[Proposal]:
        """Yield the page, the institutions and the act. `used_ids` counts the ids of the run."""
        title, short, language = self._title()
        kind = self._kind(title)
        page = f"https://eur-lex.europa.eu/legal-content/EN/ALL/?uri=CELEX:{self.celex}"
        yield Proposal(
            "document",
            (("url", page), ("url", page.replace("/ALL/", "/TXT/"))),
            ids.unique(["eur-lex", self.year, kind, self.celex.lower()], used_ids),
            {
                "type": "webpage",
                "title": bibliography.fitted(f"EUR-Lex {self.celex}: {title}", []),
                "container": "EUR-Lex",
                "publisher": "Publications Office of the European Union",
                "url": page,
                "grade": GRADE,
                "note": "Known from the notice in EUR-Lex, read by a program. The text of the act was not read for it.",
            },
        )
        for code, (name, form) in INSTITUTIONS.items():
            if code in self.agents:
                content = {"name": name, "kind": form, "jurisdiction": "code:EU"}
                yield Proposal("organization", (("name", name),), ids.slug(name), content)
        instrument = (
            _TABLES["instruments"].get(self.form) if self.is_act else _TABLES["proposed"].get(kind)
        )
        if not instrument:
            self._note(f"instrument: none is certain for '{shown(kind or self.form)}'")
        updated = _value(self.work, "LASTMODIFICATIONDATE")[:10]
        treaty_articles = self.work.findall("RESOURCE_LEGAL_BASED_ON_CONCEPT_TREATY")
        cite = [{"document": f"url:{page}"}]
        content: dict[str, Any] = {
            "title": title,
            "short_title": short,
            "instrument": instrument,
            "jurisdiction": "code:EU",
            "bindingness": "binding" if self.is_act and instrument else None,
            "bodies": self._bodies(),
            "identifiers": self._identifiers() | self._procedure(),
            "legal_basis": [_text(article.find("PREFLABEL")) for article in treaty_articles],
            "as_of": updated if dates.is_day(updated) else None,
            "events": [{**step._asdict(), "cite": cite} for step in self._steps()],
            "relations": self._relations(),
        }
        if language != "en":
            self._note(f"title: there is no English title; this title is in '{language}'")
        content = self._valid(content)
        identifiers = content["identifiers"]
        proposed = [] if self.is_act else ["proposal"]
        number = f"{self.year}-{int(self.number)}"
        action_id = ids.unique(["eu", *proposed, kind or "act", number, self.part or ""], used_ids)
        schemes = [scheme for scheme in ("celex", "eli", "eu_number") if scheme in identifiers]
        keys = tuple((scheme, identifiers[scheme]) for scheme in schemes)
        yield Proposal("action", keys, action_id, content, tuple(self.unresolved))
        reading.note_unread(
            child.tag
            for child in self.work
            if _MEANINGFUL.fullmatch(child.tag) and child.tag not in _KNOWN
        )

    def _note(self, text: str) -> None:
        self.unresolved.append(text)

    def _valid(self, content: dict[str, Any]) -> dict[str, Any]:
        """Return the keys of `content` with a valid value, and the valid items of lists."""
        valid: dict[str, Any] = {}
        for key, value in content.items():
            if isinstance(value, list):
                value = [item for item in value if item and self._allowed(key, [item])]
            if value and (isinstance(value, list) or self._allowed(key, value)):
                valid[key] = value
        return valid

    def _allowed(self, key: str, value: Any) -> bool:
        """Return whether an action may have `value` under `key`; if not, note the reason."""
        wrong = faults(Action, {key: with_placeholders(value, key)})
        if wrong:
            self._note(f"{key}: {wrong[0].message}")
        return not wrong

    # Title, kind, institutions

    def _title(self) -> tuple[str, str | None, str]:
        """Return title, short title and language: the English title if there is one, else the first."""
        titles: dict[str, tuple[str, str]] = {}
        expressions = self.element.findall("EXPRESSION") + self.element.findall("WORK/EXPRESSION")
        for expression in expressions:
            title = _value(expression, "EXPRESSION_TITLE", "TITLE")
            code = _text(expression.find("EXPRESSION_USES_LANGUAGE/IDENTIFIER")) or self.decoding
            if title:
                short = _value(expression, "EXPRESSION_TITLE_SHORT")
                titles.setdefault(languages.tag(code) or "und", (title, short))
        if not titles:
            where = "a tree notice, or a branch notice in English, has it"
            self._note(f"title: is not in the notice; {where}")
            return f"[{self.celex}]", None, "en"
        language = "en" if "en" in titles else next(iter(titles))
        title, short = titles[language]
        title = re.sub(r"\s*\(Text with EEA relevance\.?\)\s*", "", title)
        if match := re.search(r"\(([^()]{3,80}(?:Act|Regulation|Directive))\)$", title):
            short = short or match[1]
        fits = short and len(short) <= reading.MOST_LINE and short != title
        return bibliography.fitted(title, self.unresolved), short if fits else None, language

    def _kind(self, title: str) -> str:
        """Return the kind of act in its title: regulation, implementing-regulation, delegated-directive, decision ..."""
        match = re.search(
            r"\b((?:(?:implementing|delegated)\s+)?(?:regulation|directive|decision|recommendation))\b",
            title[:120],
            re.IGNORECASE,
        )
        return ids.slug(match[1]) if match else _TABLES["kinds"].get(self.form, "")

    @cached_property
    def agents(self) -> dict[str, str]:
        """Return the institutions that made the act, code -> name, in English if the name is known."""
        agents: dict[str, str] = {}
        for element in self.work.findall("WORK_CREATED_BY_AGENT") + self.work.findall("CREATED_BY"):
            code = _text(element.find("IDENTIFIER"))
            label = _text(element.find("PREFLABEL"))[: reading.MOST_LINE]
            name = INSTITUTIONS[code][0] if code in INSTITUTIONS else label
            if name and name not in agents.values():
                agents[code or name] = name
        return agents

    def _bodies(self) -> list[dict[str, str]]:
        role = "adopter" if len(self.agents) > 1 else "issuer"
        role = role if self.is_act else "proposer"
        return [{"organization": f"name:{name}", "role": role} for name in self.agents.values()]

    # Identifiers

    def _identifiers(self) -> dict[str, str]:
        eli = _value(self.work, "RESOURCE_LEGAL_ELI", "ELI") or _same_as(self.work, "eli")
        eli = re.sub(r"^(?:https?://[^/]+/)?(?:eli/)?", "", eli).replace(":", "/")
        identifiers = {"celex": self.celex, "eli": eli}
        # Before 2015 year and number had no fixed order; an act whose CELEX number ends in (01) has no number of its own.
        if self.is_act and int(self.year) >= 2015 and not self.part:
            identifiers["eu_number"] = f"{self.year}/{int(self.number)}"
        journal = _same_as(self.work, "oj")
        identifiers["oj"] = self._journal(journal)
        procedures = self._procedures()
        if len(procedures) == 1:
            identifiers["eu_procedure"] = procedures.pop()
        self.unresolved += [f"eu_procedure: '{other}'" for other in sorted(procedures)]
        links = self.work.findall(ADOPTS)
        proposals = [_linked(link) for link in links]
        for proposal in [*proposals, *([] if self.is_act else [self.celex])]:
            if match := re.fullmatch(r"5(\d{4})PC(\d{4})", proposal):
                identifiers["com"] = f"COM({match[1]}) {int(match[2])}"
        valid = {}
        for scheme, value in identifiers.items():
            if value and identifier_match(scheme, value):
                valid[scheme] = value
            elif value:
                self._note(f"{scheme}: '{shown(value)}' has an unknown form")
        if journal and not identifiers["oj"]:
            self._note(f"oj: '{shown(journal)}'")
        return valid

    def _procedures(self) -> set[str]:
        """Return the numbers of procedures that the notice names."""
        tags = ("WORK_PART_OF_DOSSIER", "RESOURCE_LEGAL_PRODUCED_BY_DOSSIER")
        numbers: set[str] = set()
        for link in self._links(*tags):
            text = " ".join(link.itertext())
            numbers.update(re.findall(r"\b\d{4}/\d{4}\([A-Z]{3}\)", text, re.ASCII))
        return numbers

    def _procedure(self) -> dict[str, str]:
        """Return the number of the procedure as an identifier: 2009/0162(COD)."""
        if self.tree is None:
            return {}
        match = re.fullmatch(r"(\d{4})_(\d{1,4})", _same_as(self.tree.find("DOSSIER"), "procedure"))
        number = f"{match[1]}/{int(match[2]):04d}({self._procedure_code()})" if match else ""
        return {"eu_procedure": number} if identifier_match("eu_procedure", number) else {}

    def _procedure_code(self) -> str:
        """Return the kind of a procedure, such as COD: from its label, "Ordinary legislative procedure (COD)", or its code."""
        codes = set()
        for element in self.tree.iter():
            if element.tag.endswith("CONCEPT_TYPE_PROCEDURE_CODE_INTERINSTITUTIONAL"):
                label = re.search(r"\(([A-Z]{3})\)$", _text(element.find("PREFLABEL")))
                codes.add(label[1] if label else _text(element.find("IDENTIFIER")))
        return codes.pop() if len(codes) == 1 else ""

    def _journal(self, journal: str) -> str:
        """Return the citation of the Official Journal: by act since October 2023, before that by issue, day and page."""
        if not self.published:
            return ""
        year, month, day = self.published.split("-")
        date = f"{int(day)}.{int(month)}.{year}"
        if match := re.fullmatch(r"([LC])_(\d{4})(\d{5})", journal, re.ASCII):
            return f"OJ {match[1]}, {match[2]}/{int(match[3])}, {date}"
        match = re.fullmatch(r"JO([LC])_(\d{4})_(\d{3})_R_\d{4}(?:_\d\d)?", journal, re.ASCII)
        if not match:
            return ""
        tags = ("MANIFESTATION_OFFICIAL-JOURNAL_PART_PAGE_FIRST", "PAGE_FIRST")
        pages = (_value(part, *tags) for part in self.element.findall("MANIFESTATION"))
        page = next(filter(None, pages), "").lstrip("0")
        where = f", p. {page}" if page.isdecimal() else ""
        return f"OJ {match[1]} {int(match[3])}, {date}{where}"

    # Events

    @cached_property
    def published(self) -> str:
        """Return the day of publication, '' if the notice has none."""
        journal = "RESOURCE_LEGAL_PUBLISHED_IN_OFFICIAL-JOURNAL/EMBEDDED_NOTICE/WORK"
        return _date(self.work, PUBLISHED, f"{journal}/{PUBLISHED}")

    def _steps(self) -> list[Step]:
        """Return the events in order of time."""
        if self.tree is not None:
            return _sorted(list(self._stages(self.tree)))
        steps = []
        if dated := _date(self.work, *DATED):
            kind = "signed" if {"EP", "CONSIL"} <= self.agents.keys() else "adopted"
            steps.append(Step(dated, kind if self.is_act else "proposed", "Date of the document"))
        if self.published:
            steps.append(Step(self.published, "published", "Publication in the Official Journal"))
        if self.is_act:
            steps += [*self._in_force(), *self._deadlines()]
        for step in steps:
            if step.type in EFFECTS and step.date < dated:
                note = f"{step.type}: {step.date} lies before the date of the document, {dated}; compare both with the act"
                self._note(note)
        return _sorted([*steps, *self._end()])

    def _in_force(self) -> list[Step]:
        """Return entry into force and application, which a notice gives as dates of the same kind with different codes.

        If duties apply after the entry into force, the entry does not bind yet. The last of several days of application
        counts as the day of the rest. A day without a code becomes an event of type `other`.
        """
        entries: list[tuple[str, str]] = []
        applied: list[tuple[str, bool, str]] = []
        steps = []
        for element in self.work.findall(IN_FORCE):
            day = _text(element.find("VALUE"))[:10]
            if not dates.is_day(day):
                self._note(f"entry into force: '{shown(day)}' is not a day")
                continue
            for annotation in element.findall("ANNOTATION") or [element]:
                code = _code(_text(annotation.find("TYPE_OF_DATE")))
                comment = _text(annotation.find("COMMENT_ON_DATE"))
                words = _worded(comment)
                if code == "EV":
                    entries.append((day, f"Entry into force{words}"))
                elif code == "MA":
                    partial = bool(re.search(r"\{(?:MA/)?PART\|", comment))
                    applied.append((day, partial, f"Application{words}"))
                else:
                    words = words or (f": {shown(code)}" if code else "")
                    note = f"Entry into force or application, which of them is not said{words}"
                    steps.append(Step(day, "other", note))
        last = max((day for day, partial, _ in applied if not partial), default="")
        for day, partial, note in applied:
            whole = day == last and not partial
            steps.append(Step(day, "took_effect" if whole else "applies_in_part", note))
        kind = "entered_into_force" if applied else "took_effect"
        return steps + [Step(day, kind, note) for day, note in entries]

    def _deadlines(self) -> Iterator[Step]:
        """Yield the deadlines, each day once, in the words of the first tag that has it."""
        notes: dict[str, str] = {}
        for tag, words in DEADLINES.items():
            for element in self.work.findall(tag):
                day = _text(element.find("VALUE"))[:10]
                comment = next(element.iter("COMMENT_ON_DATE"), None)
                if dates.is_day(day) and day != UNENDING:
                    note = notes.get(day, words)
                    notes[day] = note if ":" in note else note + _worded(_text(comment))
        yield from (Step(day, "deadline", note) for day, note in notes.items())

    def _end(self) -> Iterator[Step]:
        """Yield the end of an act, or the outcome of a proposal, as far as the notice gives it."""
        ended = _date(self.work, ENDED)
        adopted = ", ".join(self._linked_by(ADOPTED)[:5])
        repealed = ", ".join(self._linked_by(*REPEALED)[:5])
        if adopted and not self.is_act:
            if ended:
                yield Step(ended, "adopted", f"End of validity; adopted as CELEX {adopted}")
            else:
                self._note(f"is adopted as CELEX {adopted}; the notice gives no day")
        elif ended and repealed:
            yield Step(ended, "revoked", f"End of validity; repealed by CELEX {repealed}")
        elif ended and self.is_act:
            yield Step(ended, "out_of_force", "End of validity")
            note = f"end of validity: {ended}; the notice does not say whether it expired, was revoked or replaced"
            self._note(note)
        elif ended:
            yield Step(ended, "other", "End of validity")
            note = f"end of validity: {ended} is kept as an event of type 'other'; the notice does not say whether the proposal was adopted, withdrawn or rejected"
            self._note(note)

    def _stages(self, tree: Element) -> Iterator[Step]:
        """Yield the steps of a procedure, which are inside the dossier or beside it."""
        votes = self._procedure_code() == CO_DECISION
        for event in [*tree.findall("DOSSIER/EVENT"), *tree.findall("EVENT")]:
            concept = event.find("EVENT_LEGAL_HAS_TYPE_CONCEPT_TYPE_EVENT_LEGAL")
            code = _text(concept.find("IDENTIFIER")) if concept is not None else ""
            label = (_text(concept.find("PREFLABEL")) if concept is not None else "") or code
            day = _date(event, "EVENT_LEGAL_DATE", "DATE")
            if not day:
                self._note(f"event: '{shown(label)}' has no day")
                continue
            steps = _TABLES["steps"].items()
            kind = next((kind for form, kind in steps if re.fullmatch(form, code)), "other")
            kind = "position" if kind == "passed_chamber" and not votes else kind
            yield Step(day, kind, label[:1000] or "A step of the procedure")
        acts = sorted({_linked(link) for link in tree.findall("DOSSIER/CONTAINS")})
        self.unresolved += [f"is adopted as CELEX {act}" for act in acts if act.startswith("3")]

    # Other acts

    def _links(self, *tags: str) -> list[Element]:
        """Return the links with `tags`, from the work and from others to it."""
        own = [link for tag in tags for link in self.work.findall(tag)]
        return own + [link for tag in tags for link in self.element.findall(f"INVERSE/{tag}")]

    def _linked_by(self, *tags: str) -> list[str]:
        """Return the CELEX numbers to which the links with `tags` lead, each once."""
        return list(dict.fromkeys(filter(None, map(_linked, self._links(*tags)))))

    def _relations(self) -> list[dict[str, str]]:
        relations: dict[tuple[str, str], dict[str, str]] = {}
        for tag, (kind, note) in RELATIONS.items():
            for link in self.work.findall(tag):
                celex = _linked(link)
                if not celex:
                    where = _text(link.find("URI/VALUE")) or _same_as(link, "cellar")
                    self._note(f"{kind}: '{shown(where)}' has no CELEX number")
                    continue
                relation = {"type": kind, "action": f"celex:{celex}", "note": note}
                relations.setdefault((kind, celex), with_values(relation))
        for tag, words in REPORTED.items():
            numbers = filter(None, map(_linked, self._links(tag)))
            self.unresolved += [f"{words} CELEX {celex}" for celex in numbers]
        if len(relations) > MOST_RELATIONS:
            more = len(relations) - MOST_RELATIONS
            self._note(f"relations: {more} more than {MOST_RELATIONS} are left out")
        return list(relations.values())[:MOST_RELATIONS]
