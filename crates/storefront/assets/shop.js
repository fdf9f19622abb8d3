// What JavaScript adds to pages that work without it. No framework, no third party, no state of its own.

const cookie = (name) => document.cookie.split("; ").some((one) => one.startsWith(`${name}=`));
const page = async (url, options) => new DOMParser().parseFromString(await (await fetch(url, options)).text(), "text/html");

// The number beside the cart: it is in no page, because pages are the same for everybody.
const showCount = (count) => {
  for (const badge of document.querySelectorAll("[data-cart-count]")) {
    badge.textContent = count > 99 ? "99+" : count;
    badge.hidden = !count;
    badge.setAttribute("aria-label", badge.dataset.cartCount.replace("#", count));
  }
};
const refreshCount = async () => {
  if (!cookie("argosy_has_cart")) return;
  const answer = await fetch(`${document.querySelector(".cart-link").pathname}/count`, { headers: { accept: "application/json" } });
  if (answer.ok) showCount((await answer.json()).count);
};
refreshCount().catch(() => {});
addEventListener("pageshow", (event) => event.persisted && refreshCount().catch(() => {}));

// The cart as a drawer: what the cart's page shows, beside the page that one is on.
const cartLink = document.querySelector(".cart-link");
const drawer = document.querySelector("[data-drawer]");
const fillDrawer = (cart) => {
  const fresh = cart.querySelector("[data-cart]");
  if (!fresh) return location.assign(cartLink.href);
  const name = drawer.contains(document.activeElement) ? document.activeElement.name : null;
  drawer.querySelector("[data-drawer-cart]").replaceChildren(fresh);
  if (name) drawer.querySelector(`[name="${CSS.escape(name)}"]`)?.focus();
};
const openDrawer = async (isAdded) => {
  fillDrawer(await page(cartLink.href));
  drawer.querySelector(".added").hidden = !isAdded;
  if (!drawer.open) drawer.showModal();
};
drawer?.addEventListener("click", (event) => event.target === drawer && drawer.close());
drawer?.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method !== "post" || new URL(form.action).pathname !== cartLink.pathname) return;
  event.preventDefault();
  event.stopPropagation();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  drawer.querySelector(".added").hidden = true;
  try {
    fillDrawer(await page(form.action, { method: "POST", body }));
    await refreshCount();
  } catch {
    location.assign(cartLink.href);
  }
});

// Adding to the cart without leaving the page. Each press has a key, so that a repeated request adds once.
const add = async (form) => {
  const button = form.querySelector("button");
  const status = form.querySelector("[data-added]");
  const key = form.elements.key ?? form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name: "key" }));
  key.value = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
  const body = new URLSearchParams(new FormData(form));
  button.disabled = true;
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { accept: "application/json" } });
    const { count, error } = await answer.json();
    if (answer.ok) showCount(count);
    if (answer.ok && drawer) {
      status.hidden = true;
      return await openDrawer(true).catch(() => location.assign(cartLink.href));
    }
    status.hidden = false;
    status.classList.toggle("error", !answer.ok);
    const said = status.querySelector("[data-message]");
    said.textContent = answer.ok ? said.dataset.message : (error ?? said.dataset.failed);
  } catch {
    form.submit();
  } finally {
    button.disabled = false;
  }
};

// Another variant: only the product changes, the place on the page stays.
const swap = async (url, keep) => {
  const next = (await page(url)).querySelector("[data-swap-region]");
  const region = document.querySelector("[data-swap-region]");
  if (!next || !region) return location.assign(url);
  const label = document.activeElement?.textContent;
  region.replaceWith(next);
  if (keep) history.replaceState(null, "", url);
  [...next.querySelectorAll("[data-swap]")].find((one) => one.textContent === label)?.focus({ preventScroll: true });
};

addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (link.hasAttribute("data-swap")) {
    event.preventDefault();
    swap(link.href, true).catch(() => location.assign(link.href));
  } else if (link === cartLink && drawer) {
    event.preventDefault();
    openDrawer(false).catch(() => location.assign(cartLink.href));
  } else if (link.hasAttribute("data-compare")) {
    event.preventDefault();
    const handles = [...remembered("compare").filter((one) => one !== link.dataset.compare), link.dataset.compare].slice(-4);
    location.assign(`${link.pathname}?handles=${handles.join(",")}`);
  } else if (link.hasAttribute("data-thumb")) {
    const picture = document.querySelector(link.hash);
    if (!picture) return;
    event.preventDefault();
    picture.parentElement.scrollTo({ left: picture.offsetLeft - picture.parentElement.offsetLeft });
  }
});

addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-add]")) {
    event.preventDefault();
    add(form);
    return;
  }
  // The second press of a double click sends nothing. The server would not mind either: the form has a key.
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) delete form.dataset.sent;
});

// Filters, sorting and quantities apply themselves.
addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-auto]") && event.target.checkValidity()) form.requestSubmit();
  if (!form?.matches("[data-checkout]")) return;
  const country = event.target.name?.endsWith(".country") ? countryChanged(form, event.target).catch(() => {}) : null;
  Promise.resolve(country).then(() => priceAgain(form, event.target)).catch(() => {});
});
for (const form of document.querySelectorAll("form[data-auto][action]")) {
  form.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) if (value === "" && !name.startsWith("quantity.")) formData.delete(name);
  });
}

