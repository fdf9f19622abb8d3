// Goods and visitors that are not as one would like them.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { PHONE, assertAccessible, assertNoComplaints, screenshot, startBrowser, startStore } from "./harness.mjs";

const LONG = `Hub and dock with ${"HDMI, DisplayPort, VGA, Ethernet 10/100/1000 Mbps, ".repeat(4)}and audio`;
const UNBROKEN = `Cable-${"X".repeat(140)}`;

/** The things that stick out of the visible part of what they stand in. */
const sticking = (page, selector) =>
  page.locator(selector).evaluateAll((things) =>
    things.map((thing) => {
      const frame = thing.closest("li").parentElement.getBoundingClientRect();
      const { right, left } = thing.getBoundingClientRect();
      return { text: thing.textContent, right: right - frame.right, left: frame.left - left };
    }).filter(({ right, left }) => right > 0.5 || left > 0.5));

test("long titles leave everything else in its place", async () => {
  const store = await startStore({ args: ["--no-demo"] });
  const browser = await startBrowser();
  try {
    const file = join(store.dataFolder, "..", "goods.csv");
    const row = (handle, title) => `${handle},"${title}",${handle},9163.95,9\n`;
    await writeFile(
      file,
      `Handle,Title,Variant SKU,Variant Price,Variant Inventory Qty\n${row("long", LONG)}${row("unbroken", UNBROKEN)}`,
    );
    await store.command("import", "products", file);
    const page = await browser.page({ viewport: PHONE });
    for (const handle of ["long", "unbroken"]) {
      await page.goto(store.url(`/products/${handle}`));
      await assertAccessible(page);
      await screenshot(page, `14-title-${handle}`);
      const box = await page.getByRole("button", { name: "Add to cart" }).boundingBox();
      assert.ok(box.y < PHONE.height * 1.25, `the button of ${handle} is far down: ${box.y}`);
      await page.getByRole("button", { name: "Add to cart" }).click();
      await page.getByText("Added to your cart.").waitFor();
    }
    await page.goto(store.url("/cart"));
    assert.deepEqual(await sticking(page, ".cart-lines .amount, .cart-lines h2"), []);
    await screenshot(page, "14-title-cart");
    await page.getByRole("button", { name: "Go to checkout" }).click();
    await page.waitForURL(/\/checkout\/chk_/);
    assert.deepEqual(await sticking(page, ".items .amount, .items .name"), []);
    await page.goto(store.url(`/search?q=${"W".repeat(200)}`));
    await screenshot(page, "14-title-search");
    const heading = await page.getByRole("heading", { level: 1 }).boundingBox();
    assert.ok(heading.height < PHONE.height / 3, `the heading of a long search is ${heading.height} high`);
    assertNoComplaints(page);
  } finally {
    await browser.stop();
    await store.stop();
  }
});

test("one who asks too often reads a page in a plain style", async () => {
  const limits = { ARGOSY_EDGE__RATE_LIMIT_PER_MINUTE: "1", ARGOSY_EDGE__RATE_LIMIT_BURST: "1" };
  const store = await startStore({ env: limits });
  const browser = await startBrowser();
  try {
    const page = await browser.page({ viewport: PHONE });
    await page.goto(store.url("/robots.txt"));
    const answer = await page.goto(store.url("/"));
    assert.equal(answer.status(), 429);
    assert.ok(Number(answer.headers()["retry-after"]) > 0);
    await page.getByRole("heading", { name: "One moment, please" }).waitFor();
    await assertAccessible(page);
    await screenshot(page, "15-refused");
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).display), "grid", "the style is allowed");
    const faults = page.complaints.filter((complaint) => !complaint.includes("status of 429"));
    assert.deepEqual(faults, []);
  } finally {
    await browser.stop();
    await store.stop();
  }
});
