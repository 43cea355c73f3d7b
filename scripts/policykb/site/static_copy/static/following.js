// What happened for a choice of jurisdictions and topics, and what lies ahead, from news.js, which
// Python makes for all choices as of the day of the copy.
"use strict";
(() => {
  const {made} = policykb, SHOWN = 60;
  const dayBefore = (day, number) =>
    new Date(Date.parse(day) - number * 864e5).toISOString().slice(0, 10);

  policykb.asking.following = async given => {
    const {news} = policykb, messages = [], [usualBack, usualAhead, mostDays] = news.days;
    const valuesOf = name => [...new Set(given.getAll(name)
      .flatMap(text => text.split(",")).map(text => text.trim()).filter(Boolean))];
    const known = [...Object.keys(news.scopes), "kind", "days", "ahead"];
    for (const name of new Set(given.keys())) {
      if (!known.includes(name)) {
        messages.push(`“${name}” is not a parameter of this page; it has: ${known.join(", ")}.`);
      }
    }
    const number = (name, usual) => {
      const text = given.get(name)?.trim() ?? "";
      if (/^\d{1,6}$/.test(text)) return Math.min(Number(text), mostDays);
      if (text) messages.push(`“${text}” is not a number of days. ${usual} are taken.`);
      return usual;
    };
    const back = number("days", usualBack), ahead = number("ahead", usualAhead);
    const since = dayBefore(news.today, back), until = dayBefore(news.today, -ahead);
    let scope;
    const names = [];
    for (const [kind, scopes] of Object.entries(news.scopes)) {
      const chosen = valuesOf(kind);
      for (const id of chosen) if (!scopes[id]) messages.push(`There is no ${kind} “${id}”.`);
      if (!chosen.length) continue;
      names.push(chosen.map(id => news.names[kind][id] ?? id).join(", "));
      const actions = new Set(chosen.flatMap(id => scopes[id] ?? []));
      scope = scope ? new Set([...scope].filter(id => actions.has(id))) : actions;
    }
    if (!valuesOf("jurisdiction").length) names.unshift("all jurisdictions");
    const kinds = valuesOf("kind");
    for (const kind of kinds) {
      if (!news.kinds[kind]) {
        const all = Object.keys(news.kinds).join(", ");
        messages.push(`“${kind}” is not a value of “kind”; it has: ${all}.`);
      }
    }
    const passes = record => !scope || (news.about[record] ?? []).some(action => scope.has(action));
    const entries = news.entries.flatMap(([kind, day, title, lines, record, path, more]) => {
      if (!passes(record)) return [];
      const entry = {kind, day, title, lines, record, path};
      if (more.due) return more.due <= until ? [entry] : [];
      if (more.day) return more.day >= since ? [entry] : [];
      if (more.time < since) return [];
      const [, left] = more.versions.findLast(([first]) => since <= first) ?? [];
      if (left === undefined) return [entry];
      const keys = Object.keys(entry);
      return left ? [Object.fromEntries(keys.map((key, place) => [key, left[place]]))] : [];
    });
    const shown = kinds.length ? kinds : news.usual;
    const byKind = Object.keys(news.kinds).map(kind => [kind, entries.filter(entry => entry.kind === kind)]);
    const groups = byKind.filter(([kind]) => shown.includes(kind));
    const rest = byKind.filter(([kind, some]) => some.length && !shown.includes(kind) && kind !== "upcoming")
      .map(([kind, some]) => `${news.kinds[kind].toLowerCase()} ${some.length.toLocaleString("en")}`);
    const subject = `For ${names.join("; ")}: what was recorded in the last `
      + `${policykb.plural(back, "day")}, and what is due in the next ${policykb.plural(ahead, "day")}`;
    return {name: "following", messages, groups, subject, rest};
  };

  policykb.shownReady = {following(place, {name, groups, subject, rest}) {
    const {news} = policykb, all = groups.flatMap(([, entries]) => entries);
    const base = policykb.words.base?.replace(/\/$/, "");
    const rows = all.map(({kind, day, title, lines, record, path}) => [day, news.labels[kind], title,
      lines.join(" "), record, base === undefined ? policykb.file(path) : base + path]);
    const line = ({day, title, lines, path}) => made("li", {},
      made("p", {class: "meta"}, policykb.day(day)),
      made("p", {}, made("a", {href: policykb.file(path)}, title)),
      ...lines.map(text => made("p", {class: "small soft"}, ...policykb.prose(text))));
    const section = ([kind, entries]) => made("section", {},
      made("h2", {}, `${news.kinds[kind]} `,
        made("span", {class: "count"}, String(entries.length))),
      made("ul", {class: "list news"}, ...entries.slice(0, SHOWN).map(line)),
      entries.length > SHOWN
        ? made("p", {class: "small soft"}, `${SHOWN} of ${entries.length}.`) : "");
    const number = `${all.length.toLocaleString("en")} ${all.length === 1 ? "entry" : "entries"}`;
    document.getElementById("followed").textContent = subject;
    place.append(made("p", {class: "lead"}, `${number}.`),
      policykb.files(name, {columns: news.columns, rows}),
      ...groups.filter(([, entries]) => entries.length).map(section),
      rest.length ? made("p", {class: "small soft"}, `Left out: ${rest.join(" · ")}`) : "");
    return number;
  }};
})();
