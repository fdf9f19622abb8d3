//! An order as its buyer sees it.

use argosy_contracts::{common::Address, orders::Order};
use argosy_kernel::{Result, Timestamp};
use serde::Serialize;

use super::{
    cart::LineView,
    money::{SumLine, sum_lines},
};
use crate::countries;

#[derive(Debug, Serialize)]
struct EventView {
    time: String,
    machine_time: String,
    text: String,
}

/// An order's page.
#[derive(Debug, Serialize)]
pub(crate) struct OrderPage {
    number: String,
    email: String,
    placed: String,
    status: &'static str,
    payment_status: &'static str,
    fulfilment_status: &'static str,
    lines: Vec<LineView>,
    sums: Vec<SumLine>,
    tax_included: bool,
    shipping_title: String,
    shipping_address: Vec<String>,
    billing_address: Vec<String>,
    events: Vec<EventView>,
    payment_instructions: String,
    /// It was placed just now: thank for it.
    is_new: bool,
}

impl OrderPage {
    pub(crate) fn of(order: &Order, is_new: bool) -> Result<Self> {
        let lines = order.lines.iter().filter_map(|line| line.line.as_ref()).map(LineView::of);
        Ok(Self {
            number: order.number.clone(),
            email: order.email.clone(),
            placed: date(order.placed_at_ms),
            status: status(&order.status),
            payment_status: payment_status(&order.payment_status),
            fulfilment_status: fulfilment_status(&order.fulfilment_status),
            lines: lines.collect::<Result<Vec<_>>>()?,
            sums: sum_lines(&order.totals)?,
            tax_included: order.tax_included,
            shipping_title: order.shipping.as_ref().map(|option| option.title.clone()).unwrap_or_default(),
            shipping_address: address_lines(order.shipping_address.as_ref()),
            billing_address: address_lines(order.billing_address.as_ref()),
            events: order.events.iter().map(event).collect(),
            payment_instructions: order.payment_instructions.clone(),
            is_new,
        })
    }
}

fn event(event: &argosy_contracts::orders::OrderEvent) -> EventView {
    EventView {
        time: moment(event.time_ms),
        machine_time: Timestamp::from_millis(event.time_ms).to_string(),
        text: event.text.clone(),
    }
}

fn status(status: &str) -> &'static str {
    match status {
        "completed" => "Completed",
        "canceled" => "Cancelled",
        _ => "In progress",
    }
}

fn payment_status(status: &str) -> &'static str {
    match status {
        "captured" => "Paid",
        "authorised" => "Authorised",
        "refunded" => "Refunded",
        _ => "Awaiting payment",
    }
}

fn fulfilment_status(status: &str) -> &'static str {
    match status {
        "fulfilled" => "Sent",
        "partially_fulfilled" => "Partly sent",
        "not_needed" => "Nothing to send",
        _ => "Being prepared",
    }
}

fn address_lines(address: Option<&Address>) -> Vec<String> {
    let Some(address) = address else { return Vec::new() };
    let town = format!("{} {}", address.postal_code, address.city);
    let country = countries::name_of(&address.country);
    [&address.name, &address.company, &address.line1, &address.line2, town.trim(), &address.region, country]
        .into_iter()
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

/// `22 November 2026`.
fn date(time_ms: i64) -> String {
    let shown = Timestamp::from_millis(time_ms).to_datetime();
    shown.map_or(String::new(), |at| format!("{} {} {}", at.day(), at.month(), at.year()))
}

/// `22 November 2026, 14:05 UTC`.
fn moment(time_ms: i64) -> String {
    let shown = Timestamp::from_millis(time_ms).to_datetime();
    shown.map_or(String::new(), |at| format!("{}, {:02}:{:02} UTC", date(time_ms), at.hour(), at.minute()))
}
