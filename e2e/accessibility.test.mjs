// The check itself is checked: a test that can't fail is a defect.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PHONE, assertAccessible, startBrowser } from "./harness.mjs";

const POLICY = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'">`;
const BARE = (body) =>
  `<!doctype html><html lang="en"><head>${POLICY}<title>A page</title></head><body><main><h1>A page</h1>${body}</main></body></html>`;

let browser;

before(async () => {
  browser = await startBrowser();
});

after(async () => browser?.stop());

for (const javascript of [true, false]) {
  test(`a clean page passes, with JavaScript ${javascript ? "on" : "off"}`, async () => {
    const page = await browser.page({ javascript, viewport: PHONE });
    await page.setContent(BARE(`<p>Nothing wrong here.</p>`));
    await assertAccessible(page);
  });

  test(`an image without words is found, with JavaScript ${javascript ? "on" : "off"}`, async () => {
    const page = await browser.page({ javascript });
    await page.setContent(BARE(`<img src="data:,">`));
    await assert.rejects(assertAccessible(page), /image-alt \(critical\)[\s\S]*img/);
  });
}
