//! What became of an order's lines, and what their units cost.

use argosy_contracts::{
    common::Money as WireMoney,
    pricing::{Quote, QuotedFee, QuotedLine},
};
use argosy_kernel::{Error, Result};
use serde::{Deserialize, Serialize};

use super::{Account, Ledger, Order, Parts};
use crate::error;

/// Units of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) id: String,
    /// As sold.
    pub(crate) ordered: i64,
    /// Not canceled.
    pub(crate) current: i64,
    /// Sent.
    pub(crate) fulfilled: i64,
    /// On their way back, or about to be.
    pub(crate) coming_back: i64,
    /// Back.
    pub(crate) returned: i64,
    /// Taken out of what the order costs.
    pub(crate) credited: i64,
}

impl Line {
    /// Units that may still be sent or canceled.
    pub(crate) fn open(&self) -> i64 {
        self.current - self.fulfilled
    }

    /// Units that the buyer has and may send back.
    pub(crate) fn returnable(&self) -> i64 {
        self.fulfilled - self.coming_back - self.returned
    }
}

/// Units of one line that a change is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Units {
    pub(crate) line: String,
    pub(crate) quantity: i64,
}

/// The lines of an order as it was placed.
pub(crate) fn lines_of(quote: &Quote) -> Vec<Line> {
    let line = |line: &QuotedLine| Line {
        id: line.line_id.clone(),
        ordered: line.quantity,
        current: line.quantity,
        fulfilled: 0,
        coming_back: 0,
        returned: 0,
        credited: 0,
    };
    quote.lines.iter().map(line).collect()
}

/// What units are asked for: each line once, in the order of the lines. None asked for: all that there are.
///
/// # Errors
/// `INVALID_FIELD`, `QUANTITY_TOO_LARGE`, each naming the line; `ORDER_STATE` if none are asked for and there are none.
pub(crate) fn choose(
    lines: &[Line],
    asked: &[(String, i64)],
    available: impl Fn(&Line) -> i64,
) -> Result<Vec<Units>> {
    if asked.is_empty() {
        let all: Vec<Units> = lines
            .iter()
            .map(|line| Units { line: line.id.clone(), quantity: available(line) })
            .filter(|units| units.quantity > 0)
            .collect();
        return if all.is_empty() { Err(error::nothing_left()) } else { Ok(all) };
    }
    let mut chosen: Vec<Units> = Vec::new();
    for (index, (id, quantity)) in asked.iter().enumerate() {
        let pointer = |field: &str| format!("/lines/{index}/{field}");
        let Some(line) = lines.iter().find(|line| line.id == *id) else {
            return Err(Error::invalid_field(pointer("line_id"), "is no line of this order"));
        };
        if chosen.iter().any(|units| units.line == *id) {
            return Err(Error::invalid_field(pointer("line_id"), "is named twice"));
        }
        if *quantity < 1 {
            return Err(Error::invalid_field(pointer("quantity"), "must be at least 1"));
        }
        if *quantity > available(line) {
            return Err(error::quantity_too_large(pointer("quantity"), available(line)));
        }
        chosen.push(Units { line: id.clone(), quantity: *quantity });
    }
    Ok(chosen)
}

/// What some units of a line cost, and what their fees do.
pub(crate) struct Worth<'a> {
    pub(crate) goods: Parts,
    pub(crate) fees: Vec<(&'a QuotedFee, Parts)>,
}

/// What some units of a line cost after others were credited, with the fees that go with them. Units of a line cost the same
/// but for a minor unit, and all of them together cost what the line does, however they are taken.
pub(crate) fn value_of(order: &Order, line: &Line, quantity: i64) -> Result<Parts> {
    let worth = worth_of(order, line, quantity)?;
    worth.fees.into_iter().map(|(_, parts)| parts).try_fold(worth.goods, Parts::plus)
}

