// The forms for new records and corrections, which make the same files as the live site. Fields,
// terms and sentences come from contribute/web_form.py by words.js, other records from kb.db. What
// needs the whole knowledge base is checked by `policykb check` in the pull request.
"use strict";
(() => {
  const {made, isDay, isEmpty} = policykb;
  const CHECKED = "policykb check tests the rest in the pull request.";
  const words = text => text.split(/\s+/).filter(Boolean);
  const short = (text, most = 80) => text.length > most ? `${text.slice(0, most - 1)}…` : text;
  const list = value => Array.isArray(value) ? value : value === undefined ? [] : [value];
  const field = (part, key) => policykb.words.contribute.parts[part].find(({name}) => name === key);
  const isId = text => /^[a-z0-9]+(-[a-z0-9]+)*$/.test(text);
  const hasForm = (scheme, value) => new RegExp(`^(?:${scheme.pattern})$`).test(value);
  const placed = (value, place) => Array.isArray(value) ? `[${place}]` : "";

  // Values: what a text means, or an error that says why it means nothing

  function date(text) {
    const plain = words(text.toLowerCase()).join(" ").replace(/^[ .,]+|[ .,]+$/g, "");
    const month = name => String(policykb.words.months.findIndex(word => name.length > 2
      && word.toLowerCase().startsWith(name)) + 1);
    const iso = /^(\d{4})(?:([-/.])(\d{1,2})(?:\2(\d{1,2}))?)?([~?]?)$/.exec(plain);
    const day = "(\\d{1,2})(?:st|nd|rd|th)?";
    const english = new RegExp(`^(?:${day} )?([a-z]+)(?: ${day})?,? (\\d{4})$`).exec(plain);
    let parts = iso ? [iso[1], iso[3], iso[4]] : [];
    if (english && !(english[1] && english[3])) {
      parts = [english[4], month(english[2]), english[1] ?? english[3]];
    }
    const known = parts.filter(Boolean).map(part => part.padStart(2, "0"));
    const whole = [...known, "01", "01"].slice(0, 3).join("-");
    if (known.length && isDay(whole)) return known.join("-") + (iso?.[5] ?? "");
    throw new Error(`'${short(text)}' is not a date; write it as 2026-06-02, 2026-06 or 2026`);
  }
  async function records(text, kinds) {
    text = new RegExp(policykb.words.contribute.page).exec(text)?.[1] ?? text;
    const named = JSON.stringify(kinds);
    const asked = [["identified", {id: text, kinds: named}]];
    if (text.includes("://") && kinds.includes("document")) {
      const rest = text.split("://")[1].replace(/^www\.|#.*$/g, "").replace(/\/+$/, "");
      const urls = ["https://", "https://www.", "http://", "http://www."]
        .flatMap(start => [`${start}${rest}`, `${start}${rest}/`]);
      asked[0] = ["at_address", {urls: JSON.stringify([...urls, text])}];
    } else {
      const {rows: [[keys]]} = await policykb.ask("select identifier_keys(:text)", {text});
      asked.push(["named", {keys, kinds: named}]);
    }
    if (kinds.includes("jurisdiction")) asked.push(["coded", {code: text.toUpperCase()}]);
    for (const [name, values] of asked) {
      const rows = await policykb.rows(`contribute.${name}`, values);
      if (rows.length) return rows.filter((row, at) =>
        rows.findIndex(({id}) => id === row.id) === at);
    }
    return [];
  }
  async function record(text, kinds) {
    const known = await records(text, kinds);
    if (known.length === 1) return known[0].id;
    if (!known.length) throw new Error(`there is no ${kinds.join(" or ")} '${short(text)}' here`);
    const choices = known.slice(0, 5).map(({id, title}) => `${id} (${short(title, 60)})`);
    throw new Error(`'${short(text)}' can mean ${choices.join("; ")}; write the id`);
  }
  function identifier(text) {
    const {schemes} = policykb.words.contribute, folded = name => name.trim().toLowerCase()
      .replace(/[\s_-]+/g, "_");
    const scheme = name => Object.keys(schemes)
      .find(id => [id, schemes[id].label].map(folded).includes(folded(name)));
    const inOtherForm = ({written, read}, text) => {
      const match = written && new RegExp(`^(?:${written})$`, "i").exec(text.trim());
      return match && read.replace(/\{(\w+)\}/g, (_, name) =>
        match.groups[name].toLowerCase().replace(/[^a-z0-9]/g, ""));
    };
    const number = (id, rest) => [inOtherForm(schemes[id], rest) ?? "",
      ...words(rest.replace(/^\s*#/, "")).map((_, at, all) => all.slice(at).join(" "))
        .flatMap(end => [end, end.replaceAll(",", "")])].find(form => hasForm(schemes[id], form));
    const [name, ...rest] = text.split("="), value = rest.join("=");
    if (rest.length && value.trim()) {
      const id = scheme(name), found = id && number(id, value);
      if (found) return [id, found];
      if (id) throw new Error(`'${short(value.trim())}' does not have the form of scheme '${id}';`
        + ` expected a value like '${schemes[id].example}'`);
      const all = Object.keys(schemes).join(", ");
      throw new Error(`'${short(name)}' is not a scheme of identifiers; expected one of ${all}`);
    }
    for (const id of Object.keys(schemes).filter(id => schemes[id].written && !rest.length)) {
      const found = number(id, text);
      if (found) return [id, found];
    }
    const parts = words(text);
    for (let at = 1; at < parts.length && !rest.length; at++) {
      const id = scheme(parts.slice(0, at).join(" ")), found = id
        && number(id, parts.slice(at).join(" "));
      if (found) return [id, found];
    }
    throw new Error(
      `'${short(text)}' is not an identifier; write SCHEME=NUMBER, such as: eo=14409`);
  }
  const locator = text => {
    const match = /^([^\W\d_]+|[¶§]+)\.?\s*(.*)$/u.exec(text);
    const label = match && policykb.words.contribute.locators[match[1].toLowerCase()];
    return label ? `${label} ${match[2]}`.trim() : text;
  };
  async function author(text) {
    if (isId(text)) return {organization: text};
    const [family, ...rest] = text.split(",").map(part => part.trim()), given = rest.join(", ");
    const known = given ? [] : await records(text, ["organization"]);
    return known.length === 1 ? {organization: known[0].id} : {family, ...given && {given}};
  }
  async function valueOf({kind, name, part, reference, dated}, text) {
    text = kind === "text" ? text.trim() : words(text).join(" ");
    if (kind === "table") return identifier(text);
    if (part === "Author") return author(text);
    if (reference.length) return record(text, reference);
    return dated ? date(text) : name === "locator" ? locator(text) : text;
  }

  // Contents: the records that the answers make, with what is missing or wrong by input

  const put = (content, {kind, many, name}, value) => {
    if (kind === "table") {
      const table = content[name] ??= {}, before = list(table[value[0]]);
      table[value[0]] = before.length ? [...before, value[1]] : value[1];
    } else if (many) (content[name] ??= []).push(value);
    else content[name] = value;
  };
  async function contentOf(kind, keys, texts, messages) {
    const {kinds, rows, most} = policykb.words.contribute, content = {};
    const read = async (name, own, text) => {
      try {
        return await valueOf(own, text);
      } catch (error) {
        messages[name] = error.message;
      }
    };
    for (const [name, key] of keys) {
      const own = field(kinds[kind].part, key), inner = rows[own.part], text = texts[name] ?? "";
      for (let place = 0; inner && place < (own.many ? most : 1); place++) {
        const part = {};
        for (const inside of inner) {
          const input = `${name}.${place}.${inside}`;
          const of = field(own.part, inside) ?? field("Cite", inside);
          if (texts[input]) part[inside] = await read(input, of, texts[input]);
        }
        if (Object.keys(part).length) put(content, own, part);
      }
      for (const line of inner ? [] : own.many ? text.split("\n") : [text]) {
        const value = line.trim() ? await read(name, own, line) : undefined;
        if (value !== undefined) put(content, own, value);
      }
    }
    return content;
  }
  async function filesOf({kind, questions}, texts) {
    const keys = questions.map(([key]) => key).filter(Boolean);
    const {kinds, sources, eventless, confidence} = policykb.words.contribute;
    const messages = {}, files = [], today = policykb.today();
    const used = async id => (await policykb.rows("contribute.used", {id}))[0].used;
    const free = async id => {
      for (let number = 1; ; number++) {
        const name = number === 1 ? id : `${id}-${number}`;
        if (!await used(name)) return name;
      }
    };
    const own = keys.filter(key => !key.startsWith("source_")).map(key => [key, key]);
    const content = await contentOf(kind, own, texts, messages);
    let source = "", url = (texts.source_url ?? "").trim();
    if (url && keys.includes("source_url")) {
      source = (await records(url, ["document"]))[0]?.id;
      if (!source) {
        const about = sources.map(key => [`source_${key}`, key]);
        const document = {type: "webpage", ...await contentOf("document", about, texts, messages),
          url, accessed: today};
        source = await free(policykb.proposedId("document", document));
        files.push({kind: "document", id: source, content: document});
      }
    }
    for (const event of content.events ?? []) {
      const place = event.locator;
      delete event.locator;
      if (source) event.cite = [{document: source, ...place && {locator: place}}];
    }
    if (source && field(kinds[kind].part, "appearances")) {
      content.appearances = [{document: source}];
    }
    const issued = texts.source_issued ?? "";
    if (kind === "action") {
      content.as_of = isDay(issued) && issued <= today ? issued : today;
      content.confidence = confidence;
    }
    if (kind === "document") content.accessed = today;
    files.push({kind, id: await free(policykb.proposedId(kind, content)), content});
    for (const {kind: of, content: made} of files) {
      const say = (key, about) => messages[of === kind ? key : `source_${key}`]
        ??= `Needed: ${about}`;
      for (const {name, required, about} of policykb.words.contribute.parts[kinds[of].part]) {
        const needed = name === "events" ? !eventless.includes(made.instrument) : required;
        if (needed && isEmpty(made[name])) say(name, about);
      }
      for (const {date: day, cite} of made.events ?? []) {
        const when = day ?? "an unknown day";
        if (!cite) messages.source_url
          ??= `Needed: A source for the event of ${when}: '@ ID' at its end, or '@ unconfirmed'`
            + " (in a file: unconfirmed = true).";
      }
    }
    for (const file of files) {
      file.path = kinds[file.kind].path.replace("*", file.id);
      file.text = policykb.toml(kinds[file.kind].part, file.content);
      file.problems = [...problems(kinds[file.kind].part, file.content)];
    }
    const similar = (await Promise.all([content.title, content.url].filter(Boolean)
      .map(text => records(text, [kind])))).flat();
    return {messages, files, similar};
  }
  // What the fields say of a value: required keys of parts, addresses, forms of numbers.
  function* problems(part, content, at = "") {
    const {parts} = policykb.words.contribute;
    for (const {name, kind, part: inner, required} of parts[part]) {
      const here = at + name, value = content[name];
      if (isEmpty(value)) {
        if (required && at) yield ["K202", `${here}: is missing`];
      } else if (inner) {
        for (const [place, item] of list(value).entries()) {
          yield* problems(inner, item, `${here}${placed(value, place)}.`);
        }
      } else if (kind === "address" && !isAddress(value)) {
        yield ["U601", `${here}: ${noAddress(value)}`];
      }
    }
  }
  const noAddress = text => `'${short(text)}' is not a web address; expected https://host/path`;
  const isAddress = text => {
    try {
      const {protocol, hostname, username} = new URL(text);
      return /^https?:$/.test(protocol) && /^https?:\/\//i.test(text)
        && /[^.]\.[^.]/.test(hostname) && !username && !/[\s\\]/.test(text);
    } catch {
      return false;
    }
  };

  // What is shown

  const filled = (template, values) => {
    if (!/^https?:/.test(template ?? "")) return undefined;
    const quote = text => encodeURIComponent(text).replaceAll("%2F", "/")
      .replace(/[!'()*]/g, char => `%${char.charCodeAt().toString(16).toUpperCase()}`);
    const all = Object.values(values).map(quote).join("").length
      + template.length <= policykb.words.contribute.longest;
    return {all: all && template.includes("{text}"),
      href: template.replace(/\{(id|file|text)\}/g, (_, name) => name === "text" && !all ? ""
      : quote(values[name] ?? ""))};
  };
  // What to do with a file or a change at a path, where no address takes it.
  const byHand = (contact, what, put, path) => contact
    ? [` Send ${what} to the editors (${contact}).`]
    : [` ${put} `, made("code", {}, path),
      " in a copy of the repository, and open a pull request."];
  const way = ({path, id, text}, {title}) => {
    const {site} = policykb.words.contribute;
    const there = site.new_url ? filled(site.new_url, {file: path, text})
      : filled(site.report_url, {id: title + id, text: `${path}\n\n\`\`\`toml\n${text}\`\`\`\n`});
    if (!there) {
      const file = new Blob([text], {type: "application/toml;charset=utf-8"});
      return made("p", {}, made("a", {class: "button", download: `${id}.toml`,
        href: URL.createObjectURL(file)}, `Download ${id}.toml`),
      ...byHand(site.contact, "the file", "Put the file at", path));
    }
    const label = site.new_url ? "Create this file in the repository" : "Send it to the editors";
    return made("p", {}, made("a", {class: "button", href: there.href, rel: "nofollow"}, label),
      there.all ? "" : " The link cannot carry the text, so copy it from above.");
  };
  const dated = ({date: day, type}) =>
    `${policykb.day(day, false)}: ${policykb.words.labels.event_types[type]}`;
  const preview = ({title, summary, premises, events}) =>
    made("section", {class: "preview", "aria-label": "Preview"},
    made("h2", {}, title), ...(summary ?? "").split(/\n\s*\n/).filter(Boolean)
      .map(text => made("p", {}, text)),
    made("ul", {}, ...list(premises).map(text => made("li", {}, text))),
    made("ol", {}, ...list(events).map(event =>
      made("li", {}, dated(event), event.note ? `. ${event.note}` : ""))));
  const outcome = ({messages, files, similar}, about) => {
    const wrong = Object.keys(messages), right = !wrong.length
      && files.every(file => !file.problems.length);
    const say = made("section", {"aria-labelledby": "made"},
      made("h2", {id: "made", tabindex: "-1"}, right ? "The file" : "Not right yet"));
    for (const {id, title} of similar) say.append(made("p", {class: "message", role: "alert"},
      "There may already be a record of this: ", policykb.link(about.kind, id, title)));
    for (const [code, text] of wrong.length ? [] : files.flatMap(file => file.problems)) {
      say.append(made("p", {class: "wrong"}, made("code", {}, code), ` ${text}`));
    }
    for (const file of right ? files : []) {
      say.append(made("h3", {}, made("code", {}, file.path)),
        made("pre", {class: "sql", tabindex: "0"}, file.text), way(file, about));
    }
    if (right) say.append(preview(files.at(-1).content));
    const verb = wrong.length === 1 ? "needs" : "need";
    say.append(made("p", {class: "small soft"}, right ? CHECKED
      : `${policykb.plural(wrong.length, "answer")} below ${verb} a change.`));
    return say;
  };
  const beside = (form, messages) => {
    for (const node of form.querySelectorAll("p.wrong")) node.remove();
    for (const node of form.querySelectorAll("[aria-invalid]")) {
      node.removeAttribute("aria-invalid");
    }
    for (const [name, text] of Object.entries(messages)) {
      const input = form.querySelector(`[name="${name}"], [name^="${name}.0."]`);
      input?.setAttribute("aria-invalid", "true");
      input?.closest(".field").append(made("p", {class: "wrong flush", id: `w-${name}`}, text));
    }
  };
  // A correction: the record and its events and keys become choices; then where its value is sent.
  const choose = (form, name, options, none) => {
    const node = form.elements[name], value = node.value;
    const select = made("select", {id: node.id, name}, new Option(none, ""),
      ...options.map(([key, label]) => new Option(label, key)));
    node.replaceWith(select);
    select.value = options.some(([key]) => key === value) ? value : "";
  };
  async function corrected(form, texts, {questions}) {
    const {kinds, parts, event_keys: inEvents, site, nothing} = policykb.words.contribute;
    const known = await records(texts.id ?? "", Object.keys(kinds));
    if (known.length !== 1) throw new Error(known.length
      ? `“${texts.id}” can mean ${known.map(({id}) => id).join(", ")}; write the id`
      : `There is no record “${short(texts.id ?? "")}”`);
    const [{id, kind, json}] = await policykb.rows("contribute.whole", {id: known[0].id});
    const {part, path, keys} = kinds[kind], {events = [], title, name} = JSON.parse(json);
    const event = texts.event ?? decodeURIComponent(/#event-(.+)$/.exec(texts.id)?.[1] ?? "");
    const happened = events.find(one => [one.id, one.date].includes(event));
    form.elements.id.value = id;
    form.elements.event.value = happened?.id ?? "";
    choose(form, "event", events.map(one => [one.id, dated(one)]),
      "none: it is about the whole record");
    const named = happened ? inEvents : keys, owner = parts[happened ? "Event" : part];
    const about = key => short(owner.find(one => one.name === key).about, 60);
    choose(form, "key", named.map(key => [key, `${key.replaceAll("_", " ")}: ${about(key)}`]),
      "I do not know");
    const file = path.replace("*", id);
    const say = made("section", {},
      made("h2", {tabindex: "-1"}, "About ", policykb.link(kind, id, title ?? name ?? id)),
      made("p", {}, "The file ", made("code", {}, file), "."));
    if (event && !happened) throw new Error(`there is no event '${short(event)}'`);
    if (!texts.value) return say;
    const own = owner.find(one => one.name === texts.key);
    for (const line of own?.many ? texts.value.split("\n") : own ? [texts.value] : []) {
      const value = await valueOf(own, line);
      if (own.terms.length && !own.terms.includes(value)) {
        const terms = own.terms.join(", ");
        throw new Error(`'${short(value)}' is not in the vocabulary; expected one of ${terms}`);
      }
      if (own.kind === "address" && !isAddress(value)) throw new Error(noAddress(value));
    }
    const answers = {...texts, id, event: happened?.id ?? ""};
    const issue = questions.map(([key, label]) =>
      `### ${label}\n\n${answers[key || "else"] || nothing}\n`).join("\n");
    const report = filled(site.report_url, {id, text: issue}),
      edit = filled(site.edit_url, {file, text: ""});
    if (own) say.append(made("p", {}, happened ? `At the event ${happened.id}, ` : "",
      made("code", {}, own.name), " becomes:"),
      made("pre", {class: "sql", tabindex: "0"}, texts.value));
    for (const [there, label] of [[report, "Send it to the editors"],
      [edit, "Edit the file in the repository"]]) {
      if (there) say.append(made("p", {},
        made("a", {class: "button", href: there.href, rel: "nofollow"}, label)));
    }
    if (!report && !edit) {
      say.append(made("p", {}, ...byHand(site.contact, "it", "Make this change in", file)));
    }
    say.append(made("p", {class: "small soft"}, CHECKED));
    return say;
  }
  for (const form of document.querySelectorAll("form[data-contribute]")) {
    const place = made("div"), status = made("p", {role: "status", class: "soft"});
    form.before(status, place);
    form.hidden = false;
    for (const [name, text] of new URLSearchParams(location.search)) {
      if (form.elements[name]) form.elements[name].value = text;
    }
    for (const node of document.querySelectorAll(".idle")) node.hidden = true;
    policykb.progress = (done, total) => status.textContent = done < total
      ? `Loading: ${Math.round(100 * done / total)} %` : "";
    form.addEventListener("submit", async event => {
      event.preventDefault();
      const add = event.submitter?.name === "more" && event.submitter;
      if (add) {
        const row = add.previousElementSibling, next = row.cloneNode(true);
        next.innerHTML = row.innerHTML.replace(/\.(\d+)\./g, (_, number) => `.${+number + 1}.`);
        row.after(next);
        return;
      }
      delete form.dataset.done;
      try {
        await policykb.load();
        const pairs = [...new FormData(form)]
          .map(([name, text]) => [name, text.replace(/\r\n?/g, "\n").trim()]);
        const texts = Object.fromEntries(pairs.filter(([, text]) => text));
        const about = policykb.words.contribute.forms[form.dataset.contribute];
        if (about.kind) {
          const result = await filesOf(about, texts);
          place.replaceChildren(outcome(result, about));
          beside(form, result.messages);
        } else place.replaceChildren(await corrected(form, texts, about));
        place.querySelector("h2").focus();
      } catch (error) {
        place.replaceChildren(policykb.failed(error, () => form.requestSubmit()));
      }
      form.dataset.done = "";
    });
  }
})();
