// Shows answers as the pages of the site do: cells in words, links to records, CSV and JSON.
// What a column is comes from words.js, which Python makes. No HTML is made from strings.
"use strict";
(() => {
  const made = policykb.made = (tag, attributes = {}, ...inside) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== undefined && value !== false) node.setAttribute(name, value);
    }
    node.append(...inside.filter(part => part !== undefined && part !== ""));
    return node;
  };
  policykb.plural = (number, word) =>
    `${number.toLocaleString("en")} ${number === 1 ? word : `${word}s`}`;
  policykb.isDay = text => /^\d{4}-\d\d-\d\d$/.test(text) && !isNaN(Date.parse(text))
    && new Date(text).toISOString().startsWith(text);
  policykb.page = (kind, id, on) => policykb.at(`../${policykb.places[kind]}/`
    + `${encodeURIComponent(id)}/index.html${on ? `?on=${on}` : ""}`);
  policykb.megabytes = size => `${(size / 1e6).toFixed(1)} MB`;
  // A message with what is wrong; if everything has to be loaded, with a button that does so and then
  // calls `again`.
  policykb.failed = ({message, whole}, again) => {
    const button = whole && made("button", {type: "button"},
      `Load all of it (${policykb.megabytes(whole)})`);
    if (button) {
      button.onclick = () => {
        policykb.loadWhole();
        again();
      };
    }
    return made("p", {class: "message", role: "alert"}, `${message}. `, button || "");
  };
  // The address of a page as files have it: that of the copy or of the live site, or else where it is.
  policykb.permanent = (kind, id) => policykb.words.base
    ? `${policykb.words.base}${policykb.places[kind]}/${id}` : policykb.page(kind, id);
  // A path of the site with its fragment, as the address of a file of the copy.
  policykb.file = path => {
    const [, place, id, fragment = ""] = /^\/(\w+)\/([^/#]+)(#.*)?$/.exec(path) ?? [];
    return policykb.at(id ? `../${place}/${id}/index.html${fragment}`
      : `..${path.replace(/\/?(?=\?|$)/, "/index.html")}`);
  };
  policykb.link = (kind, id, text, on) => made("a", {href: policykb.page(kind, id, on)}, text);
  const shape = (kind, glyph, words) => made("span", {class: kind},
    made("span", {class: "shape", "aria-hidden": "true"}, glyph), ` ${words}`);
  policykb.chip = ({stage, legal_force}) => {
    const brief = policykb.words.briefs[`${stage} ${legal_force}`];
    return brief ? shape(`chip ${brief.key}`, brief.glyph, brief.words)
      : made("span", {class: "soft"}, "not yet begun");
  };

  policykb.day = (text, short = true) => {
    const match = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?([~?]?)$/.exec(text ?? "");
    if (!match) return text ?? "";
    const [, year, month, day, mark] = match;
    const name = month && policykb.words.months[month - 1].slice(0, short ? 3 : undefined);
    return [day && +day, name, year].filter(Boolean).join(" ") + policykb.words.marks[mark];
  };

  // Markdown of one line, as far as records use it: links to the web, strong, emphasis and code.
  const MARKDOWN = new RegExp([
    "\\[([^\\]]+)\\]\\((https?://[^\\s)]+)\\)", "\\*\\*([^*]+)\\*\\*", "\\*([^*]+)\\*", "`([^`]+)`",
  ].join("|"));
  const prose = policykb.prose = text => {
    const parts = [];
    for (let match; (match = MARKDOWN.exec(text));) {
      const [all, label, href, strong, emphasis, code] = match;
      const node = label ? made("a", {href, rel: "nofollow noopener"}, label)
        : strong ? made("strong", {}, strong) : emphasis ? made("em", {}, emphasis)
        : made("code", {}, code);
      parts.push(text.slice(0, match.index), node);
      text = text.slice(match.index + all.length);
    }
    return [...parts, text];
  };

  // Cells

  const heading = name => {
    const words = name.replaceAll("_", " ");
    return policykb.words.cells.headings[name] ?? words[0].toUpperCase() + words.slice(1);
  };
  const titleColumns = columns => {
    const pairs = {};
    for (const name of columns) {
      const candidates = policykb.words.cells.links[name]?.[1] ?? (name === "id" ? ["title"] : []);
      const title = candidates.find(title =>
        columns.includes(title) && !Object.values(pairs).includes(title));
      if (title) pairs[name] = title;
    }
    return pairs;
  };
  const record = (name, row, columns, known) => {
    const {links, owners} = policykb.words.cells, value = row[name];
    const {title: titled, number} = known.get(String(value)) ?? {};
    const link = (kind, title) => made("span", {}, policykb.link(kind, value, title),
      number ? made("span", {class: "soft nowrap"}, ` · ${number}`) : "");
    if (links[name]) {
      const title = columns[name] ? row[columns[name]] : titled;
      return link(links[name][0], title || value);
    }
    if (name === "jurisdiction" && policykb.words.jurisdictions[value]) {
      return policykb.link("jurisdiction", value, policykb.words.jurisdictions[value]);
    }
    if (!row.kind || (name !== "id" && name !== "record")) return undefined;
    const kind = name === "id" ? row.kind : owners[row.kind] ?? "action";
    const title = (name === "id" && row.title) || value;
    return policykb.places[kind] && made("span", {},
      made("span", {class: "kind"}, row.kind), " ", link(kind, title));
  };
  const cell = (name, row, columns, titles) => {
    const value = row[name], known = policykb.words.cells;
    const link = value === null || value === "" ? "" : record(name, row, columns, titles);
    if (link !== undefined) return [link];
    if (known.yes_no.includes(name)) return [value ? "yes" : ""];
    if (known.dates.includes(name)) return [policykb.day(String(value))];
    if (name === "type" && "due" in row && known.ahead[value]) return [known.ahead[value]];
    if (known.labels[name]) return [known.labels[name][value] ?? String(value)];
    if (name === "url" && /^https?:\/\/[^\s]/i.test(value)) {
      const host = /^https?:\/\/(?:www\.)?([^/:?#]+)/i.exec(value)?.[1] ?? "";
      return [made("a", {href: value, rel: "nofollow noopener"}, host)];
    }
    const dated = /(\d{4}(?:-\d\d(?:-\d\d)?)?[~?]?) (?=\D)/;
    const text = known.dated.includes(name)
      ? String(value).replace(dated, (_, date) => `${policykb.day(date)}: `) : String(value);
    return known.prose.includes(name) ? prose(text) : [text];
  };
  const kindOf = (name, value) => {
    const {dates, yes_no} = policykb.words.cells;
    if (dates.includes(name)) return "date";
    return typeof value === "number" && !yes_no.includes(name) ? "number" : undefined;
  };

  policykb.table = async (columns, rows) => {
    const titled = titleColumns(columns), {links} = policykb.words.cells;
    const hidden = new Set(Object.values(titled));
    if (columns.includes("id") || columns.includes("record")) hidden.add("kind");
    const due = columns.includes("due") && columns.includes("date");
    if (due) hidden.add("due");
    const linked = columns.flatMap((name, place) =>
      links[name] || name === "id" || name === "record"
        ? rows.map(row => row[place]).filter(Boolean).map(String) : []);
    const ids = JSON.stringify([...new Set(linked)]);
    const records = linked.length ? await policykb.rows("records.titles", {ids}) : [];
    const titles = new Map(records.map(record => [record.id, record]));
    const shown = columns.filter(name => !hidden.has(name));
    const label = name => due && name === "date" ? "Due" : heading(name);
    const line = row => {
      const values = Object.fromEntries(columns.map((name, place) => [name, row[place]]));
      return made("tr", {}, ...shown.map(name => made("td",
        {"data-label": label(name), class: kindOf(name, values[name])},
        ...cell(name, values, titled, titles))));
    };
    return made("table", {class: "answer stack"},
      made("thead", {}, made("tr", {}, ...shown.map(name =>
        made("th", {scope: "col"}, label(name))))),
      made("tbody", {}, ...rows.map(line)));
  };

  // The table of actions, as macros.html has it.
  policykb.actions = async (columns, rows, {on}) => {
    const {labels, effect: affected, marks_of_effects: marks} = policykb.words;
    const line = row => {
      const value = name => row[columns.indexOf(name)];
      const link = policykb.link("action", value("id"), value("title"),
        on === policykb.today() ? "" : on);
      link.className = "title";
      const number = value("arguments"), latest = value("latest"), type = value("latest_type");
      const effect = value("effect");
      return made("tr", {},
        made("td", {}, link, made("span", {class: "meta"},
          ...value("number") ? [made("b", {}, value("number")), " · "] : [],
          `${value("jurisdiction_name")} · ${labels.instruments[value("instrument")]}`)),
        made("td", {}, policykb.chip({stage: value("stage"), legal_force: value("legal_force")})),
        ...affected ? [made("td", {"data-label": affected},
          shape("nowrap", marks[effect], labels.effects[effect]))] : [],
        made("td", {"data-label": "Latest"}, policykb.day(latest),
          ...latest && type !== "other"
            ? [" ", made("span", {class: "meta"}, labels.event_types[type])] : []),
        made("td", {class: "number", "data-label": number ? "Arguments" : undefined},
          ...number ? [String(number), made("span", {class: "meta"},
            `in ${policykb.plural(value("argument_documents"), "document")}`)] : []));
    };
    const head = ["Action", "Status", ...affected ? [affected] : [], "Latest news", "Arguments"];
    return made("table", {class: "stack actions"},
      made("thead", {}, made("tr", {}, ...head.map((label, place) =>
        made("th", {scope: "col", class: place === head.length - 1 && "number"}, label)))),
      made("tbody", {}, ...rows.map(line)));
  };

  // Taking an answer away, as policykb query writes it

  const field = value => {
    if (Array.isArray(value)) value = value.some(Boolean) ? value.join("; ") : "";
    const start = typeof value === "string" ? value.replace(/^[ \u00a0]+/, "") : "";
    if (policykb.words.formula.some(sign => start.startsWith(sign))) {
      value = `'${value}`;
    }
    const text = String(value ?? "");
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const TYPES = {CSV: "text/csv", JSON: "application/json"};
  policykb.texts = ({columns, rows}) => ({
    CSV: [columns, ...rows].map(row => row.map(field).join(",") + "\n").join(""),
    JSON: JSON.stringify(rows.map(row =>
      Object.fromEntries(columns.map((name, place) => [name, row[place]]))), null, 1) + "\n",
  });
  policykb.files = (name, answer) => {
    const links = Object.entries(policykb.texts(answer)).map(([label, text]) => {
      const blob = new Blob([text], {type: `${TYPES[label]};charset=utf-8`});
      const download = `${name}.${label.toLowerCase()}`;
      return made("a", {download, href: URL.createObjectURL(blob)}, label);
    });
    return made("p", {class: "small taken"}, "The whole answer: ", links[0], " · ", links[1]);
  };
})();
