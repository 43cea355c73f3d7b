"""Briefs: what they say of an action and of a day, read back from every format; two pages; numbered sources; hostile content; wrong input."""

import contextlib
import io
import re
import sqlite3
import zipfile
from pathlib import Path

import docx
import pypdf
import pytest
from conftest import TODAY, Base
from markdown_it import MarkdownIt
from policykb.exports import brief
from policykb.exports import pandoc as paper
from policykb.model.problems import install
from policykb.read import database as reading
from policykb.references import styles
from sqlite_utils import Database
from test_pages import Page

BASE_URL = "https://policy.example/"
ORDER, ACT, LETTER, OPTION = (
    "us-eo-14409",
    "eu-ai-act",
    "us-bis-anthropic-access-directive-2026",
    "option-ban-open-source-ai",
)
HOSTILE = """</p><script>alert(1)</script> #panic("typst") $x^2$ *bold* _em_ `code` @ref <label> ~ \\ // /* {{ 7*7 }} {% x %} [a](javascript:alert(1)) | & % # - 1. "q" 'q' -- ..."""


@pytest.fixture(scope="module")
def kb(shipped):
    with contextlib.closing(reading.connect(shipped)) as database:
        yield database


def made(kb: Database, *ids: str, on: str = TODAY) -> brief.Brief:
    return brief.brief(kb, ids, on, TODAY, BASE_URL)


def pages(written: bytes) -> list[str]:
    """The text of each page of a PDF on one line."""
    return [spaced(page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(written)).pages]


def word(written: bytes) -> str:
    """The text of a Word document, tables included, on one line."""
    document = docx.Document(io.BytesIO(written))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return spaced(" ".join([*(paragraph.text for paragraph in document.paragraphs), *cells]))


def text(made: brief.Brief) -> str:
    """The text of the HTML document on one line."""
    return spaced(" ".join(Page(brief.page(made, style="brief.css")).words))


def plain(markdown: str) -> str:
    """The text of a Markdown document on one line, as a reader of CommonMark with tables takes it."""
    return spaced(" ".join(Page(MarkdownIt("commonmark").enable("table").render(markdown)).words))


def spaced(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split())


def squeezed(text: str) -> str:
    """Text without white space, which formats put where they break lines."""
    return re.sub(r"\s", "", text)


def sides(kb: Database, action: str, *stances: str) -> tuple[int, int]:
    """The arguments of an action that take one of `stances` themselves, and the documents about it that make them."""
    marks = ", ".join("?" * len(stances))
    return kb.execute(
        "select count(distinct argument), count(distinct document) filter (where not about_another_action) from voices"
        f" where action = ? and not inherited and stance in ({marks})",
        [action, *stances],
    ).fetchone()


def section(body: str, heading: str) -> str:
    """The part of a brief from a heading to the next one."""
    start = body.index(heading)
    return body[start : body.index("<h", start + 1)]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["html", "markdown", "pdf", "docx"])
def test_every_format_says_the_same(kb, form: str):
    one = made(kb, ORDER)
    said = {
        "html": lambda: text(one),
        "markdown": lambda: plain(paper.markdown(one)),
        "pdf": lambda: " ".join(pages(paper.pdf(one, TODAY))),
        "docx": lambda: word(paper.docx(one, TODAY)),
    }[form]()
    steps = re.findall(r"^<li>(\d+ \w+ \d{4}): ([^<&\xa0]+)", one.body, re.MULTILINE)
    answers = re.findall(r'<span class="how">(.*?)</span>', one.body)
    assert len(steps) > 2 and len(answers) > 2
    assert any(words.startswith("Rebutted by (against ") for words in answers)
    for expected in (
        "Executive order · United States · brief as of 22 November 2026",
        "Frontier model review order",
        "Promoting Advanced Artificial Intelligence Innovation and Security",
        "EO 14409; FR Doc. 2026-11415; 91 FR 34565",
        "In force since 2 June 2026",
        "Decided by: issued, 2 June 2026 [1, § 3; 2; 3]",
        "Known as of 10 October 2026; nothing later has been checked.",
        "Confidence: high",
        "Effect on openness: silent.",
        *(f"{date}: {words}" for date, words in steps),
        "Nothing further is known to be due.",
        f"For it on condition ({sides(kb, ORDER, 'supports_if')[0]})",
        "The review order rightly avoids preapproval but leaves too much vague.",
        "David B. McGarry, Taxpayers Protection Alliance",
        "Unanswered here.",
        *answers,
        "Editors’ reading, 22 November 2026: supported",
        "they are not a verdict on what is true",
        "Where sources disagree",
        "Whether the review is mandatory.",
        "What is not known",
        "Which companies take part, and has Meta joined?",
        "Grade: primary.",
        "Open Source AI Policy, content",
        f"{BASE_URL}actions/{ORDER}?on={TODAY}",
    ):
        assert squeezed(expected) in squeezed(said), expected


