// The forms that are answered in the browser: when they are asked, and how the answer is shown.
"use strict";
(() => {
  const {made, megabytes} = policykb;
  const message = text => made("p", {class: "message", role: "alert"}, text);
  // What is shown: messages, the number of rows, a page of them, and files

  const pages = (number, last, go) => {
    const step = (label, to) => Object.assign(made("button", {type: "button"}, label),
      {onclick: () => go(to)});
    return made("nav", {class: "pages", "aria-label": "Pages"},
      ...number > 1 ? [step("← Previous", number - 1)] : [],
      made("span", {}, `Page ${number} of ${last}`),
      ...number < last ? [step("Next →", number + 1)] : []);
  };
  const shown = async (place, {answer, taken = answer, name, show, on}) => {
    const {columns, rows} = answer, size = policykb.words.page;
    const number = `${answer.truncated ? "more than " : ""}`
      + policykb.plural(rows.length, show === "actions" ? "action" : "row");
    const title = made("h2", {tabindex: "-1"}, "Answer ", made("span", {class: "count"}, number));
    if (!rows.length) {
      const nothing = "Nothing in the knowledge base answers this.";
      place.append(title, made("p", {class: "lead"}, nothing));
      if (taken.columns.length || taken !== answer) place.append(policykb.files(name, taken));
      return number;
    }
    const body = made("div"), last = Math.ceil(rows.length / size);
    const go = async to => {
      const part = rows.slice((to - 1) * size, to * size);
      const table = await policykb[show](columns, part, {on});
      const region = {class: "scroll", role: "region", "aria-label": "Answer", tabindex: "0"};
      body.replaceChildren(made("div", region, table), ...last > 1 ? [pages(to, last, move)] : []);
    };
    const move = async to => {
      await go(to);
      title.focus();
    };
    await go(1);
    place.append(title, policykb.files(name, taken), body);
    return number;
  };

  const enable = form => {
    const status = made("p", {role: "status", class: "soft asked"}), place = made("div");
    const bar = made("progress", {max: 1, value: 0, "aria-label": "Loaded", hidden: ""});
    const stop = made("button", {type: "button", hidden: ""}, "Stop");
    const {script} = form.dataset;
    const load = () => script ? policykb.loadReady(script) : policykb.load();
    const button = form.querySelector("button");
    const published = document.querySelector(".published");
    button.after(stop);
    (form.closest("details") ?? form).after(status, bar, place);  // details may be closed
    stop.onclick = () => policykb.stop("Stopped");
    policykb.progress = (done, total) => {
      bar.hidden = done === total;
      bar.value = done / total;
      const loaded = `Loading the knowledge base: ${megabytes(done)} of ${megabytes(total)}`;
      status.textContent = bar.hidden ? "" : loaded;
    };
    const say = text => {
      status.textContent = text;
      status.classList.remove("hidden");
    };
    const run = async given => {
      button.disabled = true;
      stop.hidden = false;
      say("Asking…");
      delete form.dataset.done;
      try {
        await policykb.wait(load());
        say("Asking…");
        const asked = await policykb.asking[form.dataset.ask](given, form.dataset);
        place.replaceChildren(...asked.messages.filter(Boolean).map(message));
        if (asked.heading) {
          document.querySelector("h1").textContent = asked.heading;
          document.title = document.title.replace(/^[^·]*/, `${asked.heading} `);
        }
        const show = asked.answer ? shown : policykb.shownReady[form.dataset.ask];
        say(`Answered: ${await show(place, asked)}.`);
        status.classList.add("hidden");  // the heading says the same to those who see it
        published?.remove();
      } catch (error) {
        place.replaceChildren(policykb.failed(error, () => run(given)));
        say("");
        bar.hidden = true;
      }
      button.disabled = false;
      stop.hidden = true;
      form.dataset.done = "";
    };
    for (const node of document.querySelectorAll(".idle")) node.hidden = true;
    form.hidden = false;
    form.addEventListener("focusin", () => load().catch(() => {}), {once: true});
    form.addEventListener("submit", event => {
      event.preventDefault();
      const given = new FormData(form), query = new URLSearchParams();
      for (const [name, value] of given) if (value) query.append(name, value);
      try {
        history.replaceState(null, "", `?${query}`);
      } catch { /* a page read from a disk may keep its address */ }
      run(given);
    });
    if (form.elements.on?.type === "date") form.elements.on.value = policykb.today();
    const query = new URLSearchParams(location.search);
    for (const name of new Set(query.keys())) fill(form.elements[name], query.getAll(name));
    if (query.size ?? [...query].length) run(query);
  };
  // Show in a field what the address asks for, with values that it does not have.
  const fill = (field, values) => {
    if (!field) return;
    if (field instanceof RadioNodeList) {
      const parts = values.flatMap(value => value.split(","));
      field.forEach((one, place) => one.value = parts[place] ?? "");
      return;
    }
    if (field.type === "checkbox") {
      field.checked = true;
      return;
    }
    if (field.tagName !== "SELECT") {
      field.value = values.join(",");
      return;
    }
    if (field.multiple) values = values.flatMap(value => value.split(","));
    field.multiple ||= values.length > 1;
    for (const value of values) {
      const there = [...field.options].find(option => option.value === value);
      const option = there ?? field.appendChild(new Option(value, value));
      option.selected = true;
    }
  };
  for (const form of document.querySelectorAll("form[data-ask]")) enable(form);
})();
