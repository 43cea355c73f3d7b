"""Citations against the manuals: the table of records in four styles, law as data, other forms, and what managers read."""

import json
import re
import sqlite3
import tomllib
import zipfile
from io import BytesIO

import pytest
import rispy
from conftest import ROOT, TODAY, Base
from policykb.model import vocabulary
from policykb.references import forms, interchange, styles
from policykb.references.citation import Citation, Day, Part, cite
from policykb.references.entry import Entry, Name
from policykb.references.titles import sentence_case

TABLE = tomllib.loads((ROOT / "tests/citations.toml").read_text(encoding="utf-8"))
STYLES = ("bluebook", "apa", "chicago", "oscola")


@pytest.fixture(scope="module")
def kb(shipped):
    """A connection to the shipped knowledge base."""
    connection = sqlite3.connect(f"{shipped.as_uri()}?mode=ro&immutable=1", uri=True)
    yield connection
    connection.close()


def source(connection, record_id: str) -> Citation:
    """Return the citation of the primary source of a record alone."""
    cited = cite(connection, record_id, Day("2026-06-15", False, TODAY), "https://policy.example/")
    return cited._replace(parts=cited.parts[:1])


# The table


def test_table_has_forty_records_in_four_styles_with_rule_and_check():
    assert len(TABLE) >= 40
    for record_id, row in TABLE.items():
        assert tuple(row) == STYLES, record_id
        for cell in row.values():
            assert cell.keys() == {"text", "rule", "checked"} and all(cell.values()), record_id


@pytest.mark.parametrize("style", STYLES)
def test_records_are_cited_as_the_manual_says(kb, style: str):
    citations = [source(kb, record_id) for record_id in TABLE]
    texts = styles.typeset(citations, style, "markdown")
    assert dict(zip(TABLE, texts, strict=True)) == {
        record_id: row[style]["text"] for record_id, row in TABLE.items()
    }


# Law as data


@pytest.mark.parametrize(
    ("scheme", "value", "expected"),
    [
        ("us_state_bill", "CO SB 24-205 (2024)", "S.B. 24-205, 74th Gen. Assemb., 2d Reg. Sess."),
        ("us_state_bill", "IL SB 315 (2025-26)", "S.B. 315, 104th Gen. Assemb., Reg. Sess."),
        ("us_state_bill", "CA SB 53 (2025-26)", "S.B. 53, 2025–2026 Leg., Reg. Sess."),
        ("us_state_bill", "TX HB 3 (2021, session 871)", "H.B. 3, 87th Leg., session 871"),
        ("us_state_bill", "MN HF 10 (2025-26)", "H.F. 10, 94th Leg., Reg. Sess."),
        ("us_state_bill", "NJ S 1 (2026-27)", "S. 1, 222d Leg., Reg. Sess."),
        ("us_bill", "hr1-103", "H.R. 1, 103d Cong."),
        ("us_bill", "sjres5-112", "S.J. Res. 5, 112th Cong."),
        ("us_docket", "N.D. Cal. 3:26-cv-01996", "No. 3:26-cv-01996, N.D. Cal."),
        ("com", "COM(2026) 502 final", "COM (2026) 502 final"),
        ("us_session_law", "CA Chapter 138 of 2025, page 4021", "ch. 138, 2025 Cal. Stat. 4021"),
        (
            "us_session_law",
            "IL Public Act 104-0538 of 2026",
            "Pub. Act No. 104-0538, 2026 Ill. Laws",
        ),
        ("us_stat", "137 Stat. 112", "137 Stat. 112"),
        ("us_code", "15 U.S.C. 9411", "15 U.S.C. § 9411"),
        ("us_code", "15 U.S.C. 9411 to 9415", "15 U.S.C. §§ 9411–9415"),
        ("us_cfr", "15 C.F.R. pt. 744", "15 C.F.R. pt. 744"),
        ("us_state_code", "NY Gen. Bus. Law 1420 to 1429", "N.Y. Gen. Bus. Law §§ 1420–1429"),
        ("us_state_code", "CO Rev. Stat. 6-1-1701", "Colo. Rev. Stat. § 6-1-1701"),
        ("us_state_code", "IL 430 Comp. Stat. 185", "430 Ill. Comp. Stat. 185"),
        ("uk_act", "2023 c 50", "c. 50"),
        ("uk_si", "2024/1204", "SI 2024/1204"),
        ("uk_paper", "CP 815", "CP 815"),
        ("ecli", "ECLI:EU:C:2025:117", "ECLI:EU:C:2025:117"),
        ("cn_document", "Guofa [2025] No. 11", "Guofa [2025] No. 11"),
        ("jp_law", "Act No. 53 of 2025", "Act No. 53 of 2025"),
        ("kr_law", "Presidential Decree No. 36053", "Presidential Decree No. 36053"),
    ],
)
def test_number_is_cited_in_its_legal_form(scheme: str, value: str, expected: str):
    parts = vocabulary.identifier_citation(scheme, value)
    number = f"{parts.get('genre', '')} {parts.get('number', '')}".strip()
    place = " ".join(filter(None, (parts.get(key) for key in ("volume", "container", "page"))))
    pieces = (number, parts.get("authority"), place, parts.get("codified"))
    assert ", ".join(filter(None, pieces)) == expected


