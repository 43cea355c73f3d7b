"""What other sites and programs show: badge, card for a frame, pictures, oEmbed, site map, search, citation file, coverage."""

import json
import re
import struct
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml
from conftest import ABOUT, Base
from lxml import etree
from policykb.pictures import share
from policykb.read.status_line import brief
from policykb.site.static_copy import copying
from policykb.site.views import share as views
from test_pages import Page, Site

TODAY = "2026-08-10"
HOSTILE = '<script>alert(1)</script> "--paper: red" & <b>'
OTHER = "https://copy.example.org/site/"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    """A small knowledge base whose action has a title that tries to be markup, to read."""
    base = Base(tmp_path_factory.mktemp("kept"))
    base.today = TODAY
    base.action(
        "an-order",
        [("2026-06-02", "issued"), ("2026-09-01", "expired")],
        title=HOSTILE,
        as_of="2026-08-01",
    )
    base.action("an-idea", [], title="An idea", instrument="policy_option", as_of="2026-08-01")
    base.write(
        "redirects.toml",
        {"old-order": {"to": "an-order", "on": "2026-06-03", "reason": "Renamed."}},
    )
    base.write(
        "about.toml",
        ABOUT
        | {
            "publisher": "A society",
            "editors": ["Ann Able", "Bo Best"],
            "contact": "kb@example.org",
            "coverage": [
                {
                    "jurisdiction": "us-ca",
                    "instrument": "statute",
                    "on": "2026-08-02",
                    "note": "The code has *nothing*.",
                }
            ],
        },
    )
    result = base.load()
    assert not result.errors, [problem.text() for problem in result.problems]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POLICYKB_TODAY", TODAY)
        yield base


@pytest.fixture(scope="module")
def pages(kept: Base) -> Site:
    return Site(kept.db)


def svg(text: str) -> etree._Element:
    """A picture that is well-formed and runs nothing."""
    root = etree.fromstring(text.encode())
    assert not root.xpath("//*[local-name()='script'] | //@*[starts-with(name(), 'on')]")
    return root


def test_badge_says_the_status_of_the_day(pages):
    answer = pages.get("/actions/an-order/badge.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "● In force" in "".join(svg(answer.text).itertext())


@pytest.mark.parametrize("force", ["in_force", "not_yet", "suspended", "ended", "unknown"])
def test_badge_is_as_wide_as_its_words(force):
    picture = svg(share.badge("A law with a name " * 20, brief("adopted", force)))
    assert 0 < float(picture.get("width")) < 600


def test_timeline_stands_alone(pages):
    answer = pages.get("/actions/an-order/timeline.svg")
    assert svg(answer.text).xpath("//*[local-name()='style']")
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_card_may_be_framed_and_nothing_else(pages):
    card = pages.get("/actions/an-order/card")
    assert "frame-ancestors *" in card.headers["content-security-policy"]
    assert "script-src" not in card.headers["content-security-policy"]
    assert "x-frame-options" not in card.headers
    assert '<base target="_top">' in card.text
    assert "<script" not in card.text
    assert "&lt;script&gt;" in card.text
    for path in (
        "/",
        "/actions/an-order",
        "/following",
        "/kb",
        "/actions/an-order/badge.svg",
        "/no",
    ):
        answer = pages.get(path)
        assert answer.headers["x-frame-options"] == "SAMEORIGIN", path
        assert "frame-ancestors *" not in answer.headers.get("content-security-policy", ""), path


def test_picture_of_a_link_is_a_png_of_the_size_that_is_asked_for(pages):
    answer = pages.get("/actions/an-order/card.png")
    assert answer.headers["content-type"] == "image/png"
    assert answer.content[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", answer.content[16:24]) == share.PNG_SIZE
    assert answer.content == pages.get("/actions/an-order/card.png").content


class Head(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append((tag, dict(attrs)))


def test_head_of_a_page_has_what_a_shared_link_shows(pages):
    tags = Head(pages.get("/actions/an-order").text).tags
    meta = {tag["property"]: tag["content"] for name, tag in tags if "property" in tag}
    assert meta["og:title"].startswith(HOSTILE[:20])
    assert meta["og:url"] == "http://localhost/actions/an-order"
    assert meta["og:image"] == "http://localhost/actions/an-order/card.png"
    links = {tag.get("type"): tag["href"] for name, tag in tags if name == "link"}
    assert links["application/json+oembed"] == "http://localhost/actions/an-order/oembed.json"
    assert links["application/opensearchdescription+xml"] == "/opensearch.xml"
    assert "og:title" in pages.get("/about").text


def test_oembed_gives_the_card(pages):
    card = pages.get("/actions/an-order/oembed.json")
    assert card.headers["access-control-allow-origin"] == "*"
    found = card.json()
    assert (found["version"], found["type"]) == ("1.0", "rich")
    ((name, frame),) = Head(found["html"]).tags
    assert (name, frame["src"]) == ("iframe", "http://localhost/actions/an-order/card")
    assert frame["title"] == found["title"]
    address = quote("http://localhost/actions/an-order?on=2026-06-15")
    assert pages.get(f"/oembed?url={address}&format=json").json() == found
    assert pages.get(f"/oembed?url={address}&maxwidth=300").json()["width"] == 300
    assert pages.get(f"/oembed?url={quote('http://localhost/actions/old-order')}").json() == found


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 404),
        ("url=https://elsewhere.example/actions/an-order", 404),
        ("url=http://localhost/actions/nothing", 404),
        ("url=http://localhost/documents/a-source", 404),
        ("url=http://localhost/actions/an-order&format=xml", 501),
    ],
)
def test_oembed_refuses_what_it_does_not_have(pages, query, status):
    assert pages.get(f"/oembed?{query}").status_code == status


