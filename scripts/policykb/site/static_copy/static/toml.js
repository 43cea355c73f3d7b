// The text of a new file as files/toml_edit.py composes it, and its id as contribute/ids.py
// proposes it.
"use strict";
(() => {
  const ESCAPES = {"\\": "\\\\", '"': '\\"', '"""': '""\\"', "\t": "\\t", "\n": "\\n"}, WIDTH = 100;
  const length = text => [...text].length;
  const isEmpty = policykb.isEmpty = value => value === undefined || value === ""
    || (typeof value === "object" && !Object.keys(value).length);
  const escaped = (text, quotes) => {
    const pattern = `[\\x00-\\x09\\x0b-\\x1f\\x7f\\\\]|"{${quotes}}${quotes === 1 ? "|\\n" : ""}`;
    return text.replace(new RegExp(pattern, "g"), match =>
      ESCAPES[match] ?? `\\u${match.charCodeAt().toString(16).padStart(4, "0")}`);
  };
  const broken = text => {
    const lines = [];
    let line = "";
    for (const chunk of text.replace(/[\t\n\v\f\r]/g, " ").split(/( +)/).filter(Boolean)) {
      if (length(line + chunk) > WIDTH && line) {
        lines.push(line.trimEnd());
        line = "";
      }
      if (chunk.trim() || line || !lines.length) line += chunk;
    }
    return [...lines, ...line.trimEnd() ? [line.trimEnd()] : []].join("\n");
  };
  const wrapped = text => text.trim().split(/\n\s*\n/).map(part =>
    /^\s*([-*+>|#]|\d+[.)])\s|^\s{4}| {2}$/m.test(part) ? part : broken(part)).join("\n\n");
  const fields = part => policykb.words.contribute.parts[part] ?? [];
  const keysOf = (part, content) => {
    const known = fields(part).map(({name}) => name);
    return [...known, ...Object.keys(content).filter(name => !known.includes(name))]
      .filter(name => name in content && !isEmpty(content[name]));
  };
  const literal = (value, part, key, own = fields(part).find(({name}) => name === key)) => {
    if (typeof value === "string") {
      if (own?.dated && /^\d{4}-\d\d-\d\d$/.test(value)) return value;
      const long = own?.kind === "text" && length(value) > WIDTH + 20;
      if (key && (value.includes("\n") || long)) return `"""\n${escaped(wrapped(value), 3)}\n"""`;
      return `"${escaped(value, 1)}"`;
    }
    if (!Array.isArray(value)) {
      const inner = own?.part ?? "";
      const pairs = keysOf(inner, value)
        .map(name => `${name} = ${literal(value[name], inner, name)}`);
      return `{${pairs.join(", ")}}`;
    }
    const items = value.map(item => literal(item, "", "", own?.part && {part: own.part}));
    const line = `[${items.join(", ")}]`;
    return length(line) <= WIDTH ? line : `[\n${items.map(item => `  ${item},\n`).join("")}]`;
  };
  const pairs = (part, content, keys = keysOf(part, content)) =>
    keys.map(key => `${key} = ${literal(content[key], part, key)}\n`).join("");
  policykb.toml = (part, content) => {
    const ids = new Set(), {inline} = policykb.words.contribute, blocks = [[], []];
    const events = (content.events ?? []).map(event => {
      let id = event.type?.replace(/[^a-z0-9]+/g, "-"), number = 1;
      for (const base = id; ids.has(id);) id = `${base}-${++number}`;
      ids.add(id);
      return event.type ? {id, ...event} : event;
    });
    content = {...content, ...events.length && {events}};
    const plain = keysOf(part, content).filter(key => {
      const value = content[key], inner = fields(part).find(({name}) => name === key)?.part;
      if (typeof value === "string" || (Array.isArray(value) ? !inner : false)
        || inline.includes(inner)) return true;
      if (Array.isArray(value)) blocks[1].push(value.map(item =>
        `[[${key}]]\n${pairs(inner, item)}`).join("\n"));
      else blocks[0].push(`[${key}]\n${pairs(inner ?? "", value)}`);
      return false;
    });
    return [...plain.length ? [pairs(part, content, plain)] : [], ...blocks[0], ...blocks[1]]
      .join("\n");
  };

  const slug = (text, most = 0, stops = []) => {
    const {letters} = policykb.words.contribute.ids;
    const latin = text.replace(/'+/g, "-").replace(/[^\0-\x7f]/gu, char => letters[char] ?? char)
      .normalize("NFKD").replace(/[^\0-\x7f]/gu, "").toLowerCase();
    const whole = latin.replace(/'+/g, "").replace(/(?<=\d),(?=\d)/g, "")
      .split(/[^a-z0-9]+/).filter(word => word && !stops.includes(word)).join("-");
    if (!most || whole.length < most) return whole;
    if (!whole.includes("-")) return whole.slice(0, most);
    let cut = "";
    for (const word of whole.split("-")) {
      if (cut.length + word.length > most) break;
      cut += word + (cut.length + word.length < most ? "-" : "");
    }
    return (cut || whole.slice(0, most)).replace(/^-+|-+$/g, "");
  };
  const named = (text, most = 50, stops = policykb.words.contribute.ids.small) => {
    const head = [...text].slice(0, 300).join("");
    const plain = head.replace(/\([^)]*\)/g, " ").replace(/['’]/g, "") || head;
    return slug(plain, most, stops) || slug(plain, most);
  };
  const joined = (...parts) => parts.filter(Boolean).join("-");
  const WANTED = {
    action({title = "", identifiers = {}, instrument, jurisdiction, events = []}) {
      const {numbers, ideas, placeless} = policykb.words.contribute.ids;
      const first = value => Array.isArray(value) ? value[0] : value;
      if (ideas.includes(instrument)) return `option-${named(title)}`;
      const place = placeless.includes(jurisdiction ?? "") ? "" : jurisdiction;
      const year = (events.map(({date}) => date).filter(Boolean).sort()[0] ?? "").slice(0, 4);
      for (const [scheme, form] of Object.entries(numbers)) {
        const number = first(identifiers[scheme]);
        if (!number) continue;
        const bill = /^[A-Z]{2} ([A-Z]+) ?(\d+[A-Z]?)(?: \((\d{4})[^,]*(?:, (.+))?\))?$/
          .exec(number);
        const name = scheme === "us_state_bill" && bill
          ? joined(slug(bill[1] + bill[2]), bill[3], slug(bill[4] ?? ""))
          : form.replace("{}", slug(scheme === "us_bill" ? number.split("-")[0] : number));
        return scheme === "us_bill" ? joined(place, name, named(title, 30), year)
          : joined(place, name);
      }
      const name = named(title);
      return joined(name.startsWith(`${place}-`) ? "" : place, name, name.includes(year) ? ""
        : year);
    },
    document({title = "", authors = [], publisher, url, issued}) {
      const names = authors.slice(0, 3).map(({organization, family}) => organization ?? family);
      let who = joined(...names.filter(Boolean).map(name => named(name, 24, [])))
        || named(publisher ?? "", 24);
      if (!who && url) {
        const labels = (/^\w+:\/\/(?:[^/?#]*@)?([^/?#:]*)/.exec(url)?.[1] ?? "").toLowerCase()
          .replace(/^www\./, "").split(".");
        const parts = labels.length > 1 ? labels.slice(0, -1) : labels;
        who = named(parts.reduce((longest, label) => label.length > longest.length ? label
          : longest), 24, []);
      }
      return joined(who, (issued ?? "").slice(0, 4),
        named(title.trim().replace(/^[[\]]+|[[\]]+$/g, ""), 36));
    },
    argument: ({title = ""}) => named(title, 50, ["a", "an", "the"]),
  };
  policykb.proposedId = (kind, content) => slug(WANTED[kind](content), 80) || `new-${kind}`;
})();