/// The same, goods and each fee by itself.
pub(crate) fn worth_of<'a>(order: &'a Order, line: &Line, quantity: i64) -> Result<Worth<'a>> {
    let sold = order
        .line(&line.id)
        .ok_or_else(|| Error::internal(format!("line {} is not in its order", line.id)))?;
    let first = |whole: Parts, units: i64| -> Result<Parts> {
        let share =
            |amount: i64| -> Result<i64> { Ok(order.money(amount)?.scaled(units, line.ordered)?.minor) };
        let (value, tax) = (share(whole.value)?, share(whole.tax)?);
        // What is a fee stays one to the last minor unit.
        let fees = if whole.fees == 0 { 0 } else { value - tax };
        Ok(Parts { value, discount: share(whole.discount)?, tax, fees })
    };
    let of = |whole: Parts| first(whole, line.credited + quantity)?.minus(first(whole, line.credited)?);
    let fees = order.quote.fees.iter().filter(|fee| fee.line_id == line.id);
    Ok(Worth {
        goods: of(parts_of(sold))?,
        fees: fees.map(|fee| Ok((fee, of(parts_of_fee(fee))?))).collect::<Result<_>>()?,
    })
}

/// What a line costs.
pub(crate) fn parts_of(line: &QuotedLine) -> Parts {
    Parts {
        value: minor(line.total.as_ref()),
        discount: minor(line.discount.as_ref()),
        tax: minor(line.tax.as_ref()),
        fees: 0,
    }
}

/// What a fee costs.
pub(crate) fn parts_of_fee(fee: &QuotedFee) -> Parts {
    let (value, tax) = (minor(fee.total.as_ref()), minor(fee.tax.as_ref()));
    Parts { value, discount: 0, tax, fees: value - tax }
}

/// What all lines cost, with the fees that go with their units.
pub(crate) fn goods_of(quote: &Quote) -> Result<Parts> {
    let fees = quote.fees.iter().filter(|fee| !fee.line_id.is_empty());
    let all = quote.lines.iter().map(parts_of).chain(fees.map(parts_of_fee));
    all.into_iter().try_fold(Parts::default(), Parts::plus)
}

/// The fees of an order that no line has.
pub(crate) fn order_fees(quote: &Quote) -> impl Iterator<Item = &QuotedFee> {
    quote.fees.iter().filter(|fee| fee.line_id.is_empty())
}

/// What they cost, if they were not taken out of what the order costs before: what the ledger has of fees beyond those of units.
pub(crate) fn order_fees_left(order: &Order, lines: &[Line], ledger: &Ledger) -> Result<Parts> {
    let whole = order_fees(&order.quote).map(parts_of_fee).try_fold(Parts::default(), Parts::plus)?;
    if whole.value == 0 {
        return Ok(Parts::default());
    }
    let mut of_units = 0;
    for line in lines {
        of_units += value_of(order, line, line.ordered - line.credited)?.fees;
    }
    let is_there = -ledger.balance(Account::Fees) - of_units == whole.fees;
    Ok(if is_there { whole } else { Parts::default() })
}

/// What an order costs beyond its lines and fees: delivery.
pub(crate) fn delivery_of(quote: &Quote) -> Result<Parts> {
    let sum = |kinds: &[&str]| -> i64 {
        let of_kind = quote.totals.iter().filter(|line| kinds.contains(&line.kind.as_str()));
        of_kind.map(|line| minor(line.amount.as_ref())).sum()
    };
    // Orders of earlier releases have no tax lines. Where the buyer owes the tax, the total line `tax` takes it out of
    // gross prices and is none.
    let tax = match quote.tax_lines.as_slice() {
        [] => sum(&["tax", "tax_included"]),
        lines => lines.iter().map(|line| minor(line.amount.as_ref())).sum(),
    };
    let mut rest = goods_of(quote)?;
    for fee in order_fees(quote) {
        rest = rest.plus(parts_of_fee(fee))?;
    }
    let (value, discount) = (minor(quote.total.as_ref()), sum(&["discount"]));
    Parts { value, discount, tax, fees: rest.fees }.minus(rest)
}

fn minor(amount: Option<&WireMoney>) -> i64 {
    amount.map_or(0, |amount| amount.minor)
}

