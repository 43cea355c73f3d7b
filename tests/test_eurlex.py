"""Notices of EUR-Lex become acts with their dates, identifiers and relations; what they leave open is told."""

import pytest
from conftest import examples
from hypothesis import HealthCheck, given, settings
from mutations import answer, mutated
from policykb.contribute import reading
from policykb.contribute.proposal import Proposal
from policykb.model.problems import SourceError
from policykb.sources import eurlex

FD = "http://publications.europa.eu/resource/authority/fd_335"


def link(tag: str, celex: str) -> str:
    return (
        f'<{tag} type="link"><URI><VALUE>http://publications.europa.eu/resource/cellar/{celex}</VALUE><IDENTIFIER>x</IDENTIFIER><TYPE>cellar</TYPE></URI>'
        f"<SAMEAS><URI><VALUE>http://publications.europa.eu/resource/celex/{celex}</VALUE><IDENTIFIER>{celex}</IDENTIFIER><TYPE>celex</TYPE></URI></SAMEAS></{tag}>"
    )


def in_force(day: str, *codes: tuple[str, str]) -> str:
    annotations = "".join(
        f"<ANNOTATION><COMMENT_ON_DATE>{comment}</COMMENT_ON_DATE><TYPE_OF_DATE>{{{code}|{FD}/{code}}}</TYPE_OF_DATE></ANNOTATION>"
        for code, comment in codes
    )
    return f'<RESOURCE_LEGAL_DATE_ENTRY-INTO-FORCE type="date"><VALUE>{day}</VALUE><YEAR>{day[:4]}</YEAR>{annotations}</RESOURCE_LEGAL_DATE_ENTRY-INTO-FORCE>'


def agent(code: str, name: str) -> str:
    return f'<WORK_CREATED_BY_AGENT type="concept"><IDENTIFIER>{code}</IDENTIFIER><PREFLABEL>{name}</PREFLABEL></WORK_CREATED_BY_AGENT>'


def expression(language: str, title: str) -> str:
    return (
        f"<EXPRESSION><EXPRESSION_USES_LANGUAGE><IDENTIFIER>{language}</IDENTIFIER></EXPRESSION_USES_LANGUAGE>"
        f'<EXPRESSION_TITLE type="data"><VALUE>{title}</VALUE></EXPRESSION_TITLE></EXPRESSION>'
    )


def value(tag: str, text: str) -> str:
    return f"<{tag}><VALUE>{text}</VALUE></{tag}>"


def notice(
    work: str,
    rest: str = expression("ENG", "Regulation (EU) 2030/12 on weights"),
    celex: str = "32030R0012",
) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<NOTICE decoding="eng" type="branch"><WORK>{value("RESOURCE_LEGAL_ID_CELEX", celex)}{work}</WORK>{rest}</NOTICE>'.encode()


