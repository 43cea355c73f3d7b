"""What happened for a choice of jurisdictions and topics: the page, its feeds and files, the digest, and the questions."""

import csv
import email
import io
import json
import re
import socketserver
import subprocess
import sys
from collections.abc import Iterator
from email import policy
from pathlib import Path

import feedparser
import pytest
from conftest import Base, serving
from icalendar import Calendar
from test_changes_log import ISSUED, commit
from test_pages import Site

TODAY = "2026-08-10"
DUE = ("2026-09-01", "took_effect", {"id": "due", "note": "The <b>ban</b> binds."})


def three_actions(base: Base) -> Base:
    """Three actions in two jurisdictions; one has just been revoked, one was added, one was corrected."""
    base.today = TODAY
    tables = base.policies / "jurisdictions.toml"
    tables.write_text(
        tables.read_text() + '\n[eu]\nname = "European Union"\nkind = "union"\ncode = "EU"\n'
    )
    base.action("an-order", [ISSUED], as_of="2026-06-15", topics=["a-topic"])
    base.action("a-rule", [ISSUED, DUE], jurisdiction="eu", as_of="2026-06-15", title="A rule")
    (base.policies.parent / ".gitignore").write_text("kb.db\n")
    commit(base, "2026-07-01", "Import")
    base.action(
        "an-order", [ISSUED, ("2026-08-01", "revoked")], as_of="2026-08-02", topics=["a-topic"]
    )
    base.action(
        "a-state-order",
        [("2025-01-01", "issued")],
        jurisdiction="us-ca",
        title="A state order",
        as_of="2026-08-01",
    )
    commit(base, "2026-08-02", "More")
    base.record("claims", "it-does-good", finding="unsupported")
    commit(base, "2026-08-03", "Correct a finding")
    result = base.load()
    assert not result.errors, [problem.text() for problem in result.problems]
    return base


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Base:
    """The three actions, to read."""
    return three_actions(Base(tmp_path_factory.mktemp("kept")))


@pytest.fixture(scope="module")
def pages(kept: Base) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POLICYKB_TODAY", TODAY)
        yield Site(kept.db)


def rows(pages: Site, query: str = "") -> list[tuple]:
    """The CSV of a choice as kind, title and record."""
    answer = pages.get(f"/following.csv{query}")
    assert answer.status_code == 200, answer.text
    return [
        (row["kind"], row["title"], row["record"])
        for row in csv.DictReader(io.StringIO(answer.text))
    ]


REVOKED = ("Status change", "An order: revoked on 1 August 2026", "an-order")
AHEAD = ("Ahead", "On 1 September 2026: A rule: takes effect", "a-rule")
ADDED = ("New action", "New action: A state order", "a-state-order")


def test_everything_of_the_last_days_is_listed_once(pages):
    listed = rows(pages)
    assert listed[:2] == [REVOKED, AHEAD]  # and not the commit that recorded the revocation
    assert ADDED in listed
    assert len(set(listed)) == len(listed)


def test_corrections_are_listed_on_request_and_counted_otherwise(pages, kept):
    corrected = ("Correction", "Correction: It does good", "it-does-good")
    assert corrected not in rows(pages)
    assert corrected in rows(pages, "?kind=correction")
    assert corrected not in rows(pages, "?kind=status,event,upcoming,action")
    page = pages.get("/following").text
    assert "Correction: " not in page
    assert 'Left out: <a href="/following?kind=correction">corrections 1</a>' in page
    letter = kept.run("digest", "--since", "30 days").stdout
    assert "Correction: " not in letter
    assert "Left out: corrections (1), see\n" in letter
    assert "Correction: It does good" in kept.run("digest", "--kind", "correction").stdout


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?jurisdiction=us&kind=status,action,upcoming", [REVOKED, ADDED]),
        ("?jurisdiction=us-ca", [ADDED]),
        ("?jurisdiction=eu", [AHEAD]),
        ("?jurisdiction=eu,us-ca&kind=action&kind=upcoming", [AHEAD, ADDED]),
        ("?topic=a-topic&kind=status", [REVOKED]),
        ("?jurisdiction=eu&topic=a-topic", []),
        ("?days=9&kind=status", [REVOKED]),
        ("?days=8&kind=status", []),
        ("?ahead=22&kind=upcoming", [AHEAD]),
        ("?ahead=21&kind=upcoming", []),
    ],
)
def test_a_choice_lists_exactly_what_it_names(pages, query, expected):
    assert rows(pages, query) == expected


