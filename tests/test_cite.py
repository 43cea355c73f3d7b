"""Citations: what is cited for each kind of record, in which form, and that nothing is lost on the way to other tools."""

import calendar
import datetime
import functools
import json
import re
import sqlite3
import subprocess

import bibtexparser
import pypandoc
import pytest
import rispy
from bibtexparser.middlewares import LatexDecodingMiddleware
from conftest import ROOT, TODAY, Base, mostly_thorough
from policykb.commands.cite import FORMATS
from policykb.model import vocabulary
from policykb.model.problems import install
from policykb.references import citation, csl_json, interchange, styles
from policykb.references.citation import Citation, Day, Part, cite
from policykb.references.entry import Entry, Name
from test_pages import Site

ON = "2026-06-15"
BASE_URL = "https://policy.example/"
KB = "Open Source AI Policy"
AI_ACT = (
    "Regulation (EU) 2024/1689 of the European Parliament and of the Council of 13 June 2024 laying down harmonised rules on artificial intelligence "
    "(Artificial Intelligence Act)"
)
ORDER, BILL, LAW, LETTER = (
    "us-eo-14409",
    "us-s321-decoupling-ai-china-act-2025",
    "us-ndaa-fy2026-ai-provisions",
    "us-bis-anthropic-access-directive-2026",
)
ARGUMENT, CLAIM, REPORTED = (
    "china-limits-defeat-their-own-aim",
    "linux-runs-90-percent-of-cloud",
    "us-eo-14409#framework-briefed",
)
TEN = (
    ORDER,
    BILL,
    LAW,
    "eu-ai-act",
    "eu-ai-act-art-53-2",
    LETTER,
    ARGUMENT,
    CLAIM,
    "us-eo-14409#issued",
    REPORTED,
)
OP_ED = "https://www.interconnects.ai/p/banning-open-source-ai-would-be-a"
POST = "https://www.washingtonpost.com/technology/2026/08/04/white-house-will-exempt-open-ai-systems-security-review/"

