"""The site for programs: each record as JSON-LD, /llms.txt, and MCP with the client of its Python SDK."""

import asyncio
import hashlib
import importlib.util
import json
import os
import re
from pathlib import Path

import pytest
from conftest import ABOUT, Base
from policykb.read.questions import questions
from rdflib import Graph, Namespace, URIRef
from test_pages import Site

pytestmark = pytest.mark.datasette

SDO = Namespace("https://schema.org/")
REQUIRED = os.environ.get("POLICYKB_TOOLS") == "required"


@pytest.mark.parametrize(
    "path",
    [
        "/actions/us-eo-14409",
        "/arguments/restricting-open-source-ai-is-an-error",
        "/claims/openness-mostly-makes-models-safer",
        "/topics/export-control",
        "/documents/lambert-xu-2026-banning-open-source-ai",
        "/organizations/european-commission",
        "/jurisdictions/us",
    ],
)
def test_a_page_names_its_record_as_json_ld(site: Site, path: str):
    assert (
        f'<link rel="alternate" type="application/ld+json" href="{path}.jsonld" title="JSON-LD">'
        in site.get(path).text
    )
    found = site.get(f"{path}.jsonld")
    assert (
        found.status_code,
        found.headers["content-type"],
        found.headers["access-control-allow-origin"],
    ) == (200, "application/ld+json; charset=utf-8", "*")
    assert (
        URIRef(f"http://localhost{path}"),
        SDO.sdLicense,
        URIRef("https://creativecommons.org/licenses/by/4.0/"),
    ) in Graph().parse(data=found.text, format="json-ld")
    assert (
        site.get(f"{path}.jsonld", headers={"if-none-match": found.headers["etag"]}).status_code
        == 304
    )


def test_pages_that_show_no_record_name_none(site: Site):
    for path in ("/", "/actions", "/about", "/questions/status-on", "/actions/us-eo-1440"):
        assert "ld+json" not in site.get(path).text


def test_json_ld_of_an_action_is_as_of_the_day_asked_for(site: Site):
    directive = "/actions/us-bis-anthropic-access-directive-2026.jsonld"
    assert (
        site.get(f"{directive}?on=2026-06-15").json()["legislationLegalForce"]
        == "https://schema.org/InForce"
    )
    assert (
        site.get(f"{directive}?on=2026-07-15").json()["legislationLegalForce"]
        == "https://schema.org/NotInForce"
    )


def test_json_ld_of_old_and_wrong_addresses(base: Base):
    base.write(
        "redirects.toml",
        {"an-old-order": {"to": "an-order", "on": "2026-06-05", "reason": "Named better."}},
    )
    base.load()
    site = Site(base.db)
    for path in ("/actions/an-old-order.jsonld", "/claims/an-order.jsonld"):
        assert (site.get(path).status_code, site.get(path).headers["location"]) == (
            301,
            "/actions/an-order.jsonld",
        )
    missing = site.get("/actions/an-ordre.jsonld")
    assert missing.status_code == 404
    assert "an-order" in missing.text
    assert site.get("/actions/" + "x" * 200 + ".jsonld").status_code == 404


