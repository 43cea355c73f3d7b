"""Notices of EUR-Lex (the XML of the repository Cellar: branch, object and tree notices) -> proposals.

The notice of a procedure (a tree with a <DOSSIER>) is read as that of the proposal that began it.

Taken over: CELEX, ELI, place in the Official Journal, procedure, title, dates of document, publication, entry into force, application
and end of validity, institutions, treaty articles, and which acts it repeals, amends, replaces, implements or rests on. Left out on
purpose: EuroVoc and directory codes, citations, summaries, files. A notice of the act is read, never its text.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from policykb.contribute import reading
from policykb.contribute import slugs as naming
from policykb.contribute.proposal import Proposal, Refuse, Unreadable, stop
from policykb.files.reader import faults
from policykb.model import dates
from policykb.model.problems import shown
from policykb.model.records import Action
from policykb.model.vocabulary import identifier_match
from policykb.references import entry as bibliography
from policykb.references import languages
from policykb.sources.lookup import stand_in

# What a notice says of other acts -> how it is called here, with a note. The relation runs from the act to the other.
RELATIONS = {
    "RESOURCE_LEGAL_REPEALS_RESOURCE_LEGAL": ("revokes", ""),
    "RESOURCE_LEGAL_IMPLICITLY_REPEALS_RESOURCE_LEGAL": (
        "revokes",
        "Implicitly, according to EUR-Lex",
    ),
    "RESOURCE_LEGAL_AMENDS_RESOURCE_LEGAL": ("amends", ""),
    "RESOURCE_LEGAL_REPLACES_RESOURCE_LEGAL": ("replaces", ""),
    "RESOURCE_LEGAL_IMPLEMENTS_RESOURCE_LEGAL": ("implements", ""),
    "RESOURCE_LEGAL_BASED_ON_RESOURCE_LEGAL": ("based_on", ""),
}
# Relations that have no kind here, or that the other act has to this one: told.
TOLD = {
    "RESOURCE_LEGAL_CORRECTS_RESOURCE_LEGAL": "corrects",
    "RESOURCE_LEGAL_COMPLETES_RESOURCE_LEGAL": "completes",
    "RESOURCE_LEGAL_SUSPENDS_RESOURCE_LEGAL": "suspends",
    "RESOURCE_LEGAL_AMENDED_BY_RESOURCE_LEGAL": "is amended by",
    "RESOURCE_LEGAL_REPEALED_BY_RESOURCE_LEGAL": "is repealed by",
    "RESOURCE_LEGAL_CORRECTED_BY_RESOURCE_LEGAL": "is corrected by",
    "RESOURCE_LEGAL_IMPLICITLY_REPEALED_BY_RESOURCE_LEGAL": "is implicitly repealed by",
}
REPEALED = (
    "RESOURCE_LEGAL_REPEALED_BY_RESOURCE_LEGAL",
    "RESOURCE_LEGAL_IMPLICITLY_REPEALED_BY_RESOURCE_LEGAL",
)
ADOPTED = ("RESOURCE_LEGAL_ADOPTED_BY_RESOURCE_LEGAL",)
# Institutions by their code in the notice: name and kind. Others are known by the name that the notice gives.
INSTITUTIONS = {
    "EP": ("European Parliament", "legislature"),
    "CONSIL": ("Council of the European Union", "legislature"),
    "COM": ("European Commission", "government"),
    "ECB": ("European Central Bank", "government"),
}
# By the sector and type in a CELEX number; for a proposal by what it would become.
INSTRUMENTS = {"3R": "regulation", "3L": "directive", "3D": "eu_decision"}
PROPOSED = {"regulation": "regulation", "directive": "directive", "decision": "eu_decision"}
# Days by which something is due: the tag, and what is due in words.
DEADLINES = {
    "DIRECTIVE_DATE_TRANSPOSITION": "Deadline to carry it into national law",
    "RESOURCE_LEGAL_DATE_DEADLINE": "Deadline",
}
# Steps of a procedure by their code; all others are events of type `other`.
STEPS = (
    (r"ADP_byCOM", "proposed"),
    (r"WDW\w*_byCOM", "withdrawn"),
    (r"(?:OPI_R1|ADP_R1_POS)_byEP", "passed_chamber"),
    (r"OPI_\w+", "position"),
    (r"APR_R1_byCONSIL", "passed"),
    (r"ADP(?:_FRM)?_byCONSIL", "adopted"),
    (r"SIGN_by\w+", "signed"),
    (r"PUB_OJ", "published"),
)
# Only in this procedure does Parliament decide with the Council; in others it gives its opinion.
CO_DECISION = "COD"
EFFECTS = frozenset({"entered_into_force", "applies_in_part", "took_effect"})
# The record is what the Publications Office publishes, read in whole; the text of the act was not read, so it is not primary.
GRADE = "established"
UNENDING = "9999-12-31"
MOST_RELATIONS = 100
_WORDS = {
    "DATPUB": "date of publication",
    "DATNOT": "date of notification",
    "V": "see",
    "ART": "article",
    "PART": "partial",
    "MA/PART": "partial application",
    "MA": "application",
    "EV": "entry into force",
    "DATSIG": "date of signature",
}


class Step(NamedTuple):
    """A dated event of a notice."""

    date: str
    type: str
    note: str


def is_it(data: bytes) -> bool:
    """Whether the bytes look like this format."""
    return re.search(rb"<NOTICE[\s>]", data[:4096]) is not None


def read(data: bytes, name: str, refuse: Refuse = stop) -> Iterator[Proposal]:
    """Of each notice: its page as a document, the institutions, the act.

    :raises Unreadable: if it is no notice, or one of something else than an act (sector 3) or a proposal (sector 5).
    """
    root = reading.parsed_xml(data, name, strict=True)
    notices = list(_notices(root))
    if not notices:
        raise Unreadable(
            f"{name}: <{shown(root.tag, 40)}>: expected a notice of EUR-Lex, <NOTICE> with a <WORK>"
        )
    taken: dict[str, int] = {}
    seen: set[str] = set()
    for proposal in reading.each(
        notices, lambda notice: _proposals(notice, name, taken), _called, refuse
    ):
        if proposal.kind != "organization" or proposal.id not in seen:
            seen.add(proposal.id)
            yield proposal


def _called(notice: Element) -> str:
    """What messages call a notice: its CELEX number, if it has one."""
    work = notice.find("WORK")
    return _celex(work) if work is not None else "a notice without <WORK>"


def _celex(work: Element) -> str:
    return _value(work, "RESOURCE_LEGAL_ID_CELEX", "ID_CELEX") or _same_as(work, "celex")


def _notices(root: Element) -> Iterator[Element]:
    """The notices of a file, without those embedded in others."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if element.tag == "NOTICE":
            yield element
        elif element.tag != "EMBEDDED_NOTICE":
            waiting += reversed(element)


