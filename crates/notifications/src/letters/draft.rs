//! An order that the shop put together, with the link that it is paid by.

use argosy_contracts::orders::{Draft, Order, OrderLine};
use argosy_kernel::Result;

use super::{
    Kind,
    parts::{Writer, address_lines},
};
use crate::mail::{Link, Mail};

/// A draft as if it were an order, whose key is that of its link. None if it is over, since nothing can be paid of it, or if it
/// is nobody's by now: what is written to nobody could not be forgotten.
pub(crate) fn as_order(draft: Draft) -> Option<Order> {
    let is_to_be_paid = !draft.link_key.is_empty() && !draft.person_id.is_empty();
    let checkout = draft.checkout.filter(|_| is_to_be_paid)?;
    let quote = checkout.quote.unwrap_or_default();
    let chosen = quote.shipping_options.iter().find(|option| option.id == quote.shipping_option_id);
    let awaited = |id: &str| quote.awaited.iter().find(|awaited| awaited.line_id == id).cloned();
    let lines = quote.lines.iter().map(|line| OrderLine {
        awaited: awaited(&line.line_id),
        line: Some(line.clone()),
        ..OrderLine::default()
    });
    Some(Order {
        id: draft.id,
        key: draft.link_key,
        lines: lines.collect(),
        shipping: chosen.cloned(),
        email: checkout.email,
        language: checkout.language,
        shipping_address: checkout.shipping_address,
        billing_address: checkout.billing_address,
        person_id: draft.person_id,
        totals: quote.totals,
        ..Order::default()
    })
}

pub(super) fn payment_link(writer: &Writer<'_>) -> Result<Mail> {
    let order = writer.order;
    let lines = order.lines.iter().filter_map(|line| {
        let sold = line.line.as_ref()?;
        Some(writer.line(line, sold.quantity, sold.total.as_ref()))
    });
    let address = order.shipping_address.as_ref().filter(|_| !writer.is_collected());
    let shop = writer.shop.url.trim_end_matches('/');
    // The storefront shows it in that language, if it has it.
    let url = format!("{shop}/pay?key={}&in={}", order.key, writer.words.tag);
    Ok(Mail {
        order: String::new(),
        lines: lines.collect::<Result<_>>()?,
        sums: writer.sums(&order.totals)?,
        notices: writer.awaited(),
        address_title: writer.words.say("deliver-to"),
        address: address.map(address_lines).unwrap_or_default(),
        links: vec![Link { label: writer.words.say("payment_link-pay"), url }],
        ..writer.begin(Kind::PaymentLink, &[])
    })
}
