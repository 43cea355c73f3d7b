"""When two records are one and when they are two, and what a record that cannot be read does to the others of an import."""

import json
import os
from pathlib import Path

import pytest
import rtoml
from conftest import TABLES, TODAY, Base
from official import bill_status, document, packed, rule, scraped_bill, state_bill
from policykb.contribute.changes import judged, write
from policykb.model.problems import SourceError
from policykb.sources import official as sources
from policykb.sources.formats import FORMATS, proposals
from policykb.sources.plan import Feed, plan
from policykb.sources.track import questions, tracked
from test_import import planned, record, states, tree
from test_readers import SAMPLES

STATES = {
    f"us-{state}": {
        "name": state.upper(),
        "kind": "subdivision",
        "code": f"US-{state.upper()}",
        "part_of": "us",
    }
    for state in ("tx", "wy", "ak")
}


@pytest.fixture
def base(base: Base) -> Base:
    """A small valid knowledge base that has some states."""
    base.write("jurisdictions.toml", TABLES["jurisdictions"] | STATES)
    return base


def imported(base: Base, data: bytes, name: str = "feed", **options: object) -> list[tuple]:
    """Import `data` and write it, warnings or not. What came of each record: state, kind, id, events, what was said."""
    made = planned(base, data, name, **options)
    found = judged(base.policies, TODAY, made.changes)
    assert [problem.text() for problem in found if problem.severity == "error"] == []
    write(base.policies, [*made.changes, *made.beside])
    return [(one.state, one.kind, one.id, one.events, one.notes) for one in made.outcomes]


def bill(
    state: str, number: str, session: str, begun: str = "2026-01-05", **changes: object
) -> dict:
    """A bill of a state as a scraper writes it; it is filed on the day `begun`."""
    return {
        "identifier": number,
        "legislative_session": session,
        "title": f"A law of session {session}",
        "classification": ["bill"],
        "jurisdiction": {"id": f"ocd-jurisdiction/country:us/state:{state}/government"},
        "actions": [
            {
                "description": "Filed",
                "date": begun,
                "classification": ["filing"],
                "organization_id": '~{"classification": "lower"}',
            }
        ],
        "sponsorships": [],
        "sources": [
            {"url": f"https://legislature.example.org/{state}/{session}/{number[-2:].strip()}"}
        ],
    } | changes


def sponsor(name: str, **more: object) -> dict:
    return {"name": name, "classification": "primary", "primary": True, **more}


def packed_bills(*bills: dict) -> bytes:
    return json.dumps(list(bills)).encode()


def sponsored(number: str, *names: tuple[str, str, str]) -> bytes:
    """A bill of Congress; `names` are Bioguide id, first and last name of its sponsors."""
    items = "".join(
        f"<item><bioguideId>{id}</bioguideId><firstName>{first}</firstName><lastName>{last}</lastName></item>"
        for id, first, last in names
    )
    whole = bill_status(number=number).decode()
    start, end = whole.index("<sponsors>"), whole.index("</sponsors>")
    return f"{whole[:start]}<sponsors>{items}{whole[end:]}".encode()


def people(base: Base, action: str) -> list[str]:
    """Who sponsors an action, by id."""
    bodies = record(base, f"actions/{action}.toml").get("bodies", [])
    return [body["organization"] for body in bodies if body["role"] in ("sponsor", "cosponsor")]


def persons(base: Base) -> dict[str, dict]:
    held = rtoml.load(base.policies / "organizations.toml")
    return {id: content for id, content in held.items() if content["kind"] == "person"}


def again(base: Base, data: bytes, organizations: bool = True) -> None:
    """The same input once more changes nothing."""
    before = tree(base)
    made = planned(base, data, organizations=organizations)
    assert (made.changes, made.beside, tree(base)) == ([], [], before)
    assert {one.state for one in made.outcomes} <= {"unchanged", "changed"}


# Bills


def test_bills_of_regular_and_special_sessions_are_different_bills(base: Base):
    data = packed_bills(
        bill("tx", "HB 3", "87", "2021-01-12"),
        bill("tx", "HB 3", "871", "2021-07-08"),
        bill("tx", "HB 3", "872", "2021-08-07"),
    )
    assert states(imported(base, data))[:3] == [
        ("new", "us-tx-hb3-2021"),
        ("new", "us-tx-hb3-2021-session-871"),
        ("new", "us-tx-hb3-2021-session-872"),
    ]
    found = [record(base, f"actions/us-tx-hb3-2021{end}.toml") for end in ("", "-session-872")]
    assert [(one["title"], one["identifiers"]) for one in found] == [
        ("A law of session 87", {"us_state_bill": "TX HB 3 (2021)"}),
        ("A law of session 872", {"us_state_bill": "TX HB 3 (2021, session 872)"}),
    ]
    assert [one["events"][0]["date"] for one in found] == ["2021-01-12", "2021-08-07"]
    assert base.check().errors == 0
    again(base, data)