def test_every_state_has_a_legislature_and_session_laws():
    states = vocabulary.STATE_ABBREVIATIONS.keys() - {"DC", "PR"}
    assert states <= vocabulary.US_LEGISLATURES.keys()
    for data in vocabulary.US_LEGISLATURES.values():
        assert data["name"] and data["laws"]


@pytest.mark.parametrize(
    ("instrument", "identifiers", "text"),
    [
        ("bill", {"us_bill": "s321-119"}, "An order, S. 321, 119th Cong. (2026)."),
        ("statute", {"us_bill": "s321-119"}, "An order, S. 321, 119th Cong. (2026) (enacted)."),
        (
            "statute",
            {"us_bill": "s321-119", "us_public_law": "119-60", "us_stat": "139 Stat. 718"},
            "An order, Pub. L. No. 119-60, 139 Stat. 718 (2026).",
        ),
        (
            "statute",
            {"us_public_law": "119-60", "us_code": "15 U.S.C. 9411"},
            "An order, Pub. L. No. 119-60 (2026) (codified at 15 U.S.C. § 9411).",
        ),
        (
            "bill",
            {"us_state_bill": "VA HB 1 (2026)"},
            "An order, H.B. 1, 2026 Gen. Assemb., Reg. Sess. (Va. 2026).",
        ),
    ],
)
def test_an_enacted_bill_is_a_statute_and_a_pending_one_is_not(
    base: Base, instrument: str, identifiers: dict, text: str
):
    events = [("2026-01-05", "introduced"), ("2026-02-01", "signed")]
    base.action(
        "an-order",
        events if instrument == "statute" else events[:1],
        instrument=instrument,
        identifiers=identifiers,
    )
    base.load()
    with sqlite3.connect(base.db) as connection:
        assert styles.typeset([source(connection, "an-order")], "bluebook", "text") == [text]


def test_status_of_a_case_says_that_it_is_in_court_and_nothing_of_force(base: Base):
    base.action("a-case", [("2026-01-05", "case_filed")], instrument="court_case")
    base.load()
    with sqlite3.connect(base.db) as connection:
        cited = cite(connection, "a-case", Day("2026-01-06", False, "2026-01-06"))
    assert cited.entry.status.endswith("in court since 5 January 2026")