/// How far an order is fulfilled: what is canceled need not be sent.
pub(crate) fn fulfilment_status(order: &Order, lines: &[Line]) -> &'static str {
    let sent = |line: &&Line| order.line(&line.id).is_some_and(|sold| sold.requires_shipping);
    let (mut wanted, mut fulfilled) = (0, 0);
    for line in lines.iter().filter(sent) {
        wanted += line.current;
        fulfilled += line.fulfilled;
    }
    match fulfilled {
        _ if !order.quote.requires_shipping => "not_needed",
        0 => "unfulfilled",
        all if all == wanted => "fulfilled",
        _ => "partially_fulfilled",
    }
}

#[cfg(test)]
mod tests {
    use argosy_kernel::{CheckoutId, OrderId, Timestamp};
    use proptest::prelude::*;

    use super::*;
    use crate::domain::PaymentStatus;

    fn order(quantity: i64, total: i64, tax: i64) -> Order {
        let eur = |minor| Some(WireMoney { minor, currency: "EUR".into() });
        let line = QuotedLine {
            line_id: "line_1".into(),
            quantity,
            total: eur(total),
            tax: eur(tax),
            discount: eur(-7),
            requires_shipping: true,
            ..QuotedLine::default()
        };
        let quote =
            Quote { currency: "EUR".into(), lines: vec![line], requires_shipping: true, ..Quote::default() };
        Order {
            id: OrderId::new(),
            number: 1_001,
            key: String::new(),
            checkout_id: CheckoutId::new(),
            intent_id: None,
            payment_status: PaymentStatus::Captured,
            payments: Vec::new(),
            person_id: None,
            contact: crate::domain::Contact::default(),
            quote,
            added: Vec::new(),
            delivery: None,
            payment_instructions: String::new(),
            awaited: Vec::new(),
            origins: Vec::new(),
            placed_at: Timestamp::from_millis(0),
        }
    }

    proptest! {
        #[test]
        fn law_1_units_taken_in_any_portions_cost_what_the_line_does(
            total in 0..1_000_000i64,
            tax in 0..100_000i64,
            wrap in 0..10_000i64,
            portions in prop::collection::vec(1..5i64, 1..12),
        ) {
            let quantity = portions.iter().sum();
            let mut order = order(quantity, total, tax);
            let eur = |minor| Some(WireMoney { minor, currency: "EUR".into() });
            let fee = QuotedFee { line_id: "line_1".into(), total: eur(wrap), tax: eur(wrap / 7), ..QuotedFee::default() };
            order.quote.fees.push(fee);
            let mut line = lines_of(&order.quote).remove(0);
            let mut sum = Parts::default();
            for portion in portions {
                let value = value_of(&order, &line, portion).unwrap();
                prop_assert!(value.value >= 0);
                sum = sum.plus(value).unwrap();
                line.credited += portion;
            }
            let fees = wrap - wrap / 7;
            prop_assert_eq!(sum, Parts { value: total + wrap, discount: -7, tax: tax + wrap / 7, fees });
        }
    }

    #[test]
    fn more_than_there_is_names_the_line_and_what_there_is() {
        let order = order(3, 3_000, 0);
        let lines = lines_of(&order.quote);
        let refused = choose(&lines, &[("line_1".into(), 4)], Line::open).unwrap_err();
        assert_eq!(
            (refused.reason(), &*refused.fields()[0].pointer),
            ("QUANTITY_TOO_LARGE", "/lines/0/quantity")
        );
        let twice = [("line_1".into(), 1), ("line_1".into(), 1)];
        assert_eq!(choose(&lines, &twice, Line::open).unwrap_err().reason(), "INVALID_FIELD");
        assert_eq!(choose(&lines, &[], Line::open).unwrap()[0].quantity, 3);
        assert_eq!(choose(&lines, &[], Line::returnable).unwrap_err().reason(), "ORDER_STATE");
    }

    #[test]
    fn what_is_canceled_need_not_be_sent() {
        let order = order(3, 3_000, 0);
        let mut lines = lines_of(&order.quote);
        let status = |lines: &[Line]| fulfilment_status(&order, lines);
        assert_eq!(status(&lines), "unfulfilled");
        lines[0].fulfilled = 2;
        assert_eq!(status(&lines), "partially_fulfilled");
        lines[0].current = 2;
        assert_eq!(status(&lines), "fulfilled");
    }
}
