// Search over records.js in the browser, with MiniSearch. Results are links, made without HTML from strings.
"use strict";
(async () => {
  const form = document.getElementById("find"), box = document.getElementById("q"), summary = document.getElementById("summary"), hits = document.getElementById("hits");
  const MOST = 50;
  const plain = term => term.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  // Scripts that set no spaces between words are found by any of their characters.
  const unspaced = /([\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}])/u;
  const tokenize = text => MiniSearch.getDefault("tokenize")(text).flatMap(word => word.split(unspaced).filter(Boolean));
  const index = new MiniSearch({fields: ["title", "text"], tokenize, processTerm: plain, searchOptions: {boost: {title: 3}, prefix: true, fuzzy: term => term.length > 4 && !/\d/.test(term) ? 0.2 : false}});
  await index.addAllAsync(policykbRecords.map(([, , title, text], id) => ({id, title, text})), {chunkSize: 500});

  // Names first, as the live site has them: those that what was typed is, or has in it as a number; then those that begin with it.
  const KINDS = ["action", "argument", "claim", "document", "organization", "topic", "jurisdiction"];
  const nameKey = text => text.normalize("NFKD").replace(/\b(?:no|nr|number)\b[.:]*\s*(?=\d)/gi, "").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "").slice(0, 100);
  const numbers = text => policykbForms.flatMap(([pattern, shown]) => [...text.matchAll(new RegExp(pattern, "gi"))].map(({groups}) => shown.replace(/\{(\w+)\}/g, (_, name) => groups[name])));
  const names = policykbRecords.flatMap(([, kind, title, , others], id) => [...others.slice(0, 1), title, ...others.slice(1)].map((name, rank) => ({id, rank, name: name.toLowerCase(), key: nameKey(name), kind: KINDS.indexOf(kind)})));
  const named = words => {
    const written = words.toLowerCase(), typed = nameKey(words.replace(/^(?:the|an?)\s(?!\d)/i, ""));
    const exact = new Set([typed, ...[...numbers(words), ...words.split(/\s+/).filter(word => /\d/.test(word) && word.length > 3)].map(nameKey)]);
    const order = ({name, key, kind, rank}) => [!exact.has(key), key !== typed, kind, name !== written, key.length, rank];
    const starts = /\D/.test(typed) || typed.length > 4;
    const matches = typed ? names.filter(({key}) => exact.has(key) || starts && key.startsWith(typed)) : [];
    const placed = matches.map(name => [order(name), name.id]);
    return placed.sort(([a], [b]) => a.map((value, place) => value - b[place]).find(Boolean) || 0).map(([, id]) => id);
  };

  const show = () => {
    const words = box.value.trim();
    let matches = words ? index.search(words, {combineWith: "AND"}).map(({id}) => id) : [];
    const first = named(words);
    const all = matches.length + first.length > 0;
    if (words && !all) matches = index.search(words).map(({id}) => id);
    matches = [...new Set([...first, ...matches])];
    summary.textContent = !words ? "" : matches.length === 0 ? `Nothing was found for “${words}”.`
      : `${matches.length} ${matches.length === 1 ? "record" : "records"}${all ? "" : " with some of these words"}${matches.length > MOST ? `, the first ${MOST} shown` : ""}`;
    hits.replaceChildren(...matches.slice(0, MOST).map(id => {
      const [way, kind, title, , , short] = policykbRecords[id];
      const item = document.createElement("li"), tag = document.createElement("span"), link = document.createElement("a");
      tag.className = "kind";
      tag.textContent = kind;
      link.href = way;
      link.textContent = title;
      item.append(tag, " ", link, short ? ` (${short})` : "");
      return item;
    }));
  };

  document.getElementById("idle").hidden = true;  // it shows until search is ready, or for good where scripts are off
  form.hidden = false;
  form.addEventListener("submit", event => { event.preventDefault(); show(); });
  let pending;
  box.addEventListener("input", () => { clearTimeout(pending); pending = setTimeout(show, 120); });
  box.value = new URLSearchParams(location.search).get("q") ?? "";
  show();
  if (!box.value) box.focus();
})();