REGULATION = notice(
    "<SAMEAS><URI><VALUE>http://publications.europa.eu/resource/oj/L_203000012</VALUE><IDENTIFIER>L_203000012</IDENTIFIER><TYPE>oj</TYPE></URI></SAMEAS>"
    + value("RESOURCE_LEGAL_ELI", "http://data.europa.eu/eli/reg/2030/12/oj")
    + value("WORK_DATE_DOCUMENT", "2030-02-01")
    + value("DATE_PUBLICATION", "2030-02-20")
    + value("LASTMODIFICATIONDATE", "2030-03-05T10:11:12.000Z")
    + value("RESOURCE_LEGAL_DATE_END-OF-VALIDITY", "9999-12-31")
    + agent("EP", "Europäisches Parlament")
    + agent("CONSIL", "Rat der Europäischen Union")
    + in_force("2031-03-12", ("MA", f"{{V|{FD}/V}} {{ART|{FD}/ART}} 9"))
    + in_force(
        "2030-03-12",
        ("EV", f"{{DATPUB|{FD}/DATPUB}} +20 {{V|{FD}/V}} {{ART|{FD}/ART}} 9.1"),
        ("MA", f"{{MA/PART|{FD}/MA%2FPART}} {{V|{FD}/V}} {{ART|{FD}/ART}} 9.2"),
    )
    + link("RESOURCE_LEGAL_REPEALS_RESOURCE_LEGAL", "32016R0679")
    + link("RESOURCE_LEGAL_AMENDS_RESOURCE_LEGAL", "32024R1689") * 2
    + link("RESOURCE_LEGAL_ADOPTS_RESOURCE_LEGAL", "52028PC0206")
    + link("WORK_CITES_WORK", "32020R8000")
    + "<RESOURCE_LEGAL_BASED_ON_CONCEPT_TREATY><PREFLABEL>Treaty on the Functioning of the European Union, article 114</PREFLABEL></RESOURCE_LEGAL_BASED_ON_CONCEPT_TREATY>"
    + "<WORK_PART_OF_DOSSIER><EMBEDDED_NOTICE><DOSSIER><REFERENCE><VALUE>2028/0106(COD)</VALUE></REFERENCE></DOSSIER></EMBEDDED_NOTICE></WORK_PART_OF_DOSSIER>",
    expression("DEU", "Verordnung (EU) 2030/12 über Gewichte")
    + expression(
        "ENG",
        "Regulation (EU) 2030/12 of the European Parliament and of the Council of 1 February 2030 on weights (Open Weights Act) (Text with EEA relevance)",
    )
    + f"<INVERSE>{link('RESOURCE_LEGAL_AMENDED_BY_RESOURCE_LEGAL', '32031R0001')}</INVERSE>",
)
PAGE = "https://eur-lex.europa.eu/legal-content/EN/ALL/?uri=CELEX:32030R0012"
TITLE = "Regulation (EU) 2030/12 of the European Parliament and of the Council of 1 February 2030 on weights (Open Weights Act)"
CITE = [{"document": f"url:{PAGE}"}]


def act(data: bytes) -> Proposal:
    (found,) = (
        proposal for proposal in eurlex.read(data, "notice.xml") if proposal.kind == "action"
    )
    return found


def events(work: str, **more: str) -> list[tuple[str, str]]:
    return [
        (event["date"], event["type"])
        for event in act(notice(work, **more)).content.get("events", [])
    ]


def test_notice_becomes_its_page_the_institutions_and_the_act():
    assert list(eurlex.read(REGULATION, "notice.xml")) == [
        Proposal(
            "document",
            (("url", PAGE), ("url", PAGE.replace("/ALL/", "/TXT/"))),
            "eur-lex-2030-regulation-32030r0012",
            {
                "type": "webpage",
                "title": f"EUR-Lex 32030R0012: {TITLE}",
                "container": "EUR-Lex",
                "publisher": "Publications Office of the European Union",
                "url": PAGE,
                "grade": "established",
                "note": "Known from the notice in EUR-Lex, read by a program. The text of the act was not read for it.",
            },
        ),
        Proposal(
            "organization",
            (("name", "European Parliament"),),
            "european-parliament",
            {"name": "European Parliament", "kind": "legislature", "jurisdiction": "code:EU"},
        ),
        Proposal(
            "organization",
            (("name", "Council of the European Union"),),
            "council-of-the-european-union",
            {
                "name": "Council of the European Union",
                "kind": "legislature",
                "jurisdiction": "code:EU",
            },
        ),
        Proposal(
            "action",
            (
                ("celex", "32030R0012"),
                ("eli", "reg/2030/12/oj"),
                ("eu_number", "2030/12"),
            ),
            "eu-regulation-2030-12",
            {
                "title": TITLE,
                "short_title": "Open Weights Act",
                "instrument": "regulation",
                "jurisdiction": "code:EU",
                "bindingness": "binding",
                "bodies": [
                    {"organization": "name:European Parliament", "role": "adopter"},
                    {"organization": "name:Council of the European Union", "role": "adopter"},
                ],
                "identifiers": {
                    "celex": "32030R0012",
                    "eli": "reg/2030/12/oj",
                    "eu_number": "2030/12",
                    "oj": "OJ L, 2030/12, 20.2.2030",
                    "eu_procedure": "2028/0106(COD)",
                    "com": "COM(2028) 206",
                },
                "legal_basis": ["Treaty on the Functioning of the European Union, article 114"],
                "as_of": "2030-03-05",
                "events": [
                    {
                        "date": "2030-02-01",
                        "type": "signed",
                        "note": "Date of the document",
                        "cite": CITE,
                    },
                    {
                        "date": "2030-02-20",
                        "type": "published",
                        "note": "Publication in the Official Journal",
                        "cite": CITE,
                    },
                    {
                        "date": "2030-03-12",
                        "type": "entered_into_force",
                        "note": "Entry into force: date of publication +20 see article 9.1",
                        "cite": CITE,
                    },
                    {
                        "date": "2030-03-12",
                        "type": "applies_in_part",
                        "note": "Application: partial application see article 9.2",
                        "cite": CITE,
                    },
                    {
                        "date": "2031-03-12",
                        "type": "took_effect",
                        "note": "Application: see article 9",
                        "cite": CITE,
                    },
                ],
                "relations": [
                    {"type": "revokes", "action": "celex:32016R0679"},
                    {"type": "amends", "action": "celex:32024R1689"},
                ],
            },
            ("is amended by CELEX 32031R0001",),
        ),
    ]