# The entry here, by id: its title, its status and its permanent link.
ENTRIES = {
    ORDER: (
        "Frontier model review order",
        "status as of 15 June 2026: in force since 2 June 2026",
        "actions/us-eo-14409?on=2026-06-15",
    ),
    BILL: (
        "Hawley decoupling bill",
        "status as of 15 June 2026: in committee since 29 January 2025, not yet in force",
        f"actions/{BILL}?on=2026-06-15",
    ),
    LAW: (
        "Defense act for 2026, AI provisions",
        "status as of 15 June 2026: in force since 18 December 2025; known as of 18 December 2025",
        f"actions/{LAW}?on=2026-06-15",
    ),
    "eu-ai-act": (
        "AI Act",
        "status as of 15 June 2026: partly in force since 2 February 2025",
        "actions/eu-ai-act?on=2026-06-15",
    ),
    "eu-ai-act-art-53-2": (
        "AI Act, article 53(2)",
        "status as of 15 June 2026: in force since 2 August 2025",
        "actions/eu-ai-act-art-53-2?on=2026-06-15",
    ),
    LETTER: (
        "Anthropic access directive",
        "status as of 15 June 2026: in force since 12 June 2026",
        f"actions/{LETTER}?on=2026-06-15",
    ),
    ARGUMENT: (
        "Limiting open source because of China would defeat its own purpose (argument)",
        "",
        f"arguments/{ARGUMENT}",
    ),
    CLAIM: (
        "Over nine tenths of the world’s cloud computing runs on Linux (claim)",
        "the editors’ reading of the evidence as of 22 November 2026: contested",
        f"claims/{CLAIM}",
    ),
    "us-eo-14409#issued": (
        "Frontier model review order: issued, 2 June 2026",
        "",
        "actions/us-eo-14409#event-issued",
    ),
    REPORTED: (
        "Frontier model review order: news report, 4 August 2026",
        "",
        "actions/us-eo-14409#event-framework-briefed",
    ),
}
# The primary source, by style and id.
SOURCES = {
    "bluebook": {
        ORDER: "Exec. Order No. 14,409, 91 Fed. Reg. 34,565 (June 2, 2026)",
        BILL: "Decoupling America’s Artificial Intelligence Capabilities from China Act of 2025, S. 321, 119th Cong. (2025)",
        LAW: "National Defense Authorization Act for Fiscal Year 2026, provisions on AI, Pub. L. No. 119-60 (2025)",
        "eu-ai-act": f"{AI_ACT}, 2024 O.J. (L 2024/1689)",
        "eu-ai-act-art-53-2": f"{AI_ACT}, art. 53(2), 2024 O.J. (L 2024/1689)",
        LETTER: "Letter from United States Department of Commerce to Anthropic (June 12, 2026)",
        ARGUMENT: f"Nathan Lambert & Kevin Xu, Banning Open Source AI Would Be A Mistake, Interconnects ¶ 19 (June 19, 2026), {OP_ED}",
        CLAIM: f"Nathan Lambert & Kevin Xu, Banning Open Source AI Would Be A Mistake, Interconnects ¶ 11 (June 19, 2026), {OP_ED}",
        "us-eo-14409#issued": "Exec. Order No. 14,409, 91 Fed. Reg. 34,565 (June 2, 2026)",
        REPORTED: "Exec. Order No. 14,409, 91 Fed. Reg. 34,565 (June 2, 2026); "
        f"[White House will exempt open AI systems from security review], Wash. Post (Aug. 4, 2026), {POST}",
    },
    "chicago": {
        ORDER: "Exec. Order No. 14,409, 91 Fed. Reg. 34,565 (2026), https://www.federalregister.gov/d/2026-11415",
        BILL: "Decoupling America’s Artificial Intelligence Capabilities from China Act of 2025, S. 321, 119th Cong. (2025), https://www.congress.gov/bill/119th-congress/senate-bill/321",
        LAW: "National Defense Authorization Act for Fiscal Year 2026, provisions on AI, Pub. L. No. 119-60 (2025), https://www.congress.gov/bill/119th-congress/senate-bill/1071",
        "eu-ai-act": f"{AI_ACT}, 2024 O.J. (L 2024/1689), https://eur-lex.europa.eu/eli/reg/2024/1689/oj",
        "eu-ai-act-art-53-2": f"{AI_ACT}, art. 53(2), 2024 O.J. (L 2024/1689), https://eur-lex.europa.eu/eli/reg/2024/1689/oj",
        LETTER: "United States Department of Commerce, “Directive Barring Foreign Nationals from Claude Fable 5 and Claude Mythos 5,” Letter to Anthropic, June 12, 2026",
        ARGUMENT: f"Nathan Lambert and Kevin Xu, “Banning Open Source AI Would Be A Mistake,” Interconnects, June 19, 2026, para. 19, {OP_ED}",
        CLAIM: f"Nathan Lambert and Kevin Xu, “Banning Open Source AI Would Be A Mistake,” Interconnects, June 19, 2026, para. 11, {OP_ED}",
        "us-eo-14409#issued": "Exec. Order No. 14,409, 91 Fed. Reg. 34,565 (2026), https://www.federalregister.gov/d/2026-11415",
        REPORTED: "Exec. Order No. 14,409, 91 Fed. Reg. 34,565 (2026), https://www.federalregister.gov/d/2026-11415; "
        f"[White House will exempt open AI systems from security review], The Washington Post, August 4, 2026, {POST}",
    },
    "oscola": {
        ORDER: "Exec Order No 14,409, 91 Fed Reg 34,565 (2 June 2026)",
        BILL: "Decoupling America’s Artificial Intelligence Capabilities from China Act of 2025, S 321, 119th Cong (2025)",
        LAW: "National Defense Authorization Act for Fiscal Year 2026, provisions on AI, Pub L No 119-60 (2025)",
        "eu-ai-act": f"{AI_ACT} [2024] OJ L2024/1689",
        "eu-ai-act-art-53-2": f"{AI_ACT} [2024] OJ L2024/1689, art 53(2)",
        LETTER: "Letter from United States Department of Commerce to Anthropic (12 June 2026)",
        ARGUMENT: f"Nathan Lambert and Kevin Xu, ‘Banning Open Source AI Would Be A Mistake’ (Interconnects, 19 June 2026) para 19 <{OP_ED}> accessed 22 November 2026",
        CLAIM: f"Nathan Lambert and Kevin Xu, ‘Banning Open Source AI Would Be A Mistake’ (Interconnects, 19 June 2026) para 11 <{OP_ED}> accessed 22 November 2026",
        "us-eo-14409#issued": "Exec Order No 14,409, 91 Fed Reg 34,565 (2 June 2026)",
        REPORTED: "Exec Order No 14,409, 91 Fed Reg 34,565 (2 June 2026); "
        f"[White House will exempt open AI systems from security review] The Washington Post (4 August 2026) <{POST}>",
    },
    "apa": {
        ORDER: "Exec. Order No. 14,409, 91 Fed. Reg. 34,565 (2026). https://www.federalregister.gov/d/2026-11415",
        BILL: "Decoupling America’s Artificial Intelligence Capabilities from China Act of 2025, S. 321, 119th Cong. (2025). https://www.congress.gov/bill/119th-congress/senate-bill/321",
        LAW: "National Defense Authorization Act for Fiscal Year 2026, provisions on AI, Pub. L. No. 119-60 (2025). https://www.congress.gov/bill/119th-congress/senate-bill/1071",
        "eu-ai-act": f"{AI_ACT}, 2024 O.J. (L 2024/1689) (2024). https://eur-lex.europa.eu/eli/reg/2024/1689/oj",
        "eu-ai-act-art-53-2": f"{AI_ACT}, art. 53(2), 2024 O.J. (L 2024/1689) (2024). https://eur-lex.europa.eu/eli/reg/2024/1689/oj",
        LETTER: "In the text: (United States Department of Commerce, personal communication, June 12, 2026)",
        ARGUMENT: f"Lambert, N., & Xu, K. (2026, June 19). Banning open source AI would be a mistake. Interconnects. {OP_ED}\n\nIn the text: (Lambert & Xu, 2026, para. 19)",
        CLAIM: f"Lambert, N., & Xu, K. (2026, June 19). Banning open source AI would be a mistake. Interconnects. {OP_ED}\n\nIn the text: (Lambert & Xu, 2026, para. 11)",
        "us-eo-14409#issued": "Exec. Order No. 14,409, 91 Fed. Reg. 34,565 (2026). https://www.federalregister.gov/d/2026-11415",
        REPORTED: "Exec. Order No. 14,409, 91 Fed. Reg. 34,565 (2026). https://www.federalregister.gov/d/2026-11415\n\n"
        f"[White House will exempt open AI systems from security review]. (2026, August 4). The Washington Post. {POST}",
    },
}
# The entry behind the source, by style.
BEHIND = {
    "bluebook": "; {title}, {kb} (ed. {edition}{semicolon}{status}), {url} (last visited Nov. 22, 2026).",
    "chicago": "; “{title},” {kb} [ed. {hash}{semicolon}{status}]{comma}{issued:%B} {issued.day}, {issued.year}, {url}.",
    "oscola": "; ‘{title}’ ({kb}, {edition}{comma}{status}) <{url}> accessed 22 November 2026.",
    "apa": "\n\n{kb}. ({issued.year}, {issued:%B} {issued.day}). {title}. [ed. {hash}{semicolon}{status}]. {url}",
}


