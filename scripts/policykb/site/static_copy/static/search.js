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

  const show = () => {
    const words = box.value.trim();
    let matches = words ? index.search(words, {combineWith: "AND"}) : [];
    const all = matches.length > 0;
    if (words && !all) matches = index.search(words);
    summary.textContent = !words ? "" : matches.length === 0 ? `Nothing was found for “${words}”.`
      : `${matches.length} ${matches.length === 1 ? "record" : "records"}${all ? "" : " with some of these words"}${matches.length > MOST ? `, the first ${MOST} shown` : ""}`;
    hits.replaceChildren(...matches.slice(0, MOST).map(({id}) => {
      const [way, kind, title] = policykbRecords[id];
      const item = document.createElement("li"), tag = document.createElement("span"), link = document.createElement("a");
      tag.className = "kind";
      tag.textContent = kind;
      link.href = way;
      link.textContent = title;
      item.append(tag, " ", link);
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
