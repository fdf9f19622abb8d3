//! An order as its buyer sees it.

use argosy_contracts::{
    common::Address,
    media::SoldFile,
    orders::{Order, OrderLine},
};
use argosy_kernel::{Result, Timestamp};
use serde::Serialize;

use super::{
    aftersales::{AfterView, Sent},
    cart::LineView,
    money::{SumLine, sum_lines, tax_notes},
    wrap::WrapView,
};
use crate::{edition::Edition, language::Words, regions::Regions};

#[derive(Debug, Serialize)]
struct EventView {
    time: String,
    machine_time: String,
    text: String,
}

/// A file to save.
#[derive(Debug, Serialize)]
struct FileView {
    name: String,
    size: String,
    url: String,
}

/// An order's page.
#[derive(Debug, Serialize)]
pub(crate) struct OrderPage {
    number: String,
    email: String,
    placed: String,
    status: String,
    payment_status: String,
    fulfilment_status: String,
    lines: Vec<LineView>,
    sums: Vec<SumLine>,
    tax_included: bool,
    tax_notes: Vec<String>,
    /// The buyer collects it.
    is_collected: bool,
    shipping_title: String,
    shipping_address: Vec<String>,
    billing_address: Vec<String>,
    events: Vec<EventView>,
    payment_instructions: String,
    after: AfterView,
    /// What came with what was bought.
    files: Vec<FileView>,
    /// It was placed just now: thank for it.
    is_new: bool,
}

impl OrderPage {
    pub(crate) fn of(order: &Order, is_new: bool, sent: &Sent<'_>, edition: &Edition) -> Result<Self> {
        let words = &*edition.words;
        let line = |of: &OrderLine| -> Option<Result<LineView>> {
            let line = of.line.as_ref()?;
            let wrap = WrapView::told(&line.line_id, &order.fees, &of.wrap_message, edition);
            Some(wrap.and_then(|wrap| {
                let view = LineView::of(line, edition)?.waiting(of.awaited.as_ref(), words);
                Ok(LineView { wrap, ..view })
            }))
        };
        let lines = order.lines.iter().filter_map(line);
        Ok(Self {
            number: order.number.clone(),
            email: order.email.clone(),
            placed: date(order.placed_at_ms, words),
            status: words.say(status(&order.status)),
            payment_status: words.say(payment_status(&order.payment_status)),
            fulfilment_status: words.say(fulfilment_status(&order.fulfilment_status)),
            lines: lines.collect::<Result<Vec<_>>>()?,
            sums: sum_lines(&order.totals, words)?,
            tax_included: order.tax_included,
            tax_notes: tax_notes(&order.tax_notes, words),
            is_collected: order.shipping.as_ref().is_some_and(|option| !option.pickup_location_id.is_empty()),
            shipping_title: order
                .shipping
                .as_ref()
                .map(|option| words.translated("", &option.title))
                .unwrap_or_default(),
            shipping_address: address_lines(order.shipping_address.as_ref(), words),
            billing_address: address_lines(order.billing_address.as_ref(), words),
            events: order.events.iter().map(|one| event(one, words)).collect(),
            payment_instructions: words.translated("", &order.payment_instructions),
            after: AfterView::of(order, sent, edition)?,
            files: Vec::new(),
            is_new,
        })
    }

    /// With the files that the buyer may have.
    pub(crate) fn with_files(self, files: &[SoldFile], order: &Order, edition: &Edition) -> Self {
        let file = |file: &SoldFile| FileView {
            name: file.name.clone(),
            size: size(file.size_bytes, &edition.words),
            url: edition.path(&format!("/orders/{}/files/{}?key={}", order.id, file.id, order.key)),
        };
        Self { files: files.iter().map(file).collect(), ..self }
    }
}

fn event(event: &argosy_contracts::orders::OrderEvent, words: &Words) -> EventView {
    EventView {
        time: moment(event.time_ms, words),
        machine_time: Timestamp::from_millis(event.time_ms).to_string(),
        text: words.translated(&event.kind, &event.text),
    }
}

/// How large a file is, in the steps that people know.
fn size(bytes: u64, words: &Words) -> String {
    let (unit, name) = match bytes {
        0..1_000_000 => (1_000, "kB"),
        1_000_000..1_000_000_000 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    };
    let tenths = bytes.saturating_mul(10).div_ceil(unit).max(1);
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} {name}"),
        (whole, tenth) => format!("{whole}{}{tenth} {name}", words.decimal_point),
    }
}

fn status(status: &str) -> &'static str {
    match status {
        "completed" => "order-completed",
        "canceled" => "order-canceled",
        _ => "order-in-progress",
    }
}

fn payment_status(status: &str) -> &'static str {
    match status {
        "captured" => "payment-captured",
        "authorised" => "payment-authorised",
        "refunded" => "payment-refunded",
        "voided" => "payment-voided",
        _ => "payment-awaited",
    }
}

fn fulfilment_status(status: &str) -> &'static str {
    match status {
        "fulfilled" => "fulfilment-sent",
        "partially_fulfilled" => "fulfilment-partly",
        "not_needed" => "fulfilment-not-needed",
        _ => "fulfilment-prepared",
    }
}

fn address_lines(address: Option<&Address>, words: &Words) -> Vec<String> {
    let Some(address) = address else { return Vec::new() };
    let town = format!("{} {}", address.postal_code, address.city);
    let country = words.country(&address.country);
    let region = Regions::name_of(&address.country, &address.region);
    [&address.name, &address.company, &address.line1, &address.line2, town.trim(), region, country]
        .into_iter()
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

/// `22 November 2026`, `22. November 2026`.
fn date(time_ms: i64, words: &Words) -> String {
    let Some(at) = Timestamp::from_millis(time_ms).to_datetime() else { return String::new() };
    let (day, month, year) = (at.day().to_string(), u8::from(at.month()), at.year().to_string());
    words.say_with("date", [("day", day.into()), ("month", month.into()), ("year", year.into())])
}

/// `22 November 2026, 14:05 UTC`.
pub(super) fn moment(time_ms: i64, words: &Words) -> String {
    let Some(at) = Timestamp::from_millis(time_ms).to_datetime() else { return String::new() };
    let time = format!("{:02}:{:02}", at.hour(), at.minute());
    words.say_with("moment", [("date", date(time_ms, words).into()), ("time", time.into())])
}