def _proposals(notice: Element, name: str, taken: dict[str, int]) -> Iterator[Proposal]:
    tree = notice if notice.find("DOSSIER") is not None else None
    decoding = notice.get("decoding", "")
    if tree is not None:
        notice = _proposal_of(tree, name)
    work = notice.find("WORK")
    if work is None:
        raise Unreadable(
            f"{name}: <NOTICE>: has no <WORK>; expected a branch, object or tree notice of EUR-Lex"
        )
    celex = _celex(work)
    match = re.fullmatch(r"([35])(\d{4})([A-Z]{1,2})(\d{4})(?:\((\d\d)\))?", celex, re.ASCII)
    if not match:
        raise Unreadable(
            f"{name}: CELEX '{shown(celex)}': expected the number of an act (32024R1689) or a proposal (52021PC0206)"
        )
    sector, year, form, number, part = match.groups()
    left: list[str] = []
    title, short, language = _title(notice, decoding, celex, left)
    page = f"https://eur-lex.europa.eu/legal-content/EN/ALL/?uri=CELEX:{celex}"
    published = _date(work, "DATE_PUBLICATION") or _date(
        work, "RESOURCE_LEGAL_PUBLISHED_IN_OFFICIAL-JOURNAL/EMBEDDED_NOTICE/WORK/DATE_PUBLICATION"
    )
    kind = _kind(title, form)
    agents = list(_agents(work))
    updated = (_value(work, "LASTMODIFICATIONDATE") or "")[:10]
    yield Proposal(
        "document",
        tuple(("url", address) for address in (page, page.replace("/ALL/", "/TXT/"))),
        naming.unique(["eur-lex", year, kind, celex.lower()], taken),
        {
            "type": "webpage",
            "title": bibliography.fitted(f"EUR-Lex {celex}: {title}", []),
            "container": "EUR-Lex",
            "publisher": "Publications Office of the European Union",
            "url": page,
            "grade": GRADE,
            "note": "Known from the notice in EUR-Lex, read by a program. The text of the act was not read for it.",
        },
    )
    for code, (called, organization) in INSTITUTIONS.items():
        if code in (agent for agent, _ in agents):
            yield Proposal(
                "organization",
                (("name", called),),
                naming.slug(called),
                {"name": called, "kind": organization, "jurisdiction": "code:EU"},
            )
    instrument = INSTRUMENTS.get(sector + form)
    if sector == "5":
        instrument = PROPOSED.get(kind)
    if not instrument:
        left.append(f"instrument: '{shown(kind or form)}' has none here that is sure")
    content: dict[str, Any] = {
        "title": title,
        "short_title": short,
        "instrument": instrument,
        "jurisdiction": "code:EU",
        "bindingness": "binding" if sector == "3" and instrument else None,
        "bodies": [
            {"organization": f"name:{called}", "role": _role(sector, agents)}
            for _, called in agents
        ],
        "identifiers": _identifiers(work, notice, match, published, left) | _procedure(tree),
        "legal_basis": [
            label
            for element in work.findall("RESOURCE_LEGAL_BASED_ON_CONCEPT_TREATY")
            if (label := _text(element.find("PREFLABEL")))
        ],
        "as_of": updated if dates.is_day(updated) else None,
        "events": [
            {
                "date": step.date,
                "type": step.type,
                "note": step.note,
                "cite": [{"document": f"url:{page}"}],
            }
            for step in (
                _steps(notice, work, sector, agents, published, left)
                if tree is None
                else _stages(tree, left)
            )
        ],
        "relations": _relations(notice, work, left),
    }
    if language != "en":
        left.append(f"title: there is no English one; this is in '{language}'")
    content = _valid(content, left)
    keys = tuple(
        (scheme, content["identifiers"][scheme])
        for scheme in ("celex", "eli", "eu_number")
        if scheme in content["identifiers"]
    )
    yield Proposal(
        "action",
        keys,
        naming.unique(
            [
                "eu",
                *("proposal" for _ in [0] if sector == "5"),
                kind or "act",
                f"{year}-{int(number)}",
                part or "",
            ],
            taken,
        ),
        content,
        tuple(left),
    )