@pytest.fixture(scope="module")
def kb(shipped):
    """A connection to the shipped knowledge base."""
    connection = sqlite3.connect(f"{shipped.as_uri()}?mode=ro&immutable=1", uri=True)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def everything(kb) -> list[Citation]:
    """The citation of every record and every event of the shipped knowledge base."""
    return [
        cited(kb, id)
        for (id,) in kb.execute("select id from records union all select id from events")
    ]


def cited(connection, id: str, on: str = ON, asked: bool = False, base: str = BASE_URL) -> Citation:
    return cite(connection, id, Day(on, asked, TODAY), base)


def open_base(base: Base) -> sqlite3.Connection:
    result = base.load()
    assert not result.errors, [problem.text() for problem in result.problems]
    return sqlite3.connect(base.db)


@pytest.mark.thorough
@pytest.mark.parametrize("style", list(SOURCES))
def test_ten_citations_in_a_style(kb, style: str):
    assert TODAY == "2026-11-22"
    hash = kb.execute("select value from kb_info where key = 'content_sha256'").fetchone()[0][:7]
    commits = kb.execute(
        "select substr(time, 1, 10) from commits order by position desc"
    ).fetchone()
    edition = ", ".join((*(commits or ()), hash))
    said = styles.typeset([cited(kb, id) for id in TEN], style, "text")
    expected = [
        SOURCES[style][id]
        + BEHIND[style].format(
            title=ENTRIES[id][0],
            kb=KB,
            edition=edition,
            status=ENTRIES[id][1],
            hash=hash,
            issued=datetime.date.fromisoformat(commits[0]),
            comma=", " if ENTRIES[id][1] or style == "chicago" else "",
            semicolon="; " if ENTRIES[id][1] else "",
            url=BASE_URL + ENTRIES[id][2],
        )
        for id in TEN
    ]
    assert said == expected


@pytest.mark.parametrize("style", ["apa", "chicago-author-date", "harvard"])
def test_entry_here_begins_with_its_publisher_and_the_year_of_the_edition(kb, style: str):
    (text,) = styles.typeset([cited(kb, ORDER)], style, "text")
    year = kb.execute("select max(substr(time, 1, 4)) from commits").fetchone()[0]
    assert re.search(rf"^{KB}[ .]+\(?{year}", text, re.MULTILINE)
    assert "n.d." not in text and "no date" not in text
    assert "status as of 15 June 2026" in text.partition(ENTRIES[ORDER][0])[2]


def test_markdown_of_a_citation_has_no_html(kb):
    (text,) = styles.typeset([cited(kb, "us-ca-sb53-2025")], "bluebook", "markdown")
    assert "Open Source AI Policy (ed. " in text and "<span" not in text


@pytest.mark.slow
def test_order_of_several_is_kept(kb):
    one, other = (styles.typeset([cited(kb, id)], "apa", "text")[0] for id in (CLAIM, BILL))
    assert styles.typeset([cited(kb, CLAIM), cited(kb, BILL)], "apa", "text") == [one, other]
    assert styles.typeset([cited(kb, BILL), cited(kb, CLAIM)], "apa", "text") == [other, one]


def test_a_source_cited_twice_is_given_in_full_twice(kb):
    for style in ("bluebook", "chicago", "oscola"):
        first, second = styles.typeset([cited(kb, ORDER), cited(kb, ORDER)], style, "text")
        assert first == second


@pytest.mark.parametrize(
    ("id", "said"),
    [
        (
            "us-ca-sb53-2025",
            "Transparency in Frontier Artificial Intelligence Act, ch. 138, 2025 Cal. Stat.; ",
        ),
        (
            "us-bis-ai-diffusion-rule-2025",
            "Framework for Artificial Intelligence Diffusion, 90 Fed. Reg. 4544 (Jan. 15, 2025); ",
        ),
        (
            "us-omb-m-25-21",
            "Office of Management and Budget, M-25-21, Accelerating Federal Use of AI Through Innovation, Governance, and Public Trust (2025), https://",
        ),
        (
            "us-remote-access-security-act",
            "Remote Access Security Act, H.R. 2683, 119th Cong. (2025); ",
        ),
        (
            "eu-pld-foss-exclusion",
            "Directive (EU) 2024/2853 of 23 October 2024 on liability for defective products, art. 2(2) (2024); ",
        ),
        (
            "jp-ai-promotion-act",
            "Act on the Promotion of Research and Development and the Application of AI-related Technologies, Act No. 53 of 2025 (Japan); ",
        ),
        ("eu-ai-act-recital-104", f"{AI_ACT}, recital 104, 2024 O.J. (L 2024/1689); "),
    ],
)
def test_legal_form_of_other_jurisdictions(kb, id: str, said: str):
    assert styles.typeset([cited(kb, id)], "bluebook", "text")[0].startswith(said)


def test_an_idea_has_no_official_text(kb):
    found = cited(kb, "option-public-compute")
    assert [part.entry.id for part in found.parts] == [
        "zhang-2024-breaking-the-monopoly",
        "option-public-compute-entry",
    ]
    assert "an idea; no body has started a procedure for it" in found.entry.status


def test_status_is_that_of_the_day(kb):
    statuses = [
        cited(kb, LETTER, on).entry.status
        for on in ("2026-06-11", "2026-06-15", "2026-06-28", "2026-07-01")
    ]
    assert statuses == [
        "status as of 11 June 2026: nothing had happened yet; the first step came on 12 June 2026",
        "status as of 15 June 2026: in force since 12 June 2026",
        "status as of 28 June 2026: partly in force since 26 June 2026",
        "status as of 1 July 2026: ended on 30 June 2026, in force for 18 days",
    ]


def test_status_after_the_last_check_says_so(kb):
    assert cited(kb, ORDER, TODAY).entry.status.endswith(
        "in force since 2 June 2026; known as of 10 October 2026"
    )


