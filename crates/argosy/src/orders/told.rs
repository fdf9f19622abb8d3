//! An order as text.

use std::fmt::Write;

use argosy_contracts::{
    common::Money as WireMoney,
    orders::{LineQuantity, Order, OrderLine, OrderMoney, OrderParcel, OrderPayment, Posting, Refusal},
    pricing::QuotedFee,
};
use argosy_kernel::{Money, Timestamp};

pub(super) fn order(order: &Order) -> String {
    let mut text = String::new();
    let mut say = |line: String| {
        // A String takes whatever is written.
        let _written = writeln!(text, "{line}");
    };
    say(format!("Order {} ({}), placed {}", order.number, order.id, at(order.placed_at_ms)));
    say(format!(
        "{}; payment {}; fulfilment {}",
        order.status, order.payment_status, order.fulfilment_status
    ));
    if order.held {
        say(format!("HELD: {}", order.hold_reason));
    }
    if !order.tags.is_empty() {
        say(format!("tags: {}", order.tags.join(", ")));
    }
    if !order.draft_note.is_empty() {
        say(format!("note of its draft: {}", order.draft_note.replace('\n', " / ")));
    }
    say("\nLines".to_owned());
    order.lines.iter().enumerate().map(line).for_each(&mut say);
    if !order.fees.is_empty() {
        say("\nFees".to_owned());
    }
    order.fees.iter().map(|fee| charged(order, fee)).for_each(&mut say);
    if let Some(money) = &order.money {
        say("\nMoney".to_owned());
        sums(money).into_iter().for_each(&mut say);
    }
    parts(order).into_iter().for_each(&mut say);
    say("\nWhat happened".to_owned());
    for event in &order.events {
        say(format!("  {}  {:<18} {}", at(event.time_ms), event.kind, event.text.replace('\n', " / ")));
    }
    text
}

pub(super) fn refusals(refusals: &[Refusal]) -> String {
    if refusals.is_empty() {
        return "No purchase was refused in the last 90 days.\n".to_owned();
    }
    let mut text = String::new();
    for refusal in refusals {
        // A String takes whatever is written.
        let _written =
            writeln!(text, "{}  {}  {} points", at(refusal.time_ms), refusal.checkout_id, refusal.points);
        for found in &refusal.findings {
            let _written = writeln!(text, "  {:>3}  {:<14} {}", found.points, found.rule, found.text);
        }
    }
    text
}

fn line((place, line): (usize, &OrderLine)) -> String {
    let sold = line.line.clone().unwrap_or_default();
    let variant =
        if sold.variant_title.is_empty() { String::new() } else { format!(", {}", sold.variant_title) };
    format!(
        "  {}  {} × {}{variant} ({}) {}; sent {}, back {}",
        place + 1,
        line.current,
        sold.title,
        sold.sku,
        amount(sold.total.as_ref()),
        line.fulfilled,
        line.returned
    )
}

/// A fee, and what it is for: a line by its place, or the order.
fn charged(order: &Order, fee: &QuotedFee) -> String {
    let is_its = |line: &OrderLine| line.line.as_ref().is_some_and(|line| line.line_id == fee.line_id);
    let place = order.lines.iter().position(is_its);
    let of = place.map_or_else(String::new, |place| format!(", line {}", place + 1));
    let message = place.map_or("", |place| order.lines[place].wrap_message.as_str());
    let message =
        if fee.kind == "wrap" && !message.is_empty() { format!(": “{message}”") } else { String::new() };
    format!("  {} × {} {}{of}{message}", fee.quantity, fee.title, amount(fee.total.as_ref()))
}

fn sums(money: &OrderMoney) -> Vec<String> {
    let rows = [
        ("charged", &money.charged),
        ("paid", &money.paid),
        ("refunded", &money.refunded),
        ("on its way back", &money.refunding),
        ("store credit", &money.store_credit),
        ("due", &money.due),
        ("in dispute", &money.in_dispute),
        ("charged back", &money.charged_back),
        ("dispute fees", &money.dispute_fees),
    ];
    let is_told = |(name, money): &(&str, &Option<WireMoney>)| {
        matches!(*name, "charged" | "paid" | "due") || money.as_ref().is_some_and(|money| money.minor != 0)
    };
    let row =
        |(name, money): (&str, &Option<WireMoney>)| format!("  {name:<16} {:>14}", amount(money.as_ref()));
    rows.into_iter().filter(is_told).map(row).collect()
}

fn payment(payment: &OrderPayment) -> String {
    let OrderPayment { id, provider, hint, state, .. } = payment;
    let hint = if hint.is_empty() { String::new() } else { format!(" ····{hint}") };
    let back = match payment.refunded.as_ref() {
        Some(refunded) if refunded.minor != 0 => format!(", {} back", amount(Some(refunded))),
        _ => String::new(),
    };
    format!("  {id}  {provider}{hint} {} {state}{back}", amount(payment.amount.as_ref()))
}