def test_statements_carry_numbers_of_sources_that_are_listed_in_order(kb):
    for ids in ((ORDER,), (ACT,), (OPTION,), (ORDER, ACT, LETTER, OPTION)):
        body = made(kb, *ids).body
        head, _, listed = body.partition("<h2>Sources</h2>")
        first = list(
            dict.fromkeys(int(number) for number in re.findall(r'href="#source-(\d+)"', head))
        )
        assert (
            first
            == [int(number) for number in re.findall(r'id="source-(\d+)"', listed)]
            == list(range(1, len(first) + 1))
        )
        assert len(first) > 8
        assert "#source-" not in listed and head.count('class="ref"') > 10


def test_a_number_leads_to_the_source_of_the_fact(kb):
    body = made(kb, LETTER, on="2026-06-15").body
    (number,) = re.findall(r'Alex Stamos\xa0<span class="ref">\[<a href="#source-(\d+)">', body)
    assert re.search(rf'<span id="source-{number}">(.*?)</span>', body)[1].startswith(
        "Alex Stamos, "
    )
    assert (
        'Nathan Lambert, Kevin Xu\xa0<span class="ref">[<a href="#source-1">1</a>, title, ¶ 4]</span>'
        in made(kb, OPTION).body
    )


def test_the_day_changes_status_events_and_arguments(kb):
    then, now = (text(made(kb, LETTER, on=day)).replace(" .", ".") for day in ("2026-06-15", TODAY))
    assert (
        "In force since 12 June 2026 (status on 15 June 2026). Decided by: issued, 12 June 2026"
        in then
    )
    assert "Ended on 30 June 2026, in force for 18 days. Decided by: revoked, 30 June 2026" in now
    assert (
        "What came after that day 16 June 2026: published." in then
        and "Deadlines ahead Nothing further is known to be due" in now
    )
    assert (
        "2 arguments made only after 15 June 2026 are left out." in then and "left out" not in now
    )
    later = "Labs and governments have shown that they can cut off access"
    assert later not in then and later in now
    assert "/actions/us-bis-anthropic-access-directive-2026?on=2026-06-15" in then


def test_before_the_first_event_nothing_had_happened(kb):
    early = made(kb, ORDER, on="2020-01-01")
    assert early.remarks == (
        f"{ORDER}: nothing had happened yet; the first step came on 21 May 2026",
    )
    assert (
        "Nothing had happened yet; the first step came on 21 May 2026 (status on 1 January 2020)"
        in text(early)
    )
    assert "No argument about this action is recorded up to that day." in text(early)
    assert pages(paper.pdf(early, "2020-01-01"))[0].startswith("Executive order")


@pytest.mark.thorough
def test_two_pages_hold_any_action(kb):
    """Print the briefs with the most text on both papers."""
    everything = {
        id: len(" ".join(Page(made(kb, id).body).words))
        for (id,) in kb.execute("select id from actions order by id")
    }
    assert len(everything) > 100
    longest = {*sorted(everything, key=everything.get)[-8:], OPTION, LETTER, ACT, ORDER}
    counted = {
        (id, size): len(pages(paper.pdf(made(kb, id), TODAY, size)))
        for id in longest
        for size in paper.PAPERS
    }
    assert {key: count for key, count in counted.items() if count > 2} == {}
    assert 2 in counted.values()
    assert len(pages(paper.pdf(made(kb, "br-pl-2338-2023"), TODAY))) == 1


