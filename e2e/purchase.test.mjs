// The whole way from the home page to an order, as people go it: with a phone or a desk in front of them, with and
// without JavaScript. Every page on the way is checked with axe.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DESKTOP, PHONE, TABLET, assertAccessible, screenshot, startBrowser, startStore } from "./harness.mjs";

const ADDRESS = { "Full name": "Ann Sailor", "Street and number": "Quay 1", "Postal code": "24103", "Town or city": "Kiel" };
const WAYS = [
  { name: "phone", viewport: PHONE, javascript: true },
  { name: "tablet", viewport: TABLET, javascript: true },
  { name: "desk", viewport: DESKTOP, javascript: true },
  { name: "phone-plain", viewport: PHONE, javascript: false },
  { name: "tablet-plain", viewport: TABLET, javascript: false },
  { name: "desk-plain", viewport: DESKTOP, javascript: false },
];

let store;
let browser;

before(async () => {
  // All buyers come from one place, and some of their cards are bad.
  const unlimited = ["ADDRESS", "DEVICE", "NETWORK", "GOODS"].map((of) => [`ARGOSY_ORDERS__RISK__DECLINES_PER_${of}_MAX`, "0"]);
  store = await startStore({ env: { ARGOSY_PAYMENTS__GIFT_CARDS: "true", ...Object.fromEntries(unlimited) } });
  await store.says("the demo shop is open");
  browser = await startBrowser();
});

after(async () => {
  await browser?.stop();
  await store?.stop();
});

/** A form that is sent back with what is wrong is a 422, which the console reports: that is no fault. */
function assertQuiet(page) {
  const faults = page.complaints.filter((complaint) => !complaint.includes("status of 422"));
  assert.deepEqual(faults, [], `${page.url()} complains:\n${faults.join("\n")}`);
}

async function look(page, way, name) {
  await assertAccessible(page);
  assertQuiet(page);
  const { wide, width } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    width: document.documentElement.clientWidth,
  }));
  assert.ok(wide <= width, `${page.url()} scrolls sideways: ${wide} > ${width}`);
  await screenshot(page, `${name}-${way.name}`);
}

/** Goes to a product that can be bought. */
async function toProduct(page) {
  await page.goto(store.url("/search"));
  const addresses = await page.locator(".card-title a").evaluateAll((links) => links.map((link) => link.href));
  assert.ok(addresses.length > 0, "the demo shop has products");
  for (const address of addresses) {
    await page.goto(address);
    if (await page.getByRole("button", { name: "Add to cart" }).count()) return;
  }
  assert.fail("no product on the first page can be bought");
}

async function addToCart(page, way) {
  await page.getByRole("button", { name: "Add to cart" }).click();
  if (way.javascript) {
    await page.getByText("Added to your cart.").waitFor();
    await page.getByRole("link", { name: "View cart" }).click();
  }
  await page.waitForURL(store.url("/cart"));
}

/** Opens the checkout of a full cart and fills it in until it says what delivery costs. */
async function fillIn(page, way) {
  await page.getByRole("button", { name: "Go to checkout" }).click();
  await page.waitForURL(/\/checkout\/chk_/);
  await page.getByLabel("E-mail").fill("ann@example.com");
  const address = page.getByRole("group", { name: /address/ });
  for (const [label, value] of Object.entries(ADDRESS)) await address.getByLabel(label).fill(value);
  if (way.javascript) await address.getByLabel(/Phone/).focus();
  else await page.getByRole("button", { name: "Update delivery and total" }).click();
  await page.locator("[name=shipping_option]").first().waitFor();
}

const pay = (page) => page.getByRole("button", { name: /^Pay/ });
const payWith = async (page, token) => {
  await page.getByLabel("What the test card does").selectOption(token);
  await pay(page).click();
};

async function orderNumber(page) {
  await page.waitForURL(/\/orders\/ord_/);
  await page.getByText("Thank you for your order").waitFor();
  return Number((await page.getByRole("heading", { level: 1 }).textContent()).replace(/\D/g, ""));
}

for (const way of WAYS) {
  test(`a purchase from the home page to the order (${way.name})`, async () => {
    const page = await browser.page(way);
    await page.goto(store.url("/"));
    await look(page, way, "1-home");
    const department = page.getByRole("navigation", { name: "Departments" }).getByRole("link").first();
    if (await department.count()) {
      await department.click();
      await look(page, way, "2-category");
    }
    await page.goto(store.url("/search?q=zzzzzzzz"));
    await page.getByText("Nothing found").waitFor();
    await look(page, way, "3-nothing-found");
    await toProduct(page);
    await look(page, way, "4-product");
    await addToCart(page, way);
    await look(page, way, "5-cart");

    await page.getByRole("spinbutton").first().fill("2");
    if (way.javascript) await page.getByRole("spinbutton").first().blur();
    else await page.getByRole("button", { name: "Update quantities" }).click();
    await page.locator(".cart-lines input[value='2']").waitFor();
    await page.getByLabel("Discount code").fill("NO-SUCH-CODE");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.locator(".code.refused").waitFor();
    await look(page, way, "6-cart-code-refused");
    await page.getByRole("button", { name: /Remove code/ }).click();
    await page.locator(".code.refused").waitFor({ state: "detached" });

    await fillIn(page, way);
    await look(page, way, "7-checkout");
    await payWith(page, "tok_declined");
    await page.getByRole("link", { name: /declined/ }).waitFor();
    assert.equal(await page.getByLabel("E-mail").inputValue(), "ann@example.com");
    await look(page, way, "8-declined");
    await payWith(page, "tok_ok");
    assert.ok((await orderNumber(page)) > 0);
    await look(page, way, "9-order");

    await page.goto(store.url("/cart"));
    await page.getByText("Your cart is empty").waitFor();
    await look(page, way, "10-empty-cart");
  });

  test(`a wrong field is named at the field and keeps its input (${way.name})`, async () => {
    const page = await browser.page(way);
    await toProduct(page);
    await addToCart(page, way);
    await fillIn(page, way);
    await page.getByLabel("E-mail").fill("ann@nowhere");
    await pay(page).click();
    const email = page.getByLabel("E-mail");
    await page.locator("#email[aria-invalid=true]").waitFor();
    assert.equal(await email.inputValue(), "ann@nowhere");
    await look(page, way, "11-wrong-field");
  });
}

