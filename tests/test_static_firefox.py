"""A static copy in Firefox: its own pages in a frame of a page that reports what they show to the host."""

import http.server
import json
import os
import queue
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from conftest import serving
from test_static_answers import Plain

pytestmark = pytest.mark.browser
FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
# Page of the copy -> what shows that it has answered.
PAGES = {
    "questions/status-on/index.html?on=2026-06-15": ":is(form[data-done], :has(> form[data-done])) ~ div .answer tbody tr",
    "actions/index.html?jurisdiction=us&force=in_force": ":is(form[data-done], :has(> form[data-done])) ~ div .actions tbody tr",
    "data/index.html?sql=select+sqlite_version()+as+version": ":is(form[data-done], :has(> form[data-done])) ~ div .answer td",
    "search/index.html?q=regulating": "#hits mark, #hits .meta",
    "actions/us-eo-14409/index.html?on=2026-06-15": "form.asof:not([hidden])",
    "actions/us-eo-14409/index.html?on=2020-01-01": "section.status .then",
    "documents/index.html?grade=primary&sort=title": ":is(form[data-done], :has(> form[data-done])) ~ div .answer tbody tr",
    "timeline/index.html?jurisdiction=eu": ":is(form[data-done], :has(> form[data-done])) ~ div .answer tbody tr",
    "compare/index.html?ids=us-eo-14409,eu-ai-act": ":is(form[data-done], :has(> form[data-done])) ~ div .compare tbody tr",
    "following/index.html?jurisdiction=us&days=999": ":is(form[data-done], :has(> form[data-done])) ~ div .news li",
}
REPORT = """<!doctype html><meta charset="utf-8"><body><script>
(async () => {
  const shown = [];
  for (const [page, selector] of Object.entries(PAGES)) {
    const frame = document.createElement("iframe");
    frame.src = page;
    document.body.append(frame);
    let nodes = [];
    for (let turn = 0; turn < 900 && !nodes.length; turn++) {
      await new Promise(resolve => setTimeout(resolve, 100));
      nodes = [...frame.contentDocument.querySelectorAll(selector)];
    }
    shown.push([nodes.length, frame.contentDocument.querySelector("main").innerText]);
    frame.remove();
  }
  await fetch("/", {method: "POST", body: JSON.stringify(shown)});
})();
</script>"""


class Reporting(Plain):
    """A host of the copy and of the page that reports."""

    reports: queue.Queue = queue.Queue()

    def do_GET(self) -> None:
        if self.path != "/report.html":
            return super().do_GET()
        text = REPORT.replace("PAGES", json.dumps(PAGES)).encode()
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        return self.wfile.write(text)

    def do_POST(self) -> None:
        self.reports.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(204)
        self.end_headers()


@pytest.fixture
def shown(answering: Path, tmp_path: Path) -> Iterator[dict[str, tuple[int, str]]]:
    """How many nodes show the answer of each page in Firefox, and its text."""
    if not FIREFOX:
        if os.environ.get("POLICYKB_BROWSER") == "required":
            pytest.fail("A browser is required, and this is missing: firefox-esr.")
        pytest.skip("Missing: firefox-esr.")
    handler = partial(Reporting, directory=answering)
    with serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)) as root:
        address = f"{root}/report.html"
        (tmp_path / "profile").mkdir()
        command = [FIREFOX, "--headless", "--no-remote", "--profile", tmp_path / "profile", address]
        firefox = subprocess.Popen(
            command,
            env={**os.environ, "HOME": str(tmp_path)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield dict(zip(PAGES, Reporting.reports.get(timeout=900), strict=True))
        finally:
            firefox.terminate()
            firefox.wait(20)


def test_firefox_answers(shown):
    assert {page: number for page, (number, _) in shown.items() if not number} == {}
    texts = [" ".join(text.split()) for _, text in shown.values()]
    assert "The whole answer: CSV · JSON" in texts[0]
    assert "United States · Executive order" in texts[1]
    assert "3.54.1" in texts[2]
    assert "On 15 June 2026:" in texts[4]
    assert "On 1 January 2020: Nothing had happened yet" in texts[5]
    assert "Promoting Advanced" in texts[8] and "No source read says." in texts[8]
    assert "For United States:" in texts[9]
