"""Following the knowledge base: Atom feeds and calendars, read back by other people's readers."""

import contextlib
import datetime
from urllib.parse import urlsplit

import feedparser
import httpx
import pytest
from conftest import TODAY, Base
from icalendar import Calendar
from lxml import etree
from policykb.exports import feeds
from policykb.exports.change_words import in_words
from policykb.read import database as reading
from test_changes_log import ISSUED, commit

BASE = "https://kb.example.org/open/"
DUE = ("2026-12-01", "took_effect", {"id": "due"})
LATER = ("2027-06", "took_effect", {"id": "later", "supersedes": "due", "moved_on": "2026-07-20"})

# What RFC 4287 asks of a feed, as far as these feeds use it: the elements that must be there, once, and the form of their values.
RULES = etree.RelaxNG(
    etree.fromstring("""
<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="http://www.w3.org/2005/Atom" datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
 <start><element name="feed"><optional><attribute name="lang" ns="http://www.w3.org/XML/1998/namespace"/></optional><interleave>
  <oneOrMore><element name="author"><interleave><element name="name"><data type="string"><param name="minLength">1</param></data></element>
   <optional><element name="uri"><text/></element></optional><optional><element name="email"><text/></element></optional></interleave></element></oneOrMore>
  <optional><element name="generator"><optional><attribute name="version"/></optional><text/></element></optional>
  <ref name="id"/><ref name="links"/><optional><element name="rights"><ref name="plain"/></element></optional><optional><element name="subtitle"><ref name="plain"/></element></optional>
  <element name="title"><ref name="plain"/></element><ref name="updated"/><zeroOrMore><ref name="entry"/></zeroOrMore></interleave></element></start>
 <define name="entry"><element name="entry"><interleave>
  <zeroOrMore><element name="category"><attribute name="term"/><optional><attribute name="label"/></optional><optional><attribute name="scheme"><data type="anyURI"/></attribute></optional></element></zeroOrMore>
  <optional><element name="content"><attribute name="type"><choice><value>text</value><value>html</value></choice></attribute><text/></element></optional>
  <ref name="id"/><ref name="links"/><element name="title"><ref name="plain"/></element><ref name="updated"/></interleave></element></define>
 <define name="id"><element name="id"><data type="anyURI"><param name="pattern">tag:[a-z0-9.\\-]+,[0-9]{4}(-[0-9]{2}){0,2}:\\S*</param></data></element></define>
 <define name="updated"><element name="updated"><data type="dateTime"><param name="pattern">.+(Z|[+\\-][0-9]{2}:[0-9]{2})</param></data></element></define>
 <define name="links"><oneOrMore><element name="link"><attribute name="href"><data type="anyURI"/></attribute><optional><attribute name="rel"/></optional><optional><attribute name="type"/></optional></element></oneOrMore></define>
 <define name="plain"><optional><attribute name="type"><value>text</value></attribute></optional><data type="string"><param name="minLength">1</param></data></define>
</grammar>""")
)


def connected(db):
    """The database, closed at the end of a with statement."""
    return contextlib.closing(reading.connect(db))


def feed(
    base_or_db,
    scope: feeds.Scope = feeds.Scope(),  # noqa: B008
    today: str = TODAY,
    read=feeds.entries,
) -> feedparser.FeedParserDict:
    """A feed as a feed reader has it; it keeps the rules."""
    db = base_or_db.db if isinstance(base_or_db, Base) else base_or_db
    with connected(db) as connection:
        text = feeds.atom(
            feeds.masthead(connection, BASE),
            "News",
            "/feeds/all.atom",
            "/",
            BASE,
            read(connection, scope, today),
            feeds.left_out(connection, scope, BASE) if read is feeds.entries else "",
        )
    return checked(text)


def checked(text: str) -> feedparser.FeedParserDict:
    """A feed as read by a feed reader, after all that the specification asks."""
    RULES.assertValid(etree.fromstring(text.encode()))
    found = feedparser.parse(text.encode())
    assert not found.bozo
    assert found.version == "atom10"
    ids = [entry.id for entry in found.entries]
    assert len(set(ids)) == len(ids)
    assert found.feed.id not in ids
    assert {"self", "alternate"} == {link.rel for link in found.feed.links}
    assert found.feed.updated >= max((entry.updated for entry in found.entries), default="")
    return found