@pytest.mark.parametrize(
    ("instrument", "events", "identifiers", "text"),
    [
        (
            "court_case",
            [("2026-01-05", "case_filed")],
            {"us_docket": "D. Colo. 1:26-cv-01515"},
            "An order, No. 1:26-cv-01515 (D. Colo. filed Jan. 5, 2026).",
        ),
        (
            "court_case",
            [("2026-01-05", "case_filed"), ("2026-02-01", "judgment")],
            {"us_docket": "D. Colo. 1:26-cv-01515"},
            "An order, No. 1:26-cv-01515 (D. Colo. Feb. 1, 2026).",
        ),
        (
            "treaty",
            [("2026-01-05", "adopted"), ("2026-02-01", "opened_for_signature")],
            {"treaty": "CETS 225"},
            "An order, opened for signature Feb. 1, 2026, CETS No. 225.",
        ),
        (
            "treaty",
            [("2026-02-01", "signed")],
            {"treaty": "TIAS 12404"},
            "An order, Feb. 1, 2026, TIAS No. 12404.",
        ),
        (
            "resolution",
            [("2026-01-05", "introduced"), ("2026-02-01", "passed")],
            {"us_bill": "sres5-119"},
            "An order, S. Res. 5, 119th Cong. (2026).",
        ),
    ],
)
def test_cases_treaties_and_resolutions_are_cited(
    base: Base, instrument: str, events: list, identifiers: dict, text: str
):
    base.action("an-order", events, instrument=instrument, identifiers=identifiers)
    base.load()
    with sqlite3.connect(base.db) as connection:
        assert styles.typeset([source(connection, "an-order")], "bluebook", "text") == [text]


def test_oscola_keeps_the_stop_in_a_name_that_is_no_abbreviation():
    values = {"type": "legal_case", "issued": "2026-02-01", "authority": "D. Colo."}
    text = set_in("oscola", title="U.S. v. X.AI Corp.", **values)
    assert text == "US v X.AI Corp (D Colo, 1 February 2026)."


# Documents


def set_in(style: str, **values: object) -> str:
    entry = Entry(id="x", language="en", **values)
    return styles.typeset([Citation("x", "document", "x", (Part(entry),))], style, "text")[0]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Banning Open Source AI Would Be A Mistake", "Banning open source AI would be a mistake"),
        (
            "Why Meta Opened Llama: A Look at Chinese Models",
            "Why Meta opened Llama: A look at Chinese models",
        ),
        ("Dual-Use Models with Weights", "Dual-use models with weights"),
        (
            "The European Commission Publishes Its Plan",
            "The European Commission publishes its plan",
        ),
        ("Open models are here to stay", "Open models are here to stay"),
        ("GitHub and OpenAI Sign a Pact in Seoul", "GitHub and OpenAI sign a pact in Seoul"),
    ],
)
def test_sentence_case_keeps_names(title: str, expected: str):
    assert sentence_case(title, ["European Commission"]) == expected


def test_a_government_publisher_is_the_author_and_named_once():
    values = {"type": "report", "title": "A Plan for All", "issued": "2026-03-01"}
    alone = set_in("apa", **values, publisher="Office of Plans")
    assert alone == "Office of Plans. (2026). A plan for all."
    both = set_in(
        "apa", **values, publisher="Office of Plans", authors=[Name(literal="Office of Plans")]
    )
    assert both == alone


@pytest.mark.parametrize("style", STYLES)
def test_an_original_title_comes_before_its_translation(style: str):
    text = set_in(style, type="report", title="Outline of the plan", original_title="规划纲要")
    assert "规划纲要 [Outline of the plan]" in text


def test_an_archived_copy_is_in_brackets_in_the_bluebook():
    copy = "https://web.archive.org/web/20260102030405/https://example.org/"
    text = set_in(
        "bluebook", type="webpage", title="A page", url="https://example.org/", archive_url=copy
    )
    assert text.endswith(f"https://example.org/ [{copy}].")


@pytest.mark.parametrize("style", STYLES)
def test_a_description_has_no_quotation_marks(style: str):
    text = set_in(
        style, type="post", title="[Post on models]", authors=[Name("Doe", "Jane")], container="X"
    )
    assert "[Post on models]" in text and not re.search(r"[‘“]\[", text)


def test_entry_names_publisher_and_editors_of_the_knowledge_base(base: Base):
    about = tomllib.loads((base.policies / "about.toml").read_text(encoding="utf-8"))
    base.write("about.toml", {**about, "publisher": "The Press", "editors": ["Ada Doe", "Bo Roe"]})
    base.load()
    with sqlite3.connect(base.db) as connection:
        cited = cite(connection, "an-order", Day(TODAY, False, TODAY))
    assert cited.entry.editors == [Name(literal="Ada Doe"), Name(literal="Bo Roe")]
    assert cited.entry.publisher == "The Press"
    note = styles.typeset([cited], "bluebook", "text")[0]
    assert "Ada Doe & Bo Roe, eds., An order" in note