@pytest.mark.parametrize(
    ("instrument", "events", "issued"),
    [
        (
            "consultation",
            [("2026-01-05", "consultation_opened")],
            "2026-01-05",
        ),
        ("eu_decision", [("2026-01-05", "adopted")], "2026-01-05"),
    ],
)
def test_an_act_is_dated_by_the_event_that_made_it(
    base: Base, instrument: str, events: list, issued: str
):
    base.action("an-order", [*events, ("2026-03-01", "published")], instrument=instrument)
    assert cited(open_base(base), "an-order").parts[0].entry.issued == issued


def test_bill_of_a_territory_without_an_abbreviation_is_cited(base: Base):
    identifiers = {"us_state_bill": "GU SB 12 (2025-26)"}
    base.action(
        "an-order", [("2026-01-05", "introduced")], instrument="bill", identifiers=identifiers
    )
    entry = cited(open_base(base), "an-order").parts[0].entry
    assert (entry.genre, entry.number) == ("S.B.", "12")
    assert entry.authority == "2025–2026 Leg., Reg. Sess."
    assert entry.jurisdiction == "GU"


def test_an_argument_is_cited_at_the_place_asked_for(base: Base):
    base.record("documents", "second-source", title="Second source")
    base.record(
        "arguments",
        "it-should-stay",
        appearances=[
            {"document": "a-source", "locator": "paragraph 3"},
            {"document": "second-source", "locator": "page 7"},
        ],
    )
    connection = open_base(base)
    assert [
        (part.entry.id, part.locator) for part in cited(connection, "it-should-stay").parts[:-1]
    ] == [("a-source", "paragraph 3")]
    for place in ("2", "second-source"):
        assert cited(connection, f"it-should-stay@{place}").parts[0] == Part(
            cited(connection, "second-source").parts[0].entry, "page 7"
        )
    with pytest.raises(
        citation.NotFoundError,
        match=r"“it-should-stay” is not made at “3”; it is made at 1 \(a-source\), 2 \(second-source\)",
    ):
        cited(connection, "it-should-stay@3")


# A place in a document, as Bluebook and as OSCOLA give it.
LOCATORS = {
    "paragraph 3": ("¶ 3", "para 3"),
    "page 12": ("at 12", "12"),
    "section 3(c)": ("§ 3(c)", "s 3(c)"),
    "section Conclusion": ("section Conclusion", "s Conclusion"),
    "abstract": ("abstract", "abstract"),
    "article 53(2)": ("art. 53(2)", "art 53(2)"),
    "footnote 4": ("n. 4", "n 4"),
}