def _valid(content: dict[str, Any], left: list[str]) -> dict[str, Any]:
    """The keys of `content` that have a value and one that a record may have; of lists, the items."""
    kept: dict[str, Any] = {}
    for key, held in content.items():
        if isinstance(held, list):
            wrong = [faults(Action, {key: [stand_in(item, key)]}) for item in held]
            left += [f"{key}: {found[0].message}" for found in wrong if found]
            held = [item for item, found in zip(held, wrong, strict=True) if not found]
        elif held and (found := faults(Action, {key: stand_in(held, key)})):
            left.append(f"{key}: {found[0].message}")
            continue
        if held:
            kept[key] = held
    return kept


def _text(element: Element | None) -> str:
    return " ".join((element.text or "").split()) if element is not None else ""


def _value(element: Element, *tags: str) -> str:
    """The first value that stands under one of `tags`."""
    return next(
        (
            text
            for tag in tags
            for found in element.findall(tag)
            if (text := _text(found.find("VALUE")))
        ),
        "",
    )


def _date(element: Element, *tags: str) -> str:
    found = _value(element, *tags)[:10]
    return found if dates.is_day(found) and found != UNENDING else ""


def _same_as(element: Element, kind: str) -> str:
    """The identifier of a work or link in the numbering `kind`."""
    uris = [*element.findall("SAMEAS/URI"), *element.findall("URI")]
    return next(
        (
            text
            for uri in uris
            if _text(uri.find("TYPE")) == kind and (text := _text(uri.find("IDENTIFIER")))
        ),
        "",
    )


