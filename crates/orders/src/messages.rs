//! From what is stored to what the contract says.

use argosy_contracts::{
    common::Notice,
    orders::{Checkout as WireCheckout, Order as WireOrder, OrderEvent, OrderLine, PaymentAttempt},
    pricing::Quote,
};

use crate::{
    domain::{Checkout, Order},
    store::StoredOrder,
};

pub(crate) fn checkout(checkout: Checkout, quote: Option<Quote>, notices: Vec<Notice>) -> WireCheckout {
    let attempts = checkout.tries.into_iter().map(|attempted| PaymentAttempt {
        intent_id: attempted.intent_id.to_string(),
        provider: attempted.provider,
        state: attempted.state,
        failure_reason: attempted.failure_reason,
        failure_text: attempted.failure_text,
        time_ms: attempted.at.as_millis(),
    });
    let (order_id, order_key) = checkout.order.map(|(id, key)| (id.to_string(), key)).unwrap_or_default();
    WireCheckout {
        id: checkout.id.to_string(),
        cart_id: checkout.cart_id.to_string(),
        status: checkout.status.as_str().to_owned(),
        email: checkout.contact.email,
        shipping_address: checkout.contact.shipping_address,
        billing_address: checkout.contact.billing_address,
        shipping_option_id: checkout.shipping_option_id.unwrap_or_default(),
        quote,
        notices,
        attempts: attempts.collect(),
        order_id,
        order_key,
        action_url: checkout.action_url,
        expires_at_ms: checkout.expires_at.as_millis(),
    }
}

pub(crate) fn order(stored: StoredOrder) -> WireOrder {
    let StoredOrder { order, status, events } = stored;
    let lines = order.quote.lines.iter().map(|line| OrderLine {
        ordered: line.quantity,
        current: line.quantity,
        fulfilled: 0,
        returned: 0,
        line: Some(line.clone()),
    });
    let events = events.into_iter().map(|event| OrderEvent {
        time_ms: event.time_ms,
        kind: event.kind,
        text: event.text,
    });
    WireOrder {
        id: order.id.to_string(),
        number: order.number.to_string(),
        checkout_id: order.checkout_id.to_string(),
        status,
        payment_status: order.payment_status.as_str().to_owned(),
        fulfilment_status: fulfilment_status(&order).to_owned(),
        lines: lines.collect(),
        shipping: order.shipping().cloned(),
        events: events.collect(),
        key: order.key,
        email: order.contact.email,
        shipping_address: order.contact.shipping_address,
        billing_address: order.contact.billing_address,
        person_id: order.person_id.map(|id| id.to_string()).unwrap_or_default(),
        currency: order.quote.currency,
        discounts: order.quote.discounts,
        trace: order.quote.trace,
        tax_lines: order.quote.tax_lines,
        tax_notes: order.quote.tax_notes,
        totals: order.quote.totals,
        total: order.quote.total,
        tax_included: order.quote.tax_included,
        payment_instructions: order.payment_instructions,
        placed_at_ms: order.placed_at.as_millis(),
    }
}

fn fulfilment_status(order: &Order) -> &'static str {
    if order.quote.requires_shipping { "unfulfilled" } else { "not_needed" }
}
