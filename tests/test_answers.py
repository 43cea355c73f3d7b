"""Arguments, claims, search, timeline and questions as pages, through the real application without a server."""

import re
from html import unescape

import pytest
import test_pages
from conftest import ANY, Base, examples, mostly_thorough, policykb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from policykb.read.questions import questions
from policykb.site.marks import FROM, TO, marked
from policykb.site.views.search import tokens

HOSTILE = [
    '"',
    "'",
    '""',
    "“ ”",
    "*",
    "a*",
    "(",
    ")",
    "NEAR(",
    "AND",
    "OR NOT",
    "-",
    "--",
    ";",
    "%",
    "_",
    "\\",
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    "\u202eabc",
    "x" * 1500,
    "é" * 300,
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "title:x",
    "^a",
    "a + b",
    "{a b}: c",
    "' or 1=1 --",
    "0",
    "9" * 50,
    "\x01",
    "../../etc",
]


class Site(test_pages.Site):
    """The site of another module, with parameters and the text of a page."""

    def get(self, path: str, **params: str):
        """Return the answer to a request."""
        return super().get(path, params=params or None)

    def text(self, path: str, **params: str) -> str:
        """The text of a page, without markup and in one line; the page must be there."""
        answer = self.get(path, **params)
        assert answer.status_code == 200, (path, params, answer.status_code)
        main = re.search(r"<main.*</main>", answer.text, re.DOTALL)[0]
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())


