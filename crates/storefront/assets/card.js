// The payment provider's own fields: the card is typed into them, goes to the provider, and we get a token for it.

const said = (place, text) => {
  const error = place.querySelector("[data-card-error]");
  error.textContent = text ?? "";
  error.hidden = !text;
};

const start = (place) => {
  const away = place.querySelector("[data-card-error]").dataset.cardError;
  if (typeof Stripe === "undefined") return said(place, away);
  const stripe = Stripe(place.dataset.card, { locale: document.documentElement.lang });
  const style = getComputedStyle(place);
  const card = stripe.elements().create("card", {
    hidePostalCode: true,
    style: { base: { color: style.color, fontFamily: style.fontFamily, fontSize: style.fontSize } },
  });
  card.mount(place.querySelector("[data-card-field]"));
  card.on("change", ({ error }) => said(place, error?.message));

  const form = place.closest("form");
  const token = place.querySelector("[data-card-token]");
  const isChosen = () => form.elements.payment.value?.startsWith(`${token.name.slice("token.".length)}:`);
  // Before all others: what is not sent yet must not count as sent.
  form.addEventListener("submit", async (event) => {
    if (!["pay", "add"].includes(event.submitter?.value) || !isChosen() || token.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter;
    if (button.disabled) return;
    button.disabled = true;
    try {
      const name = form.elements["shipping.name"]?.value || undefined;
      const made = await stripe.createPaymentMethod({ type: "card", card, billing_details: { name } });
      if (made.error) return said(place, made.error.message);
      token.value = made.paymentMethod.id;
    } catch {
      return said(place, away);
    } finally {
      button.disabled = false;
    }
    form.requestSubmit(button);
  });
  // A token is good for one try.
  addEventListener("pageshow", () => (token.value = ""));
};
for (const place of document.querySelectorAll("[data-card]")) start(place);

// A bank that opens its window on a page of ours.
const action = document.querySelector("[data-card-action]");
if (action) {
  const back = () => location.assign(action.dataset.back);
  if (typeof Stripe === "undefined") back();
  else Stripe(action.dataset.cardAction).handleNextAction({ clientSecret: action.dataset.secret }).then(back, back);
}