@pytest.mark.thorough
def test_two_pages_hold_any_number_of_arguments_claims_and_events(base: Base):
    """With long titles and notes, and every argument answered by others."""
    sentence = "This is a sentence of about the length that a title of a long argument has here"
    note = f"{sentence}. " * 12
    base.action(
        "an-order",
        [("2026-06-02", "issued", {"note": note})]
        + [(f"2026-07-{day:02}", "other", {"note": sentence}) for day in range(1, 29)],
        summary=note,
        effect={"kind": "silent", "note": note},
        disputes=[
            {"about": f"Point {n}", "note": note, "cite": [{"document": "a-source"}]}
            for n in range(20)
        ],
        open_questions=[f"{sentence}, question {n}" for n in range(20)],
    )
    for n in range(20):
        base.record("claims", f"claim-{n}", text=f"{sentence}, claim {n}", note=note)
    for n in range(60):
        stance = ("supports", "opposes", "supports_if", "warns", "neutral")[n % 5]
        base.record(
            "arguments",
            f"argument-{n}",
            title=f"{sentence}, argument {n}",
            claims=[f"claim-{n % 20}"],
            stances=[{"action": "an-order", "stance": stance, "note": note[:290]}],
            relations=[
                {"type": "rebuts", "argument": f"argument-{(n + step) % 60}"} for step in (1, 2, 7)
            ],
        )
    result = base.load()
    assert not result.errors, [problem.text() for problem in result.problems]
    one = made(reading.connect(base.db), "an-order")
    for size in paper.PAPERS:
        assert len(pages(paper.pdf(one, TODAY, size))) == 2
    for more in ("events", "arguments", "claims", "disputes", "open questions"):
        assert re.search(rf">\d+ more {more}</a> in the record", one.body), more
    assert note.strip() not in one.body and one.body.count("…") > 3


@pytest.mark.parametrize(
    ("sizes", "most", "least", "shown"),
    [
        ([5, 5, 5], 9, 0, [3, 3, 3]),
        ([1, 9, 2], 9, 0, [1, 6, 2]),
        ([3, 0, 1], 9, 1, [3, 0, 1]),
        ([4, 4, 4], 2, 1, [1, 1, 1]),
        ([4, 4, 4], 2, 0, [1, 1, 0]),
        ([], 9, 1, []),
    ],
)
def test_lists_take_turns(sizes: list[int], most: int, least: int, shown: list[int]):
    assert brief.shares(sizes, most, least) == shown


def test_what_is_cut_is_counted_and_its_address_given(kb):
    body = made(kb, OPTION).body

    def counted(part: str, noun: str) -> tuple[int, int]:
        link = rf'<a href="{BASE_URL}actions/{OPTION}[^"]*">(\d+) more {noun}s?</a> in the record'
        more = re.search(link, part)
        return len(re.findall(r"^<li>", part, re.MULTILINE)), int(more[1]) if more else 0

    total = kb.execute(
        "select count(*) from stances s join arguments a on a.id = s.argument where action = ? and stance = 'opposes' and a.withdrawn_on is null",
        [OPTION],
    ).fetchone()[0]
    against = section(body, f"<h3>Against it ({sides(kb, OPTION, 'opposes')[0]})</h3>")
    shown, more = (
        len(re.findall(r"^<li><b>", against, re.MULTILINE)),
        counted(against, "argument")[1],
    )
    assert total == shown + more and more
    claims = counted(section(body, "<h2>Claims these arguments rest on</h2>"), "claim")
    assert (
        sum(claims)
        == kb.execute(
            "select count(distinct claim) from stances s join arguments a on a.id = s.argument"
            " join argument_claims using (argument) join claims c on c.id = claim"
            " where s.action = ? and a.withdrawn_on is null and c.withdrawn_on is null",
            [OPTION],
        ).fetchone()[0]
    )
    # What there is most of takes part in every turn.
    assert shown >= claims[0] > 1
    items = len(re.findall(r"<li>", body.split("<h2>Sources")[0]))
    assert brief.MOST_ITEMS - 9 <= items < brief.MOST_ITEMS


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("One. Two.", "One. Two."),
        ("One sentence is here. Another one is here. And a third.", "One sentence is here. …"),
        ("Short. Another sentence is long, and no dot ends it.", "Short. Another sentence is …"),
        ("A" * 31, "A" * 30 + " …"),
    ],
)
def test_long_texts_are_cut_after_a_sentence_or_a_word(text: str, shown: str):
    assert brief._shortened(text, 30) == shown