@pytest.mark.parametrize(
    ("session", "identifier"),
    [
        ("20252026", "CA SB 99 (2025-26)"),
        ("2025-26", "CA SB 99 (2025-26)"),
        ("2026", "CA SB 99 (2026)"),
        ("34", "CA SB 99 (2026)"),
        ("194th", "CA SB 99 (2026)"),
        ("341", "CA SB 99 (2026, session 341)"),
        ("2026S1", "CA SB 99 (2026, session S1)"),
        ("20252026 Special Session 1", "CA SB 99 (2025-26, Special Session 1)"),
    ],
)
def test_session_that_years_do_not_name_is_in_the_identifier(session: str, identifier: str):
    found = proposals(json.dumps(state_bill(session=session)).encode(), "feed")[1][-1]
    assert found.keys[0] == ("us_state_bill", identifier)


@pytest.mark.parametrize(
    ("day", "found"), [("2021-07-08", "changed"), ("2021-01-12", "new")], ids=["same", "other"]
)
def test_bill_written_here_without_its_session_is_known_by_its_first_day(
    base: Base, day: str, found: str
):
    number = {"us_state_bill": "TX HB 7 (2021)"}
    base.action("a-bill", [(day, "introduced")], identifiers=number)
    data = packed_bills(
        bill("tx", "HB 7", "871", "2021-07-08"), bill("tx", "HB 7", "872", "2021-08-07")
    )
    assert [state for state, _ in states(imported(base, data))][:2] == [found, "new"]
    held = record(base, "actions/a-bill.toml")["identifiers"]["us_state_bill"]
    more = ["TX HB 7 (2021)", "TX HB 7 (2021, session 871)"]
    assert held == (more if found == "changed" else "TX HB 7 (2021)")
    again(base, data)


@pytest.mark.parametrize("first", ["HB0042", "HB 42", "HB42", "hb 042"])
def test_zeros_and_blanks_are_no_part_of_a_number(base: Base, first: str):
    imported(base, packed_bills(bill("wy", first, "2026")))
    second = imported(base, packed_bills(bill("wy", "HB0042", "2026")))
    assert (second[0][0] != "new", second[0][2]) == (True, "us-wy-hb42-2026")
    assert len(list((base.policies / "actions").glob("us-wy-*"))) == 1
    assert record(base, "actions/us-wy-hb42-2026.toml")["identifiers"] == {
        "us_state_bill": "WY HB 42 (2026)"
    }


@pytest.mark.parametrize("number", ["77", "0077", " 77 "])
def test_zeros_are_no_part_of_a_number_in_congress(base: Base, number: str):
    base.action("the-bill", [("2026-01-01", "introduced")], identifiers={"us_bill": "hr077-119"})
    assert states(imported(base, bill_status(number=number)))[0] == ("changed", "the-bill")


def test_check_sees_that_padded_numbers_are_one(base: Base):
    for id, number in (("one-bill", "HB0042"), ("other-bill", "HB 42")):
        base.action(
            id, [("2026-01-01", "introduced")], identifiers={"us_state_bill": f"WY {number} (2026)"}
        )
    assert base.codes() == ["D901"]


def test_track_asks_for_the_bill_of_the_session():
    def answers(session: str) -> dict:
        return {
            "identifier": "HB 3",
            "session": session,
            "first_action_date": f"2021-0{session[-1]}-12",
        }

    page = {"results": [answers("87"), answers("871"), answers("872")], "pagination": {}}

    def chosen(identifier: str) -> list[str]:
        found = sources._openstates(
            lambda place, query: json.dumps(page).encode(),
            {"us_state_bill": [identifier]},
            "2021-01-01",
        )
        return [json.loads(one.body)["session"] for one in found]

    assert chosen("TX HB 3 (2021)") == ["87"]
    assert chosen("TX HB 3 (2021, session 872)") == ["872"]
    with pytest.raises(sources.SourceError, match="Open States has no bills that could be"):
        chosen("TX HB 3 (2021, session 873)")


# Pages and issues that acts share


def test_documents_that_begin_on_one_page_are_two_actions(base: Base):
    other = rule(document_number="2026-01235", title="Another rule")
    data = packed(rule(), other)
    assert states(imported(base, data))[:2] == [
        ("new", "us-rule-2026-01234"),
        ("new", "us-rule-2026-01235"),
    ]
    for number in ("2026-01234", "2026-01235"):
        assert record(base, f"actions/us-rule-{number}.toml")["identifiers"] == {
            "fr_document": number,
            "fr_citation": "91 FR 1234",
            "us_rin": "0694-AJ91",
        }
    assert base.check().errors == 0
    again(base, data)


