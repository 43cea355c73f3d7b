// The worker: SQLite over kb.db, which is made in memory or read from its address in ranges; for
// reading only. It takes {id, sql, values, most} and answers {id, columns, rows, truncated} or
// {id, error}.
"use strict";
const MOST_TERMS = 32, MOST_WORDS = 12;
const ready = new Promise(resolve => {
  onmessage = ({data}) => {
    onmessage = answer;
    resolve(open(data));
  };
});
ready.then(() => postMessage({}),
  error => postMessage({error: message(error), whole: error.whole}));

async function open({wasm, kb, functions}) {
  const sqlite3 = await new Promise((resolve, reject) => {
    const refused = () => reject(new Error("The browser blocked SQLite"));
    const instantiateWasm = (imports, done) => {
      WebAssembly.instantiate(wasm, imports)
        .then(({instance, module}) => done(instance, module), refused);
      return {};
    };
    sqlite3InitModule({instantiateWasm, printErr() {}}).then(resolve, reject);
  });
  sqlite3.config.warn = () => {};
  const {capi} = sqlite3, disk = typeof kb === "string" ? fileSystem(sqlite3, overRanges(kb)) : {};
  const db = disk.name ? new sqlite3.oo1.DB("kb", "r", disk.name)
    : inMemory(sqlite3, built(sqlite3, kb));
  // "words" in double quotes are a text, as on the server.
  capi.sqlite3_db_config(db.pointer, capi.SQLITE_DBCONFIG_DQS_DML, 1, 0);
  for (const [name, call] of Object.entries(sqlFunctions(functions))) {
    db.createFunction(name, (_, text) => call(String(text ?? "")), {deterministic: true});
  }
  db.selectValue("select count(*) from kb_info");
  return {capi, db, disk};
}

function inMemory({capi, oo1, wasm}, kb) {
  const db = new oo1.DB(), place = wasm.allocFromTypedArray(kb);
  const flags = capi.SQLITE_DESERIALIZE_FREEONCLOSE | capi.SQLITE_DESERIALIZE_READONLY;
  db.checkRc(capi.sqlite3_deserialize(db.pointer, "main", place, kb.length, kb.length, flags));
  return db;
}

// The bytes of kb.db, made again from what packed() of browser.py wrote.
function built(sqlite3, packs) {
  const db = new sqlite3.oo1.DB(), read = bytes => JSON.parse(new TextDecoder().decode(bytes));
  const all = packs.map(read);
  db.exec("pragma page_size = 8192; pragma journal_mode = off; begin");
  for (const {before} of all) before.forEach(sql => db.exec(sql));
  for (const {values, tables} of all) insert(sqlite3, db, values, tables);
  for (const {after} of all) after.forEach(sql => db.exec(sql));
  db.exec("commit");
  const bytes = sqlite3.capi.sqlite3_js_db_export(db);
  db.close();
  return bytes;
}
// Texts are put into the memory of SQLite once, and bound by their place there.
function insert(sqlite3, db, values, tables) {
  const {exports: calls} = sqlite3.wasm, encoder = new TextEncoder();
  const texts = values.map(value => typeof value === "string" ? encoder.encode(value) : null);
  const place = sqlite3.wasm.alloc(texts.reduce((size, text) => size + (text?.length ?? 0), 1));
  const heap = sqlite3.wasm.heap8u(), places = [];
  let end = place;
  for (const text of texts) {
    places.push(end);
    if (text) heap.set(text, end);
    end += text?.length ?? 0;
  }
  for (const [table, columns] of Object.entries(tables)) {
    if (!columns.length) continue;
    const marks = columns.map(() => "?").join(), at = columns.map(() => 0);
    const statement = db.prepare(`insert into "${table}" values (${marks})`);
    const row = statement.pointer;
    for (let number = 0; number < columns[0].length; number++) {
      for (let column = 0; column < columns.length; column++) {
        if (number && !columns[column][number]) continue; // it stays bound
        const value = at[column] += columns[column][number], text = texts[value];
        if (text) calls.sqlite3_bind_text(row, column + 1, places[value], text.length, 0);
        else if (values[value] === null) calls.sqlite3_bind_null(row, column + 1);
        else calls.sqlite3_bind_double(row, column + 1, values[value]);
      }
      calls.sqlite3_step(row);
      db.checkRc(calls.sqlite3_reset(row));
    }
    statement.finalize();
  }
  sqlite3.wasm.dealloc(place);
}

