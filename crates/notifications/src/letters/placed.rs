//! The confirmation of an order.

use argosy_kernel::Result;

use super::{
    Kind,
    parts::{Writer, address_lines},
};
use crate::mail::Mail;

pub(super) fn confirmation(writer: &Writer<'_>) -> Result<Mail> {
    let order = writer.order;
    let address = order.shipping_address.as_ref();
    let addressee = address.or(order.billing_address.as_ref()).map(|address| address.name.clone());
    let name = addressee.unwrap_or_else(|| writer.words.say("dear-customer"));
    let lines = order.lines.iter().filter_map(|line| {
        let sold = line.line.as_ref()?;
        Some(writer.line(line, sold.quantity, sold.total.as_ref()))
    });
    let mut sums = writer.sums(&order.totals)?;
    if order.payments.len() > 1 {
        for payment in &order.payments {
            sums.push(writer.payment(payment)?);
        }
    }
    let mut notices = match order.payment_instructions.as_str() {
        "" => Vec::new(),
        instructions => vec![writer.words.translated("", instructions)],
    };
    notices.extend(writer.awaited());
    let title = if writer.is_collected() { "collected-by" } else { "deliver-to" };
    Ok(Mail {
        lines: lines.collect::<Result<_>>()?,
        sums,
        notices,
        address_title: writer.words.say(title),
        address: address.map(address_lines).unwrap_or_default(),
        ..writer.begin(Kind::OrderConfirmation, &[("name", &name)])
    })
}