def test_same_notice_twice_in_a_file_keeps_ids_apart():
    found = list(
        eurlex.read(b"<results>" + 2 * REGULATION.split(b"\n", 1)[1] + b"</results>", "notice.xml")
    )
    assert [proposal.id for proposal in found if proposal.kind == "action"] == [
        "eu-regulation-2030-12",
        "eu-regulation-2030-12-2",
    ]
    assert len([proposal for proposal in found if proposal.kind == "organization"]) == 2


def test_embedded_notices_are_not_records():
    inside = notice("", celex="32016R0679").split(b"\n", 1)[1].decode()
    found = act(
        notice(f"<WORK_CITES_WORK><EMBEDDED_NOTICE>{inside}</EMBEDDED_NOTICE></WORK_CITES_WORK>")
    )
    assert found.content["identifiers"]["celex"] == "32030R0012"


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (in_force("2030-03-12", ("EV", "")), [("2030-03-12", "took_effect")]),
        (
            in_force("2030-03-12", ("EV", "")) + in_force("2031-01-01", ("MA", "")),
            [("2030-03-12", "entered_into_force"), ("2031-01-01", "took_effect")],
        ),
        (
            in_force("2030-03-12", ("EV", ""))
            + in_force("2031-01-01", ("MA", ""))
            + in_force("2032-01-01", ("MA", "")),
            [
                ("2030-03-12", "entered_into_force"),
                ("2031-01-01", "applies_in_part"),
                ("2032-01-01", "took_effect"),
            ],
        ),
        (
            in_force("2030-03-12", ("EV", ""), ("MA", "")),
            [("2030-03-12", "entered_into_force"), ("2030-03-12", "took_effect")],
        ),
        (in_force("2030-03-12"), [("2030-03-12", "other")]),
        (in_force("2030-03-12", ("XX", "")), [("2030-03-12", "other")]),
        (in_force("2030-03-12", ("EV", "")) * 2, [("2030-03-12", "took_effect")]),
        (value("RESOURCE_LEGAL_DATE_END-OF-VALIDITY", "9999-12-31"), []),
        (
            value("RESOURCE_LEGAL_DATE_END-OF-VALIDITY", "2035-01-01"),
            [("2035-01-01", "out_of_force")],
        ),
        (value("DIRECTIVE_DATE_TRANSPOSITION", "2032-07-03"), [("2032-07-03", "deadline")]),
        (
            value("DIRECTIVE_DATE_TRANSPOSITION", "2032-07-03")
            + value("RESOURCE_LEGAL_DATE_DEADLINE", "2032-07-03")
            + value("RESOURCE_LEGAL_DATE_DEADLINE", "2033-01-01")
            + value("RESOURCE_LEGAL_DATE_DEADLINE", "9999-12-31"),
            [("2032-07-03", "deadline"), ("2033-01-01", "deadline")],
        ),
        (
            value("RESOURCE_LEGAL_DATE_END-OF-VALIDITY", "2035-01-01")
            + link("RESOURCE_LEGAL_REPEALED_BY_RESOURCE_LEGAL", "32034R0001"),
            [("2035-01-01", "revoked")],
        ),
        (
            value("WORK_DATE_DOCUMENT", "2030-02-01") + agent("COM", "European Commission"),
            [("2030-02-01", "adopted")],
        ),
    ],
)
def test_dates_become_events(dates: str, expected: list):
    assert events(dates) == expected