@pytest.fixture(scope="module")
def located(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    """The citations of one document at each place, in Bluebook and in OSCOLA."""
    base = Base(tmp_path_factory.mktemp("located"))
    base.record(
        "documents",
        "a-source",
        type="post-weblog",
        title="Words",
        container="A blog",
        issued="2026-05-02",
    )
    for number, locator in enumerate(LOCATORS):
        appearances = [{"document": "a-source", "locator": locator}]
        base.record("arguments", f"argument-{number}", title=locator, appearances=appearances)
    connection = open_base(base)
    found = [cited(connection, f"argument-{number}") for number in range(len(LOCATORS))]
    typeset = [styles.typeset(found, style, "text") for style in ("bluebook", "oscola")]
    return dict(zip(LOCATORS, zip(*typeset, strict=True), strict=True))


@pytest.mark.parametrize("locator", LOCATORS)
def test_locators(located: dict[str, tuple[str, str]], locator: str):
    bluebook, oscola = LOCATORS[locator]
    assert located[locator][0].startswith(
        f"Words, A blog {bluebook} (May 2, 2026), https://example.org/a-source; "
    )
    assert located[locator][1].startswith(
        f"‘Words’ (A blog, 2 May 2026) {oscola} <https://example.org/a-source>; "
    )


def test_a_withdrawn_record_is_cited_as_such(base: Base):
    base.record("actions", "an-order", withdrawn={"on": "2026-07-01", "reason": "It was a copy."})
    base.record("arguments", "it-should-stay", stances=[])
    found = cited(open_base(base), "an-order")
    assert found.remarks == ("withdrawn on 1 July 2026: It was a copy",)
    assert found.entry.status.endswith("; withdrawn on 1 July 2026: It was a copy")


def test_a_renamed_record_is_cited_as_such(base: Base):
    base.write(
        "redirects.toml",
        {"the-old-order": {"to": "an-order", "on": "2026-01-01", "reason": "Renamed."}},
    )
    connection = open_base(base)
    found = cited(connection, "the-old-order")
    assert found.remarks == ("formerly “the-old-order”, now “an-order”: Renamed",)
    assert (found.id, found.entry.id, found.entry.url) == (
        "an-order",
        "an-order-entry",
        f"{BASE_URL}actions/an-order?on={ON}",
    )
    assert found.entry.status.endswith("; formerly “the-old-order”, now “an-order”: Renamed")
    assert (
        cited(connection, "the-old-order#issued").entry.url
        == f"{BASE_URL}actions/an-order#event-issued"
    )


def test_a_moved_date_is_cited_as_it_was_known_on_the_day(base: Base):
    base.action(
        "an-order",
        [
            ("2026-01-02", "adopted"),
            ("2026-08-02", "took_effect", {"id": "due"}),
            ("2027-12-02", "took_effect", {"supersedes": "due", "moved_on": "2026-07-01"}),
        ],
    )
    connection = open_base(base)
    assert (
        cited(connection, "an-order#due", "2026-06-30", asked=True).entry.title
        == "An order: took effect, 2 August 2026"
    )
    assert not cited(connection, "an-order#due", "2026-06-30", asked=True).entry.status
    assert (
        cited(connection, "an-order#due", "2026-07-01", asked=True).entry.status
        == "moved to 2 December 2027"
    )


@pytest.mark.parametrize(
    ("id", "message"),
    [
        ("us_eo_14409", "there is no record “us_eo_14409”; did you mean “us-eo-14409”"),
        ("zzz", "there is no record “zzz”"),
        ("", "there is no record “”"),
        ("us-eo-14409#isued", "“us-eo-14409” has no event “isued”; did you mean “issued”?"),
        ("us-nist#1", "“us-nist#1”: only actions have events, and “us-nist” is an organization"),
        (
            "us-eo-14409@1",
            "“us-eo-14409@1”: only arguments and claims have places, and “us-eo-14409” is an action",
        ),
        ("a\nb\x1b[31m", "there is no record “a\\nb\\x1b[31m”"),
    ],
)
def test_unknown_ids(kb, id: str, message: str):
    with pytest.raises(citation.NotFoundError) as error:
        cited(kb, id)
    assert str(error.value).startswith(message)


def test_a_day_changes_nothing_for_what_has_no_status(kb):
    assert cited(kb, CLAIM, asked=True).remarks == (
        "a claim has no status of its own: the day changes nothing",
    )
    assert cited(kb, CLAIM, asked=True).parts == cited(kb, CLAIM).parts


def test_every_instrument_has_a_type_and_every_type_is_one_of_ris():
    types = {term.id: term for term in vocabulary.DOCUMENT_TYPES}
    assert {term.csl for term in vocabulary.INSTRUMENTS} <= set(types)
    assert {term.ris for term in types.values()} <= set(rispy.TYPE_OF_REFERENCE_MAPPING)


def test_types_are_those_of_the_citation_style_language():
    known = set(
        re.findall(r'"([a-z_-]+)"', (ROOT / "tests/csl-types.json").read_text(encoding="utf-8"))
    )
    assert set(vocabulary.CSL_TYPES.values()) <= known


def plain(date: str) -> str:
    """Return a partial date without its qualifier."""
    return date.rstrip("~?")


@pytest.fixture(scope="module")
def latex() -> LatexDecodingMiddleware:
    """The reader of LaTeX in BibTeX; it reads a text once, though many entries and both forms have it."""
    reader = LatexDecodingMiddleware()
    reader._decoder.latex_to_text = functools.cache(reader._decoder.latex_to_text)
    return reader


@pytest.mark.thorough
@pytest.mark.parametrize("form", ["bibtex", "biblatex"])
def test_bibtex_is_read_back_without_loss(everything, latex: LatexDecodingMiddleware, form: str):
    everything = everything[::3]
    written = interchange.encode(everything, form)
    raw = {block.key: block.fields_dict for block in bibtexparser.parse_string(written).entries}
    library = bibtexparser.parse_string(written, append_middleware=[latex])
    assert not library.failed_blocks
    entries = interchange.entries(everything)
    assert [block.key for block in library.entries] == [entry.id for entry in entries]
    types = {term.id: getattr(term, form) for term in vocabulary.DOCUMENT_TYPES}
    for block, entry in zip(library.entries, entries, strict=True):
        read = {field.key: field.value for field in block.fields}
        assert block.entry_type == types[entry.type]
        assert read["title"] == entry.title.replace("{", "").replace("}", "")
        assert read.get("author", "") == " and ".join(name.inverted for name in entry.authors)
        for name, key in {
            "number": "number",
            "type": "genre",
            "volume": "volume",
            "address": "jurisdiction",
        }.items():
            assert read.get(name, "") == getattr(entry, key), entry.id
        assert read.get("pages", "").replace("–", "-").replace("--", "-") == entry.page
        containers = {"journal", "journaltitle", "booktitle", "howpublished"} & read.keys()
        assert [read[name] for name in containers] == [entry.container][: bool(entry.container)]
        assert (read.get("publisher") or read.get("institution") or "") == entry.publisher
        assert (raw[entry.id]["url"].value if "url" in read else "") == entry.url
        assert read.get("urldate", "") == plain(entry.accessed)
        if form == "biblatex":
            date = raw[entry.id]["date"].value if "date" in read else ""
            assert date == entry.issued.replace("?", "~")
        else:
            if "month" in read:
                months = [name.lower() for name in calendar.month_abbr]
                read["month"] = str(months.index(read["month"]))
            parts = [read[part].zfill(2) for part in ("year", "month", "day") if part in read]
            assert "-".join(parts) == plain(entry.issued)


@pytest.mark.thorough
def test_ris_is_read_back_without_loss(everything):
    types = {term.id: term.ris for term in vocabulary.DOCUMENT_TYPES}
    entries = interchange.entries(everything)
    for read, entry in zip(
        rispy.loads(interchange.encode(everything, "ris")), entries, strict=True
    ):
        assert (read["id"], read["type_of_reference"]) == (entry.id, types[entry.type])
        assert read["title"] == entry.title
        assert read.get("authors", []) == [name.inverted for name in entry.authors]
        assert read.get("secondary_authors", []) == [name.inverted for name in entry.recipients]
        assert read.get("date", "").replace("/", "-") == plain(entry.issued)
        assert read.get("access_date", "").replace("/", "-") == plain(entry.accessed)
        assert read.get("urls", []) == [entry.url][: bool(entry.url)]
        pages = filter(None, (read.get("start_page"), read.get("end_page")))
        assert "-".join(pages) == entry.page
        number = read.get("note") or read.get("issn") or read.get("number") or ""
        whole = f"{entry.genre} {entry.number}".strip()
        is_case = (
            types[entry.type] == "CASE"
        )  # Zotero and EndNote have the docket and the court there
        assert number in (("",) if is_case else (entry.number, whole))
        assert read.get("publisher", "") == (entry.authority if is_case else entry.publisher)
        # Zotero has a committee in T2 of a hearing, and the name of the conference in that of a paper.
        apart = {"SOUND": "tertiary_title", "CONF": "custom3", "HEAR": "alternate_title3"}
        for name, key in {
            apart.get(types[entry.type], "secondary_title"): "container",
            "volume": "volume",
            "doi": "doi",
            "language": "language",
        }.items():
            assert read.get(name, "") == getattr(entry, key), entry.id


@pytest.mark.thorough
def test_csl_json_is_what_pandoc_reads(everything):
    written = interchange.encode(everything, "csl-json")
    entries = interchange.entries(everything)
    expected = [csl_json.item(entry.whole_number()) for entry in entries]
    for item in expected:
        if item["type"] == "regulation":  # a type that Zotero does not know
            item["type"] = "legislation"
    assert json.loads(written) == expected
    read = subprocess.run(
        [pypandoc.get_pandoc_path(), "-f", "csljson", "-t", "csljson"],
        input=written,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert [item["id"] for item in json.loads(read.stdout)] == [entry.id for entry in entries]


@pytest.mark.thorough
def test_biblatex_is_what_pandoc_reads(everything):
    read = subprocess.run(
        [pypandoc.get_pandoc_path(), "-f", "biblatex", "-t", "csljson"],
        input=interchange.encode(everything, "biblatex"),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found = {item["id"]: item for item in json.loads(read.stdout)}
    assert set(found) == {entry.id for entry in interchange.entries(everything)}
    assert (
        found[ORDER]["issued"] == {"date-parts": [[2026, 6, 2]]}
        and found[ORDER]["title"].count("Promoting Advanced Artificial Intelligence") == 1
    )


HOSTILE = [
    "<script>alert(1)</script>",
    "}, note = {x}} @string{a = 1}",
    "\\input{/etc/passwd} \\write18{x}",
    "ER  - \nTY  - JOUR",
    "$x^2$ & 100% #1 _y_ ~ ^",
    "*a* [b](javascript:alert(1)) `c`",
    "open { brace",
    "<img src=x onerror=alert(1)>",
    "\"quoted\" 'and' more",
    "@article{x,",
    "中国 – مرحبا",
]


@pytest.mark.thorough
@pytest.mark.parametrize("title", HOSTILE)
def test_hostile_titles_stay_titles(title: str):
    entry = Entry(
        id="x",
        title=title,
        authors=[Name(literal=title)],
        container=title,
        url="https://example.org/?a=1&b=%7B2%7D",
    )
    found = [Citation("x", "document", "x", (Part(entry),))]
    line = " ".join(title.split())
    for form in ("bibtex", "biblatex"):
        library = bibtexparser.parse_string(interchange.encode(found, form))
        assert (
            not library.failed_blocks
            and len(library.entries) == 1
            and not library.strings
            and not library.preambles
        )
        assert set(library.entries[0].fields_dict) == {"author", "title", "howpublished", "url"}
        if title != HOSTILE[4]:  # a circumflex and a tilde are read back as accents
            read = subprocess.run(
                [pypandoc.get_pandoc_path(), "-f", form, "-t", "csljson"],
                input=interchange.encode(found, form),
                capture_output=True,
                text=True,
                check=True,
                timeout=60,
            )
            assert len(json.loads(read.stdout)) == 1
    (read,) = rispy.loads(interchange.encode(found, "ris"))
    assert (read["title"], read["authors"], read["urls"]) == (line, [line], [entry.url])
    html = styles.typeset(found, "apa", "html")[0]
    assert not re.search(
        r"<(?!/?(?:p|em|a|sup|sub|strong)\b)", html
    ) and "javascript:" not in re.findall(r'href="([^"]*)"', html)
    assert "<script" not in styles.typeset(found, "bluebook", "html")[0].lower()


def test_markdown_is_what_was_meant(kb):
    said = styles.typeset([cited(kb, ARGUMENT)], "bluebook", "markdown")[0]
    assert said.startswith(
        "Nathan Lambert & Kevin Xu, *Banning Open Source AI Would Be A Mistake*, "
    )
    assert f"<{OP_ED}>" in said


def test_style_that_does_not_exist():
    with pytest.raises(
        styles.NotFoundError, match="there is no style “bluebok”; did you mean “bluebook”"
    ):
        styles.style_file("bluebok")
    for name in ("../apa", "/etc/passwd", "", "apa.csl", "x" * 10_000):
        with pytest.raises(styles.NotFoundError):
            styles.style_file(name)


def test_a_dependent_style_is_set_without_the_network(kb):
    assert styles.style_file("nature-physics").name == "nature.csl"
    assert "Lambert" in styles.typeset([cited(kb, ARGUMENT)], "nature-physics", "text")[0]


@pytest.mark.thorough
@pytest.mark.parametrize("style", list(styles.STYLES))
def test_every_short_name_is_a_style(kb, style: str):
    assert styles.style_file(style).is_file() and style in styles.LABELS
    order, argument = styles.typeset([cited(kb, ORDER), cited(kb, ARGUMENT)], style, "text")
    assert (
        "Exec. Order No. 14,409, 91 Fed. Reg. 34,565"
        in order.replace("Exec Order No ", "Exec. Order No. ").replace("Fed Reg ", "Fed. Reg. ")
        and "policy.example/actions/us-eo-14409?on=2026-06-15" in order
    )
    assert "Lambert" in argument and "Banning Open Source AI Would Be".lower() in argument.lower()


def test_without_pandoc_it_is_said_what_to_install(kb, monkeypatch):
    def missing():
        raise styles.NotInstalledError(*styles._PANDOC)

    monkeypatch.setattr(styles, "_path", missing)
    with pytest.raises(styles.NotInstalledError, match=re.escape(install("cite"))):
        styles.typeset([cited(kb, ORDER)], "apa", "text")
    assert interchange.encode([cited(kb, ORDER)], "ris").startswith("TY  - STAT\n")


def test_a_slow_pandoc_is_ended(kb, monkeypatch, tmp_path):
    slow = tmp_path / "pandoc"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setattr(styles, "_path", lambda: str(slow))
    monkeypatch.setattr(styles, "SECONDS", 0.2)
    with pytest.raises(styles.ProgramError, match="did not finish within"):
        styles.typeset([cited(kb, ORDER)], "apa", "text")


def test_command(base: Base):
    base.record("actions", "an-order", identifiers={"eo": "14409", "fr_citation": "91 FR 34565"})
    base.load()
    done = base.run(
        "cite", "an-order", "it-does-good", "--on", "2026-06-15", "--base-url", "https://x.example"
    )
    hash = (
        sqlite3.connect(base.db)
        .execute("select value from kb_info where key = 'content_sha256'")
        .fetchone()[0][:7]
    )
    assert done.returncode == 0
    assert done.stdout == (
        f"Exec. Order No. 14,409, 91 Fed. Reg. 34,565 (June 2, 2026); An order, Test base (ed. {hash}; status as of 15 June 2026: in force since 2 June 2026; known as of 2 June 2026), "
        "https://x.example/actions/an-order?on=2026-06-15 (last visited Nov. 22, 2026).\n\n"
        "A Source, https://example.org/a-source; It does good (claim), Test base "
        f"(ed. {hash}; the editors’ reading of the evidence as of 1 June 2026: contested), https://x.example/claims/it-does-good (last visited Nov. 22, 2026).\n"
    )
    assert (
        done.stderr == "it-does-good: a claim has no status of its own: the day changes nothing\n"
    )


@pytest.mark.parametrize("form", FORMATS[:3] + FORMATS[4:])
def test_citation_has_no_address_of_this_machine(built: Base, form: str):
    done = built.run("cite", "an-order", "it-does-good", "--format", form)
    assert done.returncode == 0
    assert "https://example.org/a-source" in done.stdout
    assert "127.0.0.1" not in done.stdout
    if form != "wikipedia":  # whose template has the source alone
        assert "An order" in done.stdout
    assert "no address; --base-url says where they are published" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("an-orde",), "there is no record “an-orde”; did you mean “an-order”"),
        (
            ("an-order", "--style", "bluebok"),
            "there is no style “bluebok”; did you mean “bluebook”",
        ),
        (
            ("an-order", "--on", "June 15 2026"),
            "'June 15 2026' is not a day; write it as 2026-06-15. Did you mean 2026-06-15?",
        ),
        (
            ("an-order", "--base-url", "x"),
            "'x' is not the address of a site; write it as https://example.org/folder/",
        ),
        (("an-order", "--base-url", 'https://x.org/"'), "is not the address of a site"),
        (("an-order",) * 101, "101 ids are too many at once; at most 100"),
        ((), "Missing argument 'ID...'"),
    ],
)
def test_wrong_use(built: Base, arguments: tuple[str, ...], message: str):
    done = built.run("cite", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr and "Traceback" not in done.stderr


def test_there_must_be_a_database(base: Base):
    done = base.run("cite", "an-order")
    assert done.returncode == 2 and "build it with: policykb load" in done.stderr


@pytest.mark.datasette
def test_cite_box_names_source_entry_and_ways_out(site):
    page = site.get(f"/actions/{ORDER}?on={ON}").text
    box = page[
        page.index('<div class="cite"') : page.index("</section>", page.index('<div class="cite"'))
    ]
    assert "Exec. Order No. 14,409, 91 Fed. Reg. 34565, 2 June 2026" in box
    assert (
        "status as of 15 June 2026: in force since 2 June 2026" in box
        and f'href="http://localhost/actions/{ORDER}?on={ON}"' in box
    )
    for style in styles.LABELS:
        assert f'href="/actions/{ORDER}/cite?style={style}&amp;on={ON}"' in box
    for ending, media in (
        ("bib", "application/x-bibtex"),
        ("ris", "application/x-research-info-systems"),
        ("csl.json", "application/vnd.citationstyles.csl+json"),
    ):
        assert (
            f'<link rel="alternate" type="{media}" href="/actions/{ORDER}.{ending}?on={ON}"' in page
        )
        assert f'href="/actions/{ORDER}.{ending}?on={ON}"' in box
        answer = site.get(f"/actions/{ORDER}.{ending}?on={ON}")
        assert (
            answer.status_code == 200
            and answer.headers["content-type"] == f"{media}; charset=utf-8"
            and "etag" in answer.headers
        )
        assert (
            "status as of 15 June 2026: in force since 2 June 2026" in answer.text
            and "http://localhost/actions/" in answer.text
        )


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    mostly_thorough(
        [
            f"/actions/{ORDER}",
            f"/arguments/{ARGUMENT}",
            f"/claims/{CLAIM}",
            "/documents/lambert-xu-2026-banning-open-source-ai",
        ]
    ),
)
def test_every_page_of_a_record_can_be_cited(site, path: str):
    page = site.get(path).text
    assert page.count('class="unapi-id"') == page.count('id="citation"') == 1
    for ending in ("bib", "ris", "csl.json"):
        assert f'href="{path}.{ending}' in page
        assert site.get(f"{path}.{ending}").status_code == 200
    assert site.get(f"{path}/cite?style=oscola").status_code == 200


