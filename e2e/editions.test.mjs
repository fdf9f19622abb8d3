// The shop in another language and another currency, from the switch in the footer to an order.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
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

async function look(page, name) {
  await assertAccessible(page);
  assertNoComplaints(page);
  await screenshot(page, name);
}

for (const [name, viewport] of Object.entries({ desk: DESKTOP, phone: PHONE })) {
  test(`a visitor chooses German and buys in it (${name})`, async () => {
    const page = await browser.page({ viewport });
    await page.goto(store.url("/products/harbour-mug"));
    await page.getByRole("navigation", { name: "Language" }).getByRole("link", { name: "Deutsch" }).click();
    await page.waitForURL(store.url("/de/products/harbour-mug"));
    assert.equal(await page.locator("html").getAttribute("lang"), "de");
    assert.match(await page.locator(".big-price").textContent(), /\d,\d\d\u00a0€/);
    await look(page, `german-product-${name}`);

    await page.getByRole("button", { name: "In den Warenkorb" }).click();
    await page.getByText("Liegt im Warenkorb.").waitFor();
    await page.getByRole("link", { name: "Zum Warenkorb" }).click();
    await page.waitForURL(store.url("/de/cart"));
    await look(page, `german-cart-${name}`);
    await page.getByRole("button", { name: "Zur Kasse" }).click();
    await page.waitForURL(/\/de\/checkout\/chk_/);
    await page.getByRole("button", { name: /zahlungspflichtig bestellen/ }).click();
    assert.equal(await page.evaluate(() => document.activeElement.name), "email", "the browser asks for what is missing");

    await page.getByLabel("E-Mail").fill("ann@example.com");
    const address = page.getByRole("group", { name: "Lieferadresse" });
    const ann = { "Vor- und Nachname": "Ann Sailor", "Straße und Hausnummer": "Kai 1", Postleitzahl: "24103", Ort: "Kiel" };
    for (const [label, value] of Object.entries(ann)) await address.getByLabel(label).fill(value);
    await address.getByLabel(/Telefon/).focus();
    await page.locator("[name=shipping_option]").first().waitFor();
    await page.getByText("Standardversand").first().waitFor();
    await look(page, `german-checkout-${name}`);

    await page.getByLabel("Was die Testkarte tut").selectOption("tok_needs_action");
    await page.getByRole("button", { name: /zahlungspflichtig bestellen/ }).click();
    await page.waitForURL(/\/de\/checkout\/test-bank\//);
    await page.getByRole("button", { name: "Bestätigen" }).click();
    await page.waitForURL(/\/de\/orders\/ord_/);
    await page.getByText("Vielen Dank für Ihre Bestellung").waitFor();
    await page.getByText("Die Bestellung ist eingegangen.").waitFor();
    await look(page, `german-order-${name}`);
  });
}

test("a cart that is filled in euros is paid in dollars if its owner wants", async () => {
  const page = await browser.page({ javascript: false });
  await page.goto(store.url("/products/harbour-mug"));
  await page.getByRole("button", { name: "Add to cart" }).click();
  await page.waitForURL(store.url("/cart"));
  assert.match(await page.locator(".sums .total").textContent(), /€/);
  await page.getByRole("navigation", { name: "Currency" }).getByRole("link", { name: "USD" }).click();
  await page.waitForURL(store.url("/en-usd/cart"));
  await page.getByText("Your cart is in EUR.").waitFor();
  await look(page, "cart-other-currency");
  await page.getByRole("button", { name: "Show it in USD" }).click();
  await page.waitForURL(store.url("/en-usd/cart"));
  assert.match(await page.locator(".sums .total").textContent(), /\$/);
  assert.equal(await page.getByText("Your cart is in").count(), 0);
});