def test_answers_that_are_cut_are_counted(kb):
    against = section(made(kb, OPTION).body, "<h3>Against it")
    first = re.search(r"^<li><b>(.*?)\.</b>(.*?)(?=^<li><b>|\Z)", against, re.MULTILINE | re.DOTALL)
    shown = len(re.findall(r'<li><span class="how">', first[2]))
    more = sum(
        int(number) for number in re.findall(r"\((\d+)(?: more)? answers? in the rec", first[2])
    )
    (argument,) = kb.execute("select id from arguments where title = ?", [first[1]]).fetchone()

    def answers(argument: str, above: tuple[str, ...]) -> int:
        found = kb.execute(
            "select distinct r.argument, r.type, r.target from argument_relations r join arguments a on a.id = r.argument"
            " where r.other = ? and r.type <> 'supports' and a.withdrawn_on is null",
            [argument],
        ).fetchall()
        return sum(
            1 + (answers(other, (*above, argument)) if len(above) < 2 else 0)
            for other, *_ in found
            if other not in (*above, argument)
        )

    assert shown and more and shown + more == answers(argument, ())


def test_paper_has_the_size_asked_for(kb):
    one = made(kb, "br-pl-2338-2023")
    sizes = {
        name: [
            round(float(side))
            for side in pypdf.PdfReader(io.BytesIO(paper.pdf(one, TODAY, name)))
            .pages[0]
            .mediabox[2:]
        ]
        for name in paper.PAPERS
    }
    assert sizes == {"a4": [595, 842], "letter": [612, 792]}
    section = docx.Document(io.BytesIO(paper.docx(one, TODAY, "letter"))).sections[0]
    assert (round(section.page_width.inches, 1), round(section.page_height.inches, 1)) == (
        8.5,
        11.0,
    )


@pytest.mark.thorough
def test_same_content_same_bytes(kb):
    for form in (paper.pdf, paper.docx):
        assert form(made(kb, ORDER), TODAY) == form(made(kb, ORDER), TODAY)
    information = pypdf.PdfReader(io.BytesIO(paper.pdf(made(kb, ORDER), TODAY))).metadata
    assert (
        information.title,
        information.author,
        information.creation_date.date().isoformat(),
    ) == (
        "Frontier model review order: Brief as of 22 November 2026",
        "Open Source AI Policy",
        TODAY,
    )
    core = docx.Document(io.BytesIO(paper.docx(made(kb, ORDER), TODAY))).core_properties
    assert (core.title, core.author, core.created.date().isoformat()) == (
        "Frontier model review order: Brief as of 22 November 2026",
        "Open Source AI Policy",
        TODAY,
    )


def test_pdf_is_tagged_and_its_picture_is_told(kb):
    document = pypdf.PdfReader(io.BytesIO(paper.pdf(made(kb, ORDER), TODAY)))
    assert (
        document.trailer["/Root"]["/MarkInfo"]["/Marked"]
        and document.trailer["/Root"]["/Lang"] == "en"
    )
    assert (
        made(kb, ORDER).pictures["timeline-us-eo-14409.svg"].words
        == "Not yet in force from 21 May 2026 until 2 Jun 2026; In force from 2 Jun 2026. 11 events. Shown as of 22 Nov 2026."
    )


