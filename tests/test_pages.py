"""The pages for people, through the real application without a browser: what they say, what they refuse, what they allow."""

import asyncio
import contextlib
import datetime
import re
import sqlite3
import time
from collections import Counter, deque
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
import sqlite_utils
from conftest import ANY, Base, examples, mostly_thorough
from datasette.app import Datasette
from datasette.database import QueryInterrupted
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from policykb.model import dates
from policykb.read.questions import questions
from policykb.site import data

pytestmark = pytest.mark.datasette

DIRECTIVE = "/actions/us-bis-anthropic-access-directive-2026"
URL_ATTRIBUTES = frozenset({"href", "src", "action", "formaction", "poster", "data", "xlink:href"})
TITLES = {
    "actions": "coalesce(short_title, title)",
    "arguments": "title",
    "claims": "text",
    "documents": "title",
    "organizations": "name",
    "topics": "name",
    "jurisdictions": "name",
}


class Site:
    """Datasette on one database, asked without a network."""

    def __init__(self, db: Path, **options: object) -> None:
        self.runner = asyncio.Runner()
        options.setdefault("settings", {"sql_time_limit_ms": 60_000})  # the machine may be busy
        self.datasette = Datasette(files=[], immutables=[str(db)], **options)
        self.db = sqlite_utils.Database(db)

    def get(self, path: str, **options: object):
        """The answer to GET `path`; redirects are not followed."""
        return self.runner.run(self.datasette.client.get(path, **options))

    def one(self, sql: str) -> str:
        """The one value that a query gives."""
        return self.db.execute(sql).fetchone()[0]


