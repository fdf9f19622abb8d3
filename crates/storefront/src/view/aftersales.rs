//! What became of an order: parcels, refunds, goods on their way back, and the form that asks for a return.

use argosy_contracts::orders::{Fulfilment, LineQuantity, Order, Refund, Return, ReturnLine};
use argosy_kernel::Result;
use serde::Serialize;

use super::{
    money::SumLine,
    order::moment,
    parcel::{item_title, parcel_title},
};
use crate::{edition::Edition, language::Words, price, request::Fields};

const REASONS: [(&str, &str); 6] = [
    ("changed_mind", "reason-changed-mind"),
    ("damaged", "reason-damaged"),
    ("wrong_item", "reason-wrong-item"),
    ("not_as_described", "reason-not-as-described"),
    ("late", "reason-late"),
    ("other", "reason-other"),
];
const RESOLUTIONS: [(&str, &str); 3] = [
    ("refund", "resolution-refund"),
    ("exchange", "resolution-exchange"),
    ("store_credit", "resolution-store-credit"),
];

/// What the buyer has just sent.
pub(crate) enum Sent<'a> {
    Nothing,
    /// A return was asked for.
    Asked,
    /// The form, which shows again what was typed, and what is wrong with it.
    Refused {
        form: &'a Fields,
        message: &'static str,
    },
    /// What is due was not paid, and why.
    NotPaid {
        form: &'a Fields,
        text: String,
    },
}

#[derive(Debug, Serialize)]
pub(crate) struct ParcelView {
    time: String,
    units: String,
    carrier: String,
    tracking_number: String,
    /// Empty: it cannot be followed.
    tracking_url: String,
}

