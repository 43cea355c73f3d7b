// The status of an action on any day: one of those that came with the page as templates. The events
// of the page follow it. Without a day in the address it is that of today, however old the copy is.
"use strict";
for (const form of document.querySelectorAll("form[data-asof]")) {
  const today = new Date().toISOString().slice(0, 10), asked = new URLSearchParams(location.search);
  const statuses = [...document.querySelectorAll("template[data-from]")];
  const day = text => new Date(text).toLocaleDateString("en-GB",
    {day: "numeric", month: "long", year: "numeric", timeZone: "UTC"});
  const isDay = text => /^\d{4}-\d\d-\d\d$/.test(text) && !isNaN(Date.parse(text))
    && new Date(text).toISOString().startsWith(text);

  const showStatus = on => {
    const status = statuses.filter(template => template.dataset.from <= on).at(-1);
    const node = status.content.firstElementChild.cloneNode(true);
    const then = node.querySelector(".then");
    if (on === today) {
      then.nextSibling.textContent = then.nextSibling.textContent.trimStart();
      then.remove();
    } else {
      then.textContent = `On ${day(on)}:`;
    }
    document.querySelector("section.status").replaceWith(node);
    return node.querySelector("p:not(.next) > a[href^='#']")?.hash.slice(1);
  };
  const showEvent = (event, on, decides) => {
    const {earliest, decided, moved} = event.dataset;
    const marks = {future: earliest > on, decides, later: decided > on,
      moved: moved !== "" && moved <= on};
    marks.past = !marks.future;
    marks.unmoved = !marks.moved;
    marks.due = marks.future && !marks.moved && !marks.later;
    for (const part of event.querySelectorAll("[data-mark]")) {
      part.hidden = !marks[part.dataset.mark];
    }
    for (const name of ["decides", "future", "moved"]) event.classList.toggle(name, marks[name]);
  };
  const show = on => {
    const decides = showStatus(on);
    for (const event of document.querySelectorAll("ol.events > li")) {
      showEvent(event, on, event.id === decides);
    }
    form.elements.on.value = on;
    note.textContent = on === form.dataset.asof ? ""
      : `The pictures and the status of related actions are those of ${day(form.dataset.asof)}.`;
  };

  const note = document.createElement("p");
  note.className = "small soft";
  note.setAttribute("role", "status");
  form.after(note);
  form.hidden = false;
  for (const node of document.querySelectorAll(".idle")) node.hidden = true;
  form.addEventListener("submit", event => {
    event.preventDefault();
    const on = form.elements.on.value || today;
    try {
      history.replaceState(null, "", `?on=${on}`);
    } catch { /* a page read from a disk may keep its address */ }
    show(on);
  });
  const on = asked.get("on") ?? today;
  show(isDay(on) ? on : today);
  if (!isDay(on)) {
    note.textContent = `“${on}” is not a day; write it as 2026-06-15. Shown as of today.`;
  }
}
