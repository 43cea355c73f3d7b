// The worker: SQLite over kb.db, which is made in memory or read from its address in ranges; for
// reading only. It takes {wasm, functions} with empty `tables` or the `address` of kb.db; packs of
// rows as {pack}; and questions, {id, sql, values, most}. It answers {id, begun} when a statement
// begins, then {id, columns, rows, truncated} or {id, error}; or {id, needs} with the name of a pack
// that must come before the question is asked again.
"use strict";
const MOST_TERMS = 32, MOST_WORDS = 12;
const unread = new Map();  // table -> the pack with its rows, until a statement reads them
const elsewhere = new Map();  // table -> the name of its pack, until it comes
const indexes = new Map();  // full-text index -> the table of its texts and what fills it, until then
let begin;
const begun = new Promise(resolve => begin = resolve);
const ready = new Promise(resolve => {
  onmessage = ({data}) => {
    if (data.wasm) resolve(open(data));
    else if (data.pack) take(data.pack);
    else answer(data);
  };
});
ready.then(() => postMessage({}),
  error => postMessage({error: message(error), whole: error.whole}));

async function open({wasm, address, tables, functions}) {
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
  const {capi} = sqlite3, disk = address ? fileSystem(sqlite3, overRanges(address)) : {};
  const db = disk.name ? new sqlite3.oo1.DB("kb", "r", disk.name) : inMemory(sqlite3, tables);
  if (!disk.name) await begun;
  // "words" in double quotes are a text, as on the server.
  capi.sqlite3_db_config(db.pointer, capi.SQLITE_DBCONFIG_DQS_DML, 1, 0);
  for (const [name, call] of Object.entries(sqlFunctions(functions))) {
    db.createFunction(name, (_, text) => call(String(text ?? "")), {deterministic: true});
  }
  const read = new Set();
  const note = (_, action, table) => {
    if (action === capi.SQLITE_READ) read.add(table.toLowerCase());
    return 0;
  };
  capi.sqlite3_set_authorizer(db.pointer, note, 0);
  db.selectValue("select count(*) from kb_info");
  return {sqlite3, db, disk, read};
}

function inMemory({capi, oo1, wasm}, tables) {
  const db = new oo1.DB(), place = wasm.allocFromTypedArray(tables), size = tables.length;
  const flags = capi.SQLITE_DESERIALIZE_FREEONCLOSE | capi.SQLITE_DESERIALIZE_RESIZEABLE;
  db.checkRc(capi.sqlite3_deserialize(db.pointer, "main", place, size, size, flags));
  return db;
}

// Keep the rows of a pack, which packed() of browser.py wrote, until a statement reads their tables.
function take(bytes) {
  const end = 4 + new DataView(bytes.buffer).getUint32(0, true);
  const pack = JSON.parse(new TextDecoder().decode(bytes.subarray(4, end)));
  pack.texts = bytes.subarray(end);
  for (const table of Object.keys(pack.tables)) {
    unread.set(table, pack);
    elsewhere.delete(table);
  }
  for (const [table, name] of Object.entries(pack.elsewhere)) elsewhere.set(table, name);
  for (const [name, index] of Object.entries(pack.indexes)) indexes.set(name, index);
  begin();
}
// Put the rows of these tables into the database; return the name of a pack that is still needed.
function fill(sqlite3, db, tables) {
  const empty = new Set(), unindexed = new Set();
  for (const table of tables) {
    const index = [table, table.replace(/_[a-z]+$/, "")].find(name => indexes.has(name));
    if (index) unindexed.add(index);
    empty.add(indexes.get(index)?.content ?? table);
  }
  for (const table of empty) {
    if (elsewhere.has(table)) return elsewhere.get(table);
    if (!unread.has(table)) empty.delete(table);
  }
  if (!empty.size && !unindexed.size) return undefined;
  db.exec("pragma query_only = off");
  db.savepoint(() => {
    for (const table of empty) insert(sqlite3, db, table, unread.get(table));
    for (const name of unindexed) db.exec(indexes.get(name).fill);
  });
  for (const table of empty) unread.delete(table);
  for (const name of unindexed) indexes.delete(name);
  return undefined;
}
// The texts of a pack are put into the memory of SQLite once, and bound by their place there.
function insert({wasm}, db, table, pack) {
  const {sizes, tables: {[table]: columns}} = pack, {exports: calls} = wasm;
  if (!columns.length) return;
  pack.placed ??= placed(wasm, pack);
  const statement = db.prepare(`insert into "${table}" values (${columns.map(() => "?")})`);
  const row = statement.pointer, at = columns.map(() => 0);
  for (let number = 0; number < columns[0].length; number++) {
    for (let column = 0; column < columns.length; column++) {
      if (number && !columns[column][number]) continue; // it stays bound
      const value = at[column] += columns[column][number];
      const size = sizes[value], content = pack.placed[value];
      if (size >= 0) calls.sqlite3_bind_text(row, column + 1, content, size, 0);
      else if (content === null) calls.sqlite3_bind_null(row, column + 1);
      else calls.sqlite3_bind_double(row, column + 1, content);
    }
    calls.sqlite3_step(row);
    db.checkRc(calls.sqlite3_reset(row));
  }
  statement.finalize();
}

// Return the place of each text of a pack in the memory of SQLite, and each other value.
function placed(wasm, {texts, sizes, others}) {
  let end = wasm.allocFromTypedArray(texts), next = 0;
  return sizes.map(size => size < 0 ? others[next++] : (end += size) - size);
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

async function answer({id, sql, values, most}) {
  let statement;
  try {
    const {sqlite3, db, read} = await ready, columns = [], rows = [];
    read.clear();
    statement = db.prepare(sql);
    const needs = fill(sqlite3, db, read);
    if (needs) return postMessage({id, needs});
    db.exec("pragma query_only = on");
    postMessage({id, begun: true});
    for (const [name, value] of Object.entries(values)) {
      if (statement.getParamIndex(`:${name}`)) statement.bind(`:${name}`, value);
    }
    if (statement.columnCount) columns.push(...statement.getColumnNames());
    while (rows.length < most && statement.step()) rows.push(statement.get([]));
    const truncated = rows.length === most && statement.step();
    return postMessage({id, columns, rows, truncated});
  } catch (error) {
    const {disk} = await ready, reason = disk.error ?? error;
    disk.error = undefined;
    return postMessage({id, error: message(reason)});
  } finally {
    statement?.finalize();
  }
}

function message(error) {
  return error.message.replace(/^.*?: sqlite3 result code \d+: |^SQLITE_\w+: /, "");
}
