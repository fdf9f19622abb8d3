// A store to buy in and a browser to buy with.
//
//   const store = await startStore();        // the real binary, a fresh data folder, a free port
//   const browser = await startBrowser();    // the system's Chromium, a fresh profile
//   const page = await browser.page({ javascript: false, viewport: PHONE });
//   await page.goto(store.url("/"));
//   await assertAccessible(page);            // axe-core, readable violations
//
// ARGOSY_BIN names the binary and ARGOSY_CHROMIUM the browser; `cargo xtask test --only browser` sets both.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { setting, withinTime } from "./store.mjs";

export { startStore } from "./store.mjs";

export const DESKTOP = { width: 1280, height: 900 };
export const TABLET = { width: 768, height: 1024 };
export const PHONE = { width: 390, height: 844 };

const ARTIFACTS = fileURLToPath(new URL("./artifacts/", import.meta.url));
const PAGE_TIME_MAX_MS = 15_000;

const CHROMIUM_ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A browser; each of its pages has its own cookies. */
export async function startBrowser() {
  const executablePath = setting("ARGOSY_CHROMIUM", "/usr/bin/chromium");
  const profile = await mkdtemp(join(tmpdir(), "argosy-chromium-"));
  const browser = await chromium.launch({
    executablePath,
    args: CHROMIUM_ARGUMENTS,
    env: { ...process.env, HOME: profile, XDG_CONFIG_HOME: profile, XDG_CACHE_HOME: profile },
  });
  return {
    async page({ javascript = true, viewport = DESKTOP } = {}) {
      const context = await browser.newContext({ javaScriptEnabled: javascript, viewport, locale: "en-GB" });
      context.setDefaultTimeout(PAGE_TIME_MAX_MS);
      const page = await context.newPage();
      page.javascript = javascript;
      page.complaints = [];
      page.on("pageerror", (error) => page.complaints.push(`script error: ${error.message}`));
      page.on("console", (message) => {
        if (message.type() === "error") page.complaints.push(`console: ${message.text()}`);
      });
      return page;
    },
    async stop() {
      await browser.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** Fails with each accessibility rule that the page breaks, and where. */
export async function assertAccessible(page) {
  const violations = await axeViolations(page);
  assert.deepEqual(violations, [], `${page.url()} is not accessible:\n${violations.join("\n")}`);
}

/** Fails if a script threw or the console (Content-Security-Policy included) reported an error. */
export function assertNoComplaints(page) {
  assert.deepEqual(page.complaints, [], `${page.url()} complains:\n${page.complaints.join("\n")}`);
}

/** Keeps a picture of the page in e2e/artifacts. */
export async function screenshot(page, name) {
  await mkdir(ARTIFACTS, { recursive: true });
  await page.screenshot({ path: join(ARTIFACTS, `${name}.png`), fullPage: true });
}

// axe runs through the debugger, so a strict Content-Security-Policy stays in force and a page without scripts is
// checked as its visitor sees it. Without scripts no timer fires: axe's short ones, which only yield, run at once.
const TIMERS_WITHOUT_SCRIPTS = `
  window.setTimeout = (work, delay = 0) => { if (delay < 100) Promise.resolve().then(work); return 0; };
`;
const RUN_AXE = `axe.run(document, { resultTypes: ["violations"], preload: false }).then(({ violations }) =>
  violations.map(({ id, impact, help, nodes }) => ({
    id, impact, help, targets: nodes.map(({ target }) => target.join(" ")),
  })))`;

async function axeViolations(page) {
  const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  const timers = page.javascript ? "" : TIMERS_WITHOUT_SCRIPTS;
  const session = await page.context().newCDPSession(page);
  const answer = session.send("Runtime.evaluate", {
    expression: `${timers}${axe};${RUN_AXE}`,
    awaitPromise: true,
    returnByValue: true,
  });
  assert.ok(await withinTime(answer, PAGE_TIME_MAX_MS), `axe did not end within ${PAGE_TIME_MAX_MS} ms`);
  const { result, exceptionDetails } = await answer;
  assert.equal(exceptionDetails, undefined, `axe failed: ${JSON.stringify(exceptionDetails)}`);
  return result.value.map(
    ({ id, impact, help, targets }) => `  ${id} (${impact}): ${help}\n    ${targets.join("\n    ")}`,
  );
}
