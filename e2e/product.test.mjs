// What a product's page tells beside its price: what a litre costs, how sizes measure, where it can be collected and in
// how many it is sold; and in which formats its pictures come.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { DESKTOP, PHONE, assertAccessible, assertNoComplaints, screenshot, startBrowser, startStore } from "./harness.mjs";

let store;
let browser;

before(async () => {
  store = await startStore();
  await store.says("the demo shop is open");
  browser = await startBrowser();
});

after(async () => {
  await browser?.stop();
  await store?.stop();
});

test("pictures come as AVIF as soon as there is one, and shared links have a picture of their size", async () => {
  const page = await browser.page({ viewport: PHONE });
  const product = await (await fetch(store.url("/store/products/harbour-mug"))).json();
  const picture = store.url(`${product.images[0].url}/640`);
  let type = "";
  for (let tries = 0; tries < 600 && type !== "image/avif"; tries += 1) {
    const answer = await page.request.get(picture, { headers: { accept: "image/avif,image/webp,*/*" } });
    type = answer.headers()["content-type"];
    if (type !== "image/avif") await delay(100);
  }
  assert.equal(type, "image/avif");
  const size = () => page.locator("img").evaluate((image) => [image.naturalWidth, image.naturalHeight]);
  await page.goto(picture);
  assert.equal((await size())[0], 640, "the browser shows it");

  await page.goto(store.url("/products/harbour-mug"));
  await page.goto(await page.locator('meta[property="og:image"]').getAttribute("content"));
  assert.deepEqual(await size(), [1200, 630]);
  await screenshot(page, "link-preview");
});

for (const viewport of [PHONE, DESKTOP]) {
  test(`a size chart opens, and a place to collect at is told, at ${viewport.width} pixels`, async () => {
    const page = await browser.page({ viewport });
    await page.goto(store.url("/products/skerry-gansey"));
    const cell = page.getByRole("cell", { name: "104" });
    assert.equal(await cell.isVisible(), false);
    await page.getByText("Size chart").click();
    assert.equal(await cell.isVisible(), true);
    assert.match(await page.getByRole("region", { name: "Collect it" }).innerText(), /Shop on the quay.*In stock/);
    await assertAccessible(page);
    assertNoComplaints(page);
    await screenshot(page, `size-chart-${viewport.width}`);
  });
}

test("a price per litre stands beside the price, in the shop's language", async () => {
  const page = await browser.page();
  await page.goto(store.url("/products/gloss-varnish"));
  assert.match(await page.locator(".big-price").innerText(), /€32\.00\s+€42\.67 \/ l/);
  await page.goto(store.url("/de/products/gloss-varnish"));
  assert.match(await page.locator(".big-price").innerText(), /32,00\s€\s+42,67\s€ \/ l/);
  assertNoComplaints(page);
});

for (const javascript of [true, false]) {
  test(`what is sold in twos goes into the cart in twos, with JavaScript ${javascript ? "on" : "off"}`, async () => {
    const page = await browser.page({ javascript });
    await page.goto(store.url("/products/ribbed-tumbler"));
    const quantity = page.getByLabel("Quantity");
    assert.equal(await quantity.inputValue(), "2");
    await page.getByText("Sold in multiples of 2.").waitFor();
    const variant = await page.locator("input[name=variant]").getAttribute("value");
    await page.getByRole("button", { name: "Add to cart" }).click();
    if (javascript) await page.getByText("Added to your cart.").waitFor();
    const form = { variant, quantity: "3" };
    await page.goto(store.url("/cart"));
    // Whoever sends another number than the field allows is told what is right.
    const sent = await page.request.post(store.url("/cart/lines"), { form, headers: { origin: new URL(store.url("/")).origin } });
    assert.equal(sent.status(), 422);
    assert.match(await sent.text(), /The quantity must be a multiple of 2, at least 2/);
    assert.equal(await page.getByLabel("Quantity of Ribbed tumbler").inputValue(), "2");
    await assertAccessible(page);
  });
}