def test_page_feed_and_calendar_say_the_same_as_the_table(pages):
    page = pages.get("/following?jurisdiction=us,eu")
    feed = feedparser.parse(pages.get("/following.atom?jurisdiction=us,eu").text)
    days = Calendar.from_ical(pages.get("/following.ics?jurisdiction=us,eu").text)
    titles = {title for _, title, _ in rows(pages, "?jurisdiction=us,eu")}
    assert {entry.title for entry in feed.entries} == titles
    assert [str(event["summary"]) for event in days.walk("VEVENT")] == ["A rule: takes effect"]
    for title in titles:
        assert title in page.text
    assert "Status: " in page.text
    assert (
        '<link rel="alternate" type="application/atom+xml" href="/following.atom?jurisdiction=us,eu"'
        in page.text
    )


def test_what_cannot_be_followed_is_named(pages):
    page = pages.get("/following?jurisdiction=xx&days=soon&kind=all&place=us")
    for message in (
        "There is no jurisdiction “xx”.",
        "“soon” is not a number of days. 30 are taken.",
        "“all” is not a value of “kind”; it has: status, event, upcoming, action, record, correction.",
        "“place” is not a parameter of this page; it has: jurisdiction, topic, kind, days, ahead.",
    ):
        assert message in page.text
    assert pages.get("/following.csv?topic=xx").status_code == 400


class Post(socketserver.StreamRequestHandler):
    """As much of SMTP as a sender needs; what was sent is in `letters` of the server."""

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.letters.append(
                    b"".join(
                        line.removeprefix(b".") if line.startswith(b"..") else line
                        for line in lines
                    )
                )
            if verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 fine\r\n")


@pytest.fixture
def post():
    """A mail server on this machine."""
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Post)
    server.letters = []
    with serving(server):
        yield server


def recipe() -> str:
    """The program of the manual that sends a digest."""
    text = Path(__file__).parents[1].joinpath("docs/how-to/follow-changes.md").read_text()
    return re.search(r"python3 -c '(.+?)'", text)[1]


def test_digest_arrives_by_the_recipe_of_the_manual(kept, post, tmp_path):
    letter = tmp_path / "digest.eml"
    result = kept.run(
        *("digest", "--since", "30 days", "--from", "kb@example.org", "--to", "team@example.org"),
        *(
            "-o",
            str(letter),
            "-o",
            str(tmp_path / "digest.html"),
            "--base-url",
            "https://kb.example.org/",
        ),
    )
    assert result.returncode == 0, result.stderr
    program = recipe().replace('"localhost"', f'"127.0.0.1", {post.server_address[1]}')
    assert program != recipe()
    sent = subprocess.run(
        [sys.executable, "-c", program], input=letter.read_bytes(), capture_output=True, timeout=120
    )
    assert sent.returncode == 0, sent.stderr
    (arrived,) = post.letters
    mail = email.message_from_bytes(arrived, policy=policy.default)
    assert (mail["to"], mail["from"]) == ("team@example.org", "kb@example.org")
    assert re.fullmatch(r"Test base: \d changes since 11 July 2026", mail["subject"])
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    assert html.replace("\r\n", "\n") == (tmp_path / "digest.html").read_text() + "\n"
    for _, title, _ in (REVOKED, AHEAD, ADDED):
        assert title in text
        assert title in html
    assert "https://kb.example.org/actions/an-order#event-revoked" in text
    assert "The &lt;b&gt;ban&lt;/b&gt; binds." in html


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--jurisdiction", "xx"], "There is no jurisdiction “xx”."),
        (["--since", "soon"], "--since 'soon' is not a day; write 2026-06-15 or '30 days'"),
        (["--since", "2027-01-01"], "--since 2027-01-01 is in the future"),
        (["--ahead", "2026-01-01"], "--ahead 2026-01-01 is in the past"),
        (["--format", "mail"], "an e-mail needs --from ADDRESS and --to ADDRESS"),
        (
            ["-o", "digest.pdf"],
            "digest.pdf: no format has this ending; add --format, or use one of .txt, .html, .htm, .eml",
        ),
        (
            [
                "--format",
                "mail",
                "--from",
                "a@example.org",
                "--to",
                "b@example.org\nBcc: c@example.org",
            ],
            "is not an address; write it as me@example.org",
        ),
    ],
)
def test_digest_says_what_is_wrong(kept, arguments, message):
    result = kept.run("digest", *arguments)
    assert result.returncode == 2
    assert message in result.stderr


