"""What axe finds in a page of a browser."""

COLORS = ["color-contrast", "link-in-text-block"]

# The contrast takes four fifths of the time, though it follows from a few computed values, which most texts of a page share:
# two visible texts of each kind are judged. The other rules judge every node.
VIOLATIONS = """async rules => {
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
  return (await axe.run(document, {resultTypes: ["violations"], ...(rules && {runOnly: rules})})).violations.map(
    found => `${found.id}: ${found.help}: ${found.nodes.slice(0, 3).map(node => node.target.join(" ")).join(" | ")}`);
}"""


def violations(page) -> list[str]:
    """Return what axe finds in a page that is open: in light by every rule, and in dark by those of colors."""
    from axe_playwright_python.base import AXE_FILE_PATH

    page.evaluate(AXE_FILE_PATH.read_text())  # past the policy, which lets no other script in
    found = []
    for scheme, rules in (("light", None), ("dark", COLORS)):
        page.emulate_media(color_scheme=scheme)
        found += page.evaluate(VIOLATIONS, rules)
    return found