def _linked(link: Element) -> str:
    """The CELEX number of the act that a link leads to, or ''."""
    found = _same_as(link, "celex") or next(
        (
            celex
            for work in link.findall("EMBEDDED_NOTICE/WORK")
            if (celex := _value(work, "RESOURCE_LEGAL_ID_CELEX", "ID_CELEX"))
        ),
        "",
    )
    return found if identifier_match("celex", found) else ""


def _title(
    notice: Element, decoding: str, celex: str, left: list[str]
) -> tuple[str, str | None, str]:
    """Title, short title and language: the English one if there is one, else the first."""
    found: dict[str, tuple[str, str]] = {}
    for expression in [*notice.findall("EXPRESSION"), *notice.findall("WORK/EXPRESSION")]:
        said = _value(expression, "EXPRESSION_TITLE", "TITLE")
        code = _text(expression.find("EXPRESSION_USES_LANGUAGE/IDENTIFIER")) or decoding
        if said:
            found.setdefault(
                languages.tag(code) or "und", (said, _value(expression, "EXPRESSION_TITLE_SHORT"))
            )
    if not found:
        left.append(
            "title: is not in the notice; a tree notice, or a branch notice in English, has it"
        )
        return f"[{celex}]", None, "en"
    language = "en" if "en" in found else next(iter(found))
    title, short = found[language]
    title = re.sub(r"\s*\(Text with EEA relevance\.?\)\s*", "", title)
    if match := re.search(r"\(([^()]{3,80}(?:Act|Regulation|Directive))\)$", title):
        short = short or match[1]
    return (
        bibliography.fitted(title, left),
        short if short and len(short) <= reading.MOST_LINE and short != title else None,
        language,
    )


def _kind(title: str, form: str) -> str:
    """What the act calls itself: regulation, implementing-regulation, delegated-directive, decision ..."""
    match = re.search(
        r"\b((?:(?:implementing|delegated)\s+)?(?:regulation|directive|decision|recommendation))\b",
        title[:120],
        re.IGNORECASE,
    )
    return (
        naming.slug(match[1])
        if match
        else {"R": "regulation", "L": "directive", "D": "decision", "H": "recommendation"}.get(
            form, ""
        )
    )


def _agents(work: Element) -> Iterator[tuple[str, str]]:
    """(code, name) of the institutions that made it; English names where they are known."""
    seen = set()
    for element in [*work.findall("WORK_CREATED_BY_AGENT"), *work.findall("CREATED_BY")]:
        code = _text(element.find("IDENTIFIER"))
        called = (
            INSTITUTIONS[code][0]
            if code in INSTITUTIONS
            else _text(element.find("PREFLABEL"))[: reading.MOST_LINE]
        )
        if called and called not in seen:
            seen.add(called)
            yield code, called


def _role(sector: str, agents: list[tuple[str, str]]) -> str:
    return "proposer" if sector == "5" else "adopter" if len(agents) > 1 else "issuer"


