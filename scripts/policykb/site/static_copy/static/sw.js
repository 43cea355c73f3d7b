// Keeps visited pages for use without a network. A page comes from the network if that answers, so
// it is never older than the copy; a file with its version in its address comes from the cache
// first. VERSION, in the first line, is the hash of all files of the copy: a new copy begins with
// an empty cache.
"use strict";
const OWN = `policykb ${registration.scope} `, CACHE = OWN + VERSION;
const isOwn = url => url.startsWith(registration.scope);
const isNamed = url => new URL(url).searchParams.has("v");
// What an address is kept under: a page is one for all that is asked of it.
const key = url => {
  if (isNamed(url)) return url;
  const {origin, pathname} = new URL(url);
  return origin + pathname.replace(/\/$/, "/index.html");
};
const kept = async url => (await caches.open(CACHE)).match(key(url), {ignoreVary: true});
const fetched = async (url, request = url) => {
  const answer = await fetch(request, isNamed(url) ? {} : {cache: "no-cache"});
  if (answer.status === 200) {
    const cache = await caches.open(CACHE);
    await cache.put(key(url), answer.clone()).catch(() => {});  // where there is no more space
  }
  return answer;
};
const missing = () => new Response(`<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>No network</title><h1>No network</h1>
<p>This page was not visited before. <a href="${registration.scope}index.html">Go to the first
page</a>.</p></html>`, {status: 503, headers: {"content-type": "text/html"}});
const answered = async request => {
  const {url, mode} = request;
  if (isNamed(url)) {
    const file = await kept(url);
    if (file) return file;
  }
  try {
    return await fetched(url, request);
  } catch (error) {
    const page = await kept(url);
    if (page) return page;
    if (mode === "navigate") return missing();
    throw error;
  }
};
const begin = async () => {
  await fetched(`${registration.scope}index.html`);
  await skipWaiting();
};
const replace = async () => {
  const old = (await caches.keys()).filter(name => name.startsWith(OWN) && name !== CACHE);
  await Promise.all(old.map(name => caches.delete(name)));
  await clients.claim();
};
const keep = async urls => {
  for (const url of urls.filter(isOwn)) if (!await kept(url)) await fetched(url).catch(() => {});
};

addEventListener("install", event => event.waitUntil(begin()));
addEventListener("activate", event => event.waitUntil(replace()));
addEventListener("message", event => event.waitUntil(keep(event.data)));
addEventListener("fetch", event => {
  const {request} = event;
  const isPart = request.headers.has("range");
  if (request.method !== "GET" || isPart || !isOwn(request.url)) return;
  event.respondWith(answered(request));
});