@pytest.mark.datasette
def test_files_of_a_record_are_made_from_one_reading(site, monkeypatch):
    asked = []
    monkeypatch.setattr(
        citation, "cite", lambda *args: asked.append((*args[1:3], args[3])) or cite(*args)
    )
    place = f"/claims/{CLAIM}.{{}}?on=2026-06-{{}}"
    for ending in ("bib", "ris", "csl.json"):
        assert f"http://localhost/claims/{CLAIM}" in site.get(place.format(ending, 11)).text
    assert len(asked) == 1
    there = {"headers": {"host": "kb.example.org"}}
    assert "http://kb.example.org/claims/" in site.get(place.format("bib", 11), **there).text
    site.get(place.format("bib", 12))
    assert len(asked) == len(set(asked)) == 3


@pytest.mark.slow
def test_page_with_a_style(site):
    page = site.get(f"/actions/eu-ai-act-art-53-2/cite?style=oscola&on={ON}").text
    assert f"{AI_ACT} [2024] OJ L2024/1689, art 53(2); ‘AI Act, article 53(2)’" in page
    event = site.get(f"/actions/{ORDER}/cite?style=bluebook&event=issued").text
    assert (
        "Exec. Order No. 14,409, 91 Fed. Reg. 34,565 (June 2, 2026); <em>Frontier model review order: issued, 2 June 2026</em>"
        in event
    )
    place = site.get(f"/arguments/{ARGUMENT}").text
    assert f'href="/arguments/{ARGUMENT}/cite?at=1"' in place
    assert "para. 19" in site.get(f"/arguments/{ARGUMENT}/cite?at=1&style=apa").text