class Page(HTMLParser):
    """What a page is made of: its tags, links, text, and whatever a strict policy or a careful reader would object to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links, self.objections, self.words, self.ids, self.targets, self.headings = (
            [],
            [],
            [],
            [],
            [],
            [],
        )
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("style", "iframe", "object", "embed", "base") or (
            tag == "script" and "src" not in given
        ):
            self.objections.append(f"<{tag}>")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "srcdoc"):
                self.objections.append(f"{tag} {name}")
            if (
                name in URL_ATTRIBUTES
                and re.match(r"[a-z][a-z0-9+.-]*:", (value or "").strip(), re.IGNORECASE)
                and not re.match("https?:", value.strip())
            ):
                self.objections.append(f"{tag} {name}={value}")
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        """The text of the page on one line."""
        return " ".join(" ".join(self.words).split())


def checked(answer) -> Page:
    """The page of an answer that must be a sound page."""
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(
        part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["base-uri"] == "'none'"
    page = Page(answer.text)
    assert page.objections == []
    assert page.headings.count(1) == 1
    assert sorted(page.ids) == sorted(set(page.ids)), "an id stands twice"
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    return page


def folded(text: str) -> str:
    """Text as the parser gives it."""
    return " ".join(text.split())


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/actions",
        "/arguments",
        "/claims",
        "/documents",
        "/organizations",
        "/topics",
        "/jurisdictions",
        "/timeline",
        "/timeline?moving=1",
        "/compare",
        "/compare?ids=eu-ai-act,us-ca-sb53-2025",
        "/duties",
        "/actions?sort=title&columns=title&columns=number&several=1",
        "/questions",
        "/search",
        "/search?q=carve-out",
        "/about",
    ],
)
def test_every_list_is_a_sound_page(site, path):
    answer = site.get(path)
    assert answer.status_code == 200
    checked(answer)


@pytest.mark.parametrize("table", TITLES)
def test_every_kind_of_record_has_a_page_with_its_title(site, table):
    for id, title in site.db.execute(
        f"select id, {TITLES[table]} from {table} order by random() limit 12"
    ).fetchall():
        answer = site.get(f"/{table}/{id}")
        assert answer.status_code == 200, id
        assert folded(title) in checked(answer).text
        assert f"/kb/{table}/{id}" in answer.text


def test_the_longest_pages_are_sound(site):
    for table, sql in {
        "actions": "select action from stances group by 1 order by count(*) desc limit 1",
        "documents": "select document from citations group by 1 order by count(*) desc limit 1",
        "organizations": "select organization from action_bodies group by 1 order by count(*) desc limit 1",
    }.items():
        assert site.get(f"/{table}/{site.one(sql)}").status_code == 200


@pytest.mark.parametrize(
    ("on", "wanted"),
    [
        ("2026-06-11", "Nothing had happened yet; the first step came on 12 June 2026"),
        ("2026-06-15", "In force since 12 June 2026"),
        ("2026-06-28", "Partly in force since 26 June 2026"),
        ("2026-07-15", "Ended on 30 June 2026, in force for 18 days"),
    ],
)
def test_the_day_asked_for_changes_the_status(site, on, wanted):
    page = checked(site.get(f"{DIRECTIVE}?on={on}"))
    assert wanted in page.text


def test_the_status_names_its_event_and_its_source_quietly(site):
    text = checked(site.get(f"{DIRECTIVE}?on=2026-07-15")).text
    assert re.search(
        r"Because of this event: revoked, 30 June 2026 \( ?[^()]+ (official |not read )*and \d+ other sources ?\)",
        text,
    )
    assert "Known as of 28 July 2026" in text


def test_a_day_that_is_none_is_said_and_today_is_shown(site):
    page = checked(site.get(f"{DIRECTIVE}?on=15+June+2026"))
    assert (
        "“15 June 2026” is not a day; write it as 2026-06-15. Did you mean 2026-06-15?" in page.text
    )
    assert "Ended on 30 June 2026" in page.text


def test_a_moved_date_is_kept_and_crossed_out_from_the_day_it_was_moved(site):
    action, old, moved = site.db.execute(
        "select e.action, o.date, e.moved_on from events e join events o on o.id = e.supersedes where e.moved_on is not null limit 1"
    ).fetchone()
    before = (datetime.date.fromisoformat(moved) - datetime.timedelta(days=1)).isoformat()
    assert f'<del><time datetime="{old}">' in site.get(f"/actions/{action}?on={moved}").text
    assert f'<del><time datetime="{old}">' not in site.get(f"/actions/{action}?on={before}").text


def test_arguments_stand_in_columns_with_answers_and_debts(site):
    text = site.get("/actions/option-ban-open-source-ai").text
    assert 'class="stance opposes"' in text and 'class="reply rebuts"' in text
    unanswered = site.one(
        "select count(*) from stances s where s.action = 'option-ban-open-source-ai' and not exists (select 1 from argument_relations r where r.other = s.argument and r.type <> 'supports')"
    )
    assert text.count("No one has answered this here.") == unanswered


def test_filters_give_the_actions_that_pass_them(site):
    answer = site.get("/actions?jurisdiction=eu&force=in_force&on=2026-06-15")
    wanted = {
        row[0]
        for row in site.db.execute(
            "select a.id from actions a join periods p on p.action = a.id and coalesce(p.from_date, '') <= '2026-06-15' and coalesce(p.to_date, '9999') > '2026-06-15'"
            " join jurisdictions j on j.id = a.jurisdiction where 'eu' in (j.id, j.part_of) and p.legal_force = 'in_force' and a.withdrawn_on is null"
        )
    }
    shown = {
        match
        for match in re.findall(
            r'class="title" href="/actions/([^"?]+)\?on=2026-06-15"', answer.text
        )
    }
    assert shown == wanted


def test_every_question_is_listed_once(site):
    from policykb.read.questions import questions

    assert sorted(
        re.findall(r'<h3><a href="/questions/([^"]+)">', site.get("/questions").text)
    ) == sorted(questions("openness"))


def test_the_first_page_counts_the_days_to_what_comes_next(site):
    text = checked(site.get("/?on=2026-11-30")).text
    assert re.search(r"2 December 2026 · in 2 days · European Union", text)
    assert "in 0 days" not in text


def test_lists_show_everything_over_their_pages_once(site):
    for path, pattern, count in (
        ("/actions", r'class="title" href="/actions/([^"?]+)"', "actions"),
        (
            "/documents",
            r'<li><input [^>]*> <a href="/documents/([^"]+)">[^<]*</a> <span class="grade',
            "documents",
        ),
    ):
        found, number = [], 1
        while True:
            answer = site.get(f"{path}?page={number}")
            found += re.findall(pattern, answer.text)
            if 'rel="next"' not in answer.text:
                break
            number += 1
        assert (
            len(found)
            == len(set(found))
            == site.one(f"select count(*) from {count} where withdrawn_on is null")
        )


def test_pages_are_cached_by_content_address_and_day(site, monkeypatch):
    first = site.get(DIRECTIVE)
    tag = first.headers["etag"]
    again = site.get(DIRECTIVE, headers={"if-none-match": f'"other", W/{tag}'})
    assert again.status_code == 304 and again.content == b"" and again.headers["etag"] == tag
    assert site.get(DIRECTIVE + "?on=2026-06-15", headers={"if-none-match": tag}).status_code == 200
    monkeypatch.setattr(dates, "today", lambda: datetime.date(2031, 1, 1))
    assert site.get(DIRECTIVE, headers={"if-none-match": tag}).status_code == 200


def test_a_kept_page_is_the_page_and_few_are_kept(site, monkeypatch):
    from policykb.site import state

    monkeypatch.setattr(state, "MOST_KEPT", 200_000)
    first = site.get(DIRECTIVE).text
    assert [site.get(DIRECTIVE).text for _ in range(2)] == [first, first]
    for number in range(8):
        site.get(f"/actions?page={number}")
    kept = state.state_of(site.datasette).pages
    assert kept.size == sum(len(answer.body) + 1000 for answer in kept.answers.values()) <= 200_000
    assert site.get(DIRECTIVE).text == first
    assert "https://other.example/actions/" in site.get(
        DIRECTIVE, headers={"host": "other.example"}
    ).text.replace("http://other", "https://other")


def test_a_missing_record_gets_a_page_with_the_nearest_ids(site):
    answer = site.get("/actions/us-eo-1440")
    assert answer.status_code == 404
    page = checked(answer)
    assert "There is no action “us-eo-1440”." in page.text and "/actions/us-eo-14409" in page.links
    assert "etag" not in answer.headers


def test_an_address_of_another_kind_leads_to_the_record(site):
    answer = site.get("/actions/anthropic")
    assert (answer.status_code, answer.headers["location"]) == (301, "/organizations/anthropic")


def test_old_ids_redirect(base: Base):
    base.write(
        "redirects.toml",
        {"the-old-order": {"to": "an-order", "on": "2026-01-01", "reason": "Renamed."}},
    )
    assert not base.load().errors
    answer = Site(base.db).get("/actions/the-old-order")
    assert (answer.status_code, answer.headers["location"]) == (301, "/actions/an-order")


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("the-old-order?on=2026-06-15", "an-order?on=2026-06-15"),
        ("the-old-order.atom", "an-order.atom"),
        ("the-old-order.ics", "an-order.ics"),
        ("the-old-order/brief?on=2026-06-15", "an-order/brief?on=2026-06-15"),
        ("the-old-order.bib?on=2026-06-15", "an-order.bib?on=2026-06-15"),
        ("the-old-order.jsonld?on=2026-06-15", "an-order.jsonld?on=2026-06-15"),
    ],
)
def test_old_address_keeps_the_form_and_the_day_that_were_asked_for(
    base: Base, path: str, location: str
):
    base.write(
        "redirects.toml",
        {"the-old-order": {"to": "an-order", "on": "2026-01-01", "reason": "Renamed."}},
    )
    assert not base.load().errors
    answer = Site(base.db).get(f"/actions/{path}")
    assert (answer.status_code, answer.headers["location"]) == (301, f"/actions/{location}")


@pytest.mark.parametrize(
    "path",
    [
        "/actions/eu-ai-act",
        "/actions/eu-ai-act/brief",
        "/actions/eu-ai-act.bib",
        "/actions/eu-ai-act.atom",
        "/actions/eu-ai-act.jsonld",
        "/calendar.ics",
        "/actions/eu-ai-act?known=2026-11-26",
    ],
)
def test_what_runs_into_the_time_limit_says_so(
    shipped: Path, monkeypatch: pytest.MonkeyPatch, path: str
):
    slow = Site(shipped)
    slow.get("/")

    @contextlib.contextmanager
    def over(connection: sqlite3.Connection, _: int):
        connection.set_progress_handler(lambda: 1, 1)
        try:
            yield
        finally:
            connection.set_progress_handler(None, 1)

    monkeypatch.setattr("policykb.site.data.processor_limit", over)
    answer = slow.get(path)
    assert (answer.status_code, "This took too long" in answer.text) == (503, True)


def test_only_processor_time_counts_against_the_time_limit(shipped: Path):
    site = Site(shipped, settings={"sql_time_limit_ms": 100})
    some = "with n(i) as (select 1 union all select i + 1 from n limit 5000) select count(*) from n"

    def waiting(connection: sqlite3.Connection) -> int:
        time.sleep(0.2)
        return connection.execute(some).fetchone()[0]

    assert site.runner.run(data.turn(site.datasette, waiting)) == 5000
    with pytest.raises(QueryInterrupted):
        endless = some.replace("limit 5000", "")
        site.runner.run(data.turn(site.datasette, lambda it: it.execute(endless).fetchone()))


def test_the_base_path_is_kept(built: Base):
    site = Site(built.db, settings={"base_url": "/policy/"})
    for path in (
        "/",
        "/actions",
        "/actions?columns=title",
        "/compare?ids=an-order",
        "/actions/an-order",
        "/documents",
        "/arguments",
        "/claims",
        "/timeline",
        "/search?q=order",
        "/questions",
        "/about",
    ):
        answer = site.get(path)  # the client puts the base path before it
        assert answer.status_code == 200
        assert all(link.startswith(("/policy/", "#", "http")) for link in checked(answer).links)
        assert all(
            f'href="/policy/-/static-plugins/policykb/{sheet}' in answer.text
            for sheet in ("frame.css", "policykb.css")
        )
    for path in ("/kb/actions", "/nothing"):
        text = site.get(path).text
        assert (
            'action="/policy/search"' in text
            and 'href="/policy/-/static-plugins/policykb/frame.css' in text
        )
    assert site.get("/documents/an-order").headers["location"] == "/policy/actions/an-order"


def test_failures_are_pages_too(site, monkeypatch):
    from policykb.site.views import about

    async def broken(datasette, request):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(about, "index", broken)
    answer = site.get("/about?asked=for-the-first-time")
    assert answer.status_code == 500
    assert (
        "Something went wrong here" in checked(answer).text and "secret detail" not in answer.text
    )


def test_pages_can_only_be_read(site):
    for method in ("POST", "PUT", "DELETE"):
        answer = site.runner.run(site.datasette.client.request(method, "/about"))
        assert answer.status_code in (403, 405)


PRODUCT = str(7177 * 7177)  # which a page has only if a template evaluates a text
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; drop table actions; --",
    "{{ 7177 * 7177 }}{% raw %}",
    "&lt;b&gt; & ]]> </title></style>",
    "x" * 300,
    "[go](javascript:alert(1)) <javascript:alert(2)> ![i](https://example.org/i.png)",
    "[a](data:text/html,x) [b](//evil.example) [c](vbscript:x)",
    "# Heading\n\n<details open ontoggle=x>",
]


@pytest.mark.parametrize(
    "text",
    mostly_thorough(HOSTILE),
    ids=range(len(HOSTILE)),
)
def test_hostile_content_is_shown_harmless(base: Base, text: str):
    line = " ".join(text.split())
    base.write(
        "organizations.toml",
        {
            "an-office": {
                "name": line,
                "kind": "government",
                "jurisdiction": "us",
                "note": text,
                "interests": text,
            }
        },
    )
    base.write("topics.toml", {"a-topic": {"name": line, "definition": text}})
    base.record(
        "documents",
        "a-source",
        title=line,
        abstract=text,
        note=text,
        interests=text,
        container=line,
        publisher=line,
        authors=[{"family": line}],
    )
    base.record("claims", "it-does-good", text=line, note=text)
    base.record(
        "arguments",
        "it-should-stay",
        title=line,
        premises=[line],
        note=text,
        claims=["it-does-good"],
    )
    base.record(
        "actions",
        "an-order",
        title=line,
        summary=text,
        aliases=[line],
        open_questions=[line],
        topics=["a-topic"],
        legal_basis=[line],
        bodies=[{"organization": "an-office", "role": "issuer", "note": line}],
        effect={
            "kind": "silent",
            "note": text,
            "cite": [{"document": "a-source", "note": line}],
        },
        duties=[
            {
                "who": line,
                "rule": "must",
                "type": "other",
                "what": line,
                "threshold": line,
                "penalty": line,
                "treatment": "exempt",
                "exemption": line,
                "due": "2026-12-24",
                "outcome": line,
                "enforcers": ["an-office"],
                "cite": [{"document": "a-source", "note": line}],
            }
        ],
        events=[
            {
                "date": "2026-06-02",
                "type": "issued",
                "note": text,
                "cite": [{"document": "a-source", "note": line}],
            }
        ],
        disputes=[{"about": line, "note": text, "cite": [{"document": "a-source"}]}],
    )
    result = base.load()
    assert not result.errors, result.problems[0].sentence()
    site = Site(base.db)
    for path in (
        "/",
        "/actions",
        "/actions?columns=title&columns=number&columns=latest_note",
        "/compare?ids=an-order",
        "/duties",
        "/cite?ids=an-order,a-source",
        "/actions/an-order",
        "/documents",
        "/documents/a-source",
        "/organizations",
        "/organizations/an-office",
        "/topics",
        "/topics/a-topic",
        "/jurisdictions/us",
        "/arguments",
        "/arguments/it-should-stay",
        "/claims",
        "/claims/it-does-good",
        "/timeline",
        "/search?q=order",
    ):
        answer = site.get(path)
        assert answer.status_code == 200, path
        page = checked(answer)
        assert "<script>alert" not in answer.text
        assert PRODUCT not in answer.text
        assert not any("evil.example" in link for link in page.links)


ANYTHING = st.one_of(
    st.text(ANY, max_size=60),
    st.from_regex(r"[a-z0-9-]{0,30}", fullmatch=True),
    st.sampled_from(
        ["%00", "..", "'", '"', "\\x", "a" * 3000, "０", "-1", "1e9", "99999999999999999999"]
    ),
)


@pytest.mark.thorough
@settings(
    max_examples=examples(100),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    place=st.sampled_from(
        [
            "actions",
            "arguments",
            "claims",
            "documents",
            "organizations",
            "topics",
            "jurisdictions",
            "questions",
        ]
    ),
    id=ANYTHING,
)
def test_random_ids_never_fail(site, place, id):
    from urllib.parse import quote

    assert site.get(f"/{place}/{quote(id, safe='')}").status_code < 500


@pytest.mark.thorough
@settings(
    max_examples=examples(150),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    path=st.sampled_from(
        [
            "/",
            "/actions",
            "/documents",
            "/organizations",
            "/search",
            "/timeline",
            "/arguments",
            "/claims",
            "/topics/export-control",
            "/jurisdictions/us",
            "/compare",
            "/duties",
            DIRECTIVE,
            "/questions/status-on",
        ]
    ),
    name=st.sampled_from(
        [
            "on",
            "q",
            "page",
            "jurisdiction",
            "topic",
            "instrument",
            "stage",
            "force",
            "effect",
            "grade",
            "type",
            "kind",
            "sort",
            "columns",
            "ids",
            "zoom",
            "year",
        ]
    ),
    value=ANYTHING,
)
def test_random_parameters_never_fail(site, path, name, value):
    answer = site.get(path, params={name: value})
    assert answer.status_code < 500
    checked(answer)


def shape(address: str) -> str:
    """Return what `address` has in common with others: `/actions/x?on=1` -> `/actions/*?on=`, of a file `/actions.csv`.

    Rows of Datasette are one shape, `row`.
    """
    path, query = urlsplit(address)[2:4]
    path = re.sub(r"(/kb/[^/.?]+)/[^.?]+", r"\1/row", unquote(path))
    if not DATASETTE.match(path):
        path = re.sub(r"(/[a-z]+)/[^/?.]+", r"\1/*", path)
        if "." in path:
            return path
    return f"{path}?{re.sub('=[^&]*', '=', query)}"


DATASETTE = re.compile(r"/(kb|-)(/|$|\?|\.)")
ONE_IS_ENOUGH = re.compile(rf"{DATASETTE.pattern}|[^?]*\.[a-z]")  # Datasette's own pages, and files


@pytest.mark.thorough
def test_internal_links_of_every_shape_answer(site):
    """Follow links from the first page: two of each shape, and one of each shape to files and Datasette's own pages.

    The test of the static copy follows every link from record to record.
    """
    waiting, seen, shapes, broken = deque(["/"]), {"/"}, Counter(), []
    while waiting:
        path = waiting.popleft()
        answer = site.get(path)
        if path.partition("?")[0].endswith(".sql"):
            path = answer.headers["location"]
            answer = site.get(path)
        if answer.status_code != 200:
            broken.append((path, answer.status_code))
            continue
        if "text/html" not in answer.headers["content-type"] or DATASETTE.match(path):
            continue
        if path.endswith("/card"):  # for frames, with a policy of its own (test_share.py)
            continue
        for link in checked(answer).links:
            target = urldefrag(link)[0]
            if not target or target.startswith("http") or target in seen:
                continue
            seen.add(target)
            shapes[shape(target)] += 1
            if shapes[shape(target)] <= (1 if ONE_IS_ENOUGH.match(target) else 2):
                waiting.append(target)
    assert broken == []
    assert len(shapes) > 60, shapes
    assert sum(shapes.values()) > site.one("select count(*) from records") * 0.9


def test_datasette_pages_lead_to_the_pages_for_people(site):
    row = site.get("/kb/actions/eu-ai-act").text
    assert 'href="/actions/eu-ai-act"' in row
    assert 'href="/actions/us-eo-14110"' in site.get("/kb/status-on?on=2025-01-01").text
    assert 'href="/questions"' in site.get("/kb").text


EMPTY = {
    "no claims": ["claims/it-does-good.toml"],
    "no arguments": ["arguments/it-should-stay.toml", "claims/it-does-good.toml"],
    "documents alone": [
        "arguments/it-should-stay.toml",
        "claims/it-does-good.toml",
        "actions/an-order.toml",
        "organizations.toml",
        "topics.toml",
        "jurisdictions.toml",
    ],
    "nothing but about": ["*/*.toml", "organizations.toml", "topics.toml", "jurisdictions.toml"],
}


@pytest.mark.thorough
@pytest.mark.parametrize("removed", EMPTY.values(), ids=EMPTY)
def test_every_page_answers_where_a_kind_has_no_record(base: Base, removed, tmp_path):
    for pattern in removed:
        for path in list(base.policies.glob(pattern)):
            path.unlink()
    result = base.load()
    assert not result.errors, [problem.text() for problem in result.problems]
    site = Site(base.db)
    lists = [f"/{place}" for place in TITLES]
    feeds = ["/feeds/all.atom", "/feeds/upcoming.atom", "/calendar.ics"]
    asked = [f"/questions/{name}" for name in questions("openness")]
    queries = ["/search?q=order", "/actions?q=order", "/documents?q=order", "/timeline?zoom=month"]
    pages = ["/", "/about", "/search", "/timeline", "/questions", "/llms.txt", "/kb"]
    for path in (*pages, *lists, *feeds, *asked, *queries):
        assert site.get(path).status_code == 200, path
    published = base.run("publish", "--static", str(tmp_path / "copy"))
    assert published.returncode == 0, published.stderr
