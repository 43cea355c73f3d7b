// What the forms ask: a question, a list by any filters, SQL. Each function takes the values of a
// form or an address and returns {name, messages, answer, show}; `taken` are the rows of files, if
// they differ.
"use strict";
(() => {
  const MOST_SQL = 10000, {isDay} = policykb;

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

  policykb.asking = {
    async question(given, {question}) {
      const {sql, parameters} = policykb.words.questions[question], values = {};
      const messages = unknownParameters(given, parameters.map(({name}) => name));
      const missing = [];
      for (const {name, kind, default: usual, required, record} of parameters) {
        const all = valuesOf(given, name);
        const value = kind === "id" ? all.join(",") : all[0] ?? "";
        values[name] = value || usualValue(usual);
        if (kind === "day" && values[name] && !isDay(values[name])) {
          throw new Error(`${name}=“${value}” is not a day; write it as 2026-06-15`);
        }
        if (kind === "number" && values[name] && !/^\d{1,9}$/.test(values[name])) {
          throw new Error(`${name}=“${value}” is not a whole number from 0 to 999999999`);
        }
        if (kind === "yes" && !["", "yes", "no"].includes(value)) {
          throw new Error(`${name}=“${value}” is neither yes nor no`);
        }
        if (required && !value) missing.push(name);
        const ids = kind === "id" ? value.split(",").map(id => id.trim()).filter(Boolean) : [];
        for (const id of ids) messages.push(record ? await noRecord(name, id) : noTerm(name, id));
      }
      const {from: first, to: last} = values;
      if (first && last && first > last) {
        throw new Error(`the first day, ${first}, is after the last day, ${last}`);
      }
      if (missing.length) throw new Error(`Fill in ${missing.join(" and ")} and ask`);
      return {name: question, messages, answer: await policykb.ask(sql, values), show: "table"};
    },
    // A list as the live site has it, and its rows as files of the live site have them.
    async list(given, {form}) {
      const list = policykb.words.forms[form], {plain} = list, isTimeline = form === "timeline";
      const names = Object.keys(list.filters);
      const messages = unknownParameters(given, [...names, ...plain, "several", "sort"]);
      const asked = Object.fromEntries([
        ...names.map(name => [name, valuesOf(given, name)]),
        ...plain.map(name => [name, valuesOf(given, name)[0] ?? ""]),
      ]);
      for (const name of names) {
        for (const value of asked[name]) {
          messages.push(await unknownChoice(name, list.filters[name], value));
        }
      }
      const on = asked.on && isDay(asked.on) ? asked.on : policykb.today();
      if (asked.on && asked.on !== on) {
        messages.push(`“${asked.on}” is not a day; write it as 2026-06-15. Shown as of today.`);
      }
      const sort = valuesOf(given, "sort")[0] ?? "", isOrder = list.orders.includes(sort);
      if (sort && !isOrder) {
        messages.push(`“${sort}” is not an order of this list. It has: ${list.orders.join(", ")}.`);
      }
      const bound = {
        ...list.values, on, words: asked.q ?? "", unanswered: asked.unanswered ? "1" : "",
        sort: isOrder ? sort : list.sort,
        ...Object.fromEntries(names.map(name => [name, JSON.stringify(asked[name])])),
      };
      if (isTimeline) {
        messages.push(...unknownTime(asked));
        Object.assign(bound, timeOf(asked, on));
      }
      const statement = bound.words && !isOrder ? list.ranked : list.sql;
      const answer = await policykb.ask(statement, bound, bound.size);
      if (isTimeline) {
        const chosen = asked.from || asked.zoom;
        const time = chosen ? bound : {start: "", end: ""};
        const [first, last] = [Number(bound.start.slice(0, 4)), bound.end.slice(0, 4) - 1];
        const years = last > first ? `${first} to ${last}` : first;
        const heading = `Timeline, ${chosen ? years : "all years"}`;
        const events = await policykb.ask(policykb.words.statements["timeline.shown"],
          {ids: idsOf(answer), start: time.start, end: time.end});
        const taken = await rowsOf(list, events, on);
        return {name: `${form}-${on}`, messages, answer: shownOf(taken), taken, show: "table",
          heading};
      }
      const name = plain.includes("on") ? `${form}-${on}` : form;
      return {name, messages, answer, taken: await rowsOf(list, answer, on), show: list.shows, on};
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

  const grouped = (rows, name) => {
    const groups = Object.create(null);
    for (const row of rows) (groups[row[name]] ??= []).push(row);
    return groups;
  };
  // The records of a list with their columns, pages and sources, as `policykb.words` names them.
  const idsOf = ({columns, rows}) =>
    JSON.stringify(rows.map(row => row[columns.indexOf("id")]));
  const rowsOf = async ({kind, rows: statement, sourced}, answer, on) => {
    const ids = idsOf(answer);
    const all = await policykb.ask(statement, {ids, on});
    const sources = sourced ? policykb.words.sources : {};
    const cited = grouped(sourced ? await policykb.rows("takeaway.sources", {ids}) : [], "record");
    const page = row => kind === "event"
      ? `${policykb.permanent("action", row[1])}#event-${row[0].split("#")[1]}`
      : policykb.permanent(kind, row[0]);
    const line = row => [...row, page(row),
      ...Object.values(sources).map(key => (cited[row[0]] ?? []).map(source => source[key]))];
    const names = [...all.columns, "page", ...Object.keys(sources)];
    return {columns: all.rows.length ? names : [], rows: all.rows.map(line)};
  };

  // The timeline: the time shown counts where only actions with events in it are asked for
  const unknownTime = ({zoom, from}) => [
    zoom && !["month", "year"].includes(zoom)
      && `“${zoom}” is not a value of “zoom”; it has: year, month.`,
    from && !/^\d{4}$/.test(from) && `“${from}” is not a year.`,
  ];
  const yearsOf = ({zoom, from, jurisdiction, topic}, year) => {
    const {fitted, years, limits: [first, last]} = policykb.words.timeline;
    const clamped = number => Math.min(Math.max(number, first), last);
    const begin = /^\d{4}$/.test(from) ? clamped(Number(from)) : undefined;
    if (zoom === "month") return [begin ?? year, 1];
    if (begin) return [begin, years];
    const places = [...jurisdiction, ...topic];
    const [before, within, after] = fitted[places.length === 1 ? places[0] : ""] ?? [];
    if (!within) return [clamped(year - years / 2), years];
    if (year < within[0]) return before;
    return year < within[0] + within[1] ? within : after;
  };
  const timeOf = (asked, on) => {
    const [begin, length] = yearsOf(asked, Number(on.slice(0, 4)));
    const day = number => `${String(number).padStart(4, "0")}-01-01`;
    const {ideas} = policykb.words.timeline;
    return {
      start: day(begin), end: day(begin + length), moving: asked.moving ? "1" : "",
      ideas: asked.ideas || asked.instrument.some(id => ideas.includes(id)) ? "1" : "",
    };
  };
  // What is shown of events: all but their own ids, addresses and sources.
  const EVENT = ["action", "title", "jurisdiction_name", "date", "type", "note"];
  const shownOf = ({columns, rows}) => {
    const places = EVENT.map(name => columns.indexOf(name));
    return {columns: columns.length ? EVENT : [],
      rows: rows.map(row => places.map(place => row[place]))};
  };
})();