for (const way of [WAYS[0], WAYS[3]]) {
  test(`law 4: a double click on pay places one order (${way.name})`, async () => {
    const numbers = [];
    for (const press of ["dblclick", "click"]) {
      const page = await browser.page(way);
      await toProduct(page);
      await addToCart(page, way);
      await fillIn(page, way);
      await page.getByLabel("What the test card does").selectOption("tok_slow");
      await pay(page)[press]({ noWaitAfter: true });
      numbers.push(await orderNumber(page));
    }
    assert.equal(numbers[1], numbers[0] + 1, "the next order has the next number");
  });

  test(`the bank asks: declined there, then approved (${way.name})`, async () => {
    const page = await browser.page(way);
    await toProduct(page);
    await addToCart(page, way);
    await fillIn(page, way);
    await payWith(page, "tok_needs_action");
    await page.getByRole("heading", { name: "Test bank" }).waitFor();
    await look(page, way, "12-bank");
    await page.getByRole("button", { name: "Decline" }).click();
    await page.getByRole("link", { name: /declined/ }).waitFor();
    await payWith(page, "tok_needs_action");
    await page.getByRole("button", { name: "Approve" }).click();
    assert.ok((await orderNumber(page)) > 0);
  });
}

for (const way of [WAYS[0], WAYS[3]]) {
  test(`a gift card pays beside a card, and another one alone (${way.name})`, async () => {
    const code = (letter) => `GIFTCARD${letter.repeat(4)}${way.javascript ? "WITH" : "BARE"}`;
    await store.command("gift-cards", "issue", "1.00", "EUR", "--code", code("A"));
    await store.command("gift-cards", "issue", "100000.00", "EUR", "--code", code("B"));
    const page = await browser.page(way);
    const apply = async (typed) => {
      await page.getByLabel(/Code of the gift card/).fill(typed);
      await page.getByRole("button", { name: "Apply gift card" }).click();
    };
    for (const letter of ["A", "B"]) {
      await toProduct(page);
      await addToCart(page, way);
      await fillIn(page, way);
      await apply("GIFTCARDTHATISNONE");
      await page.locator("#gift_code[aria-invalid=true]").waitFor();
      const before = await pay(page).textContent();
      await apply(code(letter));
      const line = page.locator(".summary .gift", { hasText: "Gift card ····" });
      await line.waitFor();
      assert.ok(!page.url().includes("GIFT"), "no code stands in an address");
      await look(page, way, `14-gift-card-${letter}`);
      if (letter === "A") {
        assert.notEqual(await pay(page).textContent(), before, "the button says what is left");
        await page.getByRole("button", { name: /Remove Gift card/ }).click();
        await line.waitFor({ state: "detached" });
        await apply(code(letter));
        await line.waitFor();
        await payWith(page, "tok_declined");
        await page.getByRole("link", { name: /declined/ }).waitFor();
        await line.waitFor();
        await payWith(page, "tok_ok");
      } else {
        await page.getByRole("button", { name: "Order and pay by gift card" }).click();
      }
      assert.ok((await orderNumber(page)) > 0);
      await page.getByText("Gift card ····").first().waitFor();
      await look(page, way, `15-order-by-gift-card-${letter}`);
    }
  });
}

for (const way of [WAYS[0], WAYS[3]]) {
  test(`what is due is paid on the order's page (${way.name})`, async () => {
    const page = await browser.page(way);
    await toProduct(page);
    await addToCart(page, way);
    await fillIn(page, way);
    await page.getByRole("radio", { name: /Bank transfer/ }).check();
    await pay(page).click();
    await orderNumber(page);
    const due = page.getByRole("heading", { name: /Still to pay/ });
    await due.waitFor();
    await look(page, way, "16-due");
    await payWith(page, "tok_declined");
    await page.getByText(/declined/).first().waitFor();
    await look(page, way, "17-due-declined");
    await payWith(page, "tok_ok");
    await due.waitFor({ state: "detached" });
    await look(page, way, "18-due-paid");
  });
}

test("errors are pages in the look of the shop", async () => {
  const way = WAYS[0];
  const page = await browser.page(way);
  for (const [path, status] of [["/nothing", 404], ["/products/nothing", 404], ["/orders/ord_x?key=x", 404]]) {
    page.complaints.length = 0;
    const answer = await page.goto(store.url(path));
    assert.equal(answer.status(), status, path);
    await page.getByRole("link", { name: "To the home page" }).waitFor();
    page.complaints.length = 0;
    await look(page, way, `13-error-${status}`);
  }
});