def calendar(base: Base, scope: feeds.Scope = feeds.Scope(), today: str = TODAY) -> list:  # noqa: B008
    """The events of a calendar as a calendar program has them."""
    with connected(base.db) as connection:
        text = feeds.calendar(
            feeds.masthead(connection, BASE),
            "Days ahead",
            BASE,
            feeds.deadlines(connection, scope, today),
        )
    found = Calendar.from_ical(text)
    assert (found["version"], found["method"]) == ("2.0", "PUBLISH")
    assert found.errors == []
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    events = found.walk("VEVENT")
    assert all(
        event.errors == [] and {"UID", "DTSTAMP", "DTSTART"} <= event.keys() for event in events
    )
    assert len({event["uid"] for event in events}) == len(events)
    return events


@pytest.fixture
def kept(base: Base) -> Base:
    """A small knowledge base in a git checkout, imported on 1 July 2026."""
    base.action("an-order", [ISSUED], as_of="2026-06-15")
    (base.policies.parent / ".gitignore").write_text("kb.db*\n")
    commit(base, "2026-07-01", "Import")
    return base


def test_news_and_corrections_have_feeds_of_their_own(kept):
    kept.action(
        "an-order",
        [ISSUED, ("2026-07-20", "revoked", {"note": "Revoked <by> a later one."})],
        as_of="2026-08-01",
    )
    news = commit(kept, "2026-08-01", "Revocation & more")
    kept.action(
        "an-order",
        [
            ("2026-06-03", *ISSUED[1:]),
            ("2026-07-20", "revoked", {"note": "Revoked <by> a later one."}),
        ],
        as_of="2026-08-01",
    )
    correction = commit(kept, "2026-08-02", "It was the third\n\nChange: correction")
    kept.load()
    news_feed = feed(kept)
    found = [*feed(kept, read=feeds.corrections).entries, *news_feed.entries]
    assert news_feed.feed.subtitle.endswith(
        f"Not in this feed: 1 correction, see {BASE}feeds/corrections.atom"
    )
    assert [
        (entry.id, entry.title, entry.updated, entry.tags[0].term, entry.link) for entry in found
    ] == [
        (
            f"tag:kb.example.org,2026:open/correction/{correction}/an-order",
            "Correction: An order",
            "2026-08-02T10:00:00+00:00",
            "correction",
            BASE + "actions/an-order",
        ),
        (
            f"tag:kb.example.org,2026:open/commit/{news}/an-order",
            "News: An order",
            "2026-08-01T10:00:00+00:00",
            "event",
            BASE + "actions/an-order",
        ),
        (
            "tag:kb.example.org,2026:open/event/an-order%23issued",
            "An order: issued on 3 June 2026",
            "2026-06-03T00:00:00+00:00",
            "event",
            BASE + "actions/an-order#event-issued",
        ),
    ]
    assert (
        found[0].summary
        == "<p>Event “issued”, date: 3 June 2026 (before: 2 June 2026)</p><p>Why: It was the third</p>"
    )
    assert (
        "<p>Event added: revoked on 20 July 2026: Revoked &lt;by&gt; a later one.</p>"
        in found[1].content[0].value
    )
    assert "<p>Status: Adopted, ended (before: Adopted, in force)</p>" in found[1].content[0].value
    assert "Revocation" not in found[1].content[0].value  # the subject of the commit


