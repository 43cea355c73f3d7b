"""What a reader asks lists, search, timeline and questions for: several values are honored, and what is not known is named."""

import json
import re

import pytest
from conftest import mostly_thorough, policykb
from test_answers import Site


@pytest.fixture(scope="module")
def site(shipped):
    """The shipped knowledge base."""
    return Site(shipped)


def links(site, path: str, place: str, pages: int = 60) -> set[str]:
    """Return the ids of the records that a list leads to, from its main part and all of its pages."""
    found: set[str] = set()
    for _ in range(pages):
        answer = site.get(path)
        assert answer.status_code == 200, path
        main = re.search(r"<main.*</main>", answer.text, re.DOTALL)[0]
        found |= set(re.findall(rf'href="/{place}/([a-z0-9-]+)"', main))
        after = re.search(r'rel="next" href="([^"]+)"', main)
        if not after:
            return found
        path = after[1].replace("&amp;", "&")
    raise AssertionError("more pages than expected")


FILTERS = [
    ("/actions", "actions", "jurisdiction", ("eu", "fr")),
    ("/actions", "actions", "jurisdiction", ("us", "us-ca")),  # one holds the other
    ("/actions", "actions", "instrument", ("executive_order", "bill")),
    ("/actions", "actions", "stage", ("introduced", "failed")),
    ("/actions", "actions", "force", ("in_force", "ended")),
    ("/actions", "actions", "effect", ("exempts", "restricts")),
    ("/arguments", "arguments", "stance", ("supports", "warns")),
    ("/arguments", "arguments", "action", ("eu-ai-act", "option-ban-open-source-ai")),
    ("/claims", "claims", "finding", ("contested", "supported")),
    ("/claims", "claims", "kind", ("causal", "empirical")),
    ("/documents", "documents", "grade", ("relayed", "aggregator")),
    ("/documents", "documents", "type", ("report", "bill")),
    ("/organizations", "organizations", "kind", ("company", "legislature")),
    ("/timeline", "actions", "jurisdiction", ("eu", "fr")),
    ("/topics/licensing", "actions", "jurisdiction", ("eu", "cn")),
    ("/jurisdictions/us", "actions", "instrument", ("executive_order", "bill")),
    ("/organizations/european-commission", "actions", "force", ("in_force", "not_yet")),
]


@pytest.mark.parametrize("path, place, name, values", mostly_thorough(FILTERS))
def test_a_filter_given_twice_passes_what_any_value_passes(site, path, place, name, values):
    one, other = (links(site, f"{path}?{name}={value}", place) for value in values)
    both = links(site, f"{path}?{name}={values[0]}&{name}={values[1]}", place)
    assert one and other and both == one | other
    assert both != links(site, path, place) or path == "/claims"


def test_the_number_of_actions_counts_each_once(site):
    text = site.text("/actions?jurisdiction=us&jurisdiction=us-ca")
    us = site.text("/actions?jurisdiction=us")
    number = re.compile(r"(\d+) actions of \d+")
    assert number.search(text)[1] == number.search(us)[1]


@pytest.mark.datasette
def test_the_form_keeps_every_value(site):
    page = site.get("/actions?instrument=bill&instrument=executive_order").text
    select = re.search(r'<select id="f-instrument".*?</select>', page, re.DOTALL)[0]
    assert "multiple" in select
    assert set(re.findall(r'value="(\w+)" selected', select)) == {"bill", "executive_order"}


@pytest.mark.datasette
def test_search_takes_several_kinds(site):
    text = site.get("/search?q=open&kind=claim&kind=topic").text
    groups = set(re.findall(r'id="kind-(\w+)"', text))
    assert groups == {"claim", "topic"}