def test_word_document_has_styles_and_picture(kb):
    written = paper.docx(made(kb, ORDER), TODAY)
    document = docx.Document(io.BytesIO(written))
    used = {paragraph.style.name for paragraph in document.paragraphs}
    assert {"Heading 1", "Heading 2", "Heading 3", "Kicker", "Meta", "Status", "Sources"} <= used
    assert [
        paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Heading 1"
    ] == ["Frontier model review order"]
    assert len(document.inline_shapes) == 1 and document.inline_shapes[0].width.cm > 15
    names = zipfile.ZipFile(io.BytesIO(written)).namelist()
    assert [name for name in names if name.startswith("word/media/")][0].endswith(".png")
    assert "NUMPAGES" in zipfile.ZipFile(io.BytesIO(written)).read("word/footer1.xml").decode()


@pytest.mark.slow
def test_comparison(kb):
    five = made(kb, ORDER, ACT, LETTER, OPTION, "br-pl-2338-2023")
    document = docx.Document(io.BytesIO(paper.docx(five, TODAY)))
    (table,) = document.tables
    rows = [[" ".join(cell.text.split()) for cell in row.cells] for row in table.rows]

    def debate(action: str) -> str:
        supporting = sides(kb, action, "supports", "supports_if")
        opposing = sides(kb, action, "opposes", "warns")
        arguments, documents = zip(supporting, opposing, strict=True)
        return "{} / {} (in {} / {} documents)".format(*arguments, *documents)

    assert rows[0] == [
        "Action",
        "Status on 22 November 2026",
        "Decided by",
        "Openness",
        "For / against",
        "Next",
    ]
    assert rows[2] == [
        "AI Act EU regulation, European Union",
        "Partly in force since 2 February 2025 (known as of 21 September 2026)",
        "Applies in part, 2 February 2025 [2, article 113(a)]",
        "Exempts",
        debate(ACT),
        "Applies in part, 2 December 2026 [3, article 1(40)]",
    ]
    assert rows[4] == [
        "Ban on open source AI Policy option, United States",
        "An idea; no body has started a procedure for it (known as of 24 September 2026)",
        "no event",
        "Restricts",
        debate(OPTION),
        "nothing known",
    ]
    on_paper = pages(paper.pdf(five, TODAY))
    assert len(on_paper) == 2 and on_paper[0].startswith(
        "Comparison as of 22 November 2026 5 actions compared"
    )
    assert "| **AI Act**" in paper.markdown(five)
    assert made(kb, ORDER, ORDER).title == "Frontier model review order"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    base = Base(tmp_path_factory.mktemp("hostile"))
    base.record(
        "documents",
        "a-source",
        title=HOSTILE,
        authors=[{"family": HOSTILE}],
        container=HOSTILE,
        url='https://example.org/a?b="><script>',
    )
    base.action(
        "an-order",
        [("2026-06-02", "issued", {"note": HOSTILE}), ("2027-01-01", "other", {"note": HOSTILE})],
        title=HOSTILE,
        short_title=HOSTILE,
        summary=HOSTILE,
        effect={"kind": "silent", "note": HOSTILE},
        disputes=[
            {
                "about": HOSTILE,
                "note": HOSTILE,
                "cite": [{"document": "a-source", "locator": "page 3"}],
            }
        ],
        open_questions=[HOSTILE],
    )
    base.record(
        "arguments",
        "it-should-stay",
        title=HOSTILE,
        claims=["it-does-good"],
        stances=[{"action": "an-order", "stance": "supports", "note": HOSTILE}],
    )
    base.record(
        "arguments",
        "it-should-go",
        title="It should go",
        stances=...,
        relations=[{"type": "rebuts", "argument": "it-should-stay"}],
    )
    base.record(
        "claims",
        "it-does-good",
        text=HOSTILE,
        evidence=[{"document": "a-source", "finding": "supports", "note": HOSTILE}],
    )
    result = base.load()
    assert not result.errors, [problem.text() for problem in result.problems]
    return reading.connect(base.db)


def test_hostile_content_is_text_in_html(hostile):
    page = brief.page(made(hostile, "an-order"), style="brief.css")
    assert not Page(page).objections
    assert "<script" not in page and "javascript:" not in re.sub(r">[^<]*<", "><", page)
    assert "7*7" in page and "49" not in re.sub(
        r"\d{4}|&#?\w+;", "", re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)
    )


