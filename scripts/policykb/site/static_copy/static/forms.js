// The forms that are answered in the browser: a question, a list by several filters, SQL.
"use strict";
(() => {
  const {made} = policykb, MOST_SQL = 10000, LARGE = 20e6;
  const message = text => made("p", {class: "message", role: "alert"}, text);
  const isDay = text => /^\d{4}-\d\d-\d\d$/.test(text) && !isNaN(Date.parse(text))
    && new Date(text).toISOString().startsWith(text);

  // What is asked: the values of each field of the form, else of the address, cleaned

  const valuesOf = (given, name) =>
    [...new Set(given.getAll(name).map(value => value.trim().slice(0, 200)).filter(Boolean))];
  const noRecord = async (kind, id) => {
    const [there] = await policykb.rows("records.record", {id});
    if (there && !there.moved && there.kind === kind) return undefined;
    return there?.moved ? `There is no ${kind} “${id}”; it is now “${there.id}”.`
      : `There is no ${kind} “${id}”.`;
  };
  const unknownParameters = (given, names) => [...new Set(given.keys())]
    .filter(name => !names.includes(name) && name !== "page")
    .map(name => `“${name}” is not a parameter of this page; it has: ${names.join(", ")}.`);

  const usualValue = usual => {
    const ago = usual === "today" ? "0" : /^(\d+) days$/.exec(usual)?.[1];
    if (!ago) return usual;
    return new Date(Date.parse(policykb.today()) - ago * 864e5).toISOString().slice(0, 10);
  };

  const ASKING = {
    async question(given, {question}) {
      const {sql, parameters} = policykb.words.questions[question], values = {};
      const messages = unknownParameters(given, parameters.map(({name}) => name));
      const missing = [];
      for (const {name, kind, default: usual, required, record} of parameters) {
        const all = valuesOf(given, name);
        const value = kind === "id" ? all.join(",") : all[0] ?? "";
        values[name] = value || usualValue(usual);
        if (kind === "day" && values[name] && !isDay(values[name])) {
          throw new Error(`${name}='${value}' is not a day; write it as 2026-06-15`);
        }
        if (kind === "number" && values[name] && !/^\d{1,9}$/.test(values[name])) {
          throw new Error(`${name}='${value}' is not a number`);
        }
        if (required && !value) missing.push(name);
        const ids = kind === "id" ? value.split(",").map(id => id.trim()).filter(Boolean) : [];
        for (const id of ids) messages.push(record ? await noRecord(name, id) : noTerm(name, id));
      }
      if (missing.length) throw new Error(`Fill in ${missing.join(" and ")} and ask`);
      return {name: question, messages, answer: await policykb.ask(sql, values), show: "table"};
    },
    async list(given, {form}) {
      const {sql, filters, fields, values, shows} = policykb.words.forms[form];
      const bound = {...values}, names = Object.keys(filters);
      const messages = unknownParameters(given, [...names, ...Object.keys(fields), "on"]);
      for (const name of names) {
        const chosen = valuesOf(given, name);
        bound[name] = JSON.stringify(chosen);
        for (const value of chosen) messages.push(await unknownChoice(name, filters[name], value));
      }
      for (const [name, own] of Object.entries(fields)) bound[own] = valuesOf(given, name)[0] ?? "";
      const on = valuesOf(given, "on")[0] ?? policykb.today();
      bound.on = isDay(on) ? on : policykb.today();
      if (bound.on !== on) {
        messages.push(`“${on}” is not a day; write it as 2026-06-15. Shown as of today.`);
      }
      const answer = await policykb.ask(sql, bound);
      return {name: `${form}-${bound.on}`, messages, answer, show: shows, on: bound.on};
    },
    async sql(given) {
      const answer = await policykb.ask(given.get("sql"), {}, MOST_SQL);
      return {name: "answer", messages: [], answer, show: "table"};
    },
  };
  const noTerm = (name, id) => {
    const terms = policykb.words.labels[policykb.words.terms[name]];
    return terms && id in terms ? undefined
      : `There is no ${name} “${id}”; it is one of ${Object.keys(terms ?? {}).join(", ")}.`;
  };
  const unknownChoice = async (name, source, value) => {
    if (policykb.places[source]) return noRecord(source, value);
    const terms = policykb.words.labels[source];
    return value in terms ? undefined
      : `“${value}” is not a value of “${name}”; it has: ${Object.keys(terms).join(", ")}.`;
  };

  // What is shown: messages, the number of rows, a page of them, and files

  const pages = (number, last, go) => {
    const step = (label, to) => Object.assign(made("button", {type: "button"}, label),
      {onclick: () => go(to)});
    return made("nav", {class: "pages", "aria-label": "Pages"},
      ...number > 1 ? [step("← Previous", number - 1)] : [],
      made("span", {}, `Page ${number} of ${last}`),
      ...number < last ? [step("Next →", number + 1)] : []);
  };
  const shown = async (place, {answer, name, show, on}) => {
    const {columns, rows} = answer, size = policykb.words.page;
    const number = `${answer.truncated ? "more than " : ""}`
      + policykb.plural(rows.length, show === "actions" ? "action" : "row");
    const title = made("h2", {tabindex: "-1"}, "Answer ", made("span", {class: "count"}, number));
    if (!rows.length) {
      const nothing = "Nothing in the knowledge base answers this.";
      place.append(title, made("p", {class: "lead"}, nothing));
      if (columns.length) place.append(policykb.files(name, answer));
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
    place.append(title, policykb.files(name, answer), body);
    return number;
  };

  const megabytes = size => `${(size / 1e6).toFixed(1)} MB`;
  // What loads a table that is not loaded with the others, where a statement names it.
  const offered = (error, again) => {
    const [, table] = /^no such table: (?:main\.)?(\w+)$/i.exec(error.message) ?? [];
    const {tables, scripts} = policykb.words?.rare ?? {};
    if (policykb.whole || !tables?.includes(table?.toLowerCase())) return [];
    const size = Object.values(scripts).reduce((sum, each) => sum + each);
    const label = `Load ${table} (${megabytes(size)}) and ask again`;
    const button = made("button", {type: "button"}, label);
    button.onclick = () => {
      policykb.loadWhole();
      again();
    };
    return [made("p", {}, "It is in the knowledge base, but few ask for it. ", button)];
  };
  const enable = form => {
    const status = made("p", {role: "status", class: "soft asked"}), place = made("div");
    const bar = made("progress", {max: 1, value: 0, "aria-label": "Loaded", hidden: ""});
    const stop = made("button", {type: "button", hidden: ""}, "Stop");
    const size = Number(form.dataset.size);
    const button = form.querySelector("button");
    const published = document.querySelector(".published");
    button.after(stop);
    form.after(status, bar, place);
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
        await policykb.wait(policykb.load());
        say("Asking…");
        const asked = await ASKING[form.dataset.ask](given, form.dataset);
        place.replaceChildren(...asked.messages.filter(Boolean).map(message));
        say(`Answered: ${await shown(place, asked)}.`);
        status.classList.add("hidden");  // the heading says the same to those who see it
        published?.remove();
      } catch (error) {
        place.replaceChildren(message(`${error.message}.`), ...offered(error, () => run(given)));
        say("");
        bar.hidden = true;
      }
      button.disabled = false;
      stop.hidden = true;
      form.dataset.done = "";
    };
    for (const node of document.querySelectorAll(".idle")) node.hidden = true;
    form.hidden = false;
    if (size < LARGE) {
      const quiet = () => policykb.load().catch(() => {});
      form.addEventListener("focusin", quiet, {once: true});
    }
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
    if (field.tagName !== "SELECT") {
      field.value = values.join(",");
      return;
    }
    field.multiple = values.length > 1;
    for (const value of values) {
      const there = [...field.options].find(option => option.value === value);
      const option = there ?? field.appendChild(new Option(value, value));
      option.selected = true;
    }
  };
  for (const form of document.querySelectorAll("form[data-ask]")) enable(form);
})();
