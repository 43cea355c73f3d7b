"""The forms of the site: the files that answers make are those that `check` accepts, and strangers cannot misuse them."""

import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from conftest import ABOUT, ANY, Base, examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from policykb.contribute import issue_form, web_form
from policykb.contribute.issue_form import FORMS
from policykb.read.links import target
from test_pages import Page, Site

HOST = "https://git.example.org/kb"
SOURCE = {
    "source_url": "https://gazette.example.org/order",
    "source_title": "Order on Weights",
    "source_grade": "primary",
    "source_issued": "2026-06-02",
}
ACTION = SOURCE | {
    "title": "Order on Weights",
    "instrument": "executive_order",
    "jurisdiction": "United States",
    "identifiers": "eo=14999",
    "bindingness": "mixed",
    "bodies.0.role": "issuer",
    "bodies.0.organization": "An office",
    "events.0.date": "June 2nd 2026",
    "events.0.type": "signed",
    "events.0.locator": "page 3",
    "effect.0.kind": "silent",
    "effect.0.note": "Says nothing.",
    "summary": "Binds agencies.",
}
ARGUMENT = SOURCE | {
    "title": "Weights should stay free",
    "premises": "One.\nTwo.",
    "scheme": "analogy",
    "stances.0.stance": "opposes",
    "stances.0.action": "AN ORDER",
    "stances.0.note": "It is vague",
}
DOCUMENT = {
    "url": "https://blog.example.org/x",
    "title": "Blog",
    "type": "post-weblog",
    "grade": "primary",
    "authors": "Doe, Jane\nAn office",
    "mentions.0.portrayed_as": "enacted",
    "mentions.0.action": "EO 14409",
    "mentions.0.locator": "paragraph 3",
}


def made_base(place: Path) -> Base:
    """A base with an order, whose repository takes new files, edits and issues."""
    base = Base(place)
    base.record("actions", "an-order", identifiers={"eo": "14409"})
    urls = {
        "new_url": f"{HOST}/new/main?filename={{file}}&value={{text}}",
        "edit_url": f"{HOST}/edit/main/{{file}}",
        "report_url": f"{HOST}/issues/new?title={{id}}&body={{text}}",
    }
    base.write("about.toml", ABOUT | urls)
    return base


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> tuple[Base, Site]:
    base = made_base(tmp_path_factory.mktemp("kb"))
    base.load()
    return base, Site(base.db)


def asked(site: Site, form: str, answers: dict[str, str], status: int = 200) -> str:
    answer = site.get(f"/contribute/{form}?{urlencode(answers)}")
    assert answer.status_code == status and not Page(answer.text).objections
    return answer.text


def links(text: str) -> list[tuple[str, dict[str, list[str]]]]:
    """The links to the host of the repository: path and parameters."""
    hrefs = map(unescape, re.findall(rf'href="({HOST}[^"]*)"', text))
    return [(urlsplit(href).path, parse_qs(urlsplit(href).query)) for href in hrefs]


@pytest.mark.parametrize(
    ("form", "answers", "paths"),
    [
        ("action", ACTION, ["documents/gazette-2026-order-weights", "actions/us-eo-14999"]),
        (
            "argument",
            ARGUMENT,
            ["documents/gazette-2026-order-weights", "arguments/weights-should-stay-free"],
        ),
        ("document", DOCUMENT, ["documents/doe-an-office-blog"]),
    ],
)
@pytest.mark.datasette
def test_answers_make_files_that_check_accepts(kb, tmp_path, form, answers, paths):
    _, site = kb
    made = links(asked(site, form, answers | {"check": "1"}))
    files = {query["filename"][0]: query["value"][0] for path, query in made if "/new/" in path}
    assert list(files) == [f"policies/{path}.toml" for path in paths]
    base = Base(tmp_path)
    base.record("actions", "an-order", identifiers={"eo": "14409"})
    for path, text in files.items():
        base.write(path.removeprefix("policies/"), text)
    assert base.codes() == []


def test_names_numbers_and_addresses_become_ids_and_a_known_source_is_not_made_again(kb):
    _, site = kb
    answers = ARGUMENT | {"source_url": "http://www.example.org/a-source/", "check": "1"}
    ((_, query),) = links(asked(site, "argument", answers))
    text = query["value"][0]
    assert 'document = "a-source"' in text and 'action = "an-order"' in text


def test_what_is_missing_or_wrong_is_said_beside_the_answer(kb):
    _, site = kb
    wrong = ACTION | {"check": "1", "jurisdiction": "Atlantis", "events.0.date": "soon"}
    text = unescape(asked(site, "action", wrong | {"summary": "", "source_grade": ""}))
    assert "there is no jurisdiction 'Atlantis' here" in text and "'soon' is not a date" in text
    assert 'id="w-summary"' in text and 'id="w-source_grade"' in text
    assert not links(text) and 'value="June' not in text and 'value="Atlantis"' in text
    text = unescape(asked(site, "action", ACTION | {"check": "1", "identifiers": "eo=nine"}))
    assert "'nine' does not have the form of scheme 'eo'" in text and not links(text)
    text = unescape(asked(site, "action", ACTION | {"check": "1", "identifiers": "eo=14409"}))
    assert "There may already be a record of this" in text and "/actions/an-order" in text


