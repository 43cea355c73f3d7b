// What the forms ask: a question, a list by any filters, SQL. Each function takes the values of a form
// or an address and returns {name, messages, answer, show}; `taken` are the rows of files, if they differ.
"use strict";
(() => {
  const MOST_SQL = 10000;
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

  policykb.asking = {
    async question(given, {question}) {
      const {sql, parameters} = policykb.words.questions[question], values = {};
      const messages = unknownParameters(given, parameters.map(({name}) => name));
      const missing = [];
      for (const {name, kind, default: usual, required, record} of parameters) {
        const all = valuesOf(given, name);
        const value = kind === "id" ? all.join(",") : all[0] ?? "";
        values[name] = value || (usual === "today" ? policykb.today() : usual);
        if (kind === "day" && values[name] && !isDay(values[name])) {
          throw new Error(`${name}='${value}' is not a day; write it as 2026-06-15`);
        }
        if (kind === "number" && values[name] && !/^\d{1,9}$/.test(values[name])) {
          throw new Error(`${name}='${value}' is not a number`);
        }
        if (required && !value) missing.push(name);
        const ids = kind === "id" ? value.split(",").map(id => id.trim()).filter(Boolean) : [];
        for (const id of ids) messages.push(record ? await noRecord(name, id) : noStance(name, id));
      }
      if (missing.length) throw new Error(`Fill in ${missing.join(" and ")} and ask`);
      return {name: question, messages, answer: await policykb.ask(sql, values), show: "table"};
    },
    // A list as the live site has it, and its rows as files of the live site have them.
    async list(given, {form}) {
      const list = policykb.words.forms[form], {filters, plain, orders, statement} = list;
      const names = Object.keys(filters), bound = {...list.values}, asked = {};
      const messages = unknownParameters(given, [...names, ...plain, "several", "sort"]);
      for (const name of names) {
        asked[name] = valuesOf(given, name);
        bound[name] = JSON.stringify(asked[name]);
        for (const value of asked[name]) {
          messages.push(await unknownChoice(name, filters[name], value));
        }
      }
      for (const name of plain) asked[name] = valuesOf(given, name)[0] ?? "";
      const today = policykb.today(), on = valuesOf(given, "on")[0] ?? today;
      bound.on = isDay(on) ? on : today;
      if (plain.includes("on") && bound.on !== on) {
        messages.push(`“${on}” is not a day; write it as 2026-06-15. Shown as of today.`);
      }
      const sort = valuesOf(given, "sort")[0] ?? "", ordered = orders.includes(sort);
      if (sort && !ordered) {
        messages.push(`“${sort}” is not an order of this list. It has: ${orders.join(", ")}.`);
      }
      bound.words = asked.q ?? "";
      bound.unanswered = asked.unanswered ? "1" : "";
      bound.sort = ordered ? sort : list.sort;
      const isTimeline = form === "timeline";
      if (isTimeline) messages.push(...addWindow(bound, asked, bound.on));
      const read = bound.words && !ordered ? list.ranked : statement;
      const answer = await policykb.ask(read, bound, bound.size);
      const name = plain.includes("on") ? `${form}-${bound.on}` : form;
      const taken = isTimeline ? await events(answer) : await rowsOf(list, answer, bound.on);
      if (!isTimeline) return {name, messages, answer, taken, show: list.shows, on: bound.on};
      return {name, messages, answer: shownOf(taken), taken, show: "table"};
    },
    async sql(given) {
      const answer = await policykb.ask(given.get("sql"), {}, MOST_SQL);
      return {name: "answer", messages: [], answer, show: "table"};
    },
  };
  const noStance = (name, id) => {
    const terms = policykb.words.cells.labels[name];
    return terms && id in terms ? undefined
      : `There is no ${name} “${id}”; it is one of ${Object.keys(terms ?? {}).join(", ")}.`;
  };
  const unknownChoice = async (name, source, value) => {
    if (policykb.places[source]) return noRecord(source, value);
    const terms = policykb.words.labels[source];
    return value in terms ? undefined
      : `“${value}” is not a value of “${name}”; it has: ${Object.keys(terms).join(", ")}.`;
  };


  const grouped = (rows, name) => {
    const groups = Object.create(null);
    for (const row of rows) (groups[row[name]] ??= []).push(row);
    return groups;
  };
  // The records of a list with their columns, pages and sources, as `policykb.words` names them.
  const rowsOf = async ({kind, rows: statement, sourced}, {columns, rows}, on) => {
    const place = columns.indexOf("id"), ids = JSON.stringify(rows.map(row => row[place]));
    const all = await policykb.ask(statement, {ids, on});
    const sources = sourced ? policykb.words.sources : {};
    const cited = grouped(sourced ? await policykb.rows("takeaway.sources", {ids}) : [], "record");
    const line = row => [...row, policykb.permanent(kind, row[0]),
      ...Object.values(sources).map(key => (cited[row[0]] ?? []).map(source => source[key]))];
    const names = [...all.columns, "page", ...Object.keys(sources)];
    return {columns: all.rows.length ? names : [], rows: all.rows.map(line)};
  };

  // The timeline: the time shown counts where only actions with events in it are asked for
  const addWindow = (bound, asked, on) => {
    const {fitted, years, limits: [first, last], ideas} = policykb.words.timeline;
    const year = Number(on.slice(0, 4)), given = /^\d{4}$/.test(asked.from);
    const clamped = number => Math.min(Math.max(number, first), last);
    const begin = given ? clamped(Number(asked.from)) : year;
    const places = [...asked.jurisdiction, ...asked.topic];
    const [before, within, after] = fitted[places.length === 1 ? places[0] : ""] ?? [];
    const [from, length] = asked.zoom === "month" ? [begin, 1] : given ? [begin, years]
      : !within ? [clamped(year - years / 2), years] : year < within[0] ? before
      : year >= within[0] + within[1] ? after : within;
    const day = number => `${String(number).padStart(4, "0")}-01-01`;
    Object.assign(bound, {
      start: day(from), end: day(from + length), moving: asked.moving ? "1" : "",
      ideas: asked.ideas || asked.instrument.some(id => ideas.includes(id)) ? "1" : "",
    });
    return [
      asked.zoom && !["month", "year"].includes(asked.zoom)
        && `“${asked.zoom}” is not a value of “zoom”; it has: year, month.`,
      asked.from && !given && `“${asked.from}” is not a year.`,
    ];
  };
  // What is shown of events: all but their own ids and addresses.
  const shownOf = ({columns, rows}) => ({
    columns: columns.slice(0, columns.indexOf("event")),
    rows: rows.map(row => row.slice(0, columns.indexOf("event"))),
  });
  const events = async ({columns, rows}) => {
    const cell = (row, name) => row[columns.indexOf(name)];
    const ids = JSON.stringify(rows.map(row => cell(row, "id")));
    const all = grouped(await policykb.rows("timeline.events", {ids}), "action");
    const lines = row => (all[cell(row, "id")] ?? []).map(event => [
      cell(row, "place"), cell(row, "id"), cell(row, "title"), event.date, event.type,
      event.note ?? "", event.id,
      `${policykb.permanent("action", event.action)}#event-${event.id.split("#")[1]}`,
    ]);
    return {columns: policykb.words.timeline.columns, rows: rows.flatMap(lines)};
  };
})();