def test_what_a_notice_leaves_open_is_told():
    found = act(
        notice(
            value("RESOURCE_LEGAL_DATE_END-OF-VALIDITY", "2035-01-01")
            + in_force("soon")
            + link("RESOURCE_LEGAL_AMENDS_RESOURCE_LEGAL", "odd")
            + value("RESOURCE_LEGAL_ELI", "http://data.europa.eu/eli/reg_odd/2030/12/oj"),
            rest=expression("FRA", "Règlement (UE) 2030/12"),
        )
    )
    assert found.unresolved == (
        "eli: 'reg_odd/2030/12/oj' has an unknown form",
        "entry into force: 'soon' is not a day",
        "end of validity: 2035-01-01; the notice does not say whether it expired, was revoked or replaced",
        "amends: 'http://publications.europa.eu/resource/cellar/odd' has no CELEX number",
        "title: there is no English title; this title is in 'fr'",
    )


def test_proposal_of_the_commission_is_proposed():
    found = act(
        notice(
            value("WORK_DATE_DOCUMENT", "2028-04-21")
            + agent("COM", "European Commission")
            + in_force("2028-05-01", ("EV", "")),
            rest=expression("ENG", "Proposal for a REGULATION on weights"),
            celex="52028PC0206",
        )
    )
    assert (found.id, found.content["instrument"], found.content["identifiers"]) == (
        "eu-proposal-regulation-2028-206",
        "regulation",
        {"celex": "52028PC0206", "com": "COM(2028) 206"},
    )
    assert [(event["date"], event["type"]) for event in found.content["events"]] == [
        ("2028-04-21", "proposed")
    ]
    assert found.content["bodies"] == [
        {"organization": "name:European Commission", "role": "proposer"}
    ]
    assert "bindingness" not in found.content


def test_recommendation_has_no_instrument_that_is_sure():
    found = act(
        notice(
            "", rest=expression("ENG", "Council Recommendation (EU) 2030/12"), celex="32030H0012"
        )
    )
    assert "instrument" not in found.content
    assert found.unresolved == ("instrument: none is certain for 'recommendation'",)


def test_decision_is_read():
    work = value("WORK_DATE_DOCUMENT", "2030-02-01") + agent("CONSIL", "Council")
    found = act(
        notice(
            work, rest=expression("ENG", "Council Decision of 1 February"), celex="32030D0201(01)"
        )
    )
    assert (found.id, found.content["instrument"], found.content["identifiers"]) == (
        "eu-decision-2030-201-01",
        "eu_decision",
        {"celex": "32030D0201(01)"},
    )
    assert [event["type"] for event in found.content["events"]] == ["adopted"]


@pytest.mark.parametrize(
    ("work", "events", "unresolved"),
    [
        (
            value("RESOURCE_LEGAL_DATE_END-OF-VALIDITY", "2030-06-05")
            + link("RESOURCE_LEGAL_ADOPTED_BY_RESOURCE_LEGAL", "32030L0904"),
            [("2028-04-21", "proposed"), ("2030-06-05", "adopted")],
            (),
        ),
        (
            link("RESOURCE_LEGAL_ADOPTED_BY_RESOURCE_LEGAL", "32030L0904"),
            [("2028-04-21", "proposed")],
            ("is adopted as CELEX 32030L0904; the notice gives no day",),
        ),
        (
            value("RESOURCE_LEGAL_DATE_END-OF-VALIDITY", "2030-06-05"),
            [("2028-04-21", "proposed"), ("2030-06-05", "other")],
            (
                "end of validity: 2030-06-05 is kept as an event of type 'other'; the notice does not say whether the proposal was adopted, withdrawn or rejected",
            ),
        ),
    ],
)
def test_proposal_that_was_adopted_is_adopted(work: str, events: list, unresolved: tuple):
    found = act(
        notice(
            value("WORK_DATE_DOCUMENT", "2028-04-21") + agent("COM", "European Commission") + work,
            rest=expression("ENG", "Proposal for a DIRECTIVE on weights"),
            celex="52028PC0206",
        )
    )
    assert [(event["date"], event["type"]) for event in found.content["events"]] == events
    assert found.unresolved == unresolved