@pytest.fixture(scope="module")
def site(shipped):
    """The shipped knowledge base."""
    return Site(shipped)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A small base with every tie that these pages show, and with hostile content."""
    base = Base(tmp_path_factory.mktemp("small"))
    base.record(
        "documents",
        "a-source",
        title="A source",
        authors=[{"family": "Doe", "given": "Jane"}, {"family": "Roe", "given": "Max"}],
        issued="2026-05",
    )
    base.record("documents", "weak-source", grade="relayed", title="<b>Weak</b> & source")
    base.record(
        "claims",
        "it-does-good",
        evidence=[
            {"document": "a-source", "finding": "supports", "note": "Says so."},
            {
                "document": "weak-source",
                "finding": "refutes",
                "note": "Says [not](javascript:alert(1)) so.",
            },
        ],
        note="Both sides.",
    )
    base.record(
        "arguments",
        "it-should-stay",
        claims=["it-does-good"],
        values=["security"],
        note="The editors' note.",
        appearances=[
            {
                "document": "a-source",
                "locator": "paragraph 3",
                "words": "it should stay",
                "by": ["Doe"],
            }
        ],
    )
    base.record(
        "arguments",
        "it-should-go",
        title="It should <i>go</i>",
        stances=[{"action": "an-order", "stance": "opposes", "note": "Plainly."}],
        relations=[{"type": "rebuts", "argument": "it-should-stay"}],
    )
    base.record(
        "arguments",
        "it-is-needed",
        title="It is needed",
        stances=[],
        relations=[{"type": "supports", "argument": "it-should-stay"}],
    )
    base.record(
        "arguments",
        "long-one",
        title="Long " + "x" * 290,
        stances=[{"action": "an-order", "stance": "warns"}],
    )
    base.write(
        "redirects.toml",
        {"old-argument": {"to": "it-should-stay", "on": "2026-01-01", "reason": "Renamed."}},
    )
    result = base.load()
    assert not result.errors, [problem.text() for problem in result.problems]
    return Site(base.db), base


def test_arguments_come_most_connected_first_and_are_filtered(small, site):
    page = small[0].get("/arguments").text
    assert page.index(">It should stay<") < page.index(">It is needed<")
    opposing = small[0].text("/arguments", stance="opposes")
    assert "It should <i>go</i>" in opposing and "It is needed" not in opposing
    unanswered = small[0].text("/arguments", unanswered="1")
    assert "It should stay" not in unanswered and "It is needed" in unanswered
    assert "There is no action “nothing-of-it”" in small[0].text(
        "/arguments", action="nothing-of-it"
    )
    first, second = (
        re.findall(r'href="/arguments/([a-z0-9-]+)"', site.get("/arguments", page=number).text)
        for number in ("1", "2")
    )
    assert len(first) == 40 and not set(first) & set(second)
    assert "Ban on open source AI" in site.text("/arguments", action="option-ban-open-source-ai")


def test_argument_leads_from_premises_to_conclusion_and_to_all_it_is_tied_to(small):
    page = small[0].text("/arguments/it-should-stay")
    for said in (
        "It does good.",
        "Therefore: It should stay",
        "Consequences: Good or bad results count for or against the action.",
        "Security : Protection of people",
        "The editors' note.",
        "▲ Supports An order (written before the action began) ● In force",
        "Supported by 1 It is needed",
        "Rebutted by 1 It should <i>go</i>",
        "Where it is made 1 Jane Doe , A source , May 2026 , ¶ 3 primary",
        "Find it at the words it should stay",
        "It does good Editors' reading as of 1 Jun 2026: Contested",
    ):
        assert said in page, said
    assert "It rebuts 1 It should stay" in small[0].text("/arguments/it-should-go")
    picture = re.search(
        r"<svg [^>]*picture map.*?</svg>", small[0].get("/arguments/it-should-stay").text, re.DOTALL
    )[0]
    assert 'href="/arguments/it-should-go"' in picture and "tie rebuts" in picture


def test_argument_shows_the_status_of_its_actions_on_a_day(small):
    assert "nothing had happened yet" in small[0].text("/arguments/it-should-stay", on="2020-01-01")
    assert "is not a day" in small[0].text("/arguments/it-should-stay", on="yesterdayish")


def test_claim_shows_the_reading_the_evidence_and_what_rests_on_it(small):
    page = small[0].text("/claims/it-does-good")
    for said in (
        "The editors read the evidence as of 1 June 2026 as: contested",
        "not a verdict on what is true",
        "Both sides.",
        "For it 1 Says so.",
        "Against it 1",
        "<b>Weak</b> & source relayed",
        "Arguments that rest on it 1 It should stay",
    ):
        assert said in page, said
    assert "It does good" in small[0].text("/claims", finding="contested")
    assert "It does good" not in small[0].text("/claims", finding="supported")


def test_hostile_content_is_shown_as_text(small):
    for path in (
        "/arguments",
        "/arguments/it-should-go",
        "/arguments/it-should-stay",
        "/arguments/long-one",
        "/claims/it-does-good",
        "/search?q=go",
        "/search?q=weak",
        "/questions/answered-arguments",
        "/questions/arguments-about?action=an-order",
    ):
        page = small[0].get(path).text
        assert "<i>go" not in page and "<b>Weak" not in page, path
        assert 'href="javascript:' not in page, path


@pytest.mark.parametrize(
    "path",
    [
        "/arguments",
        "/arguments/it-should-stay",
        "/claims",
        "/claims/it-does-good",
        "/search",
        "/search?q=order",
        "/timeline",
        "/timeline?zoom=month",
        "/questions",
        "/questions/status-on",
        "/questions/status-on.csv",
        "/questions/status-on.json",
    ],
)
def test_pages_allow_no_script_of_others_and_no_inline_style(small, path):
    answer = small[0].get(path)
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not re.search(
        r"<script(?! src=\"/-/static-plugins/policykb/[a-z]+\.js\?v=[0-9a-f]+\" defer></script>)|<style|\sstyle=|\son\w+=",
        answer.text,
    )


@pytest.mark.datasette
def test_old_and_unknown_ids(small):
    moved = small[0].get("/arguments/old-argument")
    assert (moved.status_code, moved.headers["location"]) == (301, "/arguments/it-should-stay")
    assert small[0].get("/claims/it-should-stay").status_code == 301, (
        "an id of another kind leads to its page"
    )
    for path in (
        "/arguments/no-such",
        "/claims/no-such",
        "/questions/no-such",
        "/questions/no-such.csv",
    ):
        assert small[0].get(path).status_code == 404, path


@pytest.mark.parametrize(
    ("typed", "action"),
    [
        ("EO 14409", "us-eo-14409"),
        ("eo14409", "us-eo-14409"),
        ("2024/1689", "eu-ai-act"),
        ("(EU) 2024/1689", "eu-ai-act"),
        ("SB 1047", "us-ca-sb1047-2024"),
        ("S. 321", "us-s321-decoupling-ai-china-act-2025"),
        ("the order EO 14409 please", "us-eo-14409"),
        ('"EO 14409"', "us-eo-14409"),
    ],
)
def test_search_knows_identifiers(site, typed, action):
    page = site.get("/search", q=typed).text
    first = page.split("By official number", 1)[1].split("</section>", 1)[0]
    assert f'href="/actions/{action}"' in first


@pytest.mark.parametrize("typed", ["2026", "open source", "17"])
def test_search_does_not_take_everything_for_an_identifier(site, typed):
    assert "By official number" not in site.text("/search", q=typed)


@pytest.mark.datasette
def test_search_marks_hits_and_groups_them(site):
    page = site.get("/search", q="open weights").text
    assert re.search(r"<mark>Open</mark>[ -]<mark>weights</mark>", page)
    headings = re.findall(r'<h2 id="kind-(\w+)"', page)
    assert {"argument", "document"} <= set(headings) and len(headings) == len(set(headings))
    assert re.search(
        r'<option value="claim" selected', site.get("/search", q="open", kind="claim").text
    )
    assert re.findall(r'<h2 id="kind-(\w+)"', site.get("/search", q="open", kind="claim").text) == [
        "claim"
    ]
    one, two = (
        set(
            re.findall(
                r'<p class="flush"><a href="/documents/([^"]+)"',
                site.get("/search", q="ai", kind="document", page=page).text,
            )
        )
        for page in "12"
    )
    assert one and two and not one & two


def test_search_forgives(site):
    plain = re.findall(
        r'href="(/actions/[^"]+)"', site.get("/search", q="carve-out exemption").text
    )
    for typed in (
        "carve-out, exemption!",
        "“carve-out” exemption",
        'carve-out "exemption',
        "  carve-out   exemption ",
        "carve-out; (exemption)",
    ):
        assert re.findall(r'href="(/actions/[^"]+)"', site.get("/search", q=typed).text) == plain, (
            typed
        )
    assert "words that begin with them" in site.text("/search", q="frontie")
    assert "No record has “zebra”" in site.text("/search", q="procurement zebra")
    for typed in ("", "   ", '"', "...", "\u201c\u201d"):
        assert "Search" in site.text("/search", q=typed)


def test_search_suggests_when_nothing_is_found(site):
    page = site.text("/search", q="fronteir")
    assert "Nothing was found for “fronteir”" in page
    assert "Did you mean frontier ?" in page
    assert "Nearest records" in page
    assert "Nothing was found" in site.text("/search", q="qqqqzzzz")


@pytest.mark.parametrize(
    ("typed", "suggested", "unknown"),
    [
        ("fronteir review order", "frontier review order", "fronteir"),
        ("open-weigth models", "open-weight models", "weigth"),
    ],
)
def test_search_for_known_words_suggests_a_correction_of_the_others(
    site, typed, suggested, unknown
):
    page = site.text("/search", q=typed)
    assert f"Did you mean {suggested} ?" in page
    assert f"No record has “{unknown}”; these records have the other words." in page
    known = site.get("/search", q=typed.replace(unknown, "")).text
    hits = re.findall(r'class="hit[^>]*>|href="(/actions/[a-z0-9-]+)"', known)
    assert set(filter(None, hits)) <= set(
        re.findall(r'href="([^"]+)"', site.get("/search", q=typed).text)
    )


def test_marks_come_from_the_index_only():
    assert marked(f"a {FROM}hit{TO} <b>") == "a <mark>hit</mark> &lt;b&gt;"
    assert marked(f"{TO}a{FROM}b{FROM}c{TO}") == "ab<mark>c</mark>"
    assert marked(None) == ""


def test_tokens_keep_phrases_and_drop_what_has_no_letter():
    assert tokens("open “export control” - & x") == ["open", '"export control"', "x"]
    assert tokens('a "b') == ["a", "b"]


def test_timeline_shows_actions_by_jurisdiction_and_zooms(site):
    years = site.text("/timeline")
    assert years.startswith("Timeline, 2") and "Brazilian AI bill" in years
    months = site.text(
        "/timeline",
        **{
            "zoom": "month",
            "from": "2026",
            "moving": "1",
            "jurisdiction": "eu",
            "on": "2026-06-15",
        },
    )
    assert (
        months.startswith("Timeline, 2026")
        and "AI Act ◐ Partly in force" in months
        and "15 Jun 2026" in months
    )
    assert "2 Aug 2026: applies in part (moved)" in months
    page = site.get("/timeline").text
    assert page.count('class="picture chart strip"') == 40
    assert site.get("/timeline", page="2").text.count('class="picture chart strip"') == 40
    assert "Nothing to show here" in site.text("/timeline", **{"from": "1200", "moving": "1"})
    assert "Ended" in site.text("/timeline", jurisdiction="us", on="2026-11-01")


@pytest.mark.datasette
def test_every_question_has_a_page_with_its_form_and_sql(site):
    page = site.get("/questions").text
    for question in questions("openness").values():
        assert f'href="/questions/{question.name}"' in page
        shown = site.get(f"/questions/{question.name}").text
        for parameter in question.parameters:
            assert f'name="{parameter.name}"' in shown
        assert "The SQL" in shown


GIVEN = {
    "arguments-about": {"action": "option-ban-open-source-ai"},
    "chain": {"action": "eu-ai-act"},
    "rests-on-document": {"document": "lambert-xu-2026-banning-open-source-ai"},
    "identifier": {"identifier": "EO 14409"},
    "search": {"q": "open weights"},
    "status-on": {"on": "2026-06-15"},
    "changed-between": {"from": "2026-06-01", "to": "2026-07-01"},
}


@pytest.mark.parametrize("name", mostly_thorough(questions("openness")))
def test_csv_and_json_are_what_the_command_prints(site, shipped, name):
    given = GIVEN.get(name, {})
    today = site_today()
    for form in ("csv", "json"):
        printed = policykb(
            "query",
            name,
            *(part for key, value in given.items() for part in ("-p", f"{key}={value}")),
            "--format",
            form,
            "--db",
            str(shipped),
            "--today",
            today,
        )
        assert printed.returncode == 0, printed.stderr
        answer = site.get(f"/questions/{name}.{form}", **given)
        assert answer.status_code == 200
        assert answer.text == printed.stdout
    assert answer.headers["content-type"].startswith("application/json")


def site_today() -> str:
    """The day that the pages take for today."""
    from policykb.model.dates import today

    return today().isoformat()


@pytest.mark.datasette
def test_answer_is_a_table_that_leads_to_pages(site):
    page = site.get("/questions/status-on", on="2026-06-15", jurisdiction="us").text
    assert re.search(
        r'<a href="/actions/us-bis-anthropic-access-directive-2026">[^<]+</a></td><td data-label="Jurisdiction"><a href="/jurisdictions/us">United States</a>',
        page,
    )
    text = site.text("/questions/status-on", on="2026-06-15", jurisdiction="us")
    assert "12 Jun 2026 12 Jun 2026: Issued" in text, "dates are in words"
    assert 'href="/questions/status-on.csv?on=2026-06-15&amp;jurisdiction=us"' in page
    assert "<svg" in site.get("/questions/chain", action="eu-ai-act").text
    assert "<svg" in site.get("/questions/chain", action="no-such,us-eo-14409,eu-ai-act").text
    assert site.get("/questions/chain", action="no-such").status_code == 200
    assert site.get("/questions/status-on").text.count("<tr>") == 101, "a page has a hundred rows"


@pytest.mark.datasette
def test_questions_check_what_they_are_given(site):
    assert "“soon” is not a day" in site.text("/questions/status-on", on="soon")
    assert "“x” is not a whole number from 0" in site.text("/questions/stale-records", days="x")
    assert "“maybe” is neither yes nor no" in site.text(
        "/questions/changed-between", events="maybe"
    )
    backwards = {"from": "2027-01-01", "to": "2020-01-01"}
    assert "is after the last day" in site.text("/questions/changed-between", **backwards)
    assert "Fill in action and ask." in site.text("/questions/chain")
    assert "There is no action “no-such”" in site.text("/questions/chain", action="no-such")
    assert site.get("/questions/status-on.csv", on="soon").status_code == 400
    assert site.get("/questions/chain.json").status_code == 400


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/compare.csv?ids=eu-ai-act&on=2026-02-30", "“2026-02-30” is not a day"),
        ("/duties.csv?on=2026", "“2026” is not a day; write it as 2026-06-15.\n"),
        ("/actions/eu-ai-act.jsonld?on=abc", "“abc” is not a day"),
        ("/actions/eu-ai-act.bib?on=2026-02-30", "“2026-02-30” is not a day"),
        ("/cite.ris?ids=eu-ai-act&on=abc", "“abc” is not a day"),
        ("/timeline.svg?on=June 2 2026", "Did you mean 2026-06-02?"),
        ("/questions/changed-between.csv?jurisdiction=zz", "There is no jurisdiction “zz”."),
        ("/questions/arguments-about.json?action=licensing", "There is no action “licensing”."),
        ("/questions/changed-between.csv?events=0", "“0” is neither yes nor no"),
        ("/actions/eu-ai-act/debate.svg?focus=abc", "“abc” is not part of this debate"),
    ],
)
def test_a_file_with_a_wrong_value_is_refused(site, path, message):
    answer = site.get(path)
    assert answer.status_code == 400 and message in answer.text
    assert answer.headers["content-type"].startswith("text/plain")


def test_a_number_with_parentheses_is_in_no_others(site):
    text = site.text("/questions/status-on", on="2026-06-15", jurisdiction="eu")
    assert "· (EU) 2024/1689" in text and "( (" not in text and "((" not in text


@pytest.mark.parametrize(
    "path", ["/arguments/adaptable-models-serve-local-needs", "/questions/chain?action=eu-ai-act"]
)
def test_a_map_begins_with_its_focus_on_a_narrow_screen(site, path):
    page = site.get(path).text
    width, height = re.search(
        r'class="map-start"[^>]*><svg width="(\d+)" height="(\d+)"', page
    ).groups()
    assert int(width) > 195 and int(height) > 0


def test_numbers_of_another_day_add_up_or_say_what_they_count(site):
    page = site.get("/", on="2024-01-01").text
    table = re.search(r"<caption>Actions by jurisdiction.*?</table>", page, re.DOTALL)[0]
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", table, re.DOTALL)
    for row in rows:
        *cells, all_of_them = re.findall(r'<td class="number">(?:<b>)?([^<]*)', row)
        assert sum(int(cell) for cell in cells if cell != "–") == int(all_of_them) > 0
    assert len(rows) > 5 and "as recorded today; status as of 1 January 2024" in page
    assert "all that are recorded, on any day" in page


def test_a_question_may_have_a_parameter_named_as_one_of_the_site(site):
    """`page` and `size` of the question `search` are its own; the page has all rows of its answer."""
    first, second = (site.get("/questions/search.json", q="AI", page=n).json() for n in "12")
    page = site.get("/questions/search", q="AI", page="2").text
    assert page.count("<tr>") == 1 + len(second)
    assert f'/{second[0]["id"]}"' in page and f'/{first[0]["id"]}"' not in page


@pytest.mark.parametrize("text", mostly_thorough(HOSTILE))
def test_hostile_input_never_breaks_a_page(site, text):
    asked = [
        ("/search", {"q": text}),
        ("/search", {"q": "open", "kind": text, "page": text}),
        (
            "/arguments",
            {"stance": text, "action": text, "unanswered": text, "page": text, "on": text},
        ),
        ("/claims", {"finding": text, "kind": text, "page": text}),
        (
            "/timeline",
            {
                "zoom": text,
                "from": text,
                "jurisdiction": text,
                "moving": text,
                "on": text,
                "page": text,
            },
        ),
    ]
    asked += [
        (f"/questions/{question.name}", {parameter.name: text for parameter in question.parameters})
        for question in questions("openness").values()
        if question.parameters
    ]
    for path, params in asked:
        answer = site.get(path, **params)
        assert answer.status_code in (200, 414), (path, params)
        assert "<script>alert" not in answer.text


@settings(
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.text(ANY, max_size=60), st.sampled_from(["", "action", "document"]))
def test_any_search_is_answered(site, typed, kind):
    assert (
        site.get("/search", q=typed.encode("utf-8", "replace").decode(), kind=kind).status_code
        == 200
    )


@pytest.mark.parametrize(
    "typed",
    ["Executive Order 14409", "Exec. Order No. 14,409", "the Executive Order 14409 of June"],
)
def test_search_puts_the_action_with_the_official_number_first(site, typed):
    page = site.get("/search", q=typed).text
    main = page[page.index("<main") :]
    assert re.search(r'href="/(\w+/[a-z0-9-]+)"', main)[1] == "actions/us-eo-14409"


def test_chinese_is_found_by_parts_on_the_page(tmp_path):
    base = Base(tmp_path)
    base.record("documents", "law-zh", title="关于开放源代码人工智能的法案", language="zh")
    base.load()
    page = Site(base.db)
    assert "关于开放源代码人工智能的法案" in page.text("/search", q="开放源代码")
    assert "关于开放源代码人工智能的法案" in page.text("/documents", q="人工智能")


def test_a_comparison_has_all_that_comes_next(site):
    text = site.get("/compare.csv?ids=eu-ai-act&on=2026-11-22").text
    assert "2 December 2027, " in text and "2 August 2028, " in text
