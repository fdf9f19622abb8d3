//! An order as its buyer sees it.

use argosy_contracts::{
    common::Address,
    media::SoldFile,
    orders::{BalancePayment, Order, OrderLine, OrderPayment},
    payments::PaymentMethod,
};
use argosy_kernel::{Result, Timestamp};
use serde::Serialize;

use super::{
    Choice,
    aftersales::{AfterView, Sent},
    cart::LineView,
    checkout::{Payment, payments as payment_choices, test_tokens},
    money::{SumLine, sum_lines, tax_notes},
    saved::SavedView,
    wrap::WrapView,
};
use crate::{edition::Edition, language::Words, price, regions::Regions, request};

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
    /// By what it is paid, and how much each.
    payments: Vec<SumLine>,
    after: AfterView,
    /// What came with what was bought.
    files: Vec<FileView>,
    /// The form that pays what is due; none while nothing is, or it is being paid.
    pay: Option<PayForm>,
    running: Running,
    /// It was placed just now: thank for it.
    is_new: bool,
}

/// A payment of what is due that is not decided yet.
#[derive(Debug, Serialize)]
struct Running {
    is_there: bool,
    /// Not empty: the buyer's bank waits there.
    at_the_bank: String,
}

/// The form that pays what is due.
#[derive(Debug, Serialize)]
struct PayForm {
    path: String,
    order_key: String,
    key: String,
    due: String,
    seen_due: String,
    /// None: what is remembered pays purchases only.
    saved: Vec<SavedView>,
    payments: Vec<Payment>,
    test_tokens: Vec<Choice>,
    payment_error: String,
}

/// Whether something is due of an order that its buyer may pay now.
pub(crate) fn is_payable(order: &Order) -> bool {
    let due = order.money.as_ref().and_then(|money| money.due.as_ref()).map_or(0, |due| due.minor);
    due > 0 && order.status != "canceled" && order.payment_status != "authorised" && !is_running(order)
}

fn is_running(order: &Order) -> bool {
    order.balance.as_ref().is_some_and(|balance| balance.state == "running")
}

impl OrderPage {
    /// `methods`: by what the buyer may pay what is due.
    pub(crate) fn of(
        order: &Order,
        is_new: bool,
        (sent, methods): (&Sent<'_>, &[PaymentMethod]),
        edition: &Edition,
    ) -> Result<Self> {
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
            payments: payments(order, words)?,
            after: AfterView::of(order, sent, edition)?,
            files: Vec::new(),
            pay: pay_form(order, methods, sent, edition)?,
            running: Running { is_there: is_running(order), at_the_bank: at_the_bank(order, edition) },
            is_new: is_new && order.balance.is_none(),
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

    /// Whether the page looks again by itself.
    pub(crate) fn is_being_paid(&self) -> bool {
        self.running.is_there
    }

    /// Whether a card goes into a provider's own fields here.
    pub(crate) fn has_card_fields(&self) -> bool {
        let pay = self.pay.iter().flat_map(|pay| &pay.payments);
        pay.into_iter().any(Payment::has_card_fields)
    }
}

fn pay_form(
    order: &Order,
    methods: &[PaymentMethod],
    sent: &Sent<'_>,
    edition: &Edition,
) -> Result<Option<PayForm>> {
    let Some(due) = order.money.as_ref().and_then(|money| money.due.as_ref()) else { return Ok(None) };
    if methods.is_empty() {
        return Ok(None);
    }
    let words = &*edition.words;
    let latest = order.balance.as_ref().filter(|balance| balance.state == "failed");
    let (form, error) = match sent {
        Sent::NotPaid { form, text } => (Some(*form), text.clone()),
        _ => (None, latest.map(|latest| failure_of(latest, edition)).unwrap_or_default()),
    };
    let mut payments = payment_choices(methods, form, false, words);
    payments.iter_mut().for_each(Payment::is_not_remembered);
    Ok(Some(PayForm {
        path: edition.path(&format!("/orders/{}/pay", order.id)),
        order_key: order.key.clone(),
        key: request::new_key(),
        due: price::format_wire(Some(due), words)?,
        seen_due: format!("{} {}", due.minor, due.currency),
        saved: Vec::new(),
        payments,
        test_tokens: test_tokens(form.map_or("", |form| form.text("test_token")), words),
        payment_error: error,
    }))
}

/// Why a payment of what is due failed.
pub(crate) fn failure_of(paid: &BalancePayment, edition: &Edition) -> String {
    match paid.failure_text.as_str() {
        "" => edition.say("payment-failed"),
        text => edition.words.translated(&paid.failure_reason, text),
    }
}

/// Where the payment of what is due goes on; only what leads to a web site or to a page of ours may be clicked.
fn at_the_bank(order: &Order, edition: &Edition) -> String {
    let waits = order.balance.as_ref().filter(|balance| balance.state == "needs_buyer");
    match waits.map(|waits| waits.action_url.as_str()) {
        Some(url) if url.starts_with('/') => edition.path(url),
        Some(url) if url.starts_with("https://") => url.to_owned(),
        _ => String::new(),
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

/// By what an order is paid; nothing of those of earlier releases, which did not keep it.
fn payments(order: &Order, words: &Words) -> Result<Vec<SumLine>> {
    let known = order.payments.iter().filter(|one| !one.provider.is_empty() && one.state != "let_go");
    let line = |one: &OrderPayment| {
        let means = match one.provider.as_str() {
            "gift_card" if !one.hint.is_empty() => {
                words.say_with("gift-card-ending", [("hint", one.hint.as_str().into())])
            }
            "gift_card" => words.translated("", "Gift card"),
            "paypal" => "PayPal".to_owned(),
            "manual" => words.say("paid-by-hand"),
            _ => words.say("paid-by-card"),
        };
        let label = if one.state == "awaited" {
            words.say_with("payment-still-awaited", [("means", means.as_str().into())])
        } else {
            means
        };
        Ok(SumLine {
            kind: "payment".to_owned(),
            label,
            amount: price::format_wire(one.amount.as_ref(), words)?,
        })
    };
    known.map(line).collect()
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