# Forms


@pytest.mark.parametrize(
    ("record_id", "style", "expected"),
    [
        ("us-eo-14409", "bluebook", "Exec. Order No. 14,409"),
        ("us-eo-14409", "oscola", "Exec Order No 14,409"),
        ("eu-ai-act-art-53-2", "oscola", "Regulation (EU) 2024/1689, art 53(2)"),
        ("us-ca-sb1047-2024", "chicago", "S.B. 1047"),
        ("china-limits-defeat-their-own-aim", "bluebook", "Lambert & Xu, supra note __, ¶ 19"),
        ("china-limits-defeat-their-own-aim", "oscola", "Lambert and Xu (n __) para 19"),
        (
            "china-limits-defeat-their-own-aim",
            "chicago",
            "Lambert and Xu, “Banning Open Source AI,” para. 19",
        ),
        ("china-limits-defeat-their-own-aim", "apa", "(Lambert & Xu, 2026, para. 19)"),
    ],
)
def test_short_form(kb, record_id: str, style: str, expected: str):
    assert forms.short(source(kb, record_id).parts[0], style) == expected


@pytest.mark.parametrize(
    ("record_id", "expected"),
    [
        ("us-eo-14409", "{{Executive Order|14409}}"),
        ("us-s321-decoupling-ai-china-act-2025", "{{USBill|119|S.|321}}"),
        ("us-ndaa-fy2026-ai-provisions", "{{USPL|119|60}}"),
        ("us-bis-ai-diffusion-rule-2025", "{{Federal Register|90|4544}}"),
        (
            "courtlistener-xai-v-weiser",
            "{{cite court |litigants=X.AI LLC v. Weiser |opinion=No. 1:26-cv-01515 |court=D. Colo. |",
        ),
        (
            "lambert-xu-2026-banning-open-source-ai",
            "{{cite web |last1=Lambert |first1=Nathan |last2=Xu |first2=Kevin |title=Banning",
        ),
    ],
)
def test_template_of_wikipedia(kb, record_id: str, expected: str):
    assert forms.wikipedia(source(kb, record_id).parts[0]).startswith(expected)


def test_nothing_in_a_title_ends_a_template():
    part = Part(Entry(id="x", title="A }} {{Evil|x}} [[B]] <ref>", type="webpage"))
    template = forms.wikipedia(part)
    assert template.count("{{") == template.count("}}") == 1 and "<" not in template


def test_list_has_every_source_once_in_order(kb):
    ids = ("us-s321-decoupling-ai-china-act-2025", "us-eo-14409", "us-eo-14409")
    lines = styles.references([source(kb, one) for one in ids], "apa", "text").split("\n\n")
    assert [line.split(",")[0].split(" ")[0] for line in lines] == ["Decoupling", "Exec."]


def test_list_is_a_word_document(kb):
    document = zipfile.ZipFile(BytesIO(styles.word_document([source(kb, "us-eo-14409")], "apa")))
    assert "Exec. Order No. 14,409" in document.read("word/document.xml").decode()


def test_command_cites_a_view_and_names_the_nearest(built: Base):
    done = built.run("cite", "--from-view", "current_status", "--as", "list", "--style", "apa")
    assert done.returncode == 0 and "An order" in done.stdout
    done = built.run("cite", "--from-view", "curent_status")
    assert done.returncode == 2 and "did you mean “current_status”?" in done.stderr
    done = built.run("cite", "an-order", "--as", "bibliography")
    assert done.returncode == 2 and "has no bibliography" in done.stderr
    done = built.run("cite", "an-order", "--as", "short", "--style", "ieee")
    assert done.returncode == 2 and "choose one of bluebook, oscola, chicago, apa" in done.stderr


@pytest.mark.slow
@pytest.mark.datasette
def test_page_cites_several_records(site):
    page = site.get("/cite?ids=us-eo-14409,eu-ai-act&style=oscola").text
    assert "Exec Order No 14,409" in page and "[2024] OJ L2024/1689" in page
    assert 'data-copy="citation"' in page and "{{Executive Order|14409}}" in page
    for ending in ("bib", "ris", "csl.json", "docx"):
        assert site.get(f"/cite.{ending}?ids=us-eo-14409,eu-ai-act").status_code == 200