@pytest.mark.parametrize("form", ["markdown", "pdf", "docx"])
def test_hostile_content_is_text_in_every_other_format(hostile, form: str):
    one = made(hostile, "an-order")
    said = {
        "markdown": lambda: plain(paper.markdown(one)),
        "pdf": lambda: " ".join(pages(paper.pdf(one, TODAY))),
        "docx": lambda: word(paper.docx(one, TODAY)),
    }[form]()
    # Titles are plain text and come through whole, but for quotes that typesetting curls.
    for piece in (
        "</p><script>alert(1)</script>",
        '#panic("typst")',
        "$x^2$",
        "*bold* _em_ `code` @ref <label>",
        "{{ 7*7 }} {% x %} [a](javascript:alert(1)) | & % #",
    ):
        assert squeezed(piece) in squeezed(said.replace("“", '"').replace("”", '"')), piece
    assert "49" not in re.sub(r"\d{4}", "", said)


def test_withdrawn_and_renamed_records_are_said_to_be_so(base: Base):
    base.record("actions", "an-order", withdrawn={"on": "2026-07-01", "reason": "It was a hoax."})
    base.write(
        "redirects.toml",
        {"old-order": {"to": "an-order", "on": "2026-06-03", "reason": "A better name."}},
    )
    result = base.load()
    assert not result.errors, [problem.text() for problem in result.problems]
    one = made(reading.connect(base.db), "old-order")
    assert one.remarks == (
        "old-order: formerly “old-order”, now “an-order”: A better name",
        "an-order: withdrawn on 1 July 2026: It was a hoax.",
    )
    assert (
        "Formerly “old-order”, now “an-order”: A better name. This record was withdrawn on 1 July 2026: It was a hoax."
        in text(one)
    )
    done = base.run("brief", "old-order", "--base-url", BASE_URL)
    assert (done.returncode, done.stderr) == (0, "\n".join(one.remarks) + "\n")


def test_unknown_ids_and_other_kinds_are_told_with_what_is_near(kb):
    with pytest.raises(
        reading.NotFoundError, match="^there is no record 'us-eo14409'; did you mean 'us-eo-14409'"
    ):
        made(kb, "us-eo14409")
    # Another number is another act and not a slip.
    similar = "^there is no record 'us-eo-14408'; similar: us-eo-14148, us-eo-14409, us-eo-14110"
    with pytest.raises(reading.NotFoundError, match=similar):
        made(kb, "us-eo-14408")
    with pytest.raises(
        reading.NotFoundError,
        match="^'china-limits-defeat-their-own-aim' is an argument, and briefs are about actions; it bears on option-",
    ):
        made(kb, "china-limits-defeat-their-own-aim")


def test_command_writes_what_the_ending_says(built: Base, tmp_path):
    for ending, start in (
        (".md", b"Executive order"),
        (".html", b"<!doctype html>"),
        (".pdf", b"%PDF-"),
        (".docx", b"PK"),
    ):
        done = built.run(
            "brief", "an-order", "-o", str(tmp_path / f"brief{ending}"), "--base-url", BASE_URL
        )
        assert (done.returncode, done.stdout, done.stderr) == (
            0,
            "",
            f"wrote {tmp_path / f'brief{ending}'}\n",
        )
        assert (tmp_path / f"brief{ending}").read_bytes().startswith(start)
    done = built.run("brief", "an-order", "--on", "2026-06-10")
    assert (
        done.stdout.startswith(
            "Executive order · United States · brief as of 10 June 2026\n\n# An order\n"
        )
        and done.stderr
        == "addresses begin with http://127.0.0.1:8001/; --base-url says where they are published\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["an-ordre"], "there is no record 'an-ordre'; did you mean 'an-order'"),
        (
            ["an-order", "-o", "brief.odt"],
            "brief.odt: no format has this ending; add --format, or use one of .md, .html, .htm, .pdf, .docx",
        ),
        (
            ["an-order", "--base-url", "policy.example"],
            "'policy.example' is not the address of a site; write it as https://example.org/folder/",
        ),
        (
            ["an-order", "--on", "June 5th 2026"],
            "'June 5th 2026' is not a day; write it as 2026-06-15. Did you mean 2026-06-05?",
        ),
        ([f"an-order-{number}" for number in range(21)], "21 ids are too many at once; at most 20"),
    ],
)
def test_wrong_use(built: Base, tmp_path, arguments: list[str], said: str):
    done = built.run("brief", *arguments, cwd=tmp_path)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr
    assert not list(tmp_path.glob("brief.*"))