def _identifiers(
    work: Element, notice: Element, celex: re.Match, published: str, left: list[str]
) -> dict[str, str]:
    sector, year, _, number, part = celex.groups()
    eli = _value(work, "RESOURCE_LEGAL_ELI", "ELI") or _same_as(work, "eli")
    eli = re.sub(r"^(?:https?://[^/]+/)?(?:eli/)?", "", eli).replace(":", "/")
    found = {"celex": celex[0], "eli": eli}
    # Before 2015 year and number stood in either order; what ends in (01) has no number of its own.
    if sector == "3" and int(year) >= 2015 and not part:
        found["eu_number"] = f"{year}/{int(number)}"
    journal = _same_as(work, "oj")
    found["oj"] = _journal(journal, published, notice)
    procedures = {
        match
        for tag in ("WORK_PART_OF_DOSSIER", "RESOURCE_LEGAL_PRODUCED_BY_DOSSIER")
        for link in [*work.findall(tag), *notice.findall(f"INVERSE/{tag}")]
        for element in link.iter()
        for match in re.findall(r"\b\d{4}/\d{4}\([A-Z]{3}\)", element.text or "", re.ASCII)
    }
    if len(procedures) == 1:
        found["eu_procedure"] = procedures.pop()
    left += [f"eu_procedure: '{other}'" for other in sorted(procedures)]
    proposals = [_linked(link) for link in work.findall("RESOURCE_LEGAL_ADOPTS_RESOURCE_LEGAL")] + (
        [celex[0]] if sector == "5" else []
    )
    for proposal in proposals:
        if match := re.fullmatch(r"5(\d{4})PC(\d{4})", proposal):
            found["com"] = f"COM({match[1]}) {int(match[2])}"
    kept = {
        scheme: value
        for scheme, value in found.items()
        if value and identifier_match(scheme, value)
    }
    left += [
        f"{scheme}: '{shown(value)}' has a form that is not known here"
        for scheme, value in found.items()
        if value and scheme not in kept
    ]
    left += [f"oj: '{shown(journal)}'"] if journal and not found["oj"] else []
    return kept


def _journal(journal: str, published: str, notice: Element) -> str:
    """The place in the Official Journal as it is cited: by act since October 2023, before that by issue, day and page."""
    if not published:
        return ""
    year, month, day = published.split("-")
    on = f"{int(day)}.{int(month)}.{year}"
    if match := re.fullmatch(r"([LC])_(\d{4})(\d{5})", journal, re.ASCII):
        return f"OJ {match[1]}, {match[2]}/{int(match[3])}, {on}"
    if match := re.fullmatch(r"JO([LC])_(\d{4})_(\d{3})_R_\d{4}(?:_\d\d)?", journal, re.ASCII):
        tags = ("MANIFESTATION_OFFICIAL-JOURNAL_PART_PAGE_FIRST", "PAGE_FIRST")
        page = next(
            (found for part in notice.findall("MANIFESTATION") if (found := _value(part, *tags))),
            "",
        ).lstrip("0")
        return f"OJ {match[1]} {int(match[3])}, {on}" + (f", p. {page}" if page.isdecimal() else "")
    return ""


def _steps(
    notice: Element,
    work: Element,
    sector: str,
    agents: list[tuple[str, str]],
    published: str,
    left: list[str],
) -> list[Step]:
    """The events in order of time."""
    steps = []
    if made := _date(work, "WORK_DATE_DOCUMENT", "DATE_DOCUMENT"):
        both = {"EP", "CONSIL"} <= {code for code, _ in agents}
        steps.append(
            Step(
                made,
                "proposed" if sector == "5" else "signed" if both else "adopted",
                "Date of the document",
            )
        )
    if published:
        steps.append(Step(published, "published", "Publication in the Official Journal"))
    if sector == "3":
        steps += [*_in_force(work, left), *_deadlines(work)]
        left += [
            f"{step.type}: {step.date} lies before the date of the document, {made}; compare both with the act"
            for step in steps
            if step.type in EFFECTS and step.date < made
        ]
    steps += _end(notice, work, sector, left)
    return _sorted(steps)


def _sorted(steps: list[Step]) -> list[Step]:
    order = {"entered_into_force": 1, "applies_in_part": 2, "took_effect": 3}
    return sorted(dict.fromkeys(steps), key=lambda step: (step.date, order.get(step.type, 0)))