def test_application_before_the_act_is_questioned():
    found = act(
        notice(
            value("WORK_DATE_DOCUMENT", "2030-02-01")
            + agent("COM", "European Commission")
            + in_force("2029-02-17", ("MA", ""))
        )
    )
    assert found.unresolved == (
        "took_effect: 2029-02-17 lies before the date of the document, 2030-02-01; compare both with the act",
    )


@pytest.mark.parametrize("code", ["reg_impl:2030:12:oj", "reg:2030:12:oj", "dec_del:2030:12:oj"])
def test_eli_is_read_in_the_form_of_object_notices(code: str):
    same = f"<SAMEAS><URI><VALUE>x</VALUE><IDENTIFIER>{code}</IDENTIFIER><TYPE>eli</TYPE></URI></SAMEAS>"
    assert act(notice(same)).content["identifiers"]["eli"] == code.replace(":", "/")


def step(day: str, code: str, label: str = "") -> str:
    return (
        f"<EVENT>{value('EVENT_LEGAL_DATE', day)}<EVENT_LEGAL_HAS_TYPE_CONCEPT_TYPE_EVENT_LEGAL>"
        f"<IDENTIFIER>{code}</IDENTIFIER><PREFLABEL>{label or code}</PREFLABEL>"
        "</EVENT_LEGAL_HAS_TYPE_CONCEPT_TYPE_EVENT_LEGAL></EVENT>"
    )


def procedure(code: str, *steps: str, embedded: bool = False) -> bytes:
    """The tree notice of a procedure that began with a proposal, in either of the forms that there are."""
    number = "<SAMEAS><URI><IDENTIFIER>2028_106</IDENTIFIER><TYPE>procedure</TYPE></URI></SAMEAS>"
    kind = "EVENT_LEGAL_WAS_HISTORICALLY_ABOUT_CONCEPT_TYPE_PROCEDURE_CODE_INTERINSTITUTIONAL"
    begun = "DOSSIER_INITIATED_BY_ACT_PREPARATORY"
    title = value("EXPRESSION_TITLE", "Proposal for a REGULATION on weights")
    celex, title = value("ID_CELEX", "52028PC0206"), f"<EXPRESSION>{title}</EXPRESSION>"
    work = f"<WORK>{celex}{title}</WORK>"
    if embedded:
        work = f"<EMBEDDED_NOTICE><WORK>{celex}</WORK>{title}</EMBEDDED_NOTICE>"
    contents = link("CONTAINS", "32030R0012") + link("CONTAINS", "52028PC0206")
    label = f"<PREFLABEL>Some procedure ({code})</PREFLABEL>" if embedded else ""
    called = f"<IDENTIFIER>{'OLP' if embedded else code}</IDENTIFIER>{label}"
    listed = f"<EVENT><{kind}>{called}</{kind}></EVENT>{''.join(steps)}"
    dossier = f"{number}{contents}<{begun}/><{begun}>{work}</{begun}>"
    whole = (
        f"<DOSSIER>{dossier}</DOSSIER>{listed}"
        if embedded
        else f"<DOSSIER>{dossier}{listed}</DOSSIER>"
    )
    return f'<NOTICE decoding="eng" type="tree">{whole}</NOTICE>'.encode()