def test_without_engines_html_is_made_and_the_rest_says_what_to_install(kb, monkeypatch):
    def missing():
        raise styles.NotInstalledError(*styles._PANDOC)

    monkeypatch.setattr(styles, "_path", missing)
    monkeypatch.setitem(__import__("sys").modules, "typst", None)
    one = made(kb, ORDER)
    assert "In force since" in text(one)
    with pytest.raises(styles.NotInstalledError, match=re.escape(install("brief"))):
        paper.markdown(one)
    for write in (paper.pdf, paper.docx):  # test_packages.py shows what the command makes of it
        with pytest.raises(ModuleNotFoundError, match="typst"):
            write(one, TODAY)


@pytest.mark.datasette
def test_page_of_the_site(site):
    answer = site.get(f"/actions/{LETTER}/brief?on=2026-06-15")
    page = Page(answer.text)
    assert answer.status_code == 200 and not page.objections
    assert f"/actions/{LETTER}" in page.links and "status on 15 June 2026" in spaced(
        " ".join(page.words)
    )
    assert "?on=2026-06-15" in answer.text and "http://localhost/actions/" in answer.text
    assert (
        site.get("/brief.css").headers["content-type"] == "text/css; charset=utf-8"
        and 'href="/brief.css"' in answer.text
    )
    assert f'href="/actions/{LETTER}/brief"' in site.get(f"/actions/{LETTER}").text
    compared = Page(site.get(f"/brief?ids={ORDER},{ACT}").text)
    assert not compared.objections and "2 actions compared" in spaced(" ".join(compared.words))


def test_as_many_actions_as_are_promised_can_be_compared(site, shipped):
    with contextlib.closing(sqlite3.connect(shipped)) as connection:
        ids = [
            id
            for (id,) in connection.execute(
                "select id from actions order by length(id) desc limit 20"
            )
        ]
    answer = site.get(f"/brief?ids={','.join(ids)}")
    assert answer.status_code == 200 and "20 actions compared" in spaced(
        " ".join(Page(answer.text).words)
    )


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/actions/no-such/brief", 404),
        ("/actions/china-limits-defeat-their-own-aim/brief", 301),
        ("/brief", 404),
        ("/brief?ids=no-such", 404),
        ("/brief?ids=<script>", 404),
        (
            "/brief?ids="
            + ",".join(f"no-such-action-with-a-long-id-{number}" for number in range(21)),
            404,
        ),
        (f"/actions/{ORDER}/brief?on=nonsense", 200),
        ("/brief?ids=" + "+".join(["x"] * 30), 404),
    ],
)
def test_wrong_addresses(site, path: str, status: int):
    answer = site.get(path)
    assert answer.status_code == status and "<script>" not in answer.text


@pytest.mark.parametrize("command", ["brief an-order", "cite an-order", "digest", "find page.txt"])
def test_a_file_that_exists_is_overwritten_only_with_force(
    built: Base, tmp_path: Path, monkeypatch, command: str
):
    monkeypatch.chdir(tmp_path)
    Path("page.txt").write_text("A page.\n")
    place = Path("made.txt")
    place.write_text("mine")
    form = ["--format", "markdown"] if command.startswith("brief") else []
    refused = built.run(*command.split(), *form, "-o", str(place))
    assert refused.returncode == 2 and place.read_text() == "mine"
    assert "made.txt exists; add --force to overwrite it" in refused.stderr
    assert built.run(*command.split(), *form, "-o", str(place), "--force").returncode == 0
    assert place.read_text() != "mine"
    nowhere = built.run(*command.split(), *form, "-o", "nowhere/made.txt")
    assert nowhere.returncode == 2
    assert "nowhere/made.txt: there is no folder nowhere" in nowhere.stderr