def _end(notice: Element, work: Element, sector: str, left: list[str]) -> Iterator[Step]:
    """Yield the end of an act, or what became of a proposal, as far as the notice says it."""
    ended = _date(work, "RESOURCE_LEGAL_DATE_END-OF-VALIDITY")
    adopted = _linked_by(notice, work, ADOPTED)
    repealed = _linked_by(notice, work, REPEALED)
    if sector == "5" and adopted and ended:
        yield Step(ended, "adopted", f"End of validity; adopted as CELEX {', '.join(adopted[:5])}")
    elif sector == "5" and adopted:
        left.append(f"is adopted as CELEX {', '.join(adopted[:5])}; the notice gives no day")
    elif ended and repealed:
        note = f"End of validity; repealed by CELEX {', '.join(repealed[:5])}"
        yield Step(ended, "revoked", note)
    elif ended and sector == "3":
        yield Step(ended, "out_of_force", "End of validity")
        left.append(
            f"end of validity: {ended}; the notice does not say whether it expired, was revoked or replaced"
        )
    elif ended:
        yield Step(ended, "other", "End of validity")
        left.append(
            f"end of validity: {ended} is kept as an event of type 'other'; the notice does not say whether the proposal was adopted, withdrawn or rejected"
        )


def _linked_by(notice: Element, work: Element, tags: tuple[str, ...]) -> list[str]:
    """Return the CELEX numbers that the links of some kinds lead to."""
    links = [link for tag in tags for link in work.findall(tag)]
    links += [link for tag in tags for link in notice.findall(f"INVERSE/{tag}")]
    return list(dict.fromkeys(celex for link in links if (celex := _linked(link))))


def _deadlines(work: Element) -> Iterator[Step]:
    """Yield the days by which something is due, each once, in the words of the first tag that has it."""
    notes: dict[str, str] = {}
    for tag, words in DEADLINES.items():
        for element in work.findall(tag):
            day = _text(element.find("VALUE"))[:10]
            comment = next((part for part in element.iter("COMMENT_ON_DATE")), None)
            said = _worded(_text(comment))
            if dates.is_day(day) and day != UNENDING:
                notes[day] = notes.get(day, words) + ("" if ":" in notes.get(day, "") else said)
    yield from (Step(day, "deadline", note) for day, note in notes.items())


def _proposal_of(tree: Element, name: str) -> Element:
    """Return the part of a tree notice that holds the proposal. :raises Unreadable: if it names none."""
    for begun in tree.findall("DOSSIER/DOSSIER_INITIATED_BY_ACT_PREPARATORY"):
        for part in (begun, begun.find("EMBEDDED_NOTICE")):
            if part is not None and part.find("WORK") is not None:
                return part
    raise Unreadable(
        f"{name}: <DOSSIER>: names no proposal; expected a procedure that began with one"
    )


def _procedure(tree: Element | None) -> dict[str, str]:
    """Return the number of a procedure as an identifier: 2009/0162(COD)."""
    if tree is None:
        return {}
    number = re.fullmatch(r"(\d{4})_(\d{1,4})", _same_as(tree.find("DOSSIER"), "procedure"))
    found = f"{number[1]}/{int(number[2]):04d}({_procedure_code(tree)})" if number else ""
    return {"eu_procedure": found} if identifier_match("eu_procedure", found) else {}


def _procedure_code(tree: Element) -> str:
    """Return the kind of a procedure, such as COD: from its label, "Ordinary legislative procedure (COD)", or its code."""
    found = set()
    for element in tree.iter():
        if element.tag.endswith("CONCEPT_TYPE_PROCEDURE_CODE_INTERINSTITUTIONAL"):
            label = re.search(r"\(([A-Z]{3})\)$", _text(element.find("PREFLABEL")))
            found.add(label[1] if label else _text(element.find("IDENTIFIER")))
    return found.pop() if len(found) == 1 else ""