/// Parcels, refunds and returns, where there are any.
fn parts(order: &Order) -> Vec<String> {
    let mut said = Vec::new();
    if order.payments.len() > 1 {
        said.push("\nPaid by".to_owned());
        said.extend(order.payments.iter().map(payment));
    }
    if order.parcels.len() > 1 {
        said.push("\nFrom".to_owned());
        said.extend(order.parcels.iter().map(|parcel| from(order, parcel)));
    }
    if !order.disputes.is_empty() {
        said.push("\nDisputes (argosy payments dispute ID)".to_owned());
    }
    said.extend(order.disputes.iter().map(|dispute| {
        let due = match dispute.evidence_due_at_ms {
            0 => String::new(),
            due => format!(", evidence due {}", at(due)),
        };
        format!(
            "  {}  {} {} ({}){due}",
            dispute.id,
            dispute.state,
            amount(dispute.amount.as_ref()),
            dispute.reason
        )
    }));
    if !order.fulfilments.is_empty() {
        said.push("\nParcels".to_owned());
    }
    for parcel in &order.fulfilments {
        let units: i64 = parcel.lines.iter().map(|line| line.quantity).sum();
        let way = [&parcel.carrier, &parcel.tracking_number, &parcel.tracking_url];
        let way: Vec<&str> = way.into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect();
        said.push(format!("  {}  {units} units  {}", at(parcel.time_ms), way.join(" ")));
    }
    if !order.refunds.is_empty() {
        said.push("\nRefunds".to_owned());
    }
    for refund in &order.refunds {
        let why = [&refund.reason, &refund.failure];
        let why: Vec<&str> = why.into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect();
        let sum = amount(refund.amount.as_ref());
        said.push(format!("  {}  {sum}  {}  {}", at(refund.time_ms), refund.state, why.join("; ")));
    }
    if !order.edits.is_empty() {
        said.push("\nChanges".to_owned());
    }
    for edit in &order.edits {
        let out: i64 = edit.remove.iter().map(|line| line.quantity).sum();
        let added: i64 = edit.add.iter().map(|line| line.quantity).sum();
        let address = if edit.changes_address { ", another address" } else { "" };
        let shipping = edit.shipping.as_ref().map(|option| {
            let title = if option.title.is_empty() { &option.id } else { &option.title };
            format!(", {title} at {}", amount(option.price.as_ref()))
        });
        let shipping = shipping.unwrap_or_default();
        let sum = amount(edit.difference.as_ref());
        let time = at(edit.time_ms);
        said.push(format!(
            "  {time}  {}  {}: {out} units out, {added} in{address}{shipping}, {sum}",
            edit.id, edit.state
        ));
    }
    if !order.papers.is_empty() {
        said.push("\nPapers".to_owned());
    }
    for paper in &order.papers {
        let sum = amount(paper.total.as_ref());
        said.push(format!("  {}  {}  {}  {sum}", at(paper.time_ms), paper.kind, paper.number));
    }
    if !order.returns.is_empty() {
        said.push("\nReturns".to_owned());
    }
    for asked in &order.returns {
        let units: i64 = asked.lines.iter().map(|line| line.quantity).sum();
        let Some(first) = asked.lines.first() else { continue };
        said.push(format!(
            "  {}  {}  {}: {units} units, {}, for {}",
            at(asked.time_ms),
            asked.id,
            asked.state,
            first.reason,
            asked.resolution
        ));
        if !asked.comment.is_empty() {
            said.push(format!("      {}", asked.comment.replace('\n', " / ")));
        }
    }
    said
}

/// What a location sends: by the lines' places, with what is left of it.
fn from(order: &Order, parcel: &OrderParcel) -> String {
    let units = |lines: &[LineQuantity]| -> String {
        let place = |line: &LineQuantity| {
            let mut lines = order.lines.iter();
            let place =
                lines.position(|known| known.line.as_ref().is_some_and(|sold| sold.line_id == line.line_id));
            place.map(|place| format!("{}={}", place + 1, line.quantity))
        };
        lines.iter().filter_map(place).collect::<Vec<_>>().join(" ")
    };
    let left = if parcel.left.is_empty() { "nothing".to_owned() } else { units(&parcel.left) };
    let (id, name, lines) = (&parcel.location_id, &parcel.location_name, units(&parcel.lines));
    format!("  {id}  {name}  {lines}; left: {left}")
}

pub(super) fn ledger(postings: &[Posting]) -> String {
    let mut text = "\nLedger (debit above 0)\n".to_owned();
    for posting in postings {
        let sum = amount(posting.amount.as_ref());
        let _written = writeln!(text, "  {:<40} {:<14} {sum:>14}", posting.reference, posting.account);
    }
    text
}

pub(super) fn at(time_ms: i64) -> Timestamp {
    Timestamp::from_millis(time_ms)
}

pub(super) fn amount(amount: Option<&WireMoney>) -> String {
    amount
        .and_then(|amount| Money::try_from(amount).ok())
        .map(|amount| amount.to_string())
        .unwrap_or_default()
}
