// What happens to an order after it was placed: collected at a location, sent, sent back, refunded; and its invoice.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DESKTOP, PHONE, assertAccessible, assertNoComplaints, screenshot, startBrowser, startStore } from "./harness.mjs";

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

/** Buys a mug that is collected on the quay; answers the order's page as it is when it is opened again. */
async function buy(page, { javascript }) {
  await page.goto(store.url("/products/harbour-mug"));
  await page.getByRole("button", { name: "Add to cart" }).click();
  if (javascript) await page.getByText("Added to your cart.").waitFor();
  await page.goto(store.url("/cart"));
  await page.getByRole("button", { name: "Go to checkout" }).click();
  await page.waitForURL(/\/checkout\/chk_/);
  await page.getByLabel("E-mail").fill("ann@example.com");
  const address = page.getByRole("group", { name: /address/ });
  for (const [label, value] of Object.entries(ADDRESS)) await address.getByLabel(label).fill(value);
  if (javascript) await address.getByLabel(/Phone/).focus();
  else await page.getByRole("button", { name: "Update delivery and total" }).click();
  await page.getByLabel(/Collect at the shop on the quay/).check();
  if (javascript) await page.locator(".sums").getByText("Collect at the shop on the quay").waitFor();
  else await page.getByRole("button", { name: "Update delivery and total" }).click();
  await page.getByRole("button", { name: /^Pay/ }).click();
  await page.waitForURL(/\/orders\/ord_/);
  return page.url().replace("&placed=1", "");
}

for (const { name, viewport, javascript } of [
  { name: "desk", viewport: DESKTOP, javascript: true },
  { name: "phone-plain", viewport: PHONE, javascript: false },
]) {
  test(`an order is collected, sent back and refunded (${name})`, async () => {
    const page = await browser.page({ viewport, javascript });
    const address = await buy(page, { javascript });
    const number = (await page.getByRole("heading", { level: 1 }).textContent()).replace(/\D/g, "");
    await page.getByText("Collect at the shop on the quay").first().waitFor();

    await store.command("orders", "ready", number);
    await page.goto(address);
    await page.getByText("The order is ready to be collected.").waitFor();
    await store.command("orders", "fulfil", number, "--carrier", "Bike", "--tracking", "B-1");
    await page.goto(address);
    await page.getByText("1 item, Bike B-1").waitFor();
    await assertAccessible(page);
    await page.locator("summary").first().click();
    await page.getByLabel(/Harbour mug/).selectOption("1");
    await page.getByRole("button", { name: /return/i }).click();
    await page.getByText("Your return was asked for").waitFor();
    await assertAccessible(page);
    await screenshot(page, `return-${name}`);

    for (const step of ["approve", "receive", "inspect"]) await store.command("orders", "return", step, number);
    await store.command("orders", "return", "settle", number, "--resolution", "refund");
    await page.goto(address);
    await page.getByText("Refunded").first().waitFor();
    await screenshot(page, `refunded-${name}`);
    await store.command("audit");
    if (javascript) assertNoComplaints(page);
  });
}

test("an invoice is a PDF for whoever has the order's link, and for nobody else", async () => {
  const page = await browser.page();
  const address = await buy(page, { javascript: true });
  const link = await page.getByRole("link", { name: "Invoice (PDF)" }).getAttribute("href");
  const invoice = await page.request.get(new URL(link, address).href);
  assert.equal(invoice.headers()["content-type"], "application/pdf");
  assert.equal((await invoice.body()).subarray(0, 5).toString(), "%PDF-");
  const guessed = new URL(link, address);
  guessed.searchParams.set("key", "0".repeat(32));
  assert.equal((await page.request.get(guessed.href)).status(), 404);
});

test("an order that no place has alone comes in two parcels, and each place sends its own", async () => {
  const page = await browser.page({ viewport: PHONE });
  await page.goto(store.url("/products/harbour-mug"));
  await page.getByLabel("Quantity").fill("47");
  await page.getByRole("button", { name: "Add to cart" }).click();
  await page.getByText("Added to your cart.").waitFor();
  await page.goto(store.url("/cart"));
  await page.getByRole("button", { name: "Go to checkout" }).click();
  await page.waitForURL(/\/checkout\/chk_/);
  await page.getByLabel("E-mail").fill("ann@example.com");
  const fields = page.getByRole("group", { name: /address/ });
  for (const [label, value] of Object.entries(ADDRESS)) await fields.getByLabel(label).fill(value);
  await fields.getByLabel(/Phone/).focus();
  await page.getByLabel(/Standard shipping|Skarholm Post/).first().check();
  await page.getByText("Your order comes in 2 parcels.").waitFor();
  await page.getByText("Parcel 2 of 2").waitFor();
  await assertAccessible(page);
  await screenshot(page, "two-parcels-checkout");
  await page.getByRole("button", { name: /^Pay/ }).click();
  await page.waitForURL(/\/orders\/ord_/);
  await page.getByText("Still to be sent").waitFor();
  await assertAccessible(page);
  await screenshot(page, "two-parcels-order");
  await store.command("audit");
  assertNoComplaints(page);
});
