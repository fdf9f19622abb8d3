//! What became of an order.

use argosy_contracts::{common::Money, orders::OrderLine};
use argosy_kernel::Result;

use super::{Kind, News, lacking, parts::Writer};
use crate::mail::{Link, Mail};

/// A parcel left. Who collects their goods has them already when that is noted.
pub(super) fn shipped(writer: &Writer<'_>, parcel: &str) -> Result<Option<Mail>> {
    if writer.is_collected() {
        return Ok(None);
    }
    let found = writer.order.fulfilments.iter().find(|known| known.id == parcel);
    let parcel = found.ok_or_else(|| lacking(writer.order, parcel))?;
    let mut mail = writer.begin(Kind::Shipped, &[]);
    mail.lines = writer.units(parcel.lines.iter().map(|line| (line.line_id.as_str(), line.quantity)))?;
    if !parcel.carrier.is_empty() {
        mail.notices.push(writer.say("shipped-carrier", &[("carrier", &parcel.carrier)]));
    }
    if !parcel.tracking_number.is_empty() {
        mail.notices.push(writer.say("shipped-tracking", &[("number", &parcel.tracking_number)]));
    }
    // Only what leads to a web site may be clicked, whatever a service says.
    if parcel.tracking_url.starts_with("https://") {
        let label = writer.words.say("shipped-follow");
        mail.links.insert(0, Link { label, url: parcel.tracking_url.clone() });
    }
    Ok(Some(mail))
}

pub(super) fn ready(writer: &Writer<'_>) -> Result<Mail> {
    let left = |line: &&OrderLine| line.current > line.fulfilled;
    let lines = writer.order.lines.iter().filter(left);
    Ok(Mail {
        lines: lines
            .map(|line| writer.line(line, line.current - line.fulfilled, None))
            .collect::<Result<_>>()?,
        notices: writer.delivery().into_iter().collect(),
        ..writer.begin(Kind::ReadyForPickup, &[])
    })
}

pub(super) fn canceled(writer: &Writer<'_>, news: &News) -> Result<Mail> {
    let mut mail = writer.begin(news.kind, &[]);
    mail.lines = writer.units(news.units.iter().map(|units| (units.line_id.as_str(), units.quantity)))?;
    if mail.lines.is_empty() {
        // Facts of earlier releases do not say which.
        mail.texts.clear();
    }
    let reason = match news.reason.as_str() {
        "buyer" => Some("reason-buyer"),
        "out_of_stock" => Some("reason-out-of-stock"),
        // Of others there is nothing to say that a buyer may hear.
        _ => None,
    };
    mail.notices.extend(reason.map(|id| writer.words.say(id)));
    let is_paid = writer.order.money.as_ref().is_some_and(|money| minor(money.paid.as_ref()) > 0);
    if is_paid {
        mail.notices.push(writer.words.say("canceled-money"));
    }
    Ok(mail)
}

pub(super) fn refunded(writer: &Writer<'_>, refund: &str) -> Result<Option<Mail>> {
    let found = writer.order.refunds.iter().find(|known| known.id == refund);
    let refund = found.ok_or_else(|| lacking(writer.order, refund))?;
    let amount = writer.money(refund.amount.as_ref())?;
    Ok(Some(writer.begin(Kind::Refunded, &[("amount", &amount)])))
}

pub(super) fn returned(writer: &Writer<'_>, kind: Kind, asked: &str) -> Result<Option<Mail>> {
    let found = writer.order.returns.iter().find(|known| known.id == asked);
    let asked = found.ok_or_else(|| lacking(writer.order, asked))?;
    let mut mail = writer.begin(kind, &[]);
    let came = kind == Kind::ReturnReceived;
    mail.lines = writer.units(asked.lines.iter().map(|line| {
        let quantity = if came { line.received } else { line.quantity };
        (line.line_id.as_str(), quantity)
    }))?;
    if !asked.answer.is_empty() && matches!(kind, Kind::ReturnApproved | Kind::ReturnDeclined) {
        mail.notices.push(asked.answer.clone());
    }
    Ok(Some(mail))
}

/// The shop changed what was ordered. What is due now is told as it is now, not as it was after the change.
pub(super) fn changed(writer: &Writer<'_>, edit: &str) -> Result<Option<Mail>> {
    let found = writer.order.edits.iter().find(|known| known.id == edit);
    let edit = found.ok_or_else(|| lacking(writer.order, edit))?;
    let mut mail = writer.begin(Kind::OrderChanged, &[]);
    let there = writer.order.lines.iter().filter(|line| line.current > 0);
    mail.lines = there.map(|line| writer.line(line, line.current, None)).collect::<Result<_>>()?;
    if let Some(difference) = edit.difference.as_ref().filter(|difference| difference.minor != 0) {
        let id = if difference.minor > 0 { "order_changed-more" } else { "order_changed-less" };
        let size = Money { minor: difference.minor.saturating_abs(), ..difference.clone() };
        mail.notices.push(writer.say(id, &[("amount", &writer.money(Some(&size))?)]));
    }
    let due = writer.order.money.as_ref().and_then(|money| money.due.as_ref());
    if minor(due) > 0 {
        mail.notices.push(writer.say("order_changed-due", &[("amount", &writer.money(due)?)]));
        mail.links = vec![writer.to_order("order_changed-pay")];
    }
    Ok(Some(mail))
}

/// What a line waits for comes on another day. Told as it is now: whoever was told of two days at once hears the last.
pub(super) fn expected(writer: &Writer<'_>, part: &str) -> Result<Option<Mail>> {
    let line_id = part.split(':').next().unwrap_or_default();
    let is_its_own = |line: &&OrderLine| line.line.as_ref().is_some_and(|sold| sold.line_id == line_id);
    let line = writer.order.lines.iter().find(is_its_own).ok_or_else(|| lacking(writer.order, part))?;
    // It was sent, canceled or has come in the meantime.
    let Some(awaited) = &line.awaited else { return Ok(None) };
    Ok(Some(Mail {
        lines: vec![writer.line(line, awaited.quantity, None)?],
        notices: vec![writer.leaves(awaited)],
        ..writer.begin(Kind::ExpectedChanged, &[])
    }))
}

fn minor(money: Option<&Money>) -> i64 {
    money.map_or(0, |money| money.minor)
}