def test_acts_of_one_issue_of_the_official_journal_are_two_actions(base: Base):
    base.write(
        "jurisdictions.toml",
        TABLES["jurisdictions"] | {"eu": {"name": "EU", "kind": "union", "code": "EU"}},
    )
    notices = "".join(
        f"""<NOTICE type="branch" decoding="eng"><WORK><RESOURCE_LEGAL_ID_CELEX><VALUE>32018R919{number}</VALUE></RESOURCE_LEGAL_ID_CELEX>
<WORK_DATE_DOCUMENT><VALUE>2018-02-07</VALUE></WORK_DATE_DOCUMENT><DATE_PUBLICATION><VALUE>2018-02-16</VALUE></DATE_PUBLICATION>
<SAMEAS><URI><IDENTIFIER>JOL_2018_044_R_000{number}</IDENTIFIER><TYPE>oj</TYPE></URI></SAMEAS></WORK>
<EXPRESSION><EXPRESSION_USES_LANGUAGE><IDENTIFIER>ENG</IDENTIFIER></EXPRESSION_USES_LANGUAGE>
<EXPRESSION_TITLE><VALUE>Regulation (EU) 2018/919{number}</VALUE></EXPRESSION_TITLE></EXPRESSION></NOTICE>"""
        for number in (6, 7)
    )
    data = f"<R>{notices}</R>".encode()
    imported(base, data, "notices.xml")
    for number in (6, 7):
        held = record(base, f"actions/eu-regulation-2018-919{number}.toml")["identifiers"]
        assert (held["celex"], held["oj"]) == (f"32018R919{number}", "OJ L 44, 16.2.2018")
    assert base.check().errors == 0


# Parts of acts


def part(base: Base, **changes: object) -> None:
    """An action that is a part of an act and wrongly has the number of the act."""
    base.action(
        "a-provision",
        [("2026-02-03", "introduced"), ("2026-03-01", "rejected")],
        **{"instrument": "provision", "identifiers": {"us_bill": "hr77-119"}} | changes,
    )


@pytest.mark.parametrize(
    "changes", [{}, {"instrument": "statute", "part_of": "an-order"}], ids=["provision", "part"]
)
def test_import_puts_nothing_of_an_act_on_a_part_of_it(base: Base, changes: dict):
    part(base, **changes)
    before = (base.policies / "actions/a-provision.toml").read_bytes()
    law = "<item><type>Public Law</type><number>119-99</number></item>"
    assert states(imported(base, bill_status(laws=law)))[0] == ("new", "us-hr77-119")
    assert (base.policies / "actions/a-provision.toml").read_bytes() == before
    assert record(base, "actions/us-hr77-119.toml")["identifiers"]["us_bill"] == "hr77-119"
    assert base.check().errors == 0
    again(base, bill_status(laws=law), organizations=False)


def test_track_asks_nothing_about_a_part_of_an_act_by_the_number_of_the_act(base: Base):
    part(base)
    base.action("the-bill", [("2026-02-03", "introduced")], identifiers={"us_bill": "hr78-119"})
    asked = questions(tracked(base.policies), sources.SOURCES)
    assert [question.action for question in asked] == ["the-bill"]


# People


def test_people_of_one_family_name_in_two_states_are_two(base: Base):
    data = packed_bills(
        bill("ak", "HB 4", "2026", sponsorships=[sponsor("Smith")]),
        bill("wy", "HB 5", "2026", sponsorships=[sponsor("Smith"), sponsor("Roe")]),
    )
    imported(base, data, organizations=True)
    assert people(base, "us-ak-hb4-2026") == ["us-ak-smith"]
    assert people(base, "us-wy-hb5-2026") == ["us-wy-smith", "us-wy-roe"]
    assert {id: one["jurisdiction"] for id, one in persons(base).items()} == {
        "us-ak-smith": "us-ak",
        "us-wy-smith": "us-wy",
        "us-wy-roe": "us-wy",
    }
    again(base, data)


def test_family_name_alone_is_nobody_elsewhere(base: Base):
    base.write(
        "organizations.toml",
        {"smith": {"name": "Smith", "kind": "person", "jurisdiction": "us-ak"}},
    )
    data = packed_bills(bill("wy", "HB 5", "2026", sponsorships=[sponsor("Smith")]))
    outcomes = imported(base, data)
    assert people(base, "us-wy-hb5-2026") == []
    assert (
        "bodies: sponsor not among the organizations here (--with-organizations adds them): Smith"
        in outcomes[0][4]
    )


def test_person_is_known_by_an_official_id_whatever_the_spelling(base: Base):
    imported(base, sponsored("77", ("M001226", "Robert", "Menéndez")), organizations=True)
    assert persons(base) == {
        "robert-menendez": {
            "name": "Robert Menéndez",
            "kind": "person",
            "jurisdiction": "us",
            "bioguide": "M001226",
        }
    }
    again(base, sponsored("77", ("M001226", "Robert", "Menéndez")))
    imported(base, sponsored("78", ("M001226", "Rob", "Menendez Jr.")), organizations=True)
    assert people(base, "us-hr78-119") == ["robert-menendez"]
    assert len(persons(base)) == 1


