// A card that is remembered on this device: at the till, at the next one, and on the page of saved cards. The test card needs
// no JavaScript, so all of it is gone through with and without.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DESKTOP, PHONE, assertAccessible, screenshot, startBrowser, startStore } from "./harness.mjs";

const ADDRESS = { "Full name": "Ann Sailor", "Street and number": "Quay 1", "Postal code": "24103", "Town or city": "Kiel" };
const WAYS = [
  { name: "phone", viewport: PHONE, javascript: true },
  { name: "desk-plain", viewport: DESKTOP, javascript: false },
];

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

/** A full cart's checkout, filled in until it says what delivery costs. */
async function toCheckout(page, way) {
  await page.goto(store.url("/search"));
  const addresses = await page.locator(".card-title a").evaluateAll((links) => links.map((link) => link.href));
  for (const address of addresses) {
    await page.goto(address);
    if (await page.getByRole("button", { name: "Add to cart" }).count()) break;
  }
  await page.getByRole("button", { name: "Add to cart" }).click();
  if (way.javascript) {
    await page.getByText("Added to your cart.").waitFor();
    await page.getByRole("link", { name: "View cart" }).click();
  }
  await page.waitForURL(store.url("/cart"));
  await page.getByRole("button", { name: "Go to checkout" }).click();
  await page.waitForURL(/\/checkout\/chk_/);
  await page.getByLabel("E-mail").fill("ann@example.com");
  const address = page.getByRole("group", { name: /address/ });
  for (const [label, value] of Object.entries(ADDRESS)) await address.getByLabel(label).fill(value);
  if (way.javascript) await address.getByLabel(/Phone/).focus();
  else await page.getByRole("button", { name: "Update delivery and total" }).click();
  await page.locator("[name=shipping_option]").first().waitFor();
}

async function pay(page) {
  await page.getByRole("button", { name: /^Pay/ }).click();
  await page.waitForURL(/\/orders\/ord_/);
  await page.getByText("Thank you for your order").waitFor();
}

for (const way of WAYS) {
  test(`a card is remembered, pays again and is removed (${way.name})`, async () => {
    const page = await browser.page(way);
    await toCheckout(page, way);
    await page.getByLabel("What the test card does").selectOption("tok_ok");
    const box = page.getByLabel("Remember this card on this device");
    assert.equal(await box.isChecked(), false, "nothing is remembered unasked");
    await box.check();
    await pay(page);

    await toCheckout(page, way);
    const saved = page.getByLabel(/^Visa ···· 4242/);
    assert.equal(await saved.isChecked(), true, "what was saved is chosen first");
    await assertAccessible(page);
    await screenshot(page, `wallet-1-checkout-${way.name}`);
    await pay(page);

    await page.goto(store.url("/wallet"));
    await page.getByRole("heading", { name: "Saved cards" }).waitFor();
    await assertAccessible(page);
    await screenshot(page, `wallet-2-page-${way.name}`);
    await page.getByRole("button", { name: /^Remove Visa/ }).click();
    await page.getByText("No card is saved on this device.").waitFor();

    await page.getByLabel("What the test card does").selectOption("tok_needs_action");
    await page.getByRole("button", { name: "Save this card" }).click();
    await page.getByRole("button", { name: "Approve" }).click();
    await page.getByText("The card is saved.").waitFor();
    await page.getByText(/^Visa ···· 3155/).waitFor();
    const [wallet] = (await page.context().cookies()).filter((cookie) => cookie.name === "argosy_wallet");
    assert.equal(wallet.httpOnly, true, "no script reads the wallet's key");
    await page.close();
  });
}
