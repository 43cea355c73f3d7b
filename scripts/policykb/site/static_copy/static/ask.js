// Asks kb.db with SQL, in the browser. SQLite and kb.db come as scripts, since a page read from a
// disk may load nothing else; they are loaded when a form is first used. Nothing is sent anywhere.
"use strict";
const policykb = {};
(() => {
  const own = document.currentScript.src, LONGEST = 20000;
  const packed = {}, waiting = new Map();
  let loading, starting, worker, halt, asked = 0;

  policykb.today = () => new Date().toISOString().slice(0, 10);
  policykb.at = path => new URL(path, own).href;
  policykb.progress = () => {};
  policykb.part = (name, number, text) => {
    packed[name] ??= [];
    packed[name][number] = text;
  };

  const script = name => new Promise((resolve, reject) => {
    const src = policykb.at(name) + new URL(own).search;
    const onerror = () => reject(new Error(`The file assets/${name} did not load`));
    document.head.append(Object.assign(document.createElement("script"),
      {src, onload: resolve, onerror}));
  });
  const words = async () => {
    if (!policykb.words) await script("words.js");
    if (!policykb.words?.scripts) throw new Error("The file assets/words.js is incomplete");
  };
  // Load what was made ready for all answers of a form, which needs no SQLite.
  policykb.loadReady = async name => {
    const key = name.replace(".js", "");
    await words();
    if (!policykb[key]) await script(name);
    if (!policykb[key]) throw new Error(`The file assets/${name} is incomplete`);
  };
  // A large knowledge base is read in parts where the host gives them, and loaded whole when the
  // reader chooses that; of a small one, the tables that few ask for are loaded only then.
  let isWhole = false;
  const inParts = () => Boolean(policykb.words.parts) && !isWhole;
  const all = () => ({...policykb.words.scripts, ...policykb.words.rare.scripts});
  const needed = () => Object.entries(isWhole ? all() : policykb.words.scripts)
    .filter(([name]) => !inParts() || !name.startsWith("kb-"));
  const isLoaded = name => {
    const [, part, number] = /^(\w+)-(\d+)/.exec(name);
    return Boolean(packed[part]?.[number]);
  };
  const offer = reason => {
    const rest = Object.entries(all()).filter(([name]) => !isLoaded(name));
    const whole = rest.reduce((sum, [, size]) => sum + size, 0);
    return Object.assign(new Error(reason), {whole});
  };
  policykb.loadWhole = () => {
    policykb.stop("Stopped");
    isWhole = true;
    loading = undefined;
  };
  policykb.loadRare = () => {
    if (!inParts() && !isWhole) policykb.loadWhole();
  };
  const isRare = error => {
    const [, table] = /^no such table: (?:main\.)?(\w+)$/i.exec(error) ?? [];
    return !isWhole && policykb.words.rare.tables.includes(table?.toLowerCase());
  };
  policykb.load = () => loading ??= load().catch(error => {
    loading = undefined;
    throw error;
  });
  async function load() {
    if (!globalThis.WebAssembly || !globalThis.DecompressionStream || !globalThis.Worker) {
      throw new Error("This browser is too old; use a version from 2023 or later");
    }
    await words();
    if (inParts() && !location.protocol.startsWith("http")) {
      throw offer("When the page is opened from a disk, the browser must load the whole knowledge base");
    }
    const scripts = needed(), total = scripts.reduce((sum, [, size]) => sum + size, 0);
    let done = 0;
    policykb.progress(0, total);
    await Promise.all(scripts.map(async ([name, size]) => {
      if (!isLoaded(name)) await script(name);
      policykb.progress(done += size, total);
    }));
  }
  async function unpacked(name) {
    const expected = Object.keys(all()).filter(file => file.startsWith(`${name}-`));
    if (packed[name]?.filter(Boolean).length !== expected.length) {
      throw new Error(`A file assets/${name}-….js is incomplete; load the page again`);
    }
    try {
      const bytes = Uint8Array.from(atob(packed[name].join("")), letter => letter.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      return new Uint8Array(await new Response(stream).arrayBuffer());
    } catch {
      throw new Error(`A file assets/${name}-….js is damaged; load the page again`);
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
    await policykb.load();
    const names = ["code", "wasm", ...inParts() ? [] : isWhole ? ["kb", "rare"] : ["kb"]];
    const [code, wasm, ...packs] = await Promise.all(names.map(unpacked));
    const kb = inParts() ? policykb.at(`../${policykb.words.parts}`) : packs;
    const address = URL.createObjectURL(new Blob([code], {type: "text/javascript"}));
    const functions = policykb.words.functions;
    if (!isWanted()) throw new Error("Stopped");
    const engine = worker = new Worker(address);
    await new Promise((resolve, reject) => {
      engine.onerror = () => reject(new Error("The browser blocked SQLite"));
      engine.onmessage = ({data}) => {
        if (data.whole) reject(offer(data.error));
        else if (data.error) reject(new Error(data.error));
        else resolve();
      };
      engine.postMessage({wasm, kb, functions}, [wasm, ...packs].map(({buffer}) => buffer));
    });
    engine.onerror = () => policykb.stop("SQLite ended without an answer");
    engine.onmessage = ({data}) => {
      waiting.get(data.id)?.(data);
      waiting.delete(data.id);
    };
  }
  // What can be stopped while it is waited for.
  policykb.wait = promise =>
    Promise.race([promise, new Promise((_, reject) => halt = reject)]);
  policykb.stop = (reason, isLate) => {
    halt?.(new Error(reason));
    worker?.terminate();
    worker = starting = undefined;
    for (const resolve of waiting.values()) resolve({error: reason, isLate});
    waiting.clear();
  };

  // Return {columns, rows, truncated} of a statement with at most `most` rows; throw what is wrong.
  policykb.ask = async (sql, values = {}, most = Infinity) => {
    await policykb.wait(start());
    const id = ++asked, late = `The answer took longer than ${LONGEST / 1000} seconds`;
    const clock = setTimeout(policykb.stop, LONGEST, late, true);
    const answer = await new Promise(resolve => {
      waiting.set(id, resolve);
      worker.postMessage({id, sql, values, most});
    });
    clearTimeout(clock);
    if (answer.isLate && inParts()) throw offer(answer.error);
    if (isRare(answer.error)) throw offer(`${answer.error}: it is here, but not loaded yet`);
    if (answer.error) throw new Error(answer.error);
    return answer;
  };
  policykb.rows = async (statement, values) => {
    const {columns, rows} = await policykb.ask(policykb.words.statements[statement], values);
    return rows.map(row => Object.fromEntries(columns.map((name, place) => [name, row[place]])));
  };
})();
