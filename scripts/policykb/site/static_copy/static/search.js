// Search: at once by titles, other names and official numbers, from titles.js; then as the live site
// searches, by its own statement, when the knowledge base is loaded.
"use strict";
(() => {
  const {made} = policykb, MOST = 50;
  const [form, box, summary, bar, hits] = ["find", "q", "summary", "loaded", "hits"]
    .map(id => document.getElementById(id));
  let ready = false, latest = 0;

  const folded = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const spaced = text => ` ${folded(text).replace(/[^\p{L}\p{N}]+/gu, " ")}`;
  const key = text => folded(text).replace(/[^\p{L}\p{N}]+/gu, "");
  const titles = policykb.titles.map(([kind, id, title, names]) => ({
    kind, id, title, text: spaced(`${title} ${names}`), keys: [title, ...names.split("; ")].map(key),
  }));
  // First the records that have this name, then those with a name that begins so, then those with all the words.
  const byTitle = typed => {
    const words = folded(typed).split(/[^\p{L}\p{N}]+/u).filter(Boolean).map(word => ` ${word}`);
    if (!words.length) return [];
    const whole = key(typed);
    const rank = ({keys}) => keys.includes(whole) ? 0 : keys.some(name => name.startsWith(whole)) ? 1 : 2;
    const matches = titles.filter(({text}) => words.every(word => text.includes(word)));
    const ranked = [...matches, ...titles.filter(record => rank(record) < 2)];
    return [...new Set(ranked)].sort((one, other) => rank(one) - rank(other));
  };

  const marked = text => {
    const [from, to] = policykb.words.hit;
    return text.split(from).flatMap((part, place) => {
      if (!place) return [part.replaceAll(to, "")];
      const [hit, ...rest] = part.split(to);
      return [made("mark", {}, hit), rest.join("")];
    });
  };
  const line = ({kind, id, title, short_title, number, stage, legal_force, snippet}) => {
    const href = policykb.page(kind, id);
    const status = stage ? [" ", policykb.chip({stage, legal_force})] : [];
    return made("li", {}, made("p", {class: "flush"}, made("span", {class: "kind"}, kind), " ",
      made("a", {href}, short_title || title), number ? ` · ${number}` : "", ...status),
    snippet ? made("p", {class: "meta flush"}, ...marked(snippet)) : "");
  };
  const show = (records, words) => {
    summary.textContent = words;
    hits.replaceChildren(...records.slice(0, MOST).map(line));
  };
  const number = (count, what) => `${policykb.plural(count, "record")}${what}`
    + (count > MOST ? `, the first ${MOST} shown` : "");
  // How many records there are: of each kind the answer has the best rows, each with the `total`.
  const counted = rows => {
    const totals = Object.entries(Object.fromEntries(rows.map(({kind, total}) => [kind, total])));
    const all = totals.reduce((sum, [, total]) => sum + total, 0);
    const shown = Math.min(rows.length, MOST);
    return `${policykb.plural(all, "record")}${all > shown ? `, the best ${shown} shown` : ""}: `
      + totals.map(([kind, total]) => policykb.plural(total, kind)).join(", ");
  };

  // The question `search`, with the fields of the form as its parameters.
  const bySql = async () => {
    await policykb.load();
    const {sql, parameters} = policykb.words.questions.search, given = new FormData(form);
    const values = {};
    for (const {name, default: usual} of parameters) {
      const several = given.getAll(name).filter(Boolean).join(",");
      values[name] = several || (usual === "today" ? policykb.today() : usual);
    }
    values.marks = policykb.words.hit;
    const {columns, rows} = await policykb.ask(sql, values);
    return rows.map(row => Object.fromEntries(columns.map((name, place) => [name, row[place]])));
  };
  const search = async load => {
    const typed = box.value.trim(), turn = ++latest;
    if (!typed) return show([], "");
    const first = byTitle(typed);
    if (!ready) show(first, load || first.length ? number(first.length, " by title") : "");
    if (!ready && !load) return undefined;
    try {
      const records = await bySql();
      const isFirst = !ready;
      ready = true;
      // What was typed while the knowledge base was loaded is searched now; later turns answer themselves.
      if (turn !== latest) return isFirst ? search(false) : undefined;
      return show(records, records.length ? counted(records)
        : `Nothing was found for “${typed}”.`);
    } catch (error) {
      bar.hidden = true;
      show(first, `${number(first.length, " by title")}. `);
      return summary.append(...policykb.failed(error, () => search(true)).childNodes);
    }
  };

  policykb.progress = (done, total) => {
    bar.hidden = done === total;
    bar.value = done / total;
  };
  for (const node of document.querySelectorAll(".idle")) node.hidden = true;
  form.hidden = false;
  form.addEventListener("submit", event => {
    event.preventDefault();
    search(true);
  });
  let pending;
  box.addEventListener("input", () => {
    clearTimeout(pending);
    pending = setTimeout(search, 120, false);
  });
  box.value = new URLSearchParams(location.search).get("q") ?? "";
  search(true);
  if (!box.value) box.focus();
})();
