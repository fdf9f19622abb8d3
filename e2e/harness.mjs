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
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 390, height: 844 };

const ARTIFACTS = fileURLToPath(new URL("./artifacts/", import.meta.url));
const READY_TIME_MAX_MS = 30_000;
const STOP_TIME_MAX_MS = 15_000;
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

/** A running store. Stop it in the end: `await store.stop()`. */
export class Store {
  #child;
  #folder;
  #origin;
  #exited;

  constructor(child, folder, origin) {
    this.#child = child;
    this.#folder = folder;
    this.#origin = origin;
    this.#exited = once(child, "exit");
  }

  url(path) {
    return new URL(path, this.#origin).href;
  }

  /** The folder that the store keeps everything in. */
  get dataFolder() {
    return join(this.#folder, "data");
  }

  get running() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Runs another command on this store's data, such as `import products FILE`. */
  async command(...words) {
    const arguments_ = [...words, "--data", this.dataFolder];
    await promisify(execFile)(setting("ARGOSY_BIN"), arguments_, { cwd: this.#folder, env: { HOME: this.#folder } });
  }

  async log() {
    return readFile(join(this.#folder, "argosy.log"), "utf8");
  }

  /** Ends the process the way an operator does, and removes its data. A store that must be killed has failed. */
  async stop() {
    const log = await this.log();
    const wasRunning = this.running;
    let stoppedItself = true;
    if (wasRunning) {
      this.#child.kill("SIGTERM");
      stoppedItself = await withinTime(this.#exited, STOP_TIME_MAX_MS);
      if (!stoppedItself) {
        this.#child.kill("SIGKILL");
        await this.#exited;
      }
    }
    await rm(this.#folder, { recursive: true, force: true });
    assert.ok(wasRunning, `the store ended before the test did; its log:\n${log}`);
    assert.ok(stoppedItself, `the store did not stop within ${STOP_TIME_MAX_MS} ms of SIGTERM; its log:\n${log}`);
  }
}

/** Starts the binary on a fresh data folder and waits until it can serve. */
export async function startStore({ args = [], env = {} } = {}) {
  const binary = setting("ARGOSY_BIN");
  const folder = await mkdtemp(join(tmpdir(), "argosy-e2e-"));
  const address = `127.0.0.1:${await freePort()}`;
  const log = createWriteStream(join(folder, "argosy.log"));
  await once(log, "open");
  const child = spawn(binary, ["serve", "--data", join(folder, "data"), "--listen", address, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, ...env },
    stdio: ["ignore", log, log],
  });
  await once(child, "spawn");
  const store = new Store(child, folder, `http://${address}`);
  if (!(await becomesReady(store))) {
    const what = store.running ? `was not ready within ${READY_TIME_MAX_MS} ms` : "ended at once";
    const text = await store.log();
    if (store.running) child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
    throw new Error(`the store ${what}; its log:\n${text}`);
  }
  return store;
}

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

async function becomesReady(store) {
  const deadline = Date.now() + READY_TIME_MAX_MS;
  while (store.running && Date.now() < deadline) {
    const answer = await fetch(store.url("/readyz")).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.status === 200) return true;
    await delay(50);
  }
  return false;
}

async function freePort() {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

async function withinTime(promise, limitMs) {
  const timer = new AbortController();
  const done = await Promise.race([
    promise.then(() => true),
    delay(limitMs, false, { signal: timer.signal }).catch(() => false),
  ]);
  timer.abort();
  return done;
}

function setting(name, fallback) {
  const value = process.env[name] ?? fallback;
  assert.ok(value, `${name} is not set; run \`cargo xtask test --only browser\``);
  return value;
}