@pytest.mark.datasette
@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/actions/{ORDER}/cite?style=nonsense", 404),
        ("/actions/no-such/cite", 404),
        ("/actions/no-such.bib", 404),
        (f"/actions/{ORDER}/cite?event=nonsense", 404),
        (f"/actions/{ORDER}/cite?style=<script>", 404),
        (f"/actions/{'x' * 400}.ris", 404),
        (f"/actions/{ORDER}/cite?on=nonsense", 200),
        (f"/documents/{ORDER}.ris", 301),
        (f"/documents/{ORDER}/cite", 301),
        ("/unapi?id=no-such&format=ris", 404),
        (f"/unapi?id={ORDER}&format=marc", 406),
    ],
)
def test_wrong_addresses(site, path: str, status: int):
    answer = site.get(path)
    assert answer.status_code == status
    assert "<script>" not in answer.text


def test_site_without_pandoc_offers_no_styles_and_says_why(site, shipped, monkeypatch):
    def missing():
        raise styles.NotInstalledError(*styles._PANDOC)

    monkeypatch.setattr(styles, "_path", missing)
    monkeypatch.setattr(styles, "available", lambda: False)
    bare = Site(shipped)
    page = bare.get(f"/actions/{BILL}").text
    assert "/cite?style=" not in page and f'href="/actions/{BILL}.ris?on=' in page
    answer = bare.get(f"/actions/{BILL}/cite?style=apa")
    assert answer.status_code == 503 and "Styles are not installed here" in answer.text