@pytest.mark.parametrize(
    ("pointer", "change", "before", "after", "words"),
    [
        ("", "removed", "{}", None, "Action removed"),
        (
            "as_of",
            "changed",
            "2026-06",
            "2026-07-01",
            "Known as of: 1 July 2026 (before: June 2026)",
        ),
        (
            "effect.kind",
            "changed",
            "unclear",
            "conditions",
            "Effect on rents: conditions (before: unclear)",
        ),
        ("effect.note", "added", None, "A\nnote.", "Effect on rents, note: A note."),
        ("note", "added", None, '"[Sic] in the text."', "Note: [Sic] in the text."),
        ("effect.cite", "changed", "[]", '[{"document": "a"}]', "Effect on rents, source changed"),
        (
            "bodies#3.role",
            "changed",
            "partner",
            "sponsor",
            "Body 3, role: Sponsor (before: Partner)",
        ),
        ("cite#2", "added", None, '{"document": "a"}', "Source added"),
        ("topics", "removed", '["a"]', "[]", "Topics removed: a"),
        ("identifiers.eo", "added", None, '["14409"]', "Executive order: 14409"),
        (
            "events#a-day.unconfirmed",
            "removed",
            "true",
            None,
            "Event “a day”, unconfirmed removed: yes",
        ),
        ("title", "changed", '"[Old]"', "New", "Title: New (before: [Old])"),
        (
            "withdrawn",
            "withdrawn",
            None,
            '{"on": "2026-06-02", "reason": "A forgery."}',
            "Withdrawn on 2 June 2026: A forgery.",
        ),
        (
            "events#deadline",
            "added",
            None,
            '{"id": "deadline", "type": "deadline", "date": "2028-01-01", "cite": [{"document": "a"}]}',
            "Event added: deadline on 1 January 2028",
        ),
        (
            "events#other",
            "removed",
            '{"type": "other", "date": "2026-07", "note": "It is argued."}',
            None,
            "Event removed: July 2026: It is argued.",
        ),
        ("no_longer_a_key#1.x", "changed", "1", "2", "No longer a key 1, x: 2 (before: 1)"),
    ],
)
def test_changes_are_said_in_words(pointer, change, before, after, words):
    row = {"kind": "action", "pointer": pointer, "change": change, "effect_on": "rents"}
    assert in_words({**row, "before": before, "after": after}) == words


def test_news_of_a_commit_have_no_corrections_among_them(kept):
    kept.action(
        "an-order", [("2026-06-01", "issued"), ("2026-07-20", "revoked")], as_of="2026-08-01"
    )
    commit(kept, "2026-08-01")
    kept.load()
    news, _ = feed(kept).entries
    (corrected,) = feed(kept, read=feeds.corrections).entries
    assert (news.title, corrected.title) == ("News: An order", "Correction: An order")
    assert "2 June 2026" not in news.content[0].value
    assert "2 June 2026" in corrected.summary
    assert news.id != corrected.id


def test_new_action_is_in_the_feed_however_old_its_events_are(kept):
    kept.action("a-state-order", [("2020-01-01", "issued")], title="A state order")
    commit(kept, "2026-08-01")
    kept.load()
    assert feed(kept).entries[0].title == "New action: A state order"


def test_additions_wording_and_upkeep_are_not_told(kept):
    kept.action("an-order", [ISSUED], as_of="2026-07-30", summary="Binds offices.", aliases=["It"])
    commit(kept, "2026-08-01")
    kept.load()
    assert [entry.id for entry in feed(kept).entries] == [
        "tag:kb.example.org,2026:open/event/an-order%23issued"
    ]


def test_foreseen_event_is_told_on_its_day(kept):
    kept.action("an-order", [ISSUED, DUE], as_of="2026-06-15")
    hash = commit(kept, "2026-08-01")
    kept.load()
    before, after = (
        [entry.id.rpartition("open/")[2] for entry in feed(kept, today=day).entries]
        for day in ("2026-11-30", "2026-12-01")
    )
    assert before == [f"commit/{hash}/an-order", "event/an-order%23issued"]
    assert after == ["event/an-order%23due", *before]


def test_feed_without_history_has_the_events_by_date(base):
    base.action("an-order", [("2025", "statement", {"id": ...}), ISSUED, DUE])
    base.load()
    assert [(entry.id.rpartition("open/")[2], entry.updated) for entry in feed(base).entries] == [
        ("event/an-order%23issued", "2026-06-02T00:00:00+00:00"),
        ("event/an-order%23statement-2025", "2025-12-31T00:00:00+00:00"),
    ]


def test_feed_of_nothing_is_valid_and_has_no_time_of_the_clock(base):
    base.action("an-order", [("2027", "issued")], as_of="2026-06-15")
    base.load()
    found = feed(base)
    assert (found.entries, found.feed.updated) == ([], "2026-06-15T00:00:00+00:00")


def test_feed_follows_one_action_jurisdiction_or_topic(base):
    base.write(
        "topics.toml",
        {
            "a-topic": {"name": "A topic", "definition": "It."},
            "b-topic": {"name": "B topic", "definition": "It.", "part_of": "a-topic"},
        },
    )
    base.action("b-order", [ISSUED], jurisdiction="us-ca", topics=["b-topic"])
    base.load()
    for scope, wanted in (
        (("action", "b-order"), {"b"}),
        (("jurisdiction", "us"), {"an", "b"}),
        (("jurisdiction", "us-ca"), {"b"}),
        (("topic", "a-topic"), {"b"}),
        (("topic", "b-topic"), {"b"}),
    ):
        assert {
            entry.link.split("/")[-1].split("-")[0]
            for entry in feed(base, feeds.Scope(*scope)).entries
        } == wanted


