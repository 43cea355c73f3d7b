"""Notices of EUR-Lex (the XML of the repository Cellar: branch, object and tree notices) -> proposals.

Taken over: CELEX, ELI, place in the Official Journal, procedure, title, dates of document, publication, entry into force, application
and end of validity, institutions, treaty articles, and which acts it repeals, amends, replaces, implements or rests on. Left out on
purpose: EuroVoc and directory codes, citations, summaries, files. A notice of the act is read, never its text.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from policykb import dates
from policykb.feeds import bibliography, languages, naming, reading, safe
from policykb.feeds.lookup import stand_in
from policykb.feeds.proposal import Proposal, Refuse, Unreadable, stop
from policykb.files import faults
from policykb.model import Action
from policykb.problems import shown
from policykb.vocabulary import identifier_match

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
# Institutions by their code in the notice: name and kind. Others are known by the name that the notice gives.
INSTITUTIONS = {
    "EP": ("European Parliament", "legislature"),
    "CONSIL": ("Council of the European Union", "legislature"),
    "COM": ("European Commission", "government"),
    "ECB": ("European Central Bank", "government"),
}
# By the sector and type in a CELEX number.
INSTRUMENTS = {"3R": "regulation", "3L": "directive"}
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
    root = safe.parsed_xml(data, name)
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
    work = notice.find("WORK")
    if work is None:
        raise Unreadable(
            f"{name}: <NOTICE>: has no <WORK>; expected a branch, object or tree notice of EUR-Lex"
        )
    celex = _celex(work)
    match = re.fullmatch(r"([35])(\d{4})([A-Z]{1,2})(\d{4})(?:\(\d\d\))?", celex, re.ASCII)
    if not match:
        raise Unreadable(
            f"{name}: CELEX '{shown(celex)}': expected the number of an act (32024R1689) or a proposal (52021PC0206)"
        )
    sector, year, form, number = match.groups()
    left: list[str] = []
    title, short, language = _title(notice, celex, left)
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
    instrument = INSTRUMENTS.get(sector + form) or (
        {"regulation": "regulation", "directive": "directive"}.get(kind) if sector == "5" else None
    )
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
        "identifiers": _identifiers(work, notice, match, published, left),
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
            for step in _steps(notice, work, sector, agents, published, left)
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


def _title(notice: Element, celex: str, left: list[str]) -> tuple[str, str | None, str]:
    """Title, short title and language: the English one if there is one, else the first."""
    found: dict[str, tuple[str, str]] = {}
    for expression in notice.findall("EXPRESSION"):
        said = _value(expression, "EXPRESSION_TITLE", "TITLE")
        code = _text(expression.find("EXPRESSION_USES_LANGUAGE/IDENTIFIER")) or notice.get(
            "decoding", ""
        )
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
    sector, year, _, number = celex.groups()
    eli = _value(work, "RESOURCE_LEGAL_ELI", "ELI") or _same_as(work, "eli")
    found = {"celex": celex[0], "eli": re.sub(r"^(?:https?://[^/]+/)?(?:eli/)?", "", eli)}
    if sector == "3" and int(year) >= 2015:  # before that year and number stood in either order
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
    steps += _in_force(work, left) if sector == "3" else []
    if ended := _date(work, "RESOURCE_LEGAL_DATE_END-OF-VALIDITY"):
        by = [
            celex
            for tag in REPEALED
            for link in [*work.findall(tag), *notice.findall(f"INVERSE/{tag}")]
            if (celex := _linked(link))
        ]
        steps.append(
            Step(
                ended,
                "revoked" if by else "other",
                "End of validity" + (f"; repealed by CELEX {', '.join(by[:5])}" if by else ""),
            )
        )
        left += (
            []
            if by
            else [
                f"end of validity: {ended} is kept as an event of type 'other'; the notice does not say whether it expired, was revoked or replaced"
            ]
        )
    order = {"entered_into_force": 1, "applies_in_part": 2, "took_effect": 3}
    return sorted(dict.fromkeys(steps), key=lambda step: (step.date, order.get(step.type, 0)))


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