def _stages(tree: Element, left: list[str]) -> list[Step]:
    """Return the steps of a procedure in order of time; they stand in the dossier or beside it."""
    votes = _procedure_code(tree) == CO_DECISION
    steps = []
    for event in [*tree.findall("DOSSIER/EVENT"), *tree.findall("EVENT")]:
        kind = event.find("EVENT_LEGAL_HAS_TYPE_CONCEPT_TYPE_EVENT_LEGAL")
        code = _text(kind.find("IDENTIFIER")) if kind is not None else ""
        label = (_text(kind.find("PREFLABEL")) if kind is not None else "") or code
        day = _date(event, "EVENT_LEGAL_DATE", "DATE")
        if not day:
            left.append(f"event: '{shown(label)}' has no day")
            continue
        type = next((type for form, type in STEPS if re.fullmatch(form, code)), "other")
        type = "position" if type == "passed_chamber" and not votes else type
        steps.append(Step(day, type, label[:1000] or "A step of the procedure"))
    acts = {celex for link in tree.findall("DOSSIER/CONTAINS") if (celex := _linked(link))}
    left += [f"is adopted as CELEX {celex}" for celex in sorted(acts) if celex.startswith("3")]
    return _sorted(steps)


def _in_force(work: Element, left: list[str]) -> list[Step]:
    """Entry into force and application, which a notice gives as dates of one kind with a code for what each means.

    Where duties apply later than the act enters into force, the entry binds nobody yet; of several days of application the
    last is taken for what was still missing. A day without a code is kept as an event of type `other`.
    """
    entries: list[tuple[str, str]] = []
    applied: list[tuple[str, bool, str]] = []
    steps = []
    for element in work.findall("RESOURCE_LEGAL_DATE_ENTRY-INTO-FORCE"):
        day = _text(element.find("VALUE"))[:10]
        if not dates.is_day(day):
            left.append(f"entry into force: '{shown(day)}' is not a day")
            continue
        for note in element.findall("ANNOTATION") or [element]:
            code = _code(_text(note.find("TYPE_OF_DATE")))
            raw = _text(note.find("COMMENT_ON_DATE"))
            said = _worded(raw)
            if code == "EV":
                entries.append((day, f"Entry into force{said}"))
            elif code == "MA":
                applied.append(
                    (day, bool(re.search(r"\{(?:MA/)?PART\|", raw)), f"Application{said}")
                )
            else:
                steps.append(
                    Step(
                        day,
                        "other",
                        f"Entry into force or application, which of them is not said{said or (f': {shown(code)}' if code else '')}",
                    )
                )
    last = max((day for day, partial, _ in applied if not partial), default="")
    steps += [
        Step(day, "took_effect" if day == last and not partial else "applies_in_part", note)
        for day, partial, note in applied
    ]
    later = any(day > entry for day, _, _ in applied for entry, _ in entries)
    steps += [
        Step(day, "entered_into_force" if later or applied else "took_effect", note)
        for day, note in entries
    ]
    return steps


def _code(annotated: str) -> str:
    """The code of `{EV|http://...}`, or the text itself."""
    match = re.fullmatch(r"\{([^|{}]+)\|[^{}]*\}", annotated)
    return match[1] if match else annotated


def _worded(comment: str) -> str:
    """A comment on a date with its codes in words, as the end of a note."""
    words = re.sub(r"\{([^|{}]+)\|[^{}]*\}", lambda match: _WORDS.get(match[1], match[1]), comment)
    return f": {' '.join(words.split())}"[:1000] if words.strip() else ""


def _relations(notice: Element, work: Element, left: list[str]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for tag, (kind, note) in RELATIONS.items():
        for link in work.findall(tag):
            if celex := _linked(link):
                found.append(
                    {"type": kind, "action": f"celex:{celex}", **({"note": note} if note else {})}
                )
            else:
                left.append(
                    f"{kind}: '{shown(_text(link.find('URI/VALUE')) or _same_as(link, 'cellar'))}' has no CELEX number"
                )
    for tag, words in TOLD.items():
        left += [
            f"{words} CELEX {celex}"
            for link in [*work.findall(tag), *notice.findall(f"INVERSE/{tag}")]
            if (celex := _linked(link))
        ]
    found = list(
        {(relation["type"], relation["action"]): relation for relation in reversed(found)}.values()
    )[::-1]  # each once
    left += (
        [f"relations: {len(found) - MOST_RELATIONS} more than {MOST_RELATIONS} are left out"]
        if len(found) > MOST_RELATIONS
        else []
    )
    return found[:MOST_RELATIONS]