def test_nothing_is_a_letter_too(kept):
    result = kept.run("digest", "--since", "1 day", "--ahead", "1 day")
    assert "Nothing happened in this period, and nothing is known to be due." in result.stdout


def answer(base: Base, name: str, **parameters: str) -> list[str]:
    """The actions in the answer of a named question."""
    options = [text for key, value in parameters.items() for text in ("-p", f"{key}={value}")]
    result = base.run("query", name, "--format", "json", *options)
    assert result.returncode == 0, result.stderr
    return [row["action"] for row in json.loads(result.stdout)]


def test_changes_may_be_asked_by_place_topic_and_relative_days(base):
    kept = three_actions(base)
    assert answer(kept, "changed-between", **{"from": "30 days"}) == ["an-order"]
    assert answer(kept, "changed-between", **{"from": "8 days"}) == []
    assert answer(kept, "changed-between", **{"from": "9 days"}, jurisdiction="eu") == []
    assert answer(kept, "changed-between", **{"from": "10 days"}, topic="a-topic") == ["an-order"]
    kept.action(
        "a-rule",
        [ISSUED, ("2026-08-05", "hearing", {"note": "In June."}), DUE],
        jurisdiction="eu",
        as_of="2026-08-05",
    )
    assert not kept.load().errors
    assert answer(kept, "changed-between", **{"from": "30 days"}) == ["an-order"]
    assert answer(kept, "changed-between", **{"from": "30 days"}, events="yes") == [
        "an-order",
        "a-rule",
    ]


def test_feed_of_a_list_has_its_new_records(base, monkeypatch):
    kept = three_actions(base)
    monkeypatch.setenv("POLICYKB_TODAY", TODAY)
    kept.record("documents", "a-report", title="A report")
    commit(kept, "2026-08-04", "A report")
    assert not kept.load().errors
    feed = feedparser.parse(Site(kept.db).get("/documents.atom").text)
    assert [entry.title for entry in feed.entries] == ["New document: A report"]
    claims = feedparser.parse(Site(kept.db).get("/claims.atom").text)
    assert claims.entries == []
    assert "1 correction, see " in claims.feed.subtitle


def test_days_without_a_new_status_lead_to_their_other_events(base, monkeypatch):
    kept = three_actions(base)
    monkeypatch.setenv("POLICYKB_TODAY", TODAY)
    kept.action("a-rule", [ISSUED, ("2026-08-05", "hearing"), DUE], jurisdiction="eu", as_of=TODAY)
    assert not kept.load().errors
    page = Site(kept.db).get("/questions/changed-between?from=8+days").text
    assert "No status changed; " in page
    (link,) = re.findall(r'href="([^"]+)">1 other event</a>', page)
    assert "/actions/a-rule" in Site(kept.db).get(link.replace("&amp;", "&")).text


def test_home_shows_a_day_of_an_act_once_and_no_report_of_what_is_known(base, monkeypatch):
    kept = three_actions(base)
    monkeypatch.setenv("POLICYKB_TODAY", TODAY)
    kept.action(
        "its-article", [DUE], jurisdiction="eu", title="Its article", part_of="a-rule", as_of=TODAY
    )
    for guide, other in (("its-guide", "a-rule"), ("first", "second"), ("second", "first")):
        relations = [{"type": "interprets", "action": other}]
        kept.action(guide, [DUE], jurisdiction="eu", title=guide, relations=relations, as_of=TODAY)
    kept.action("an-order", [ISSUED, ("2026-08-04", "reported")], as_of=TODAY)
    assert not kept.load().errors
    page = Site(kept.db).get("/").text
    due = re.findall(r'href="/actions/([^"]+)#event-due"', page)
    assert due == ["a-rule", "first"]
    assert "#event-issued" in page and "#event-reported" not in page


def test_deadlines_may_be_asked_by_place_topic_and_relative_days(kept):
    assert answer(kept, "deadlines-ahead", until="22 days") == ["a-rule"]
    assert answer(kept, "deadlines-ahead", until="21 days") == []
    assert answer(kept, "deadlines-ahead", jurisdiction="us") == []
    assert answer(kept, "deadlines-ahead", topic="a-topic") == []