@pytest.mark.datasette
@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/cite", "Name one to 100 records"),
        ("/cite?ids=us-eo-14408x", "There is no record “us-eo-14408x”"),
        ("/cite?ids=us-eo-14409%23isued", "did you mean “issued”"),
        ("/cite?ids=us-eo-14409&style=bluebok", "Did you mean “bluebook”?"),
        ("/cite.docx?ids=us-eo-14409&style=%3Cscript%3E", "There is no style"),
    ],
)
def test_page_of_several_names_the_nearest(site, path: str, message: str):
    answer = site.get(path)
    assert answer.status_code == 404 and message.lower() in answer.text.lower()
    assert "<script>" not in answer.text


@pytest.mark.datasette
def test_events_have_a_link_to_their_citation(site):
    page = site.get("/actions/us-eo-14409").text
    assert 'href="/actions/us-eo-14409/cite?event=issued"' in page


# Reference managers

# What Zotero reads the tags of RIS as, by type of item: the tables of its translator for RIS, as far as our files use them.
ZOTERO_TYPES = {
    **{"STAT": "statute", "BILL": "bill", "CASE": "case", "HEAR": "hearing", "BLOG": "blogPost"},
    **{"RPRT": "report", "PCOMM": "letter", "SOUND": "audioRecording", "ELEC": "webpage"},
    **{"NEWS": "newspaperArticle", "JOUR": "journalArticle", "VIDEO": "videoRecording"},
    **{"CONF": "conferencePaper"},
}
ZOTERO_FIELDS = {
    "statute": {"TI": "nameOfAct", "T2": "code", "VL": "codeNumber", "M1": "publicLawNumber", "DA": "dateEnacted", "SE": "section", "OP": "history", "SP": "pages"},
    "bill": {"TI": "title", "M1": "billNumber", "T3": "legislativeBody", "DA": "date", "SE": "section", "OP": "history"},
    "case": {"TI": "caseName", "PB": "court", "SV": "docketNumber", "DA": "dateDecided"},
    "hearing": {"TI": "title", "T2": "committee", "M1": "documentNumber", "DA": "date", "T3": "legislativeBody", "JF": "", "VL": "", "SP": "pages"},
    "conferencePaper": {"TI": "title", "T2": "conferenceName", "C3": "proceedingsTitle", "DA": "date", "VL": "volume", "SP": "pages"},
    "audioRecording": {"TI": "title", "T2": "", "T3": "seriesTitle", "M1": "extra", "DA": "date"},
    "blogPost": {"TI": "title", "T2": "blogTitle", "DA": "date"},
    "report": {"TI": "title", "SN": "reportNumber", "PB": "institution", "DA": "date"},
}  # fmt: skip


def as_zotero_reads(text: str) -> dict[str, str]:
    """Return the item that Zotero makes of the first entry of a RIS file."""
    pairs = re.findall(r"^([A-Z][A-Z0-9])  - (.*)$", text.partition("ER  -")[0], re.MULTILINE)
    tags = dict(pairs)
    kind = ZOTERO_TYPES[tags.pop("TY")]
    known = {
        **ZOTERO_FIELDS[kind],
        "UR": "url",
        "LA": "language",
        "Y2": "accessDate",
        "AU": "author",
    }
    known |= {"N1": "notes", "ID": "", "PY": "", "CY": "place", "EP": ""}
    return {"itemType": kind, **{known[tag]: value for tag, value in tags.items() if known[tag]}}