def test_ids_are_those_of_the_files_where_about_says_where_they_are(base):
    from conftest import ABOUT

    base.write("about.toml", ABOUT | {"source_url": "https://code.example.org/us/kb"})
    base.load()
    assert feed(base).entries[0].id == "tag:code.example.org,2026:us/kb/event/an-order%23issued"


def test_days_ahead_are_told_once_and_moved_ones_not(kept):
    kept.action("an-order", [ISSUED, DUE, LATER], as_of="2026-08-01")
    commit(kept, "2026-08-01")
    kept.load()
    assert [
        (entry.id.rpartition("open/")[2], entry.title, entry.updated, entry.tags[0].term)
        for entry in feed(kept, read=feeds.upcoming).entries
    ] == [
        (
            "due/an-order%23later",
            "In June 2027: An order: takes effect",
            "2026-08-01T10:00:00+00:00",
            "upcoming",
        )
    ]


def test_calendar_without_days_is_no_empty_calendar(kept):
    kept.load()
    with connected(kept.db) as connection:
        text = feeds.calendar(feeds.masthead(connection, BASE), "Days ahead", BASE, [])
    (zone,) = Calendar.from_ical(text).subcomponents
    assert (zone.name, str(zone["tzid"])) == ("VTIMEZONE", "UTC")
    assert [part.name for part in zone.subcomponents] == ["STANDARD"]


def test_calendar_has_full_days_spans_and_moved_ones_as_cancelled(kept):
    kept.action("an-order", [ISSUED, DUE], as_of="2026-06-15")
    commit(kept, "2026-07-02")
    kept.load()
    (only,) = calendar(kept)
    assert (only["uid"], only["sequence"], only["status"]) == (
        "an-order#due@kb.example.org/open",
        0,
        "CONFIRMED",
    )
    kept.action("an-order", [ISSUED, DUE, LATER], as_of="2026-08-01")
    commit(kept, "2026-08-01")
    kept.load()
    due, later = calendar(kept)
    assert (due["uid"], due["sequence"], due["status"], str(due["summary"])) == (
        "an-order#due@kb.example.org/open",
        1,
        "CANCELLED",
        "Moved: An order: takes effect",
    )
    assert (due.decoded("dtstart"), due.decoded("dtend")) == (
        datetime.date(2026, 12, 1),
        datetime.date(2026, 12, 2),
    )
    assert due["dtstart"].params["VALUE"] == "DATE"
    assert str(due["description"]) == "Moved to 2027-06."
    assert (later["uid"], later["sequence"], later["status"], str(later["summary"])) == (
        "an-order#later@kb.example.org/open",
        0,
        "CONFIRMED",
        "An order: takes effect (in June 2027)",
    )
    assert (later.decoded("dtstart"), later.decoded("dtend")) == (
        datetime.date(2027, 6, 1),
        datetime.date(2027, 7, 1),
    )
    assert later.decoded("dtstamp") == datetime.datetime(2026, 8, 1, 10, tzinfo=datetime.UTC)


def test_sequence_rises_when_a_date_is_corrected(kept):
    for day, due in (
        ("2026-07-02", "2026-12-01"),
        ("2026-07-03", "2026-12-02"),
        ("2026-07-04", "2026-12-03"),
    ):
        kept.action("an-order", [ISSUED, (due, *DUE[1:])], as_of="2026-06-15")
        commit(kept, day)
    kept.load()
    (only,) = calendar(kept)
    assert (only["sequence"], only.decoded("dtstart")) == (2, datetime.date(2026, 12, 3))


def test_uncertain_and_unconfirmed_days_are_tentative(base):
    base.action(
        "an-order",
        [ISSUED, ("2026-12-01~", "took_effect"), ("2027-01-01", "expired", {"unconfirmed": True})],
    )
    base.load()
    assert [(event["status"], str(event["summary"])) for event in calendar(base)] == [
        ("TENTATIVE", "An order: takes effect (on 1 December 2026, approximately)"),
        ("TENTATIVE", "An order: expires"),
    ]