def test_without_an_address_a_file_is_downloaded_and_a_change_made_by_hand(shipped):
    site = Site(shipped)
    text = asked(site, "action", ACTION | {"check": "1", "bodies.0.organization": "NIST"})
    assert "to the editors" not in text
    (first, second) = re.findall(
        r'href="(/contribute/action[.]toml[^"]*)" [^>]*>Download ([^<]+)<', text
    )
    assert f"<code>policies/actions/{second[1]}</code> in a copy of the repository" in text
    answer = site.get(unescape(second[0]))
    assert f'filename="{second[1]}"' in answer.headers["content-disposition"]
    assert answer.text in unescape(text) and first[1] != second[1]
    nothing = site.get("/contribute/action.toml?title=x&file=x")
    assert nothing.status_code == 400 and "do not make such a file" in nothing.text
    text = asked(site, "correction", {"id": "eu-ai-act", "key": "title", "value": "AI Act"})
    assert "Make this change in <code>policies/actions/eu-ai-act.toml</code>" in text


def test_everything_that_is_needed_is_marked(shipped):
    text = asked(Site(shipped), "action", {"check": "1"})
    marked = re.findall(r"<(?:label|legend)[^>]*>([^<]*) <span class=\"soft\">\(required\)", text)
    assert "Effect on openness" in marked and "What happened, and what is due?" in marked
    assert "Needed: Its kind of effect (exempts, supports" in text and "about.toml" not in text


def test_rows_are_added_without_losing_answers(kb):
    _, site = kb
    text = asked(site, "action", {"events.1.note": "Second", "more": "events"})
    assert 'name="events.3.date"' in text and 'value="Second"' in text
    full = {f"events.{place}.note": "x" for place in range(12)}
    text = asked(site, "action", full | {"more": "events"})
    assert "events.11.date" in text and "events.12.date" not in text


def test_line_ends_of_a_browser_are_those_of_files(kb):
    _, site = kb
    answers = ACTION | {"check": "1", "summary": "- One\r\n- Two"}
    text = links(asked(site, "action", answers))[1][1]["value"][0]
    assert 'summary = """\n- One\n- Two\n"""' in text


def test_a_text_too_long_for_a_link_is_copied(kb):
    _, site = kb
    answers = ACTION | {"check": "1", "summary": "agency " * 500, "events.0.note": "é" * 500}
    text = asked(site, "action", answers)
    assert [query.get("value") for path, query in links(text)][1] is None
    assert "copy it from above" in text and "agency agency" in text


@pytest.mark.datasette
def test_a_record_opens_its_correction_which_from_issue_reads(kb):
    base, site = kb
    text = site.get("/actions/an-order").text
    (way,) = re.findall(r'href="([^"]*)">Something wrong\?', text)
    form = site.get(unescape(way)).text
    assert 'value="an-order"' in form and "Seen on http://localhost/actions/an-order" in form
    assert "2 June 2026: Issued" in form
    answers = {"id": "http://x/actions/an-order#event-issued", "key": "note", "value": "Said so."}
    text = asked(site, "correction", answers)
    assert '<option value="issued" selected>' in text and "becomes:" in text
    (report, edit) = links(text)
    assert edit[0] == "/kb/edit/main/policies/actions/an-order.toml"
    read = issue_form.read(report[1]["body"][0].encode())
    assert read.form is FORMS["correction"]
    assert read.texts == {"id": "an-order", "event": "issued", "key": "note", "value": "Said so."}


def test_a_correction_is_judged_by_the_rules(kb):
    _, site = kb
    about = {"id": "EO 14409", "key": "confidence"}
    text = unescape(asked(site, "correction", about | {"value": "hihg"}))
    assert "did you mean 'high'?" in text and not links(text)
    event = {"id": "an-order", "event": "2026-06-02", "key": "type"}
    text = asked(site, "correction", event | {"value": "deadline"})
    assert "T413" in text
    text = asked(site, "correction", event | {"key": "date", "value": "June 3rd 2026"})
    assert '<option value="issued" selected>2 June 2026: Issued' in text and "becomes:" in text
    assert "There is no record “nothing”" in asked(site, "correction", {"id": "nothing"})
    assert "there is no event" in asked(site, "correction", event | {"event": "2020", "value": "x"})


def test_a_package_that_is_missing_is_named(kb, monkeypatch):
    def missing(*_):
        raise ModuleNotFoundError("no slugify", name="slugify")

    monkeypatch.setattr(web_form.ids, "proposed", missing)
    assert "need the package slugify" in asked(kb[1], "action", {"check": "1", "title": "x"}, 404)


def test_there_is_no_other_form_and_nothing_is_posted(kb):
    _, site = kb
    assert site.get("/contribute").text.count("/contribute/") >= 4
    assert site.get("/contribute/claim").status_code == 404
    assert site.get("/contribute/mention").status_code == 404
    assert site.runner.run(site.datasette.client.post("/contribute/action")).status_code == 405


def test_addresses_of_pages_lead_to_records_and_events():
    assert target("https://x.org/kb/actions/an-order?on=2026#event-signed-2") == (
        "an-order",
        "signed-2",
    )
    assert target("https://x.org/actions/an-order/index.html") == ("an-order", "")
    assert target("an-order") == target("http://[") == ("", "")


NAMES = [question.key for form in FORMS.values() for question in form.questions if question.key]
NAMES += [
    "events.0.date",
    "events.1.type",
    "stances.0.action",
    "effect.0.kind",
    "more",
    "check",
]


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    form=st.sampled_from([name.removeprefix("new-") for name in FORMS if name != "mention"]),
    answers=st.dictionaries(
        st.sampled_from(NAMES),
        st.text(ANY, max_size=40)
        | st.sampled_from(["an-order", "EO 14409", "2026", "<b>", "a: b @ c"]),
    ),
)
def test_any_answers_give_a_page(kb, form: str, answers: dict[str, str]):
    asked(kb[1], form, answers | {"check": "1"})