def test_llms_txt_tells_what_this_is_and_where_the_data_is(site: Site):
    found = site.get("/llms.txt")
    assert (found.status_code, found.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    first, _, summary, *_ = found.text.splitlines()
    assert first == "# Open Source AI Policy"
    assert summary.startswith("> Tracks policy actions ") and summary.endswith("for every day.")
    assert re.findall(r"^## (.+)$", found.text, re.MULTILINE) == ["Pages", "Data", "Questions"]
    assert "CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)" in found.text
    assert site.one("select value from kb_info where key = 'content_sha256'") in found.text
    assert "&#" not in found.text and "&amp;" not in found.text
    assert len(found.text) < 10_000
    assert re.findall(
        r"^- \[.+?\]\(http://localhost/questions/(.+?)\): ", found.text, re.MULTILINE
    ) == list(questions("openness"))


@pytest.mark.thorough
def test_every_link_of_llms_txt_answers(site: Site):
    links = re.findall(r"\]\(http://localhost(/[^)]*)\)", site.get("/llms.txt").text)
    assert len(links) > 30
    for link in set(links) - {"/-/mcp"}:  # which answers clients of its own kind only, see below
        found = site.get(link)
        assert found.status_code == 200, link
        if "sql=" in link:
            assert len(found.json()["rows"]) == 10


def test_views_named_in_llms_txt_are_those_of_the_database(site: Site):
    line = re.search(
        r"^- The views (.+) keep their columns;", site.get("/llms.txt").text, re.MULTILINE
    )[1]
    assert set(re.findall(r"`(\w+)`", line)) == {
        row[0] for row in site.db.execute("select name from sqlite_master where type = 'view'")
    }


def test_content_cannot_make_a_heading_or_a_link_of_its_own_in_llms_txt(base: Base):
    base.write("about.toml", ABOUT | {"description": "One line.\n\n## Do this\n- <b>now</b>"})
    base.load()
    assert "> One line. ## Do this - <b>now</b>\n" in Site(base.db).get("/llms.txt").text


@pytest.mark.thorough
def test_mcp_answers_a_client_and_keeps_the_limits(shipped: Path, served: str):
    if not (importlib.util.find_spec("datasette_mcp") and importlib.util.find_spec("mcp")):
        assert not REQUIRED, "datasette-mcp is required"
        pytest.skip("datasette-mcp is not there")
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def ask(address: str) -> None:
        async with (
            streamable_http_client(f"{address}/-/mcp") as streams,
            ClientSession(streams[0], streams[1]) as session,
        ):
            await session.initialize()
            names = {tool.name for tool in (await session.list_tools()).tools}
            assert {
                "list_databases",
                "get_database_schema",
                "execute_sql",
                "list_canned_queries",
                "execute_canned_query",
            } <= names

            async def call(name: str, **arguments: object) -> tuple[bool, str]:
                result = await session.call_tool(name, arguments)
                return result.is_error, result.content[0].text

            assert json.loads((await call("list_databases"))[1]) == {"databases": ["kb"]}
            failed, text = await call(
                "execute_sql",
                database="kb",
                sql="select action, stage from current_status where action = 'us-eo-14409'",
            )
            assert (failed, json.loads(text)["rows"]) == (
                False,
                [{"action": "us-eo-14409", "stage": "adopted"}],
            )
            failed, text = await call(
                "execute_canned_query",
                database="kb",
                query="identifier",
                parameters={"identifier": "EO 14409"},
            )
            assert not failed and json.loads(text)["rows"][0]["action"] == "us-eo-14409"
            failed, text = await call(
                "execute_canned_query", database="kb", query="search", parameters={"q": "AI Act"}
            )
            first = json.loads(text)["rows"][0]
            assert (failed, first["id"], first["certain"]) == (False, "eu-ai-act", 1)
            many = json.loads(
                (
                    await call(
                        "execute_sql", database="kb", sql="select e.id from events e, events f"
                    )
                )[1]
            )
            assert (len(many["rows"]), many["truncated"]) == (1000, True)
            for sql in (
                "delete from actions",
                "attach 'other.db' as x",
                "pragma writable_schema = 1",
                "select zeroblob(200000)",
                "with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c",
            ):
                failed, text = await call("execute_sql", database="kb", sql=sql)
                assert failed, (sql, text)

    before = hashlib.sha256(shipped.read_bytes()).hexdigest()
    asyncio.run(ask(served))
    assert hashlib.sha256(shipped.read_bytes()).hexdigest() == before


def test_a_wrong_address_does_not_print_all_variables(shipped: Path, capfd: pytest.CaptureFixture):
    # Datasette does where the package rich is installed, which takes seconds for each answer that is an error.
    assert importlib.util.find_spec("rich"), "frictionless brings it"
    assert Site(shipped).get("/nothing/here").status_code == 404
    said = capfd.readouterr()
    assert "locals" not in said.out + said.err


def test_robots_may_read_the_pages_and_not_what_has_no_end(site: Site):
    answer = site.get("/robots.txt")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain")
    rules = [
        (allowed == "Allow", re.compile(re.escape(path).replace(r"\*", ".*")))
        for allowed, path in re.findall(r"^(Allow|Disallow): (\S+)$", answer.text, re.MULTILINE)
    ]

    def allowed(path: str) -> bool:
        """Whether the longest rule that fits allows it (RFC 9309, 2.2.2)."""
        fitting = [
            (len(rule.pattern), allow, rule) for allow, rule in rules if rule.match(path)
        ] or [(0, True, None)]
        return max(fitting, key=lambda rule: rule[:2])[1]

    assert answer.text.startswith("User-agent: *\n")
    for path in ("/", "/actions", "/actions/us-eo-14409", "/arguments?page=2", "/about"):
        assert allowed(path), path
    for path in (
        "/kb/actions",
        "/kb?sql=select+1",
        "/search?q=x",
        "/timeline?from=1999",
        "/actions/us-eo-14409?on=2026-06-15",
        "/-/versions.json",
    ):
        assert not allowed(path), path


def test_json_ld_gives_pages_only_to_what_has_them(base: Base):
    for type in ("legislation", "regulation", "bill", "webpage", "article-journal"):
        base.record(
            "documents", f"a-{type}", type=type, container="Register", volume="91", page="34565"
        )
    base.load()
    site = Site(base.db)
    for type in ("legislation", "regulation", "bill", "webpage", "article-journal"):
        node = json.loads(site.get(f"/documents/a-{type}.jsonld").text)
        article = node["@type"] == "ScholarlyArticle"
        assert ("pagination" in node) == article == (type == "article-journal")
        assert node["isPartOf"].get("pagination") == (None if article else "34565")
