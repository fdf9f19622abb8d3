// Every page that a link leads to: it is there, its HTML is valid, and what it tells search engines is complete.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { HtmlValidate } from "html-validate";
import { startStore } from "./store.mjs";

/** More addresses than the demo shop has; a shop that makes up addresses without end is found out. */
const ADDRESSES_MAX = 8_000;
/** How far from the home page filters and sorts are followed: they lead to each other without end. */
const QUERIES_DEEP = 1;
/** Addresses that are opened at the same time. */
const OPENED_AT_ONCE = 4;

// Rules of form, which the templates settle between themselves, are off; what browsers and readers depend on is on.
const VALIDATOR = new HtmlValidate({
  extends: ["html-validate:standard", "html-validate:a11y"],
  rules: {
    "attr-quotes": "off",
    "doctype-style": "off",
    "long-title": "off",
    "no-implicit-button-type": "off",
    "no-inline-style": "error",
    "no-trailing-whitespace": "off",
    "require-sri": "off",
    "void-style": "off",
  },
});

const REQUIRED = {
  Product: ["name", "image", "description", "offers"],
  Offer: ["price", "priceCurrency", "availability", "url"],
  BreadcrumbList: ["itemListElement"],
  ListItem: ["position", "name", "item"],
  Organization: ["name", "url"],
  WebSite: ["name", "url"],
};

let store;
/** What was found at each address: `{ status, type, body }`. */
let found;

before(async () => {
  // A crawler is what the limit is there for.
  store = await startStore({ env: { ARGOSY_EDGE__RATE_LIMIT_PER_MINUTE: "0" } });
  await store.says("the demo shop is open");
  found = await crawl();
});

after(async () => store?.stop());

const pages = () => [...found].filter(([, { status, type }]) => status === 200 && type.startsWith("text/html"));

/** Follows links and sources from the home page on: all but those that `alike` tells to be like one that is followed. */
async function crawl() {
  const answers = new Map();
  const waiting = [{ path: "/", from: "the start", queries: 0 }];
  const seen = new Set([alike("/")]);
  const open = async ({ path, from, queries }) => {
    const answer = await fetch(store.url(path), { redirect: "manual" });
    const type = answer.headers.get("content-type") ?? "";
    const body = type.startsWith("text/html") ? await answer.text() : (await answer.arrayBuffer(), "");
    answers.set(path, { status: answer.status, type, body, from });
    for (const next of addresses(body, path)) {
      const deep = queries + (next.includes("?") ? 1 : 0);
      if (seen.has(alike(next)) || deep > QUERIES_DEEP) continue;
      seen.add(alike(next));
      waiting.push({ path: next, from: path, queries: deep });
    }
  };
  while (waiting.length > 0 && answers.size < ADDRESSES_MAX) {
    await Promise.all(waiting.splice(0, OPENED_AT_ONCE).map(open));
  }
  return answers;
}

/**
 * What an address has in common with others of which one is enough: the values of a filter, the sizes of a picture, the
 * pages of a kind in another language.
 */
function alike(address) {
  const { pathname, searchParams } = new URL(address, store.url("/"));
  const page = pathname
    .replace(/^(\/media\/[^/]+)\/.*/, "$1 smaller")
    // Of another language one page of a kind, of another currency one page.
    .replace(/^\/(de)\/(products|categories|collections)\/.*/, "$1 $2")
    .replace(/^\/(\w\w-\w{3})(\/.*)?$/, "$1");
  return [page, ...new Set([...searchParams.keys()].sort())].join(" ");
}

/** The addresses of this shop that a page names. */
function addresses(html, path) {
  const named = [...html.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, address]) => address);
  for (const [, set] of html.matchAll(/\ssrcset="([^"]*)"/g)) {
    named.push(...set.split(",").map((one) => one.trim().split(" ")[0]));
  }
  return named
    .map((address) => new URL(address.replaceAll("&amp;", "&").replaceAll("&#x2f;", "/"), store.url(path)))
    .filter((address) => address.origin === new URL(store.url("/")).origin)
    .map((address) => address.pathname + address.search);
}

