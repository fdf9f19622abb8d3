import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { startStore } from "../store.mjs";
import { PROXIES, ask, eventually, startOrigin } from "./proxies.mjs";

const LASTING = "public, max-age=600";

/** The first products of the shop, as the store API lists them. */
async function productsOf(store) {
  let items = [];
  await eventually("the demo shop has products", async () => {
    const answer = await ask(store.url("/"), "/store/products?limit=2");
    items = JSON.parse(answer.body).items ?? [];
    return items.length === 2;
  });
  return items;
}

for (const [name, start] of Object.entries(PROXIES)) {
  describe(`${name} before a shop`, () => {
    let store, proxy, products;

    before(async () => {
      store = await startStore({ env: { ARGOSY_EDGE__TRUSTED_PROXIES: '["127.0.0.1/32"]' } });
      products = await productsOf(store);
      proxy = await start(store.url("/"));
    });
    after(async () => {
      await proxy?.stop();
      if (store?.running) await store.stop();
    });

    test("a page and an answer are kept for the second time", async () => {
      const { id, handle } = products[0];
      for (const path of [`/products/${handle}`, `/store/products/${id}`, "/"]) {
        await eventually(`${path} is kept`, async () => {
          const [first, second] = [await proxy.ask(path), await proxy.ask(path)];
          assert.deepEqual([first.status, second.status], [200, 200]);
          assert.deepEqual(second.body, (await ask(store.url("/"), path)).body);
          return second.cache === "HIT";
        });
      }
    });

    test("what has its content in its name is kept for long", async () => {
      const page = (await proxy.ask("/")).body.toString();
      const [path] = page.match(/\/assets\/shop\.[0-9a-f]+\.css/);
      await proxy.ask(path);
      assert.equal((await proxy.ask(path)).cache, "HIT");
    });

    test("who has a page already is told so", async () => {
      const path = `/products/${products[0].handle}`;
      const { etag } = (await proxy.ask(path)).headers;
      const again = await proxy.ask(path, { "if-none-match": etag });
      assert.deepEqual([again.status, again.body.length], [304, 0]);
    });

    test("a cart and a checkout are never kept, nor shown to somebody else", async () => {
      const variant = products[0].variants[0].id;
      const body = JSON.stringify({ lines: [{ variant_id: variant, quantity: 1 }] });
      const json = { "content-type": "application/json", "content-length": body.length };
      const made = await proxy.ask("/store/carts", json, { method: "POST", body });
      assert.equal(made.status, 201);
      const cart = JSON.parse(made.body).id;
      const mine = { cookie: `argosy_cart=${cart}` };
      for (const path of [`/store/carts/${cart}`, "/cart", "/cart/count", "/checkout"]) {
        for (const answer of [await proxy.ask(path, mine), await proxy.ask(path, mine)]) {
          assert.ok(["PASS", "BYPASS"].includes(answer.cache), `${path}: ${answer.cache}`);
        }
      }
      const { title } = products[0];
      assert.ok((await proxy.ask("/cart", mine)).body.includes(title));
      assert.ok(!(await proxy.ask("/cart")).body.includes(title));
    });

    test("a page that was filled by one with a cart is the same for all", async () => {
      const form = `variant=${products[0].variants[0].id}&quantity=1`;
      const kind = { "content-type": "application/x-www-form-urlencoded", "content-length": form.length };
      const added = await proxy.ask("/cart/lines", kind, { method: "POST", body: form });
      const cookie = added.headers["set-cookie"].map((one) => one.split(";")[0]).join("; ");
      const path = `/products/${products[1].handle}`;
      const [theirs, ours] = [await proxy.ask(path, { cookie }), await proxy.ask(path)];
      assert.deepEqual(ours.body, theirs.body);
      assert.equal(ours.headers["set-cookie"], undefined);
    });

    test("currencies do not mix", async () => {
      const path = `/store/products/${products[0].id}?currency=`;
      for (const currency of ["EUR", "USD", "EUR", "USD"]) {
        const { body } = await proxy.ask(path + currency);
        assert.equal(JSON.parse(body).variants[0].price.currency, currency);
      }
    });

    test("compressed and plain do not mix", async () => {
      const path = `/products/${products[0].handle}`;
      for (const encoding of ["gzip, br", "identity", "gzip;q=0", "br, gzip", "identity"]) {
        const { headers, body } = await proxy.ask(path, { "accept-encoding": encoding });
        const compressed = headers["content-encoding"] === "gzip";
        assert.equal(compressed, /gzip(?!;q=0)/.test(encoding), encoding);
        assert.match((compressed ? gunzipSync(body) : body).toString(), /^<!doctype html>/i);
      }
    });

    test("what is for whoever runs the shop stays inside", async () => {
      for (const path of ["/metrics", "/healthz", "/readyz"]) {
        assert.equal((await proxy.ask(path)).status, 404, path);
      }
    });

    if (name === "varnish") {
      test("a purge by key forgets a product, and only that", async () => {
        const [path, other] = products.map(({ id }) => `/store/products/${id}`);
        const key = { "surrogate-key": products[0].id };
        // The other one is fetched before and asked after: were it time that made the difference, it would be gone too.
        await eventually("the one is gone and the other is there", async () => {
          await proxy.ask(other);
          await proxy.ask(path);
          const kept = (await proxy.ask(path)).cache;
          const purged = await proxy.ask("/", key, { method: "PURGE" });
          assert.equal(purged.status, 200);
          const [gone, there] = [(await proxy.ask(path)).cache, (await proxy.ask(other)).cache];
          return kept === "HIT" && gone === "MISS" && there === "HIT";
        });
      });

      test("a purge names its keys properly", async () => {
        for (const key of ["", "prod_1|.*", "a  b"]) {
          const answer = await proxy.ask("/", { "surrogate-key": key }, { method: "PURGE" });
          assert.equal(answer.status, 400, key);
        }
      });
    }

    test("what was seen is shown while the shop is away, and a cart is not made up", async () => {
      const { id, handle } = products[1];
      const paths = [`/products/${handle}`, `/store/products/${id}`];
      const seen = [];
      for (const path of paths) seen.push((await proxy.ask(path)).body);
      await store.kill();
      for (const [index, path] of paths.entries()) {
        // Until it is older than a cache may show while the shop answers.
        await eventually(`${path} is old`, async () => {
          const answer = await proxy.ask(path);
          assert.equal(answer.status, 200, path);
          assert.deepEqual(answer.body, seen[index]);
          return answer.cache === "STALE" || Number(answer.headers.age) >= 3;
        });
      }
      const cart = await proxy.ask("/cart");
      assert.ok(cart.status >= 502 && cart.status <= 504, `${cart.status}`);
    });
  });

  describe(`${name} before a server that is careless`, () => {
    async function between(answer, story) {
      const origin = await startOrigin(answer);
      const proxy = await start(origin.url);
      try {
        await story(proxy, origin.asked);
      } finally {
        await proxy.stop();
        await origin.stop();
      }
    }

    test("what sets a cookie is not kept, even if it says that it may be", async () => {
      const careless = () => ({ headers: { "cache-control": LASTING, "set-cookie": "a=1" }, body: "page" });
      await between(careless, async (proxy, asked) => {
        await proxy.ask("/products/mug");
        await proxy.ask("/products/mug");
        assert.equal(asked.length, 2);
      });
    });

    test("a private path is not kept, even if it says that it may be", async () => {
      const careless = () => ({ headers: { "cache-control": LASTING }, body: "page" });
      await between(careless, async (proxy, asked) => {
        for (const path of ["/cart", "/checkout/chk_1", "/orders/ord_1?key=1", "/store/carts/cart_1"]) {
          asked.length = 0;
          await proxy.ask(path);
          await proxy.ask(path);
          assert.equal(asked.length, 2, path);
        }
      });
    });

    test("what does not say that it may be kept is not", async () => {
      for (const said of [undefined, "no-store", "private, max-age=600", "no-cache"]) {
        const careless = () => ({ headers: said ? { "cache-control": said } : {}, body: "page" });
        await between(careless, async (proxy, asked) => {
          await proxy.ask("/products/mug");
          await proxy.ask("/products/mug");
          assert.equal(asked.length, 2, said);
        });
      }
    });

    test("shops of two names, in two languages, do not mix", async () => {
      const echo = ({ headers }) => ({ headers: { "cache-control": LASTING }, body: `${headers.host}` });
      await between(echo, async (proxy, asked) => {
        for (const host of ["shop.example", "laden.example", "shop.example", "laden.example"]) {
          assert.equal((await proxy.ask("/", { host })).body.toString(), host);
        }
        assert.equal(asked.length, 2);
      });
    });

    test("the shop learns who asks", async () => {
      await between(() => ({ body: "page" }), async (proxy, asked) => {
        await proxy.ask("/", { "x-forwarded-for": "203.0.113.9" });
        assert.equal(asked[0].headers["x-forwarded-for"].replaceAll(" ", ""), "203.0.113.9,127.0.0.1");
      });
    });

    test("whose limits and request they were is not told to the next", async () => {
      const told = { "ratelimit-remaining": "7", "surrogate-key": "a", "cache-control": LASTING };
      await between(() => ({ headers: told, body: "page" }), async (proxy) => {
        await proxy.ask("/");
        const { cache, headers } = await proxy.ask("/");
        assert.equal(cache, "HIT");
        assert.deepEqual([headers["ratelimit-remaining"], headers["surrogate-key"]], [undefined, undefined]);
      });
    });
  });
}
