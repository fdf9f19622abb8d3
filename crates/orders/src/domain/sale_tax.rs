//! The tax of a sale by kind and rate: as it was sold, and what of it was taken out since.
//!
//! A sale's quote says its tax by kind and rate; lines know only one rate, all kinds together. So what leaves a line whose
//! rate is that of one kind leaves that kind, and what leaves a line with several is shared out among those by their rates.
//! Whatever way, all amounts add up to what the ledger says, to the last minor unit.

use argosy_contracts::{common::Address, pricing::QuotedLine};
use argosy_kernel::{Money, Result};

use super::{Account, Ledger, Line, Order, Parts, delivery_of, order_fees, order_fees_left, worth_of};

/// Tax of one kind and rate; minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SaleTax {
    pub(crate) label: String,
    pub(crate) rate_ppm: i64,
    /// Net.
    pub(crate) base: i64,
    pub(crate) amount: i64,
    /// Of these, so much is not charged any more.
    pub(crate) base_out: i64,
    pub(crate) amount_out: i64,
}

/// The tax of a sale.
pub(crate) fn taxes_of(order: &Order, lines: &[Line], ledger: &Ledger) -> Result<Vec<SaleTax>> {
    let mut taxes: Vec<SaleTax> = Vec::new();
    for line in &order.quote.tax_lines {
        let minor =
            |amount: &Option<argosy_contracts::common::Money>| amount.as_ref().map_or(0, |one| one.minor);
        taxes.push(SaleTax {
            label: line.label.clone(),
            rate_ppm: line.rate_ppm,
            base: minor(&line.base),
            amount: minor(&line.amount),
            base_out: 0,
            amount_out: 0,
        });
    }
    if taxes.is_empty() {
        as_of_earlier_releases(order, &mut taxes)?;
    }
    for added in &order.added {
        let parts = super::parts_of(added);
        let tax = of_rate(&mut taxes, added.tax_rate_ppm);
        tax.base += parts.value - parts.tax;
        tax.amount += parts.tax;
    }
    for line in lines.iter().filter(|line| line.credited > 0) {
        let out = worth_of(order, &Line { credited: 0, ..line.clone() }, line.credited)?;
        let rate = order.line(&line.id).map_or(0, |sold| sold.tax_rate_ppm);
        take_out(order, &mut taxes, rate, out.goods)?;
        for (fee, parts) in out.fees {
            take_out(order, &mut taxes, fee.tax_rate_ppm, parts)?;
        }
    }
    if order_fees_left(order, lines, ledger)?.value == 0 {
        for fee in order_fees(&order.quote) {
            take_out(order, &mut taxes, fee.tax_rate_ppm, super::parts_of_fee(fee))?;
        }
    }
    // The rate of delivery is kept nowhere: what is due on it and on no line.
    let sold = delivery_of(&order.quote)?;
    if let Some(delivery) = &order.delivery {
        take_out(order, &mut taxes, rate_of_delivery(order, sold), sold)?;
        let cost = delivery.cost();
        let tax = of_rate(&mut taxes, rate_of_delivery(order, cost));
        tax.base += cost.value - cost.tax;
        tax.amount += cost.tax;
    }
    let delivery = order.delivery_cost()?;
    if delivery.value != 0 && ledger.balance(Account::Shipping) == 0 {
        take_out(order, &mut taxes, rate_of_delivery(order, delivery), delivery)?;
    }
    Ok(taxes)
}

/// Orders of earlier releases have no tax by kind: what their lines say.
fn as_of_earlier_releases(order: &Order, taxes: &mut Vec<SaleTax>) -> Result<()> {
    for line in &order.quote.lines {
        let parts = super::parts_of(line);
        let tax = of_rate(taxes, line.tax_rate_ppm);
        tax.base += parts.value - parts.tax;
        tax.amount += parts.tax;
    }
    let delivery = delivery_of(&order.quote)?;
    if delivery.value != 0 {
        let tax = of_rate(taxes, rate_of_delivery(order, delivery));
        tax.base += delivery.value - delivery.tax;
        tax.amount += delivery.tax;
    }
    Ok(())
}

/// What delivery is taxed with, as near as can be told: the highest rate of the lines if it is taxed at all.
fn rate_of_delivery(order: &Order, delivery: Parts) -> i64 {
    let rates = order.quote.lines.iter().map(|line: &QuotedLine| line.tax_rate_ppm);
    if delivery.tax != 0 { rates.max().unwrap_or(0) } else { 0 }
}

fn of_rate(taxes: &mut Vec<SaleTax>, rate_ppm: i64) -> &mut SaleTax {
    let place = taxes.iter().position(|tax| tax.rate_ppm == rate_ppm).unwrap_or_else(|| {
        let label = String::new();
        taxes.push(SaleTax { label, rate_ppm, base: 0, amount: 0, base_out: 0, amount_out: 0 });
        taxes.len() - 1
    });
    &mut taxes[place]
}

fn take_out(order: &Order, taxes: &mut Vec<SaleTax>, rate_ppm: i64, out: Parts) -> Result<()> {
    let net = out.value - out.tax;
    let is_one = taxes.iter().any(|tax| tax.rate_ppm == rate_ppm);
    if is_one || taxes.iter().all(|tax| tax.rate_ppm == 0) {
        let tax = of_rate(taxes, rate_ppm);
        tax.base_out += net;
        tax.amount_out += out.tax;
        return Ok(());
    }
    // Kinds that are due together have the same base.
    let weights: Vec<u64> = taxes.iter().map(|tax| u64::try_from(tax.rate_ppm).unwrap_or(0)).collect();
    let shares: Vec<Money> = order.money(out.tax)?.allocate(&weights)?;
    for (tax, share) in taxes.iter_mut().zip(shares).filter(|(tax, _)| tax.rate_ppm != 0) {
        tax.base_out += net;
        tax.amount_out += share.minor;
    }
    Ok(())
}

/// Whose tax is charged: the country that the goods go to, or, once nobody knows that any more, the one in the trace of the
/// tax. Empty: no tax is.
pub(crate) fn country_of(order: &Order) -> String {
    let known = order.contact.shipping_address.as_ref().or(order.contact.billing_address.as_ref());
    if let Some(Address { country, .. }) = known {
        return country.clone();
    }
    let steps = order.quote.lines.iter().flat_map(|line| &line.trace);
    let places = steps.filter_map(|step| step.rule.strip_prefix("tax:"));
    let countries = places.filter_map(|place| place.get(..2));
    let mut countries = countries.filter(|code| code.bytes().all(|byte| byte.is_ascii_uppercase()));
    countries.next().unwrap_or_default().to_owned()
}