def test_last_day_of_all_ends_somewhere(base):
    base.action("an-order", [ISSUED, ("9999", "expired")])
    base.load()
    assert calendar(base)[0].decoded("dtend") == datetime.date(9999, 12, 31)


def test_text_of_any_kind_stays_text(base):
    base.action(
        "an-order",
        [("2026-06-02", "issued", {"note": "<b>&amp;\"']]>; , \\n é"})],
        title="A <i>&amp; title; with, marks\\",
    )
    base.action(
        "b-order",
        [("2027-06-02", "took_effect", {"note": "a;b,c\\n\nEND:VEVENT"})],
        title="B; it, is \\",
    )
    base.load()
    with connected(base.db) as connection:
        text = feeds.atom(
            feeds.masthead(connection, BASE),
            "News",
            "/feeds/all.atom",
            "/",
            BASE,
            feeds.entries(connection, feeds.Scope(), TODAY),
        )
    checked(text)
    assert etree.fromstring(text.encode()).xpath(
        "//*[local-name()='entry']/*[local-name()='title' or local-name()='content']/text()"
    ) == [
        "A <i>&amp; title; with, marks\\: issued on 2 June 2026",
        "<p>&lt;b&gt;&amp;amp;&quot;&#x27;]]&gt;; , \\n é</p>",
    ]
    (only,) = calendar(base)
    assert (str(only["summary"]), str(only["description"])) == (
        "B; it, is \\: takes effect",
        "a;b,c\\n\nEND:VEVENT",
    )


@pytest.mark.datasette
@pytest.mark.parametrize(
    ("path", "media"),
    [
        ("/feeds/all.atom", "atom+xml"),
        ("/feeds/corrections.atom", "atom+xml"),
        ("/feeds/upcoming.atom", "atom+xml"),
        ("/actions/eu-ai-act.atom", "atom+xml"),
        ("/actions/eu-ai-act/corrections.atom", "atom+xml"),
        ("/jurisdictions/us.atom", "atom+xml"),
        ("/calendar.ics", "calendar"),
        ("/actions/eu-ai-act.ics", "calendar"),
        ("/jurisdictions/us.ics", "calendar"),
    ],
)
def test_site_serves_feeds_and_calendars(served, path, media):
    answer = httpx.get(served + path)
    assert (answer.status_code, answer.headers["content-type"]) == (
        200,
        {"atom+xml": "application/atom+xml", "calendar": "text/calendar"}[media]
        + "; charset=utf-8",
    )
    if media == "calendar":
        assert len(Calendar.from_ical(answer.text).walk("VEVENT")) >= 1
    else:
        found = checked(answer.text)
        assert len(found.entries) >= 1
        assert next(link.href for link in found.feed.links if link.rel == "self") == served + path
        pages = {
            urlsplit(entry.link)._replace(fragment="").geturl() for entry in found.entries[:10]
        }
        assert {httpx.get(page).status_code for page in pages} == {200}
    again = httpx.get(served + path, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert httpx.get(served + path).content == answer.content


@pytest.mark.thorough
def test_every_topic_has_a_valid_feed(served, shipped):
    with connected(shipped) as connection:
        for (topic,) in connection.execute("select id from topics").fetchall():
            checked(httpx.get(f"{served}/topics/{topic}.atom").text)


@pytest.mark.datasette
def test_feed_of_an_unknown_record_is_not_found(served):
    assert [
        httpx.get(served + path).status_code
        for path in (
            "/actions/nothing.atom",
            "/topics/nothing.ics",
            "/feeds/nothing.atom",
            "/documents/nothing.atom",
        )
    ] == [404] * 4


def test_pages_lead_to_what_follows_them(served):
    for page, links in (
        ("/", {"/feeds/all.atom", "/feeds/upcoming.atom", "/calendar.ics"}),
        ("/actions/eu-ai-act", {"/actions/eu-ai-act.atom", "/actions/eu-ai-act.ics"}),
        ("/jurisdictions/us", {"/jurisdictions/us.atom", "/jurisdictions/us.ics"}),
    ):
        tree = etree.HTML(httpx.get(served + page).text)
        for where in (
            "//head/link[@rel='alternate']/@href",
            "//main//p[contains(@class, 'follow')]/a/@href",
        ):
            assert links <= set(tree.xpath(where)), (page, where)