def test_people_of_one_name_with_different_official_ids_are_two(base: Base):
    both = (("R000575", "Mike", "Rogers"), ("R000572", "Mike", "Rogers"))
    imported(base, sponsored("77", *both), organizations=True)
    assert people(base, "us-hr77-119") == ["mike-rogers", "us-mike-rogers"]
    assert [one["bioguide"] for one in persons(base).values()] == ["R000575", "R000572"]
    again(base, sponsored("77", *both))
    # A source without ids cannot say which of them it means.
    outcomes = imported(
        base,
        json.dumps(
            scraped_bill(identifier="HR 79", sponsorships=[sponsor("Mike Rogers")])
        ).encode(),
        organizations=True,
    )
    assert people(base, "us-hr79-119") == []
    assert any("Mike Rogers" in said for said in outcomes[0][4])


def test_official_id_is_added_to_a_person_who_is_here_by_name(base: Base):
    base.write(
        "organizations.toml",
        '# members\n[m-rogers]\nname = "Mike Rogers"\nkind = "person"\njurisdiction = "us"\nnote = "Known."\n',
    )
    outcomes = imported(base, sponsored("77", ("R000575", "Mike", "Rogers")))
    assert people(base, "us-hr77-119") == ["m-rogers"]
    assert ("changed", "organization", "m-rogers", 0, ("added: bioguide R000575",)) in outcomes
    assert "# members" in (base.policies / "organizations.toml").read_text()
    again(base, sponsored("77", ("R000575", "Mike", "Rogers")), organizations=False)
    imported(base, sponsored("78", ("R000572", "Mike", "Rogers")), organizations=True)
    assert people(base, "us-hr78-119") == ["mike-rogers"]


def test_open_states_id_of_a_person_is_read(base: Base):
    id = "ocd-person/01234567-89ab-cdef-0123-456789abcdef"
    first = sponsor("Roe", person={"id": id, "name": "Richard Roe"})
    second = sponsor("Rick Roe", person={"id": id, "name": "Rick Roe"})
    data = packed_bills(
        bill("wy", "HB 1", "2026", sponsorships=[first]),
        bill("wy", "HB 2", "2026", sponsorships=[second]),
    )
    imported(base, data, organizations=True)
    assert people(base, "us-wy-hb1-2026") == people(base, "us-wy-hb2-2026") == ["richard-roe"]
    assert persons(base)["richard-roe"]["ocd_person"] == id
    again(base, data)


def test_spelling_without_accents_is_the_same_full_name(base: Base):
    data = [
        json.dumps(scraped_bill(identifier=number, sponsorships=[sponsor(name)])).encode()
        for number, name in (("HR 60", "Pablo Jose Hernández"), ("HR 61", "Pablo José Hernández"))
    ]
    for one in data:
        imported(base, one, organizations=True)
    assert people(base, "us-hr60-119") == people(base, "us-hr61-119") == ["pablo-jose-hernandez"]
    for one in data:
        again(base, one)


def test_people_who_differ_in_their_initials_alone_are_not_taken_for_one(base: Base):
    base.write(
        "organizations.toml",
        {"m-rogers": {"name": "Mike Rogers", "kind": "person", "jurisdiction": "us"}},
    )
    both = [sponsor("Mike D. Rogers"), sponsor("Mike J. Rogers")]
    imported(base, json.dumps(scraped_bill(sponsorships=both)).encode(), organizations=True)
    assert people(base, "us-hr77-119") == ["mike-d-rogers", "mike-j-rogers"]


def test_name_written_in_full_is_known_whichever_source_comes_first(base: Base):
    imported(
        base,
        json.dumps(scraped_bill(sponsorships=[sponsor("Jane Q. Doe")])).encode(),
        organizations=True,
    )
    imported(base, bill_status(), organizations=True)
    assert people(base, "us-hr77-119") == ["jane-q-doe"]


@pytest.mark.parametrize(
    ("key", "value"), [("bioguide", "1234567"), ("ocd_person", "ocd-person/1")]
)
def test_official_id_of_a_person_has_its_form(base: Base, key: str, value: str):
    person = {"name": "Jane Doe", "kind": "person", "jurisdiction": "us", key: value}
    base.write("organizations.toml", TABLES["organizations"] | {"jane-doe": person})
    assert base.codes() == ["K203"]


def test_official_id_belongs_to_one_person(base: Base):
    people = {
        id: {"name": id, "kind": "person", "jurisdiction": "us", "bioguide": "D000001"}
        for id in ("one", "two")
    }
    base.write("organizations.toml", TABLES["organizations"] | people)
    assert base.codes() == ["D901"]


