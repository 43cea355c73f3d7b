// Asks kb.db with SQL, in the browser. SQLite and kb.db come as scripts, since a page read from a
// disk may load nothing else; they are loaded when a form is first used. Nothing is sent anywhere.
// The last line, which browser.py adds, names the scripts with their sizes.
"use strict";
const policykb = {};
(() => {
  const own = document.currentScript.src, LONGEST = 20000;
  const packed = {}, fetched = {}, waiting = new Map();
  let loading, starting, worker, halt, asked = 0;

  policykb.today = () => new Date().toISOString().slice(0, 10);
  policykb.at = path => new URL(path, own).href;
  policykb.progress = () => {};
  policykb.part = (name, number, text) => {
    packed[name] ??= [];
    packed[name][number] = text;
  };

  // Load a script once; again if it failed.
  const script = name => fetched[name] ??= new Promise((resolve, reject) => {
    const src = policykb.at(name) + new URL(own).search;
    const onerror = () => {
      delete fetched[name];
      reject(new Error(`The file assets/${name} did not load`));
    };
    document.head.append(Object.assign(document.createElement("script"),
      {src, onload: resolve, onerror}));
  });
  const words = async () => {
    await script("words.js");
    if (!policykb.words) throw new Error("The file assets/words.js is incomplete");
  };
  // Load what was made ready for all answers of a form, which needs no SQLite.
  policykb.loadReady = async name => {
    await words();
    await script(name);
    if (!policykb[name.replace(".js", "")]) throw new Error(`The file assets/${name} is incomplete`);
  };
  // A large knowledge base is read in parts where the host gives them, and loaded whole when the
  // reader chooses that; of a small one, the packs that few ask for are loaded when a statement
  // reads their tables.
  let isWhole = false;
  const inParts = () => Boolean(policykb.parts) && !isWhole;
  const first = () => ["code", "wasm", ...inParts() ? [] : ["tables", "kb"]];
  const scriptsOf = pack =>
    Object.keys(policykb.scripts).filter(name => name.startsWith(`${pack}-`));
  const sizeOf = names => names.reduce((sum, name) => sum + policykb.scripts[name], 0);
  const offer = reason => Object.assign(new Error(reason), {whole: sizeOf(scriptsOf("kb"))});
  policykb.loadWhole = () => {
    policykb.stop("Stopped");
    isWhole = true;
    loading = undefined;
  };
  policykb.load = () => loading ??= load().catch(error => {
    loading = undefined;
    throw error;
  });
  async function load() {
    if (!globalThis.WebAssembly || !globalThis.DecompressionStream || !globalThis.Worker) {
      throw new Error("This browser is too old; use a version from 2023 or later");
    }
    if (inParts() && !location.protocol.startsWith("http")) {
      throw offer("When the page is opened from a disk, the browser must load the whole knowledge base");
    }
    const loaded = [words(), loadPacks(first())];
    start().catch(() => {});  // meanwhile; it is started again for the first question
    await Promise.all(loaded);
  }
  async function loadPacks(packs) {
    const scripts = packs.flatMap(scriptsOf), total = sizeOf(scripts);
    let done = 0;
    policykb.progress(0, total);
    await Promise.all(scripts.map(async name => {
      await script(name);
      policykb.progress(done += sizeOf([name]), total);
    }));
  }
  const bytesOf = text => {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
    const letters = atob(text), bytes = new Uint8Array(letters.length);
    for (let place = 0; place < bytes.length; place++) bytes[place] = letters.charCodeAt(place);
    return bytes;
  };
  async function unpacked(pack) {
    const expected = scriptsOf(pack);
    await Promise.all(expected.map(script));
    if (packed[pack]?.filter(Boolean).length !== expected.length) {
      throw new Error(`A file assets/${pack}-….js is incomplete; load the page again`);
    }
    try {
      const blob = new Blob([bytesOf(packed[pack].join(""))]);
      const stream = blob.stream().pipeThrough(new DecompressionStream("gzip"));
      return new Uint8Array(await new Response(stream).arrayBuffer());
    } catch {
      throw new Error(`A file assets/${pack}-….js is damaged; load the page again`);
    }
  }

  const start = () => {
    if (starting) return starting;
    const mine = started(() => starting === mine).catch(error => {
      if (starting === mine) {
        worker?.terminate();
        worker = starting = undefined;
      }
      throw error;
    });
    return starting = mine;
  };
  // `isWanted` is false once this start was stopped, and another may have begun.
  async function started(isWanted) {
    const [code, wasm, tables, kb] = first().map(unpacked);
    for (const pack of [wasm, tables, kb]) pack?.catch(() => {});  // it is awaited later
    const script = new Blob([await code], {type: "text/javascript"});
    if (!isWanted()) throw new Error("Stopped");
    const engine = worker = new Worker(URL.createObjectURL(script));
    const opened = new Promise((resolve, reject) => {
      engine.onerror = () => reject(new Error("The browser blocked SQLite"));
      engine.onmessage = ({data}) => {
        if (data.whole) reject(offer(data.error));
        else if (data.error) reject(new Error(data.error));
        else resolve();
      };
    });
    const give = async () => {
      const address = inParts() ? policykb.at(`../${policykb.parts}`) : undefined;
      await words();
      const {functions} = policykb.words;
      engine.postMessage({wasm: await wasm, tables: await tables, address, functions});
      if (kb) engine.postMessage({pack: await kb});
    };
    await Promise.all([opened, give()]);
    engine.onerror = () => policykb.stop("SQLite ended without an answer");
    engine.onmessage = ({data}) => {
      const {begin, resolve} = waiting.get(data.id) ?? {};
      if (data.begun) return begin?.();
      waiting.delete(data.id);
      return resolve?.(data);
    };
  }
  // What can be stopped while it is waited for.
  policykb.wait = promise =>
    Promise.race([promise, new Promise((_, reject) => halt = reject)]);
  policykb.stop = (reason, isLate) => {
    halt?.(new Error(reason));
    worker?.terminate();
    worker = starting = undefined;
    for (const {resolve} of waiting.values()) resolve({error: reason, isLate});
    waiting.clear();
  };

  // Return {columns, rows, truncated} of a statement with at most `most` rows; throw what is wrong.
  policykb.ask = async (sql, values = {}, most = Infinity) => {
    await policykb.wait(start());
    const answer = await answered({sql, values, most});
    if (answer.needs) {
      await policykb.wait(loadPacks([answer.needs]));
      const pack = await policykb.wait(unpacked(answer.needs));
      worker.postMessage({pack});
      return policykb.ask(sql, values, most);
    }
    if (answer.isLate && inParts()) throw offer(answer.error);
    if (answer.error) throw new Error(answer.error);
    return answer;
  };
  // The time of an answer counts from its beginning, when the rows that it reads are there.
  async function answered(question) {
    const id = ++asked, late = `The answer took longer than ${LONGEST / 1000} seconds`;
    let clock;
    const answer = await new Promise(resolve => {
      const begin = () => clock = setTimeout(policykb.stop, LONGEST, late, true);
      waiting.set(id, {begin, resolve});
      worker.postMessage({id, ...question});
    });
    clearTimeout(clock);
    return answer;
  }
  policykb.rows = async (statement, values) => {
    const {columns, rows} = await policykb.ask(policykb.words.statements[statement], values);
    return rows.map(row => Object.fromEntries(columns.map((name, place) => [name, row[place]])));
  };
})();
