//! Checkouts beside their orders.

use argosy_contracts::orders::{CheckoutInBooks, OrderInBooks};
use argosy_kernel::Result;

use crate::{
    Books, ctx,
    difference::{Look, Rule},
    stretches::{behind, each},
};

const LOST: Rule = ("order-lost", "look for its payment; place the order by hand or give the money back");
const UNFINISHED: Rule = ("checkout-not-completed", "its order stands; the checkout may be closed");
const STUCK: Rule = ("checkout-stuck", "no attempt works on it: the buyer must begin a new checkout");
const BUSY: Rule = ("checkout-busy", "an attempt goes on beside a checkout that does not wait for it");
const NAMED: Rule = ("order-not-named", "its buyer does not find the order; compare checkout and order");
const PLACED: Rule = ("order-placed-events", "compare the order's events with its facts");
const ATTEMPT: Rule =
    ("order-without-attempt", "nobody knows how the order came about; look for its payment");
const PAID: Rule = ("order-captured-events", "compare the order's events with its payment");
const TOTALS: Rule = ("order-totals", "compare the order's lines with what was paid");

const LEDGER: Rule = ("order-ledger", "an entry of the order's ledger does not add up; look what wrote it");
const OPENING: Rule = ("order-opening", "compare the first entry of the order's ledger with its total");
const STEPS: Rule = (
    "order-step-stuck",
    "see that `orders` runs and why its log says that a step of the order cannot be done",
);

pub(crate) async fn compare(books: &Books, look: &mut Look) -> Result<()> {
    let read = async |after| {
        let stretch = books.orders.read_checkouts(&ctx(), behind(after)).await?;
        Ok((stretch.checkouts, stretch.next))
    };
    each(read, |checkout| compare_checkout(&checkout, look)).await?;
    let read = async |after| {
        let stretch = books.orders.read_orders(&ctx(), behind(after)).await?;
        Ok((stretch.orders, stretch.next))
    };
    each(read, |order| compare_order(&order, look)).await
}

fn compare_checkout(checkout: &CheckoutInBooks, look: &mut Look) {
    look.compared.checkouts += 1;
    let CheckoutInBooks { id, status, order_id, attempts_open } = checkout;
    match (status.as_str(), order_id.is_empty()) {
        ("completed", true) => look.note(LOST, id, "an order", "none"),
        ("completed", false) | (_, true) => {}
        (_, false) => look.note(UNFINISHED, id, format!("completed, because of {order_id}"), status),
    }
    let waits = matches!(status.as_str(), "completing" | "needs_buyer");
    match (waits, *attempts_open) {
        (true, 1) | (false, 0) => {}
        (true, 0) => look.note(STUCK, id, format!("an attempt, because it is {status}"), "none"),
        (true, open) => look.note(BUSY, id, "one open attempt", open.to_string()),
        (false, open) => look.note(BUSY, id, format!("no open attempt of {status}"), open.to_string()),
    }
}

fn compare_order(order: &OrderInBooks, look: &mut Look) {
    look.compared.orders += 1;
    let id = order.id.as_str();
    if order.checkout_order_id != order.id {
        let found = if order.checkout_order_id.is_empty() { "none" } else { &order.checkout_order_id };
        look.note(NAMED, id, format!("named by {}", order.checkout_id), found);
    }
    if order.attempts == 0 {
        look.note(ATTEMPT, id, format!("an attempt of {}", order.checkout_id), "none");
    }
    look.expect(PLACED, id, 1, order.placed_events);
    let total = order.total.as_ref().map_or(0, |total| total.minor);
    let paid = i64::from(order.payment_status == "captured" && total != 0);
    look.expect(PAID, id, paid, order.captured_events);
    let added = order.totals.iter().filter(|line| !matches!(line.kind.as_str(), "total" | "tax_included"));
    let added: i64 = added.filter_map(|line| line.amount.as_ref()).map(|amount| amount.minor).sum();
    look.expect(TOTALS, id, total, added);
    look.expect(STEPS, id, 0, order.steps_forgotten);
    if let Some(ledger) = &order.ledger {
        look.expect(LEDGER, id, 0, ledger.entries_unbalanced.max(ledger.sum.abs()));
        look.expect(OPENING, id, total, ledger.opened);
    }
}
