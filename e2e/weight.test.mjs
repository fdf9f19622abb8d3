// Pages are light and hold still: what Lighthouse would look at, over a line as slow as a phone's.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DESKTOP, PHONE, assertNoComplaints, startBrowser, startStore } from "./harness.mjs";

/** Of everything but pictures, as it travels. */
const HOME_BYTES_MAX = 100_000;
const SCRIPT_BYTES_MAX = 30_000;
/** Lighthouse's slow 4G: 1.6 Mbit/s, 150 ms there and back. */
const SLOW = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 94_000 };
const PATHS = ["/", "/categories/kitchen", "/products/harbour-mug", "/search?q=mug", "/cart"];

let store;
let browser;

before(async () => {
  [store, browser] = await Promise.all([startStore(), startBrowser()]);
  await store.says("the demo shop is open");
});

after(async () => {
  await browser?.stop();
  await store?.stop();
});

/** Opens a page over a slow line and reads it to its end: what travelled, what moved, when it was there. */
async function visit(path, viewport, disturb = () => {}) {
  const page = await browser.page({ viewport });
  const client = await page.context().newCDPSession(page);
  await client.send("Network.enable");
  await client.send("Network.emulateNetworkConditions", SLOW);
  const kinds = new Map();
  const bytes = { Image: 0 };
  client.on("Network.responseReceived", ({ requestId, type }) => kinds.set(requestId, type));
  client.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const kind = kinds.get(requestId);
    bytes[kind] = (bytes[kind] ?? 0) + encodedDataLength;
  });
  await page.addInitScript(() => {
    window.seen = { moved: [], largest: 0 };
    const parts = ({ sources }) => sources.map(({ node }) => node?.outerHTML?.slice(0, 120));
    const watch = (type, note) =>
      new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
    watch("layout-shift", (entry) => window.seen.moved.push(`${entry.value.toFixed(4)} ${parts(entry)}`));
    watch("largest-contentful-paint", ({ startTime }) => (window.seen.largest = startTime));
  });
  await page.goto(store.url(path), { waitUntil: "networkidle" });
  await page.evaluate(disturb);
  await page.evaluate(async () => {
    for (let top = 0; top < document.body.scrollHeight; top += innerHeight / 2) {
      scrollTo({ top, behavior: "instant" });
      await new Promise((done) => setTimeout(done, 60));
    }
  });
  await page.waitForLoadState("networkidle");
  const seen = await page.evaluate(() => window.seen);
  assertNoComplaints(page);
  await page.context().close();
  return { bytes, ...seen };
}

for (const viewport of [PHONE, DESKTOP]) {
  for (const path of PATHS) {
    test(`${path} is light and holds still at ${viewport.width} pixels`, async (t) => {
      const { bytes, moved, largest } = await visit(path, viewport);
      const { Image, ...rest } = bytes;
      const sum = Object.values(rest).reduce((sum, one) => sum + one, 0);
      t.diagnostic(`${sum} bytes and ${Image} of pictures, largest paint after ${Math.round(largest)} ms`);
      assert.deepEqual(moved, [], "nothing moves");
      assert.ok(sum > 0 && sum <= HOME_BYTES_MAX, `${sum} bytes besides pictures`);
      assert.ok(bytes.Script > 0 && bytes.Script <= SCRIPT_BYTES_MAX, `${bytes.Script} bytes of script`);
    });
  }
}

test("what moves is noticed", async () => {
  const { moved } = await visit("/", DESKTOP, () => {
    document.querySelector("main").style.marginTop = "200px";
  });
  assert.equal(moved.length, 1, moved.join("\n"));
});