STEPS = (
    step("2030-01-20", "SIGN_byEP_CONSIL"),
    step("2030-01-10", "APR_R1_byCONSIL"),
    step("2030-02-02", "PUB_OJ"),
    step("2029-11-01", "OPI_R1_byEP", "EP opinion on 1st reading"),
    step("2029-01-01", "OPI_byEESC", "Opinion of the Committee"),
    step("2028-12-01", "DIS_byCONSIL", "Discussions within the Council"),
    step("2028-04-21", "ADP_byCOM"),
)


@pytest.mark.parametrize("embedded", [False, True])
@pytest.mark.parametrize(("code", "vote"), [("COD", "passed_chamber"), ("CNS", "position")])
def test_procedure_is_the_history_of_its_proposal(code: str, vote: str, embedded: bool):
    found = act(procedure(code, *STEPS, embedded=embedded))
    assert (found.id, found.content["title"], found.content["identifiers"]) == (
        "eu-proposal-regulation-2028-206",
        "Proposal for a REGULATION on weights",
        {
            "celex": "52028PC0206",
            "com": "COM(2028) 206",
            "eu_procedure": f"2028/0106({code})",
        },
    )
    assert [(event["date"], event["type"]) for event in found.content["events"]] == [
        ("2028-04-21", "proposed"),
        ("2028-12-01", "other"),
        ("2029-01-01", "position"),
        ("2029-11-01", vote),
        ("2030-01-10", "passed"),
        ("2030-01-20", "signed"),
        ("2030-02-02", "published"),
    ]
    assert found.unresolved == ("event: '' has no day", "is adopted as CELEX 32030R0012")


def test_procedure_without_a_proposal_is_refused():
    with pytest.raises(SourceError, match="<DOSSIER>: names no proposal"):
        act(b'<NOTICE type="tree"><DOSSIER/></NOTICE>')


def test_older_place_in_the_official_journal():
    work = (
        "<SAMEAS><URI><IDENTIFIER>JOL_2016_119_R_0001</IDENTIFIER><TYPE>oj</TYPE></URI></SAMEAS><RESOURCE_LEGAL_PUBLISHED_IN_OFFICIAL-JOURNAL><EMBEDDED_NOTICE><WORK>"
        + value("DATE_PUBLICATION", "2016-05-04")
        + "</WORK></EMBEDDED_NOTICE></RESOURCE_LEGAL_PUBLISHED_IN_OFFICIAL-JOURNAL>"
    )
    rest = (
        expression("ENG", "Regulation (EU) 2016/679")
        + f"<MANIFESTATION>{value('PAGE_FIRST', '0001')}</MANIFESTATION>"
    )
    found = act(notice(work, rest=rest, celex="32016R0679"))
    assert found.content["identifiers"]["oj"] == "OJ L 119, 4.5.2016, p. 1"


def test_texts_longer_than_a_record_may_have_are_told():
    found = act(
        notice(
            agent("XYZ", "x" * 400)
            + agent("COM", "")
            + f"<RESOURCE_LEGAL_BASED_ON_CONCEPT_TREATY><PREFLABEL>{'y' * 400}</PREFLABEL></RESOURCE_LEGAL_BASED_ON_CONCEPT_TREATY>",
            rest=expression("ENG", "Regulation " + "on weights " * 400),
        )
    )
    assert len(found.content["title"]) <= 4000 and found.content["title"].endswith("on…")
    assert "legal_basis" not in found.content
    assert found.unresolved == (
        "title: has 4410 characters and was cut",
        "legal_basis: is longer than 300 characters",
    )
    assert found.content["bodies"] == [
        {"organization": f"name:{'x' * 300}", "role": "adopter"},
        {"organization": "name:European Commission", "role": "adopter"},
    ]