RULE = {"type": "Rule", "subtype": None, "executive_order_number": None}


def test_offices_of_one_name_in_two_jurisdictions_are_two(base: Base):
    base.write(
        "organizations.toml",
        {
            "tx-commerce": {
                "name": "Department of Commerce",
                "kind": "government",
                "jurisdiction": "us-tx",
            }
        },
    )
    data = packed(document(agencies=[{"name": "Commerce Department", "id": 54}], **RULE))
    imported(base, data, organizations=True)
    bodies = record(base, "actions/us-rule-2026-01234.toml")["bodies"]
    assert bodies == [{"organization": "us-commerce-department", "role": "issuer"}]


def test_summary_names_people_and_not_their_ids(base: Base):
    imported(base, sponsored("77", ("D000001", "Jane", "Doe")), organizations=True)
    summary = " ".join(record(base, "actions/us-hr77-119.toml")["summary"].split())
    assert "H.R. 77 (119th Congress), by Jane Doe. On record" in summary


# Documents


PAPERS = """@inproceedings{a, author = {Doe, Jane}, title = {First Paper}, year = 2024, pages = {1--9}, url = {https://example.org/all.pdf}}
@inproceedings{b, author = {Roe, Richard}, title = {Second Paper}, year = 2024, pages = {10--19}, url = {http://www.example.org/all.pdf#page=10}}
"""
PAPERS_RIS = """TY  - CPAPER\nTI  - First Paper\nAU  - Doe, Jane\nPY  - 2024\nUR  - https://example.org/all.pdf\nER  - \n
TY  - CPAPER\nTI  - Second Paper\nAU  - Roe, Richard\nPY  - 2024\nUR  - https://example.org/all.pdf\nER  - \n"""
PAPERS_CSV = """title,type,authors,issued,url
First Paper,report,"Doe, Jane",2024,https://example.org/all.pdf
Second Paper,report,"Roe, Richard",2024,https://example.org/all.pdf
"""


def test_parameters_that_follow_readers_are_no_part_of_an_address(base: Base):
    entry = "@misc{{a, title = {{A source}}, year = 2026, url = {{https://example.org/{}}}}}"
    imported(base, entry.format("text?id=1").encode(), "feed.bib")
    documents = len(list((base.policies / "documents").iterdir()))
    imported(base, entry.format("text?utm_source=x&id=1").encode(), "feed.bib")
    assert len(list((base.policies / "documents").iterdir())) == documents
    base.record("documents", "one", url="https://example.org/page")
    base.record("documents", "two", url="https://example.org/page?fbclid=x")
    assert "D902" in base.codes()


def test_day_of_retrieval_does_not_replace_the_day_of_access_of_an_entry(base: Base):
    entry = "@misc{a, title = {A text}, url = {https://example.org/t}, urldate = {2026-01-02}}"
    imported(base, entry.encode(), "feed.bib", retrieved="2026-06-01")
    (text,) = (
        path.read_text()
        for path in (base.policies / "documents").iterdir()
        if "A text" in path.read_text()
    )
    assert "accessed = 2026-01-02" in text


@pytest.mark.parametrize("text", [PAPERS, PAPERS_RIS, PAPERS_CSV], ids=["bibtex", "ris", "csv"])
def test_texts_at_one_address_are_two_documents(base: Base, text: str):
    data = text.encode()
    assert states(imported(base, data)) == [
        ("new", "doe-2024-first-paper"),
        ("new", "roe-2024-second-paper"),
    ]
    assert record(base, "documents/doe-2024-first-paper.toml")["authors"] == [
        {"family": "Doe", "given": "Jane"}
    ]
    again(base, data)
    assert states(imported(base, text.replace("Second Paper", "SECOND PÁPER").encode())) == [
        ("unchanged", "doe-2024-first-paper"),
        ("changed", "roe-2024-second-paper"),
    ]


def test_title_that_was_edited_here_is_still_that_document(base: Base):
    imported(base, PAPERS.encode())
    path = base.policies / "documents/roe-2024-second-paper.toml"
    path.write_text(path.read_text().replace("Second Paper", "Another title"))
    assert {state for state, _ in states(imported(base, PAPERS.encode()))} == {"unchanged"}


def test_texts_without_an_address_whose_ids_would_be_one_are_two_documents(base: Base):
    one, two = (
        f"@book{{k, author = {{Doe, Jane}}, year = 2024, title = {{One Two Three Four Five {end}}}}}"
        for end in ("Six", "Seven")
    )
    imported(base, one.encode())
    assert states(imported(base, two.encode())) == [("new", "doe-2024-one-two-three-four-five-2")]
    for text in (one, two):
        again(base, text.encode())


