// Buttons that copy the element they name, as text and with its italics and links. Without JavaScript they stay hidden.
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const element = document.getElementById(button.dataset.copy);
    const text = element.innerText.trim();
    if (window.ClipboardItem) {
      const as = (value, type) => new Blob([value], { type });
      const item = { "text/plain": as(text, "text/plain"), "text/html": as(element.innerHTML, "text/html") };
      await navigator.clipboard.write([new ClipboardItem(item)]);
    } else {
      await navigator.clipboard.writeText(text);
    }
    button.textContent = "Copied";
  });
}