/// A parcel that has not left yet.
#[derive(Debug, Serialize)]
pub(crate) struct ToSend {
    title: String,
    items: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct RefundView {
    time: String,
    amount: String,
    state: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct ReturnView {
    time: String,
    state: String,
    items: Vec<String>,
    comment: String,
    answer: String,
}

#[derive(Debug, Serialize)]
struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

#[derive(Debug, Serialize)]
struct LineChoice {
    /// The field's name.
    name: String,
    title: String,
    quantities: Vec<Choice>,
}

/// The form that asks for a return; there is none while nothing can come back.
#[derive(Debug, Serialize)]
pub(crate) struct ReturnForm {
    path: String,
    order_key: String,
    key: String,
    lines: Vec<LineChoice>,
    reasons: Vec<Choice>,
    resolutions: Vec<Choice>,
    comment: String,
    /// Empty: nothing is wrong.
    error: String,
}

/// What became of an order.
#[derive(Debug, Serialize)]
pub(crate) struct AfterView {
    parcels: Vec<ParcelView>,
    /// What is still to be sent, by parcel; empty unless it comes from several places.
    to_send: Vec<ToSend>,
    refunds: Vec<RefundView>,
    returns: Vec<ReturnView>,
    /// What was paid, went back and is due, where that is not just what the order costs.
    money: Vec<SumLine>,
    form: Option<ReturnForm>,
    /// Where the invoice is; empty: there is none yet.
    invoice: String,
    /// A return was asked for just now.
    is_asked: bool,
}

impl AfterView {
    pub(crate) fn of(order: &Order, sent: &Sent<'_>, edition: &Edition) -> Result<Self> {
        let words = &*edition.words;
        Ok(Self {
            to_send: to_send(order, words),
            parcels: order.fulfilments.iter().map(|one| parcel(one, words)).collect(),
            refunds: order.refunds.iter().map(|one| refund(one, words)).collect::<Result<_>>()?,
            returns: order.returns.iter().map(|one| returned(one, order, words)).collect(),
            money: money(order, words)?,
            form: form(order, sent, edition),
            invoice: invoice(order, edition),
            is_asked: matches!(sent, Sent::Asked),
        })
    }
}

/// An order that was paid or sent has an invoice, at the latest when it is asked for.
fn invoice(order: &Order, edition: &Edition) -> String {
    let is_due = matches!(order.payment_status.as_str(), "captured" | "refunded")
        || !order.fulfilments.is_empty()
        || !order.papers.is_empty();
    let is_worth = order.total.as_ref().is_some_and(|total| total.minor > 0);
    let is_over = order.status == "canceled" && order.papers.is_empty();
    if !is_due || !is_worth || is_over {
        return String::new();
    }
    edition.path(&format!("/orders/{}/invoice.pdf?key={}", order.id, order.key))
}

fn units(count: i64, words: &Words) -> String {
    words.say_with("units", [("count", count.into())])
}

fn parcel(parcel: &Fulfilment, words: &Words) -> ParcelView {
    // Only what leads to a web site may be clicked, whatever a service says.
    let url = Some(&parcel.tracking_url).filter(|url| url.starts_with("https://"));
    ParcelView {
        time: moment(parcel.time_ms, words),
        units: units(parcel.lines.iter().map(|line| line.quantity).sum(), words),
        carrier: parcel.carrier.clone(),
        tracking_number: parcel.tracking_number.clone(),
        tracking_url: url.cloned().unwrap_or_default(),
    }
}

/// The parcels that an order is still waited for in, if there were several of them.
fn to_send(order: &Order, words: &Words) -> Vec<ToSend> {
    if order.parcels.len() < 2 {
        return Vec::new();
    }
    let item = |of: &LineQuantity| {
        let line = order.lines.iter().filter_map(|line| line.line.as_ref());
        let line = line.filter(|line| line.requires_shipping).find(|line| line.line_id == of.line_id)?;
        Some(item_title(of.quantity, line))
    };
    let parcels = order.parcels.iter().enumerate().map(|(index, parcel)| ToSend {
        title: parcel_title(index, order.parcels.len(), words),
        items: parcel.left.iter().filter_map(item).collect(),
    });
    parcels.filter(|parcel| !parcel.items.is_empty()).collect()
}

fn refund(refund: &Refund, words: &Words) -> Result<RefundView> {
    let state = match refund.state.as_str() {
        "done" => words.say("refund-done"),
        "refused" => words.say("refund-refused"),
        _ => words.say("refund-open"),
    };
    let amount = price::format_wire(refund.amount.as_ref(), words)?;
    Ok(RefundView { time: moment(refund.time_ms, words), amount, state })
}

fn returned(asked: &Return, order: &Order, words: &Words) -> ReturnView {
    let state = match asked.state.as_str() {
        "requested" => words.say("return-requested"),
        "approved" => words.say("return-approved"),
        "declined" => words.say("return-declined"),
        "canceled" => words.say("return-canceled"),
        "received" | "inspected" => words.say("return-received"),
        _ => words.say("return-settled"),
    };
    let item = |line: &ReturnLine| format!("{} × {}", line.quantity, title_of(order, &line.line_id));
    ReturnView {
        time: moment(asked.time_ms, words),
        state,
        items: asked.lines.iter().map(item).collect(),
        comment: asked.comment.clone(),
        answer: asked.answer.clone(),
    }
}

fn title_of(order: &Order, line_id: &str) -> String {
    let mut lines = order.lines.iter().filter_map(|line| line.line.as_ref());
    let line = lines.find(|line| line.line_id == line_id);
    line.map_or_else(String::new, |line| match line.variant_title.as_str() {
        "" => line.title.clone(),
        variant => format!("{}, {variant}", line.title),
    })
}

fn money(order: &Order, words: &Words) -> Result<Vec<SumLine>> {
    let Some(money) = &order.money else { return Ok(Vec::new()) };
    let minor = |amount: &Option<_>| {
        amount.as_ref().map_or(0, |amount: &argosy_contracts::common::Money| amount.minor)
    };
    // What was to be paid from the beginning is in the sum above.
    let is_partly_due = minor(&money.paid) > 0 && minor(&money.due) > 0;
    let went_back = [&money.refunded, &money.store_credit, &money.refunding];
    if !is_partly_due && went_back.into_iter().all(|amount| minor(amount) == 0) {
        return Ok(Vec::new());
    }
    let rows = [
        ("paid", words.say("money-paid"), &money.paid),
        ("refunding", words.say("money-refunding"), &money.refunding),
        ("refunded", words.say("money-refunded"), &money.refunded),
        ("store_credit", words.say("money-store-credit"), &money.store_credit),
        ("due", words.say("money-due"), &money.due),
    ];
    let told = rows.into_iter().filter(|(kind, _, amount)| *kind == "paid" || minor(amount) > 0);
    told.map(|(kind, label, amount)| {
        let amount = price::format_wire(amount.as_ref(), words)?;
        Ok(SumLine { kind: kind.to_owned(), label, amount })
    })
    .collect()
}

fn form(order: &Order, sent: &Sent<'_>, edition: &Edition) -> Option<ReturnForm> {
    let words = &*edition.words;
    let nothing = Fields::default();
    let (typed, message) = match sent {
        Sent::Refused { form, message } => (*form, Some(*message)),
        Sent::Nothing | Sent::Asked | Sent::NotPaid { .. } => (&nothing, None),
    };
    let line = |line: &argosy_contracts::orders::OrderLine| {
        let sold = line.line.as_ref()?;
        let name = format!("line.{}", sold.line_id);
        let quantity = |units: i64| Choice {
            value: units.to_string(),
            label: units.to_string(),
            chosen: typed.text(&name) == units.to_string(),
        };
        let quantities = (0..=line.returnable.min(MOST)).map(quantity).collect();
        let title = title_of(order, &sold.line_id);
        (line.returnable > 0).then_some(LineChoice { name, title, quantities })
    };
    let lines: Vec<LineChoice> = order.lines.iter().filter_map(line).collect();
    let choices = |field: &str, known: &[(&str, &str)]| -> Vec<Choice> {
        let choice = |(value, message): &(&str, &str)| Choice {
            value: (*value).to_owned(),
            label: words.say(message),
            chosen: typed.text(field) == *value,
        };
        known.iter().map(choice).collect()
    };
    let key = Some(typed.text("key").to_owned()).filter(|key| !key.is_empty());
    (!lines.is_empty()).then(|| ReturnForm {
        path: edition.path(&format!("/orders/{}", order.id)),
        order_key: order.key.clone(),
        key: key.unwrap_or_else(crate::request::new_key),
        lines,
        reasons: choices("reason", &REASONS),
        resolutions: choices("resolution", &RESOLUTIONS),
        comment: typed.text("comment").to_owned(),
        error: message.map(|message| words.say(message)).unwrap_or_default(),
    })
}

/// Units that can be chosen of one line at once.
const MOST: i64 = 99;

/// What the form asks to send back.
pub(crate) fn asked_lines(order: &Order, form: &Fields) -> Vec<ReturnLine> {
    let line = |line: &argosy_contracts::orders::OrderLine| {
        let line_id = line.line.as_ref()?.line_id.clone();
        let quantity: i64 = form.text(&format!("line.{line_id}")).parse().ok()?;
        let reason = form.text("reason").to_owned();
        (quantity > 0).then_some(ReturnLine { line_id, quantity, reason, ..ReturnLine::default() })
    };
    order.lines.iter().filter_map(line).collect()
}