UNKNOWN = {
    "/actions?jurisdiction=atlantis": "There is no jurisdiction “atlantis”.",
    "/actions?stage=finished": "“finished” is not a value of “stage”; it has: option, ",
    "/actions?colour=red": "“colour” is not a parameter of this page; it has: jurisdiction, ",
    "/actions?on=2026-06-15&on=2025-01-01": "“on” was given more than once",
    "/?on=2026-06-15&on=2025-01-01": "“on” was given more than once",
    "/actions/us-eo-14409?on=2026-06-15&on=2025-01-01": "“on” was given more than once",
    "/actions/us-eo-14409/debate?focus=us-eo-14409&focus=us": "“focus” was given more than once",
    "/search?q=open&q=weights": "“q” was given more than once",
    "/following?days=3&days=4": "“days” was given more than once",
    "/timeline?zoom=month&zoom=year": "“zoom” was given more than once",
    "/actions?page=two": "“two” is not the number of a page.",
    "/arguments?stance=against": "“against” is not a value of “stance”",
    "/arguments?action=nothing": "There is no action “nothing”.",
    "/arguments?action=eu-ai-act&action=nothing": "There is no action “nothing”.",
    "/claims?finding=true": "“true” is not a value of “finding”",
    "/documents?grade=best": "“best” is not a value of “grade”",
    "/documents?author=doe": "“author” is not a parameter of this page",
    "/organizations?kind=club": "“club” is not a value of “kind”",
    "/search?q=open&kind=bill": "“bill” is not a value of “kind”",
    "/search?query=open": "“query” is not a parameter of this page",
    "/timeline?jurisdiction=atlantis": "There is no jurisdiction “atlantis”.",
    "/timeline?zoom=day": "“day” is not a value of “zoom”",
    "/timeline?from=soon": "“soon” is not a year.",
    "/questions/status-on?jurisdiction=us&jurisdiction=atlantis": "There is no jurisdiction “atlantis”",
    "/questions/status-on?day=2026-06-15": "“day” is not a parameter of this question",
    "/questions/status-on?on=2026-06-15&on=2025-01-01": "on takes one value",
    "/questions/answered-arguments?stance=against": "There is no stance “against”",
}


@pytest.mark.parametrize("path", UNKNOWN)
def test_what_is_not_known_is_named(site, path):
    page = site.get(path)
    assert page.status_code == 200
    alerts = re.findall(r'<p class="message" role="alert">(.*?)</p>', page.text)
    assert any(UNKNOWN[path] in re.sub("<[^>]*>", "", alert) for alert in alerts), alerts


def test_a_value_that_is_not_known_passes_nothing(site):
    assert not links(site, "/arguments?stance=against", "arguments")
    assert not links(site, "/claims?finding=true", "claims")
    assert "Nothing was found for “open”." in site.text("/search?q=open&kind=bill")


def answers(site, name: str, query: str) -> list[dict]:
    """Return the rows of a question, as its file of JSON has them."""
    return json.loads(site.get(f"/questions/{name}.json?{query}").text)


QUESTIONS = [
    ("status-on", "jurisdiction", ("eu", "fr"), "action"),
    ("deadlines-ahead", "jurisdiction", ("eu", "us"), "action"),
    ("arguments-about", "action", ("eu-ai-act", "option-ban-open-source-ai"), "argument"),
    ("who-argues-what", "action", ("eu-ai-act", "option-ban-open-source-ai"), "argument"),
    ("mentions-of", "action", ("us-eo-14409", "us-eo-14110"), "document"),
    ("answered-arguments", "stance", ("supports", "opposes"), "argument"),
    ("rests-on-document", "document", ("lambert-xu-2026-banning-open-source-ai",) * 2, "record"),
]


@pytest.mark.parametrize("name, parameter, values, key", QUESTIONS)
def test_a_question_takes_several_values(site, shipped, name, parameter, values, key):
    one, other = (
        {row[key] for row in answers(site, name, f"{parameter}={value}")} for value in values
    )
    twice = answers(site, name, f"{parameter}={values[0]}&{parameter}={values[1]}")
    assert one and other and {row[key] for row in twice} == one | other
    assert twice == answers(site, name, f"{parameter}={values[0]}, {values[1]}")
    given = [part for value in values for part in ("-p", f"{parameter}={value}")]
    done = policykb("query", name, *given, "--format", "json", "--db", str(shipped))
    assert json.loads(done.stdout) == twice


@pytest.mark.parametrize(
    ("question", "value", "message"),
    [
        ("mentions-of", "action=nothing", "there is no action 'nothing'"),
        ("mentions-of", "action=us-eo-14409,nothing", "there is no action 'nothing'"),
        (
            "arguments-about",
            "action=eu-ai-acts",
            "there is no action 'eu-ai-acts'; did you mean 'eu-ai-act'?",
        ),
        (
            "answered-arguments",
            "stance=suports",
            "there is no stance 'suports'; did you mean 'supports'?",
        ),
    ],
)
def test_the_command_refuses_what_is_not_known(shipped, question, value, message):
    done = policykb("query", question, "-p", value, "--db", str(shipped))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == f"Error: {message}"


def test_the_command_takes_one_day(shipped):
    given = ["-p", "on=2026-06-15", "-p", "on=2025-01-01"]
    done = policykb("query", "status-on", *given, "--db", str(shipped))
    assert done.returncode == 2 and "on takes one value" in done.stderr


@pytest.mark.datasette
def test_a_file_of_an_answer_is_refused_for_a_parameter_that_is_not_known(site):
    answer = site.get("/questions/status-on.json?day=2026-06-15")
    assert answer.status_code == 400 and "“day” is not a parameter" in answer.text