def test_bills_that_share_a_page_have_a_document_each(base: Base):
    shared = {"sources": [{"url": "https://legislature.example.org/bills"}]}
    data = packed_bills(*(bill("wy", f"HB {number}", "2026", **shared) for number in (1, 2)))
    imported(base, data)
    cited = [
        record(base, f"actions/us-wy-hb{number}-2026.toml")["events"][0]["cite"][0]["document"]
        for number in (1, 2)
    ]
    assert len(set(cited)) == 2
    assert [record(base, f"documents/{id}.toml")["title"][:11] for id in cited] == [
        "HB 1 (2026)",
        "HB 2 (2026)",
    ]
    again(base, data)


def test_page_of_a_bill_follows_the_title_of_the_bill(base: Base):
    imported(base, bill_status())
    renamed = bill_status().replace(b"Small Things Act</title>\n", b"Large Things Act</title>\n")
    renamed = renamed.replace(
        b"<title>Small Things Act</title>", b"<title>Large Things Act</title>"
    )
    assert ("changed", "congress-2026-hr77-page") in states(imported(base, renamed))
    assert len(list((base.policies / "documents").glob("congress-*"))) == 1


@pytest.mark.parametrize(
    "changes",
    [{"actions": []}, {"jurisdiction": {"id": "ocd-jurisdiction/country:us/state:nv/government"}}],
    ids=["no-event", "no-jurisdiction"],
)
def test_skipped_bill_leaves_no_document_behind(base: Base, changes: dict):
    assert {
        state
        for state, _ in states(imported(base, packed_bills(bill("wy", "HB 1", "2026", **changes))))
    } == {"skipped"}
    assert not list((base.policies / "documents").glob("open-states-*"))


# Texts


LONG = "Expressing the sense of the House on things " * 20


@pytest.mark.parametrize(
    ("data", "id"),
    [
        (json.dumps(scraped_bill(title=LONG)).encode(), "us-hr77-119"),
        (
            bill_status().replace(b"<title>Small Things Act<", f"<title>{LONG}<".encode()),
            "us-hr77-119",
        ),
        (packed(document(title=LONG)), "us-eo-14500"),
    ],
    ids=["openstates", "billstatus", "federal-register"],
)
def test_long_official_title_is_kept_whole(base: Base, data: bytes, id: str):
    imported(base, data)
    assert record(base, f"actions/{id}.toml")["title"] == LONG.strip()
    assert base.check().errors == 0


def test_long_title_of_a_bill_is_shown_short_in_lists(base: Base):
    imported(base, json.dumps(scraped_bill(title=LONG)).encode())
    short = record(base, "actions/us-hr77-119.toml")["short_title"]
    assert len(short) <= 300 and short.endswith("…") and LONG.startswith(short[:-1])


def test_text_that_must_be_cut_is_told(base: Base):
    outcomes = imported(base, packed(document(action="Final rule. " * 40, **RULE)))
    assert "feed: results[0].action: has 479 characters and was cut to 300" in outcomes[0][4]


def test_signs_of_windows_1252_are_read_and_told(base: Base):
    outcomes = imported(
        base, json.dumps(scraped_bill(title="The State\x92s \x93duty\x94")).encode()
    )
    assert record(base, "actions/us-hr77-119.toml")["title"] == "The State’s “duty”"
    assert "feed: title: the character U+0092 was read as '’' (Windows-1252)" in outcomes[0][4]


@pytest.mark.parametrize("char", ["\u200b", "\u00ad", "\u2060", "\u200f", "\ufeff"])
def test_invisible_characters_are_left_out_and_told(base: Base, char: str):
    outcomes = imported(base, json.dumps(scraped_bill(title=f"Open{char}Act")).encode())
    assert record(base, "actions/us-hr77-119.toml")["title"] == "OpenAct"
    assert (
        f"feed: title: the character U+{ord(char):04X} is invisible and was left out"
        in outcomes[0][4]
    )


@pytest.mark.parametrize("char", ["\u200b", "\u00ad", "\u2060", "\u200e", "\u200f", "\u061c"])
def test_check_refuses_invisible_characters(base: Base, char: str):
    base.record("actions", "an-order", title=f"An{char}order")
    assert base.codes() == ["S105"]


def test_other_scripts_are_taken_as_they_are(base: Base):
    for number, title in (
        ("HB 17", "关于开放源代码人工智能的法案"),
        ("HB 18", "قانون المصادر المفتوحة"),
    ):
        imported(base, packed_bills(bill("wy", number, "2026", title=title)))
        place = f"actions/us-wy-hb{number[3:]}-2026.toml"
        assert record(base, place)["title"] == title


# Records that cannot be read


