// The real proxies on free ports, with the configurations of deploy/proxies as they are shipped, but for addresses.
//
//   const proxy = await PROXIES.nginx(store.url("/"));
//   const answer = await proxy.ask("/products/harbour-mug", { cookie: "…" });   // { status, headers, body, cache }

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../store.mjs";

const SHIPPED = fileURLToPath(new URL("../../deploy/proxies/", import.meta.url));
const UP_TIME_MAX_MS = 20_000;
const EVENTUALLY_TIME_MAX_MS = 30_000;

export const PROXIES = { nginx: startNginx, varnish: startVarnish };

/** One request, with exactly these headers, and its whole answer. */
export async function ask(origin, path, headers = {}, { method = "GET", body } = {}) {
  const sent = request(new URL(path, origin), { method, headers, agent: false });
  sent.end(body);
  const [answer] = await once(sent, "response");
  const parts = [];
  for await (const part of answer) parts.push(part);
  const { statusCode: status, headers: received } = answer;
  return { status, headers: received, body: Buffer.concat(parts), cache: received["x-cache"] };
}

/** Tries until it is as wanted, for a bounded time. */
export async function eventually(what, attempt) {
  const deadline = Date.now() + EVENTUALLY_TIME_MAX_MS;
  while (Date.now() < deadline) {
    if (await attempt()) return;
    await delay(50);
  }
  assert.fail(`it never came to pass: ${what}`);
}

/** A server that answers as it is told and counts what it is asked. */
export async function startOrigin(answer) {
  const asked = [];
  const server = createServer((incoming, outgoing) => {
    if (incoming.url === "/readyz") return outgoing.end("ok\n");
    asked.push(incoming);
    const { status = 200, headers = {}, body = "" } = answer(incoming);
    outgoing.writeHead(status, headers).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  return { url: `http://127.0.0.1:${server.address().port}/`, asked, stop };
}

async function startNginx(origin) {
  const folder = await mkdtemp(join(tmpdir(), "argosy-nginx-"));
  const port = await freePort();
  const shipped = replaced(await readFile(join(SHIPPED, "nginx.conf"), "utf8"), [
    ["server 127.0.0.1:8080;", `server ${new URL(origin).host};`],
    ["listen 80;", `listen 127.0.0.1:${port};`],
    ["/var/cache/nginx/argosy", join(folder, "cache")],
  ]);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (kind) => `${kind}_temp_path ${join(folder, kind)};`,
  );
  await writeFile(join(folder, "shop.conf"), shipped);
  await writeFile(
    join(folder, "nginx.conf"),
    `${process.getuid() === 0 ? "user root;" : ""} daemon off; worker_processes 1; pid ${join(folder, "pid")};
     events {} http { access_log off; ${temporary.join(" ")} include ${join(folder, "shop.conf")}; }`,
  );
  return run("nginx", ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", "stderr"], folder, port);
}

async function startVarnish(origin) {
  const folder = await mkdtemp(join(tmpdir(), "argosy-varnish-"));
  const port = await freePort();
  const { hostname, port: originPort } = new URL(origin);
  const shipped = replaced(await readFile(join(SHIPPED, "argosy.vcl"), "utf8"), [
    ['.host = "127.0.0.1";', `.host = "${hostname}";`],
    ['.port = "8080";', `.port = "${originPort}";`],
  ]);
  const vcl = join(folder, "argosy.vcl");
  await writeFile(vcl, shipped);
  await mkdir(join(folder, "work"));
  const listen = ["-a", `127.0.0.1:${port}`, "-T", "none", "-s", "malloc,32m", "-n", join(folder, "work")];
  return run("varnishd", ["-F", "-j", "none", "-f", vcl, ...listen], folder, port);
}

/** The text with each of these put in; one that is not there would test something else than what is shipped. */
function replaced(text, changes) {
  return changes.reduce((changed, [from, to]) => {
    assert.ok(changed.includes(from), `the configuration no longer says ${from}`);
    return changed.replaceAll(from, to);
  }, text);
}

async function run(program, words, folder, port) {
  // Where servers are is not on everybody's path.
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
  const child = spawn(program, words, { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
  const exited = once(child, "exit");
  const origin = `http://127.0.0.1:${port}/`;
  const stop = async () => {
    child.kill("SIGTERM");
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + UP_TIME_MAX_MS;
  // Its own answer, not the shop's.
  while (!(await ask(origin, "/metrics").catch(() => undefined))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`${program} did not start:\n${said}`);
    }
    await delay(50);
  }
  return { name: program, ask: (path, headers, how) => ask(origin, path, headers, how), stop };
}