test("no link is broken, and the shop comes to an end", () => {
  const broken = [...found].filter(([, { status }]) => status >= 400).map(([path, { status, from }]) => `${status} ${path} on ${from}`);
  assert.deepEqual(broken, []);
  assert.ok(found.size > 200 && found.size < ADDRESSES_MAX, `${found.size} addresses`);
});

test("the HTML of every page is valid", async () => {
  /** Of each fault the first page that has it. */
  const faults = new Map();
  for (const [path, { body }] of pages()) {
    const { results } = await VALIDATOR.validateString(body, path);
    for (const { messages } of results) {
      for (const { ruleId, message, line } of messages) {
        const fault = `${ruleId}: ${message}`;
        if (!faults.has(fault)) faults.set(fault, `${path}:${line}`);
      }
    }
  }
  assert.deepEqual([...faults], []);
});

test("every page has a title, a heading, and is told apart", () => {
  const titles = new Map();
  for (const [path, { body }] of pages()) {
    assert.equal(body.match(/<h1[\s>]/g)?.length, 1, `${path} has one first heading`);
    const title = body.match(/<title>([^<]+)<\/title>/)?.[1];
    assert.ok(title, `${path} has a title`);
    const canonical = body.match(/<link rel="canonical" href="([^"]+)"/)?.[1];
    if (!canonical) continue;
    const told = `${title} in ${body.match(/<html lang="(\w+)"/)?.[1]}`;
    const other = titles.get(told);
    assert.ok(!other || other === canonical, `${canonical} and ${other} have one title: ${told}`);
    titles.set(told, canonical);
  }
});

test("what pages tell search engines is complete", () => {
  const kinds = new Set();
  const check = (value, path) => {
    if (value === null || typeof value !== "object") return;
    if (Array.isArray(value)) return value.forEach((one) => check(one, path));
    const kind = value["@type"];
    if (kind) kinds.add(kind);
    for (const name of REQUIRED[kind] ?? []) {
      const given = value[name];
      assert.ok(given !== undefined && given !== "" && given?.length !== 0, `${path}: ${kind} without ${name}`);
    }
    Object.values(value).forEach((one) => check(one, path));
  };
  for (const [path, { body }] of pages()) {
    for (const [, json] of body.matchAll(/<script type="application\/ld\+json">(.*?)<\/script>/gs)) {
      const value = JSON.parse(json);
      assert.equal(value["@context"], "https://schema.org", path);
      check(value, path);
    }
  }
  assert.deepEqual(Object.keys(REQUIRED).filter((kind) => !kinds.has(kind)), [], "kinds that no page has");
});

test("the sitemap names every page that search engines may list, and no other", async () => {
  // A connection that was kept may have been closed while pages were validated: asked again, it is a new one.
  const ask = (path) => fetch(store.url(path)).catch(() => fetch(store.url(path)));
  const read = async (path) => (await ask(path)).text();
  const locations = (xml) => [...xml.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, url]) => new URL(url));
  const listed = new Set();
  for (const part of locations(await read("/sitemap.xml"))) {
    for (const { pathname } of locations(await read(part.pathname))) listed.add(pathname);
  }
  const own = pages().filter(([path, { body }]) => {
    const canonical = body.match(/<link rel="canonical" href="([^"]+)"/)?.[1];
    return canonical && new URL(canonical).pathname === path && !/<meta name="robots" content="noindex/.test(body);
  });
  assert.deepEqual(own.map(([path]) => path).filter((path) => !listed.has(path)), [], "missing in the sitemap");
  for (const path of listed) {
    assert.equal((await fetch(store.url(path))).status, 200, `${path} is in the sitemap`);
  }
});