NOTICE = """<NOTICE type="branch" decoding="eng"><WORK><RESOURCE_LEGAL_ID_CELEX><VALUE>02016R9679-20160504</VALUE></RESOURCE_LEGAL_ID_CELEX></WORK></NOTICE>"""
# Format -> input in which one record cannot be read, how messages call it, and the ids of the actions and documents that remain.
PARTLY = {
    "federal-register": (
        packed(document(), {"document_number": "2026-5"}, rule()),
        "2026-5, results[1]",
        {"us-eo-14500", "us-rule-2026-01234"},
    ),
    "openstates": (
        packed_bills(
            bill("wy", "HB 1", "2026"),
            bill("wy", "HB 2", "2026", title="a\0b"),
            bill("wy", "HB 3", "2026"),
        ),
        "HB 2, 2026, [1]",
        {"us-wy-hb1-2026", "us-wy-hb3-2026"},
    ),
    "eur-lex": (
        b"<R>" + NOTICE.encode() + SAMPLES["eur-lex"].partition(b"?>")[2] + b"</R>",
        "02016R9679-20160504",
        {"eu-regulation-2030-12"},
    ),
    "csl-json": (
        json.dumps(
            [{"type": "book", "title": "One"}, 7, {"type": "book", "title": "Two"}]
        ).encode(),
        "item 2",
        {"one", "two"},
    ),
    "bibtex": (
        b"@book{a, title = {One}, url = {https://example.org/1}}\n@book{b, title = {Two\n@book{c, title = {Three}, url = {https://example.org/3}}\n",
        "the entry in line 2",
        {"example-org-one", "example-org-three"},
    ),
    "csv": (
        b"id,title,instrument,jurisdiction,event.date,event.type\na,A,bill,us,2026-06-01,introduced\nb,B,bill,us,31.6.2026,introduced\nc,C,bill,us,2026-06-01,introduced\n",
        "action 'b'",
        {"a", "c"},
    ),
}


@pytest.mark.parametrize("form", PARTLY)
def test_record_that_cannot_be_read_is_named_and_the_rest_is_read(form: str):
    data, called, ids = PARTLY[form]
    refused: list[tuple[str, str]] = []
    used, found = proposals(data, "feed", form, lambda *one: refused.append((one[0], str(one[1]))))
    assert used == form and ids <= {proposal.id for proposal in found}
    ((name, reason),) = refused
    assert name == called and reason.startswith("feed")
    with pytest.raises(SourceError) as error:
        proposals(data, "feed", form)
    assert str(error.value) == reason


def test_every_format_of_several_records_reads_the_rest():
    assert set(FORMATS) - set(PARTLY) == {"billstatus", "congress-api", "ris"}


def feeds(folder: Path, **files: bytes) -> Path:
    """Write files into a new folder; a double underline in a name is a dot."""
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name.replace("__", ".")).write_bytes(data)
    return folder


BAD = (
    bill_status(number="78")
    .replace(b"<title>Small Things Act</title>\n", b"\n")
    .replace(b"<title>Small Things Act</title>", b"")
)


def test_import_leaves_out_what_cannot_be_read_and_names_it_at_the_end(base: Base, tmp_path: Path):
    files = feeds(
        tmp_path / "feeds",
        a__xml=BAD,
        b__xml=bill_status(),
        c__xml=bill_status()[:500],
        d__json=PARTLY["openstates"][0],
    )
    given = [str(files / name) for name in sorted(os.listdir(files))]
    done = base.run("import", *given, "--yes")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-4:] == [
        "refused   a.xml: bill/title: found nothing; expected the title of the bill (HR 78 119)",
        "refused   c.xml:6: not XML in column 73: unclosed token; expected complete XML",
        "refused   d.json: [1].title: has the character U+0000 (a control character), which cannot be shown safely; expected plain text (HB 2, 2026, [1])",
        "3 could not be read and were left out; --strict stops at the first",
    ]
    table = tmp_path / "a.csv"
    table.write_text("title,type,url\n,report,https://example.org/x\n")
    refused = base.run("import", str(table), "--dry-run").stderr.splitlines()[-2]
    assert refused == (
        "refused   a.csv:2: title: is missing; expected it in the first row of each document"
    )
    actions = {path.stem for path in (base.policies / "actions").glob("*.toml")}
    assert actions == {"an-order", "us-hr77-119", "us-wy-hb1-2026", "us-wy-hb3-2026"}
    before = tree(base)
    second = base.run("import", *given, "--yes")
    assert (second.returncode, tree(base)) == (1, before)
    assert "nothing to change" in second.stderr


def test_strict_import_stops_at_the_first_record_that_cannot_be_read(base: Base, tmp_path: Path):
    files = feeds(tmp_path / "feeds", a__xml=BAD, b__xml=bill_status())
    before = tree(base)
    done = base.run("import", str(files / "b.xml"), str(files / "a.xml"), "--yes", "--strict")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Error: a.xml: bill/title: found nothing; expected the title of the bill",
        "nothing was written",
    ]
    assert tree(base) == before