@pytest.mark.parametrize("ending", ["badge.svg", "card", "card.png", "timeline.svg", "oembed.json"])
def test_old_ids_lead_to_the_new_ones(pages, ending):
    answer = pages.get(f"/actions/old-order/{ending}")
    assert (answer.status_code, answer.headers["location"]) == (301, f"/actions/an-order/{ending}")
    assert pages.get(f"/actions/nothing/{ending}").status_code == 404


def test_every_address_of_the_site_map_has_a_page(pages):
    assert "Sitemap: http://localhost/sitemap.xml" in pages.get("/robots.txt").text
    root = etree.fromstring(pages.get("/sitemap.xml").content)
    addresses = [element.text for element in root.iter("{*}loc")]
    assert "http://localhost/actions/an-order" in addresses
    for address in addresses:
        assert pages.get(address.removeprefix("http://localhost")).status_code == 200, address


def test_a_long_site_map_has_parts(pages, monkeypatch):
    whole = pages.get("/sitemap.xml").text
    monkeypatch.setattr(views, "MOST_ADDRESSES", 3)
    index = etree.fromstring(pages.get("/sitemap.xml?parts").content)
    assert etree.QName(index).localname == "sitemapindex"
    places = [element.text.removeprefix("http://localhost") for element in index.iter("{*}loc")]
    assert places[:2] == ["/sitemap-1.xml", "/sitemap-2.xml"]
    parts = [pages.get(place).text for place in places]
    entries = re.findall("<url>.*?</url>", whole)
    assert [entry for part in parts for entry in re.findall("<url>.*?</url>", part)] == entries
    assert all(0 < part.count("<url>") <= 3 for part in parts[1:])
    assert pages.get(f"/sitemap-{len(places) + 1}.xml").status_code == 404


def test_browsers_learn_to_search(pages):
    root = etree.fromstring(pages.get("/opensearch.xml").content)
    template = root.find("{*}Url").get("template")
    assert template == "http://localhost/search?q={searchTerms}"
    assert len(root.find("{*}ShortName").text) <= 16


def test_citation_file_names_the_editors(pages):
    cited = yaml.safe_load(pages.get("/CITATION.cff").text)
    assert cited["authors"] == [{"name": "Ann Able"}, {"name": "Bo Best"}]
    assert {"cff-version", "message", "title", "version", "url", "license-url"} <= cited.keys()


def test_about_names_publisher_editors_and_contact(pages):
    page = pages.get("/about").text
    for text in (
        "A society",
        "Ann Able; Bo Best",
        'href="mailto:kb@example.org"',
        'href="/coverage"',
    ):
        assert text in page


def test_coverage_says_what_is_there_and_what_was_looked_for(pages):
    answer = pages.get("/coverage")
    page = Page(answer.text)
    assert not page.objections
    assert "/actions?jurisdiction=us&instrument=executive_order" in page.links
    row = re.search(
        r'<tr><th scope="row"><a href="/jurisdictions/us-ca">.*?</tr>', answer.text, re.S
    )[0]
    assert "2 Aug 2026" in row
    assert 'title="Looked for, none found">0</a>' in row
    assert "The code has <em>nothing</em>." in answer.text


def test_coverage_of_an_unknown_place_is_an_error(base):
    search = {"jurisdiction": "us-xx", "on": "2026-08-02", "note": "Nothing."}
    base.write("about.toml", ABOUT | {"coverage": [search]})
    (problem,) = base.check().problems
    assert problem.severity == "error"
    assert "us-xx" in problem.message


@pytest.mark.thorough
def test_copy_has_all_of_it_as_files(kept, tmp_path: Path):
    copying.publish(kept.db, tmp_path / "site", TODAY, base=OTHER)
    folder = tmp_path / "site"
    action = folder / "actions" / "an-order"
    assert (action / "card.png").read_bytes()[:4] == b"\x89PNG"
    for name in ("badge.svg", "timeline.svg"):
        svg((action / name).read_text())
    card = (action / "card" / "index.html").read_text()
    assert 'href="../../../actions/an-order/index.html"' in card
    assert "script-src" not in card
    embed = json.loads((action / "oembed.json").read_text())
    assert f'src="{OTHER}actions/an-order/card/"' in embed["html"]
    addresses = re.findall("<loc>(.*?)</loc>", (folder / "sitemap.xml").read_text())
    for address in addresses:
        assert (folder / address.removeprefix(OTHER) / "index.html").is_file(), address
    assert (folder / "robots.txt").read_text().endswith(f"Sitemap: {OTHER}sitemap.xml\n")
    assert f'template="{OTHER}search/index.html?q=' in (folder / "opensearch.xml").read_text()
    assert yaml.safe_load((folder / "CITATION.cff").read_text())["url"] == OTHER
    head = (action / "index.html").read_text()
    for address in ("", "card.png", "oembed.json"):
        assert f'"{OTHER}actions/an-order/{address}"' in head
    assert (folder / "following" / "jurisdiction=us" / "following.csv").is_file()
    for file in folder.rglob("*"):
        if file.suffix in (".html", ".json", ".xml", ".csv", ".cff", ".svg"):
            assert "copy.invalid" not in file.read_text(), file


@pytest.mark.thorough
def test_copy_without_an_address_has_what_needs_none(kept, tmp_path: Path):
    copying.publish(kept.db, tmp_path / "site", TODAY)
    action = tmp_path / "site" / "actions" / "an-order"
    assert not (action / "oembed.json").exists()
    assert not (tmp_path / "site" / "sitemap.xml").exists()
    assert "og:url" not in (action / "index.html").read_text()
