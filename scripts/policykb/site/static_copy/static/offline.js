// Lets pages that were visited open without a network, where the copy comes over http: see sw.js.
"use strict";
(async () => {
  const workers = navigator.serviceWorker, {src} = document.currentScript;
  if (!workers || !location.protocol.startsWith("http")) return;
  try {
    await workers.register(new URL("../sw.js", src));
    const {active} = await workers.ready;
    const loaded = performance.getEntriesByType("resource").map(({name}) => name);
    active.postMessage([location.href, ...loaded]);
  } catch { /* the pages need a network, as without this */ }
})();