@pytest.mark.parametrize(
    ("record_id", "expected"),
    [
        ("us-eo-14409", {"itemType": "statute", "publicLawNumber": "Exec. Order No. 14,409", "code": "Fed. Reg.", "codeNumber": "91", "pages": "34565"}),
        ("us-ny-raise-act", {"itemType": "statute", "publicLawNumber": "ch. 699", "code": "N.Y. Laws", "history": "N.Y. Gen. Bus. Law §§ 1420–1429"}),
        ("us-s321-decoupling-ai-china-act-2025", {"itemType": "bill", "billNumber": "S. 321", "legislativeBody": "119th Cong."}),
        ("us-ca-sb1047-2024", {"itemType": "bill", "billNumber": "S.B. 1047", "place": "Cal."}),
        ("ndcal-2026-anthropic-preliminary-injunction", {"itemType": "case", "docketNumber": "3:26-cv-01996", "court": "N.D. Cal."}),
        ("lutnick-2026-controls-lifted", {"itemType": "blogPost", "blogTitle": "X"}),
        ("us-omb-m-25-21", {"itemType": "report", "reportNumber": "M-25-21"}),
        ("congressional-record-2025-06-30-moratorium", {"itemType": "hearing", "committee": None, "pages": "S4037"}),
        ("kapoor-bommasani-2024-open-foundation-models", {"itemType": "conferencePaper", "proceedingsTitle": "ICML 2024, Proceedings of Machine Learning Research"}),
        ("shiah-swillus-2023-podcast", {"itemType": "audioRecording", "seriesTitle": "The Open Source Way"}),
    ],
)  # fmt: skip
def test_ris_is_read_by_zotero_in_the_fields_of_law(kb, record_id: str, expected: dict[str, str]):
    item = as_zotero_reads(interchange.encode([source(kb, record_id)], "ris"))
    assert {key: item.get(key) for key in expected} == expected
    assert "DOI" not in item  # Zotero takes M3 for one where it knows no other meaning


# Type of CSL -> type of item that Zotero makes of it, from its schema.
ZOTERO_OF_CSL = {
    **{"legislation": "statute", "bill": "bill", "legal_case": "case", "hearing": "hearing"},
    **{
        "post": "forumPost",
        "interview": "interview",
        "broadcast": "podcast",
        "standard": "standard",
    },
    **{"motion_picture": "film", "report": "report", "speech": "presentation"},
}


def test_csl_types_lead_zotero_to_the_types_of_our_vocabulary():
    for term in vocabulary.DOCUMENT_TYPES:
        csl = vocabulary.CSL_TYPES[term.id]
        if csl in ZOTERO_OF_CSL and term.id not in ("video", "guideline"):
            assert ZOTERO_OF_CSL[csl] == term.zotero, term.id


def test_csl_json_has_court_and_docket_where_zotero_reads_them(kb):
    text = interchange.encode([source(kb, "courtlistener-xai-v-weiser")], "csl-json")
    (item,) = json.loads(text)
    assert (item["type"], item["authority"], item["number"]) == (
        "legal_case",
        "D. Colo.",
        "1:26-cv-01515",
    )


@pytest.mark.parametrize(
    ("record_id", "expected"),
    [
        ("us-eo-14409", ("legislation", "Exec. Order No. 14,409", "Fed. Reg.")),
        ("us-s321-decoupling-ai-china-act-2025", ("bill", "S. 321", None)),
        ("us-ca-sb53-2025", ("legislation", "ch. 138", "Cal. Stat.")),
    ],
)
def test_csl_json_has_types_that_zotero_knows_and_whole_numbers(kb, record_id: str, expected):
    (item,) = json.loads(interchange.encode([source(kb, record_id)], "csl-json"))
    assert (item["type"], item["number"], item.get("container-title")) == expected
    assert item["type"] in ZOTERO_OF_CSL and "genre" not in item


# Types of RIS that become their own type in Mendeley, of those that matter in law; the others become generic there.
MENDELEY_TYPES = {"BILL", "BOOK", "CASE", "CONF", "HEAR", "JOUR", "MGZN", "NEWS", "RPRT", "STAT"}


def test_legal_types_are_types_of_mendeley():
    types = {term.id: term.ris for term in vocabulary.DOCUMENT_TYPES}
    legal = ("bill", "legislation", "regulation", "legal_case", "order", "hearing", "report")
    assert {types[kind] for kind in (*legal, "paper-conference")} <= MENDELEY_TYPES


def test_endnote_finds_docket_and_court_in_its_fields(kb):
    (read,) = rispy.loads(interchange.encode([source(kb, "courtlistener-xai-v-weiser")], "ris"))
    assert read["publisher"] == "D. Colo." and "SV" in str(read)