// The SQL functions of policykb/read/functions.py; their patterns come from there.
function sqlFunctions({characters, forms, spellings}) {
  const unspaced = new RegExp(characters, "gu");
  const apart = text => text.search(unspaced) < 0 ? text
    : text.replace(unspaced, " $1 ").trim().split(/\s+/).join(" ");
  const folded = text => text.toUpperCase().toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  // Official numbers in running text: as it writes them, and as kb.db shows them.
  const numbers = text => forms.flatMap(([pattern, shown]) =>
    [...text.matchAll(new RegExp(pattern, "gi"))].map(match =>
      [match[0], shown.replace(/{(\w+)}/g, (_, name) => match.groups[name])]));
  const nameKey = text => folded(text.normalize("NFKD")
    .replace(/\b(?:no|nr|number)\b[.:]*\s*(?=\d)/gi, "")).slice(0, 100);
  const unique = keys => [...new Set(keys)].filter(Boolean);

  const escape_fts = text => {
    text = text.replaceAll("\0", " ");
    if (text.split('"').length % 2 === 0) text += '"';
    const bits = text.split(/\s+|(".*?")/).filter(bit => bit && bit !== '""');
    const phrases = bits.slice(0, MOST_TERMS).map(bit => apart(bit.replaceAll('"', "")));
    return phrases.map(phrase => `"${phrase}"`).join(" ") || '""';
  };
  const name_keys = text => {
    text = text.replaceAll('"', " ").replace(/^\s*(?:the|an?)\s(?!\p{Nd})/iu, "");
    const running = numbers(text), words = text.split(/\s+/).filter(Boolean).slice(0, MOST_WORDS);
    const whole = running.filter(([part]) => nameKey(part) === nameKey(text));
    const parts = [];
    for (let length = words.length - 1; length > 0; length--) {
      for (let start = 0; start + length <= words.length; start++) {
        parts.push(words.slice(start, start + length).join(" "));
      }
    }
    const inside = [...running.map(([, shown]) => shown),
      ...parts.filter(part => / |\p{Nd}/u.test(part))];
    return JSON.stringify({
      whole: unique([text, ...whole.map(([, shown]) => shown)].map(nameKey)),
      inside: unique(inside.map(nameKey)),
    });
  };
  // A word in British and in American spelling.
  const phrase = (word, end = "") => {
    for (const [start, british, american, rest] of spellings) {
      const match = new RegExp(`^(${start})(${british}|${american})(${rest})$`, "i").exec(word);
      const middle = match?.[2].toLowerCase() === british ? american : british;
      if (match) {
        const forms = [word, match[1] + middle + match[3]];
        return `(${forms.map(form => escape_fts(form) + end).join(" OR ")})`;
      }
    }
    return escape_fts(word) + end;
  };
  // A single letter says little: it is no beginning of a word, and not one of some words.
  const LETTER = /^[^\p{L}\p{N}]*[A-Za-z\u00c0-\u024f][^\p{L}\p{N}]*$/u;
  const search_ways = text => {
    let quoted = text.replace(/[“”„«»]/g, '"').replaceAll("’", "'");
    if (quoted.split('"').length % 2 === 0) quoted = quoted.replaceAll('"', " ");
    const words = (quoted.match(/"[^"]*"|[^\s"]+/g) ?? [])
      .filter(part => /[\p{L}\p{N}]/u.test(part)).slice(0, MOST_WORDS);
    const longer = words.filter(word => !LETTER.test(word));
    const starts = words.filter(word => !word.startsWith('"'))
      .map(word => phrase(word, longer.includes(word) ? "*" : ""));
    const all = words.map(word => phrase(word));
    const some = (longer.length ? longer : words).map(word => phrase(word));
    return JSON.stringify([all.join(" AND "), starts.join(" AND "), some.join(" OR ")]
      .map(way => way || '""'));
  };
  return {
    escape_fts, name_keys, search_ways,
    choices: text => JSON.stringify(text.split(",").map(part => part.trim()).filter(Boolean)),
    identifier_keys: text =>
      JSON.stringify(unique([...numbers(text).map(([, shown]) => folded(shown)), folded(text)])),
  };
}

async function answer({data: {id, sql, values, most}}) {
  let statement;
  try {
    const {capi, db} = await ready, columns = [], rows = [];
    statement = db.prepare(sql);
    for (const [name, value] of Object.entries(values)) {
      if (statement.getParamIndex(`:${name}`)) statement.bind(`:${name}`, value);
    }
    if (statement.columnCount) columns.push(...statement.getColumnNames());
    while (rows.length < most && statement.step()) rows.push(statement.get([]));
    const truncated = rows.length === most && statement.step();
    postMessage({id, columns, rows, truncated, version: capi.sqlite3_libversion()});
  } catch (error) {
    const {disk} = await ready;
    postMessage({id, error: message(disk.error ?? error)});
    disk.error = undefined;
  } finally {
    statement?.finalize();
  }
}

function message(error) {
  return error.message.replace(/^.*?: sqlite3 result code \d+: |^SQLITE_\w+: /, "");
}
