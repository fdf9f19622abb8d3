import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startStore } from "./harness.mjs";

let store;

before(async () => {
  store = await startStore();
});

after(async () => store?.stop());

test("a store that serves says that it is alive and ready", async () => {
  for (const path of ["/healthz", "/readyz"]) {
    const answer = await fetch(store.url(path));
    assert.equal(answer.status, 200, path);
  }
});