// Another country has other fields: its regions, or no postal code.
const countryChanged = async (form, select) => {
  const [prefix] = select.name.split(".");
  const next = await page(`${form.getAttribute("action")}?${prefix}=${select.value}`);
  const country = form.querySelector(`[data-field="${select.name}"]`);
  for (const part of ["postal_code", "region"]) {
    const of = (place) => place.querySelector(`[data-field="${prefix}.${part}"]`);
    const [fresh, old] = [of(next), of(form)];
    const [input, written] = [fresh?.querySelector("input"), old?.querySelector("input")];
    if (input && written) input.value = written.value;
    if (fresh && old) old.replaceWith(fresh);
    else if (old) old.remove();
    else if (fresh && part === "region") country.before(fresh);
    else if (fresh) form.querySelector(`[data-field="${prefix}.city"]`).before(fresh);
  }
};

// Once the address is complete, delivery and total are worked out while the buyer goes on.
let pricing = 0;
const priceAgain = async (form, changed) => {
  const address = [...form.querySelectorAll("[data-address] :is(input, select)")];
  const isDelivery = changed.name === "shipping_option";
  if (!isDelivery && !address.includes(changed)) return;
  const complete = address.every((one) => one.checkValidity());
  if (!isDelivery && !complete) return;
  const body = new URLSearchParams(new FormData(form));
  const email = form.elements.email;
  if (!email.checkValidity()) body.set("email", "");
  body.set("action", "update");
  // A code that is still being typed is applied by its own button.
  body.delete("gift_code");
  const turn = ++pricing;
  const pay = form.querySelector("[data-live=pay]");
  pay.setAttribute("aria-busy", "true");
  try {
    const next = await page(form.getAttribute("action"), { method: "POST", body });
    if (turn !== pricing) return;
    const focused = document.activeElement?.name === "shipping_option";
    for (const old of form.querySelectorAll("[data-live]")) {
      const fresh = next.querySelector(`[data-live=${old.dataset.live}]`);
      if (fresh) old.replaceWith(fresh);
    }
    if (focused) form.querySelector("[name=shipping_option]:checked")?.focus();
  } finally {
    pay.removeAttribute("aria-busy");
  }
};

document.querySelector("[data-focus]")?.focus();

// What a visitor compares and looked at stays in the browser; where it may keep nothing, nothing is kept.
const remembered = (name) => {
  try {
    return JSON.parse(localStorage.getItem(`argosy_${name}`)) ?? [];
  } catch {
    return [];
  }
};
const remember = (name, handles) => {
  try {
    localStorage.setItem(`argosy_${name}`, JSON.stringify(handles));
  } catch {}
};
const compared = document.querySelector("[data-compared]")?.dataset.compared;
if (compared !== undefined) remember("compare", compared.split(",").filter(Boolean));

const recent = document.querySelector("[data-recent]");
if (recent) {
  const others = remembered("recent").filter((handle) => handle !== recent.dataset.recent);
  remember("recent", [recent.dataset.recent, ...others].slice(0, 8));
  const root = cartLink.pathname.replace(/\/cart$/, "");
  const show = async () => {
    const cards = (await page(`${root}/products?handles=${others.slice(0, 4).join(",")}`)).querySelector(".grid");
    if (!cards?.children.length) return;
    recent.append(cards);
    recent.hidden = false;
  };
  if (others.length) show().catch(() => {});
}

// Suggestions while somebody types, with what was typed marked.
const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const marked = (part, typed) => {
  if (!part.trim() || !typed.some((word) => fold(part).startsWith(word))) return part;
  const mark = document.createElement("mark");
  mark.textContent = part;
  return mark;
};
const search = document.querySelector("[data-suggest]");
if (search) {
  const input = search.querySelector("input");
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.hidden = true;
  search.append(list);
  let asked = 0;
  let timer;
  const suggest = async () => {
    const turn = ++asked;
    const text = input.value.trim();
    const answer = text.length > 1 ? await fetch(`${search.getAttribute("action")}/suggest?q=${encodeURIComponent(text)}`, { headers: { accept: "application/json" } }) : null;
    const links = answer?.ok ? await answer.json() : [];
    if (turn !== asked) return;
    const typed = fold(text).split(/\s+/);
    list.replaceChildren(
      ...links.map(({ title, url }) => {
        const item = document.createElement("li");
        const link = item.appendChild(document.createElement("a"));
        link.href = url;
        link.append(...title.split(/(\s+)/).map((part) => marked(part, typed)));
        return item;
      }),
    );
    list.hidden = !links.length;
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => suggest().catch(() => {}), 120);
  });
  search.addEventListener("keydown", (event) => {
    const links = [input, ...list.querySelectorAll("a")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") list.hidden = true;
    if (!step || list.hidden) return;
    event.preventDefault();
    links[(links.indexOf(document.activeElement) + step + links.length) % links.length].focus();
  });
  addEventListener("click", (event) => search.contains(event.target) || (list.hidden = true));
}
