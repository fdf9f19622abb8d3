// The address form follows the country: its regions to choose from, or no postal code.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, assertNoComplaints, startBrowser, startStore } from "./harness.mjs";

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

async function toCheckout(javascript) {
  const page = await browser.page({ javascript });
  await page.goto(store.url("/products/harbour-mug"));
  await page.getByRole("button", { name: "Add to cart" }).click();
  if (javascript) await page.getByText("Added to your cart.").waitFor();
  await page.goto(store.url("/cart"));
  await page.getByRole("button", { name: "Go to checkout" }).click();
  await page.waitForURL(/\/checkout\/chk_/);
  return page;
}

const field = (page, part) => page.locator(`[name="shipping.${part}"]`);
const kinds = async (page) => ({
  region: await field(page, "region").evaluateAll(([one]) => one?.tagName ?? "none"),
  postal: await field(page, "postal_code").count(),
});

test("another country brings its fields at once, and what was typed stays", async () => {
  const page = await toCheckout(true);
  assert.deepEqual(await kinds(page), { region: "none", postal: 1 });
  await field(page, "name").fill("Ann Sailor");
  await field(page, "postal_code").fill("94105");
  await field(page, "country").selectOption("US");
  await page.locator('select[name="shipping.region"]').waitFor();
  assert.equal(await field(page, "name").inputValue(), "Ann Sailor");
  assert.equal(await field(page, "postal_code").inputValue(), "94105");
  await field(page, "region").selectOption({ label: "California" });
  await field(page, "line1").fill("1 Market Street");
  await field(page, "city").fill("San Francisco");
  await field(page, "phone").focus();
  await page.getByText("International shipping").first().waitFor();
  await assertAccessible(page);
  await field(page, "country").selectOption("HK");
  await field(page, "postal_code").waitFor({ state: "detached" });
  await field(page, "country").selectOption("DE");
  await field(page, "postal_code").waitFor();
  assert.deepEqual(await kinds(page), { region: "none", postal: 1 });
  assertNoComplaints(page);
});

test("without JavaScript the button brings them", async () => {
  const page = await toCheckout(false);
  await field(page, "country").selectOption("US");
  await field(page, "name").fill("Ann Sailor");
  await page.getByRole("button", { name: "Update delivery and total" }).click();
  await page.locator('select[name="shipping.region"]').waitFor();
  assert.equal(await field(page, "name").inputValue(), "Ann Sailor");
});
