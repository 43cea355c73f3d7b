"""The browser that tests drive, and what axe finds in its pages.

Debian's Chromium is driven; nothing is downloaded. Without it tests are skipped, unless POLICYKB_BROWSER=required.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator

import pytest

REQUIRED = os.environ.get("POLICYKB_BROWSER") == "required"
# The shell has no windows and menus: a page takes it less than half of the time, and a window a quarter.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

PATIENCE = 60_000  # milliseconds: how long a slow machine may take until a page shows something
COLORS = ["color-contrast", "link-in-text-block"]

# The contrast takes four fifths of the time, though it follows from a few computed values, which most texts of a page share:
# two visible texts of each kind are judged. The other rules judge every node. All rules and the whole page, unless others are given.
VIOLATIONS = """async given => {
  const {rules, part = document} = given ?? {};
  const grounds = new Map([[null, ""]]), number = {};
  const ground = node => {
    if (!grounds.has(node)) {
      const style = getComputedStyle(node);
      const own = [style.backgroundColor, style.backgroundImage, style.opacity, style.position, style.clip].join();
      const none = "rgba(0, 0, 0, 0),none,1,static,auto";
      grounds.set(node, ground(node.parentElement) + (own === none ? "" : `;${own}`));
    }
    return grounds.get(node);
  };
  for (const node of document.body.querySelectorAll("*")) {
    const text = [...node.childNodes].some(child => child.nodeType === Node.TEXT_NODE && child.data.trim());
    if (!text && !node.matches("input, select, textarea")) continue;
    if (!node.checkVisibility({visibilityProperty: true})) continue;
    const style = getComputedStyle(node), control = node.closest("label")?.control ?? node;
    const kind = [style.color, style.fill, style.fontSize, style.fontWeight, style.textShadow,
      control.matches(":disabled"), ground(node)].join();
    number[kind] = (number[kind] ?? 0) + 1;
    node.toggleAttribute("data-contrast", number[kind] <= 2);
  }
  axe.configure({rules: [{id: "color-contrast", selector: "[data-contrast]"}]});
  return (await axe.run(part, {resultTypes: ["violations"], ...(rules && {runOnly: rules})})).violations.map(
    found => `${found.id}: ${found.help}: ${found.nodes.slice(0, 3).map(node => node.target.join(" ")).join(" | ")}`);
}"""


@contextlib.contextmanager
def chromium() -> Iterator:
    """Yield a browser of its own, whose event loop is that of this thread."""
    if not CHROMIUM and not REQUIRED:
        pytest.skip("Missing: chromium.")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        playwright.expect.set_options(timeout=PATIENCE)
        yield browser
        browser.close()


@contextlib.contextmanager
def private(browser, **options: object) -> Iterator:
    """Yield windows of their own, with settings that Playwright takes."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


def violations(page) -> list[str]:
    """Return what axe finds in a page that is open: in light by every rule, and in dark by those of colors."""
    from axe_playwright_python.base import AXE_FILE_PATH

    page.evaluate(AXE_FILE_PATH.read_text())  # past the policy, which lets no other script in
    found = []
    for scheme, rules in (("light", None), ("dark", COLORS)):
        page.emulate_media(color_scheme=scheme)
        found += page.evaluate(VIOLATIONS, {"rules": rules})
    return found