def test_record_that_would_not_be_valid_is_left_out(base: Base, tmp_path: Path):
    """A table can say that an action is a part of itself; that can be read and may not be written."""
    table = b"id,title,instrument,jurisdiction,part_of,event.date,event.type\na,A,bill,us,,2026-06-01,introduced\nb,B,bill,us,b,2026-06-01,introduced\n"
    files = feeds(tmp_path / "feeds", table__csv=table)
    done = base.run("import", str(files / "table.csv"), "--yes")
    assert done.returncode == 1
    assert "refused   policies/actions/b.toml:" in done.stderr
    assert "R303 part_of: 'b' is part of itself" in done.stderr
    assert {path.stem for path in (base.policies / "actions").glob("?.toml")} == {"a"}
    before = tree(base)
    done = base.run("import", str(files / "table.csv"), "--yes", "--strict")
    assert done.returncode == 1 and done.stderr.endswith("nothing was written\n")
    assert tree(base) == before


def test_action_without_text_is_passed_over_and_told(base: Base):
    item = b"<actions><item><actionDate>2026-02-03</actionDate><text></text></item>"
    outcomes = imported(base, bill_status().replace(b"<actions>", item))
    assert "actions: an action of 2026-02-03 has no text" in outcomes[0][4]
    assert len(record(base, "actions/us-hr77-119.toml")["events"]) == 4


def test_folder_is_read_with_all_files_of_known_endings(base: Base, tmp_path: Path):
    folder = tmp_path / "session"
    for number in (1, 2):
        feeds(
            folder / f"HB{number}",
            metadata__json=json.dumps(bill("wy", f"HB {number}", "2026")).encode(),
        )
    feeds(folder / "notes", README__md=b"Notes.", bad__json=b"{")
    done = base.run("import", str(folder), "--yes")
    assert done.returncode == 1
    assert done.stderr.startswith(
        "session: skipped 1 of 4 files, whose names do not end in .json, .xml, .bib, .ris, .csv, .tsv\n"
    )
    assert (
        "\nrefused   session/notes/bad.json: the format is unknown; expected one of" in done.stderr
    )
    assert {path.stem for path in (base.policies / "actions").glob("us-*")} == {
        "us-wy-hb1-2026",
        "us-wy-hb2-2026",
    }


def test_feeds_of_several_formats_in_a_folder_are_counted_apart(base: Base, tmp_path: Path):
    bills = packed_bills(*(bill("wy", f"HB {number}", "2026") for number in range(1, 13)))
    files = feeds(tmp_path / "session", bills__json=bills, one__xml=bill_status())
    assert base.run("import", str(files), "--yes").returncode == 0
    before = tree(base)
    done = base.run("import", str(files), "--yes")
    assert (done.returncode, tree(base)) == (0, before), done.stderr
    (files / "bills.json").write_bytes(packed_bills(bill("wy", "HB 1", "2026")))
    done = base.run("import", str(files), "--yes")
    assert done.stderr.startswith(
        "Error: session openstates: has 1 records and had 12 the last time"
    )


def test_bill_of_the_interface_of_congress_is_read_like_bill_status(base: Base):
    assert states(imported(base, SAMPLES["congress-api"]))[0] == ("new", "us-hr77-119")
    assert [
        (event["date"], event["type"])
        for event in record(base, "actions/us-hr77-119.toml")["events"]
    ] == [("2026-02-03", "introduced")]


def test_answer_of_the_interface_without_actions_says_what_is_missing():
    data = json.dumps(
        {
            "bill": {
                "congress": 119,
                "type": "HR",
                "number": "9",
                "title": "T",
                "actions": {"count": 1},
            }
        }
    ).encode()
    with pytest.raises(
        SourceError, match="^feed: actions: found nothing; expected a list of actions"
    ):
        proposals(data, "feed")


def test_items_that_zotero_wraps_are_read(base: Base):
    data = json.dumps({"items": [{"type": "book", "title": "Wrapped"}]}).encode()
    assert [one.content["title"] for one in proposals(data, "feed")[1]] == ["Wrapped"]


def test_house_of_sponsors_fits_into_a_bill(base: Base):
    many = [(f"A{number:06}", f"First{number}", f"Last{number}") for number in range(435)]
    imported(base, sponsored("77", *many), organizations=True)
    assert len(people(base, "us-hr77-119")) == 435
    assert base.check().errors == 0


def test_plan_of_several_feeds_names_people_by_their_place(base: Base):
    given = [
        Feed(
            state,
            "openstates",
            proposals(
                packed_bills(bill(state, "HB 1", "2026", sponsorships=[sponsor("Smith")])), state
            )[1],
        )
        for state in ("ak", "wy")
    ]
    made = plan(base.policies, TODAY, given, organizations=True)
    assert [one.id for one in made.outcomes if one.kind == "organization"] == [
        "us-ak-smith",
        "us-wy-smith",
    ]
