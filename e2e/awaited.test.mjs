// Goods that come later, with their day on every page, and goods that come as a file.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { PHONE, assertAccessible, assertNoComplaints, screenshot, startBrowser, startStore } from "./harness.mjs";

const ADDRESS = { "Full name": "Ann Sailor", "Street and number": "Quay 1", "Postal code": "24103", "Town or city": "Kiel" };

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

test("a pre-order says its day on every page, and a later day must be agreed to", async () => {
  const page = await browser.page({ viewport: PHONE });
  await page.goto(store.url("/products/harbour-mug"));
  const sku = await page.locator(".facts dd").last().textContent();
  await store.command("stock", "backorder", "harbour-mug", "--sku", sku, "--expected", "2031-03-12", "--preorder", "--at-most", "400");
  await page.getByLabel("Quantity").fill("60");
  await page.getByRole("button", { name: "Add to cart" }).click();
  await page.getByText("Added to your cart.").waitFor();
  await page.goto(store.url("/cart"));
  await page.getByText(/of 60: Pre-order, sent from 12 March 2031/).waitFor();
  await assertAccessible(page);
  await screenshot(page, "preorder-cart");

  await page.getByRole("button", { name: "Go to checkout" }).click();
  await page.waitForURL(/\/checkout\/chk_/);
  await page.getByText(/of 60: Pre-order, sent from 12 March 2031/).waitFor();
  await page.getByLabel("E-mail").fill("ann@example.com");
  const fields = page.getByRole("group", { name: /address/ });
  for (const [label, value] of Object.entries(ADDRESS)) await fields.getByLabel(label).fill(value);
  await fields.getByLabel(/Phone/).focus();
  await page.getByLabel(/Standard shipping|Skarholm Post/).first().check();
  await store.command("stock", "backorder", "harbour-mug", "--sku", sku, "--expected", "2031-04-01", "--preorder", "--at-most", "400");
  await page.getByRole("button", { name: /^Pay/ }).click();
  await page.getByText(/will be sent from 1 April 2031, later than you last saw/).first().waitFor();
  page.complaints.length = 0; // the console reports the 422 with which the form comes back
  await assertAccessible(page);
  await screenshot(page, "preorder-later");
  await page.getByLabel(/agree/).check();
  await page.getByRole("button", { name: /^Pay/ }).click();
  await page.waitForURL(/\/orders\/ord_/);
  await page.getByText(/of 60: Pre-order, sent from 1 April 2031/).waitFor();
  await screenshot(page, "preorder-order");

  const address = page.url().replace("&placed=1", "");
  await store.command("stock", "backorder", "harbour-mug", "--sku", sku, "--expected", "2031-05-02", "--preorder", "--at-most", "400");
  await waitFor(page, address, /sent from 2 May 2031/);
  await page.getByText(/is expected on 2 May 2031/).waitFor();
  await assertAccessible(page);
  await store.command("audit");

  await page.goto(store.url("/products/harbour-mug"));
  await page.getByText("Pre-order, sent from 2 May 2031").waitFor();
  await page.getByRole("button", { name: "Pre-order now" }).waitFor();
  await assertAccessible(page);
  await screenshot(page, "preorder-product");
  const markup = await page.locator('script[type="application/ld+json"]').allTextContents();
  assert.ok(markup.some((text) => text.includes("schema.org/PreOrder")), "search engines are told");
  assertNoComplaints(page);
});

/** Opens a page again until it says something. */
async function waitFor(page, address, text) {
  const deadline = Date.now() + 15_000;
  do await page.goto(address);
  while ((await page.getByText(text).count()) === 0 && Date.now() < deadline);
  await page.getByText(text).first().waitFor();
}

test("a file that was bought is downloaded from the order's page", async () => {
  const page = await browser.page({ viewport: PHONE });
  const folder = await mkdtemp(join(tmpdir(), "argosy-files-"));
  const pattern = join(folder, "Tasche für den Markt.txt");
  await writeFile(pattern, "cut here\n");
  await store.command("downloads", "put", "tote-pattern", pattern);
  await page.goto(store.url("/products/tote-pattern"));
  await page.getByRole("button", { name: "Add to cart" }).click();
  await page.getByText("Added to your cart.").waitFor();
  await page.goto(store.url("/cart"));
  await page.getByRole("button", { name: "Go to checkout" }).click();
  await page.waitForURL(/\/checkout\/chk_/);
  await page.getByLabel("E-mail").fill("ann@example.com");
  await page.getByRole("button", { name: /^Pay/ }).click();
  await page.waitForURL(/\/orders\/ord_/);
  const address = page.url().replace("&placed=1", "");
  await waitFor(page, address, /Your files/);
  await assertAccessible(page);
  await screenshot(page, "files-order");
  const [saved] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Tasche für den Markt.txt" }).click(),
  ]);
  assert.equal(saved.suggestedFilename(), "Tasche für den Markt.txt");
  assert.equal(await readFile(await saved.path(), "utf8"), "cut here\n");
  const link = await page.getByRole("link", { name: "Tasche für den Markt.txt" }).getAttribute("href");
  const guessed = new URL(link, address);
  guessed.searchParams.set("key", "0".repeat(32));
  assert.equal((await page.request.get(guessed.href)).status(), 404);
  await rm(folder, { recursive: true });
  assertNoComplaints(page);
});