def test_number_before_2015_is_not_guessed():
    assert act(notice("", celex="31995L0046")).content["identifiers"] == {"celex": "31995L0046"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "notice.xml: is empty; expected "),
        (
            REGULATION[:-30],
            "notice.xml:2: not XML in column 5194: unclosed token; expected complete XML",
        ),
        (
            b"<html><body/></html>",
            "notice.xml: <html>: expected a notice of EUR-Lex, <NOTICE> with a <WORK>",
        ),
        (
            b"<NOTICE/>",
            "notice.xml: <NOTICE>: has no <WORK>; expected a branch, object or tree notice of EUR-Lex",
        ),
        (
            notice("", celex="02024R1689-20260727"),
            "notice.xml: CELEX '02024R1689-20260727': expected the number of an act (32024R1689) or a proposal (52021PC0206)",
        ),
        (
            notice("", celex="../../etc/passwd"),
            "notice.xml: CELEX '../../etc/passwd': expected the number of an act (32024R1689) or a proposal (52021PC0206)",
        ),
        (
            b'<!DOCTYPE a [<!ENTITY x "y">]><NOTICE>&x;</NOTICE>',
            "notice.xml: has a document type or entities of its own, which can hide other content; expected XML without them",
        ),
        (
            b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><NOTICE/>',
            "notice.xml: has a document type or entities of its own, which can hide other content; expected XML without them",
        ),
        (
            b'<?xml version="1.0" encoding="nonsense"?><NOTICE/>',
            "notice.xml: unknown encoding: nonsense; expected XML in UTF-8",
        ),
        (
            notice(value("X", "a&#8238;b")),
            "notice.xml: has the character U+202E (RIGHT-TO-LEFT OVERRIDE), which cannot be shown safely; expected plain text",
        ),
        (
            b"<NOTICE>" + b" " * reading.MOST_STRICT_BYTES,
            "notice.xml: has 8,388,616 bytes; expected at most 8,388,608",
        ),
        (
            b"<NOTICE>\xff",
            "notice.xml:1: not XML in column 9: not well-formed (invalid token); expected complete XML",
        ),
    ],
)
def test_broken_notice_is_one_message(data: bytes, message: str):
    with pytest.raises(SourceError) as refused:
        list(eurlex.read(data, "notice.xml"))
    assert str(refused.value).startswith(message)


def test_billion_laughs_end_at_once():
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    assert answer(
        eurlex.read, f'<!DOCTYPE x [<!ENTITY a0 "ha">{entities}]><NOTICE>&a9;</NOTICE>'.encode()
    ) == (
        "sample: has a document type or entities of its own, which can hide other content; expected XML without them"
    )


@pytest.mark.parametrize(
    "data",
    [
        b"<a>" * 100_000,
        b"<NOTICE><WORK>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</WORK></NOTICE>",
        b"<NOTICE " + b" ".join(b"x%d='1'" % n for n in range(50_000)) + b"/>",
    ],
)
def test_deep_and_wide_xml_ends_soon(data: bytes):
    assert isinstance(answer(eurlex.read, data), str)


def test_notice_is_recognised():
    assert eurlex.is_it(REGULATION)
    assert not eurlex.is_it(b"<billStatus><bill/></billStatus>")


@given(mutated(REGULATION))
@settings(max_examples=examples(300), deadline=None, suppress_health_check=list(HealthCheck))
def test_any_mutation_gives_proposals_or_a_message(data: bytes):
    answer(eurlex.read, data)


@given(mutated(procedure("COD", *STEPS)))
@settings(max_examples=examples(200), deadline=None, suppress_health_check=list(HealthCheck))
def test_any_mutation_of_a_procedure_gives_proposals_or_a_message(data: bytes):
    answer(eurlex.read, data)


@given(mutated(REGULATION.replace(b"<", b" <")))
@settings(max_examples=examples(200), deadline=None, suppress_health_check=list(HealthCheck))
def test_any_text_in_a_notice_gives_proposals_or_a_message(data: bytes):
    """Well-formed but odd: mutations outside tags only, so that more of them are read."""
    pieces = data.decode("utf-8", "ignore").replace("\x00", "").split(" <")
    original = REGULATION.decode().split("<")
    odd = "<".join(
        tag.partition(">")[0]
        + ">"
        + piece.partition(">")[2].replace("<", "").replace("&", "").replace(">", "")
        if ">" in tag
        else tag
        for tag, piece in zip(original, [*pieces, *original[len(pieces) :]], strict=False)
    )
    answer(eurlex.read, odd.encode())
