// Actions side by side, from comparison.js, which Python makes for all actions as of the day of
// the copy.
"use strict";
(() => {
  const {made} = policykb;

  policykb.asking.compare = async given => {
    const {actions, most} = policykb.comparison, messages = [], ids = [];
    const texts = given.getAll("ids").flatMap(text => text.split(/[\s,]+/));
    const asked = [...new Set(texts)].filter(Boolean);
    for (const id of asked.slice(0, most)) {
      if (Object.hasOwn(actions, id)) ids.push(id);
      else messages.push(`There is no action “${id.slice(0, 80)}”.`);
    }
    if (asked.length > most) {
      messages.push(`At most ${most} actions are shown;`
        + ` these are the first of ${asked.length}.`);
    }
    if (!ids.length) throw new Error([...messages, "Name two or more actions"].join(" "));
    return {name: "compare", messages, ids};
  };
  const value = ([text, href, about, sources], numbered) => {
    const references = [...new Set(sources.map(([document]) => document))].map(id => {
      const places = sources.filter(([document, place]) => document === id && place);
      const title = [policykb.comparison.documents[id][0].slice(0, 90),
        ...places.map(([, place]) => place)].join(", ");
      const href = `#source-${numbered(id)}`;
      return [" ", made("a", {class: "ref", href, title}, `[${numbered(id)}]`)];
    });
    const web = /^https?:/.test(href) ? {href, rel: "nofollow noopener"}
      : {href: policykb.file(href)};
    return made("div", {class: "value"},
      ...href ? [made("a", web, text)] : policykb.prose(text),
      ...about ? [" ", made("span", {class: "soft"}, `(${about})`)] : [], ...references.flat());
  };
  policykb.shownReady = {compare(place, {name, ids}) {
    const {actions, documents, facts, duties, columns} = policykb.comparison;
    const {labels} = policykb.words;
    const numbers = new Map();
    const numbered = id => numbers.get(id) ?? numbers.set(id, numbers.size + 1).get(id);
    const shown = ids.map(id => [id, actions[id]]);
    const present = [...Object.keys(facts),
      ...duties.filter(label => shown.some(([, {cells}]) => cells[label]))];
    const cell = (label, {title, cells}) => made("td", {"data-label": title},
      ...cells[label]?.map(one => value(one, numbered))
        ?? [made("span", {class: "soft none"},
          facts[label] === false ? "None recorded." : "No source read says.")]);
    const line = label => made("tr", {}, made("th", {scope: "row"}, label),
      ...shown.map(([, action]) => cell(label, action)));
    const head = ([id, {title, place, instrument, bindingness}]) => made("th", {scope: "col"},
      policykb.link("action", id, title), made("span", {class: "meta"},
        [place, labels.instruments[instrument], labels.bindingness[bindingness].toLowerCase()]
          .join(" · ")));
    const table = made("table", {class: "stack compare"},
      made("thead", {}, made("tr", {},
        made("th", {}, made("span", {class: "hidden"}, "Fact")), ...shown.map(head))),
      made("tbody", {}, ...present.map(line)));
    const sources = [...numbers].map(([id, number]) => {
      const [title, url, grade] = documents[id];
      return made("li", {id: `source-${number}`}, policykb.link("document", id, title), " ",
        made("span", {class: "meta"}, labels.grades[grade], ...url
          ? [" · ", made("a", {href: url, rel: "nofollow noopener"}, new URL(url).host)] : []));
    });
    const rows = shown.flatMap(([id, {title, cells}]) => present.flatMap(label =>
      (cells[label] ?? []).map(([text, , about, cited]) => [id, title, label, text, about,
        ...[0, 1].map(part => cited.map(([document]) => documents[document][part])),
        cited.map(([, locator]) => locator), cited.map(([document]) => documents[document][2])])));
    const number = policykb.plural(ids.length, "action");
    const region = {class: "scroll", role: "region", "aria-label": "Comparison", tabindex: "0"};
    place.append(
      made("h2", {tabindex: "-1"}, "Compared ", made("span", {class: "count"}, number)),
      policykb.files(name, {columns, rows}), made("div", region, table));
    if (sources.length) {
      place.append(made("h2", {}, "Sources"), made("ol", {class: "sources"}, ...sources));
    }
    return number;
  }};
})();