@pytest.mark.datasette
def test_unapi_lists_formats_and_gives_one_item(site):
    assert site.get("/unapi").text.count("<format ") == 2
    listed = site.get(f"/unapi?id={ORDER}")
    assert (
        listed.status_code == 300
        and f'<formats id="{ORDER}">' in listed.text
        and '<format name="ris"' in listed.text
    )
    (item,) = rispy.loads(site.get(f"/unapi?id={ORDER}&format=ris").text)
    assert (item["type_of_reference"], item["note"], item["secondary_title"], item["date"]) == (
        "STAT",
        "Exec. Order No. 14,409",
        "Fed. Reg.",
        "2026/06/02",
    )
    assert (
        len(bibtexparser.parse_string(site.get(f"/unapi?id={ORDER}&format=bibtex").text).entries)
        == 1
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            f"/actions/{ORDER}",
            {
                "z:itemType": ["statute"],
                "DC.type": ["statute"],
                "citation_title": [
                    "Promoting Advanced Artificial Intelligence Innovation and Security"
                ],
                "citation_publication_date": ["2026/06/02"],
                "citation_public_url": ["https://www.federalregister.gov/d/2026-11415"],
            },
        ),
        (
            f"/actions/{BILL}",
            {
                "z:itemType": ["bill"],
                "prism.number": ["S. 321"],
                "citation_publication_date": ["2025/01/29"],
            },
        ),
        (
            "/documents/lambert-xu-2026-banning-open-source-ai",
            {
                "z:itemType": ["blogPost"],
                "citation_author": ["Lambert, Nathan", "Xu, Kevin"],
                "citation_publication_date": ["2026/06/19"],
                "prism.publicationName": ["Interconnects"],
                "citation_public_url": [OP_ED],
            },
        ),
        (
            "/actions/us-omb-m-25-21",
            {"z:itemType": ["report"], "citation_author": ["Office of Management and Budget"]},
        ),
    ],
)
def test_meta_tags(site, path: str, expected: dict[str, list[str]]):
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<meta name="([^"]+)" content="([^"]*)">', site.get(path).text):
        found.setdefault(name, []).append(value)
    assert {name: found.get(name) for name in expected} == expected
    # These would make Zotero take it for another kind of source, whatever its type says.
    assert not {
        "citation_journal_title",
        "citation_conference_title",
        "citation_book_title",
        "citation_inbook_title",
        "citation_technical_report_institution",
        "citation_dissertation_institution",
        "citation_isbn",
    } & set(found)


def test_a_tag_in_a_title_is_text_for_every_processor(tmp_path):
    base = Base(tmp_path)
    title = "How <b>bold</b> and <sup>high</sup> & <span class='x'>odd</span> are 1 < 2"
    base.record("documents", "a-source", title=title)
    base.load()
    connection = sqlite3.connect(base.db)
    written = interchange.encode([cited(connection, "a-source")], "csl-json")
    item = json.loads(written)[0]
    assert not re.search(r"<(?:b|sup)>|<span class='", item["title"])
    back = re.sub(r"</?span[^>]*>", "", item["title"].replace('<span class="nocase"><</span>', "<"))
    assert item["title"].replace('<span class="nocase"><</span>', "<") == title and back
    entry = styles.typeset([cited(connection, "a-source")], "apa", "text")[0]
    assert "<b>" in entry and "1 < 2" in entry
    connection.close()
