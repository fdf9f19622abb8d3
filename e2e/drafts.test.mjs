// An order that the shop puts together: sent as a link, looked through and paid in a browser that knows the shop or not.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DESKTOP, PHONE, assertAccessible, assertNoComplaints, screenshot, startBrowser, startStore } from "./harness.mjs";

const ADDRESS = { name: "Ann Sailor", line1: "Quay 1", postal_code: "24103", city: "Kiel", country: "DE" };

let store;
let browser;
let mug;

before(async () => {
  store = await startStore();
  await store.says("the demo shop is open");
  browser = await startBrowser();
  const product = await (await fetch(store.url("/store/products/harbour-mug"))).json();
  mug = product.variants.find((variant) => variant.available).sku;
});

after(async () => {
  await browser?.stop();
  await store?.stop();
});

/** Staff put two mugs together for Ann; answers the draft and its link, as the test reaches it. */
async function sent() {
  const file = join(store.dataFolder, "..", "address.json");
  await writeFile(file, JSON.stringify(ADDRESS));
  const wanted = ["--line", `${mug}=2`, "--email", "ann@example.com", "--address", file];
  const told = await store.command("orders", "draft", "create", ...wanted, "--note", "Rang up.");
  const draft = told.match(/dft_\w+/)[0];
  const option = told.match(/\n.? (\S+) {2}Standard shipping/)[1];
  await store.command("orders", "draft", "change", draft, "--shipping", option);
  await store.command("orders", "draft", "send", draft);
  const { pathname, search } = new URL((await store.command("orders", "draft", "link", draft)).trim());
  return { draft, link: store.url(pathname + search) };
}

for (const { name, viewport, javascript } of [
  { name: "desk", viewport: DESKTOP, javascript: true },
  { name: "phone-plain", viewport: PHONE, javascript: false },
]) {
  test(`an order that the shop put together is paid by its link (${name})`, async () => {
    const { draft, link } = await sent();
    const page = await browser.page({ viewport, javascript });
    await page.goto(store.url("/products/storm-lantern"));
    await page.getByRole("button", { name: "Add to cart" }).click();
    if (javascript) await page.getByText("Added to your cart.").waitFor();

    await page.goto(link);
    await page.waitForURL(/\/checkout\/chk_/);
    await page.getByText("We have put this order together for you").waitFor();
    assert.equal(await page.getByLabel("E-mail").inputValue(), "ann@example.com");
    assert.equal(await page.getByText("Rang up.").count(), 0, "what staff note is theirs");
    await assertAccessible(page);
    await screenshot(page, `draft-${name}`);

    // The shop changes it while its buyer looks at it.
    await store.command("orders", "draft", "change", draft, "--line", `${mug}=3`);
    await page.getByRole("button", { name: /^Pay/ }).click();
    await page.getByText("We have changed this order since you last saw it").waitFor();
    await assertAccessible(page);
    page.complaints = page.complaints.filter((complaint) => !complaint.includes("status of 422"));

    await page.getByRole("button", { name: /^Pay/ }).click();
    await page.waitForURL(/\/orders\/ord_/);
    await page.goto(store.url("/cart"));
    await page.getByText("Storm lantern").first().waitFor();

    await page.goto(link);
    await page.getByRole("heading", { name: "This order has been placed" }).waitFor();
    await assertAccessible(page);
    await screenshot(page, `draft-placed-${name}`);
    await store.command("audit");
    if (javascript) assertNoComplaints(page);
  });
}

test("two tabs pay one draft once, and what is dropped is paid by nobody", async () => {
  const { link } = await sent();
  const tabs = await Promise.all([browser.page(), browser.page()]);
  await Promise.all(tabs.map((tab) => tab.goto(link)));
  await Promise.all(tabs.map((tab) => tab.getByRole("button", { name: /^Pay/ }).click()));
  await Promise.all(tabs.map((tab) => tab.waitForURL(/\/orders\/ord_/)));
  const orders = tabs.map((tab) => new URL(tab.url()).pathname);
  assert.equal(orders[0], orders[1]);

  const dropped = await sent();
  await store.command("orders", "draft", "drop", dropped.draft);
  await tabs[0].goto(dropped.link);
  await tabs[0].getByRole("heading", { name: "This order was withdrawn" }).waitFor();
  await store.command("audit");
});
