// A store to ask, without a browser: the real binary on a fresh data folder and a free port.
//
//   const store = await startStore();
//   await fetch(store.url("/"));
//   await store.stop();
//
// ARGOSY_BIN names the binary; `cargo xtask test` sets it.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

const READY_TIME_MAX_MS = 30_000;
/** The demo shop draws all its pictures before it is open. */
const SAYS_TIME_MAX_MS = 120_000;
const STOP_TIME_MAX_MS = 15_000;

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

  /** Runs another command on this store's data, such as `import products FILE`; answers what it says. */
  async command(...words) {
    const arguments_ = [...words, "--data", this.dataFolder];
    const options = { cwd: this.#folder, env: { HOME: this.#folder } };
    return (await promisify(execFile)(setting("ARGOSY_BIN"), arguments_, options)).stdout;
  }

  /** Waits until it has said something, such as "the demo shop is open". */
  async says(text) {
    const deadline = Date.now() + SAYS_TIME_MAX_MS;
    while (!(await this.log()).includes(text)) {
      assert.ok(this.running && Date.now() < deadline, `never said: ${text}; its log:\n${await this.log()}`);
      await delay(50);
    }
  }

  async log() {
    return readFile(join(this.#folder, "argosy.log"), "utf8");
  }

  /** Ends the process without a word, as a crash does, and removes its data. */
  async kill() {
    this.#child.kill("SIGKILL");
    await this.#exited;
    await rm(this.#folder, { recursive: true, force: true });
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

/** A port that is free now. */
export async function freePort() {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

/** Whether it came to pass in time. */
export async function withinTime(promise, limitMs) {
  const timer = new AbortController();
  const done = await Promise.race([
    promise.then(() => true),
    delay(limitMs, false, { signal: timer.signal }).catch(() => false),
  ]);
  timer.abort();
  return done;
}

/** What the environment says. */
export function setting(name, fallback) {
  const value = process.env[name] ?? fallback;
  assert.ok(value, `${name} is not set; run \`cargo xtask test\``);
  return value;
}
