//! Invoices and credit notes: what they say, as it was when they were issued.
//!
//! An invoice says what the order costs. What is taken out of that later is said by a credit note, what comes in by another
//! invoice: the difference between what all papers so far say and what the order costs now. So papers always add up to the
//! ledger, whatever happened to the order in between.

use std::collections::BTreeMap;

use argosy_contracts::{common::Address, pricing::QuotedFee};
use argosy_kernel::{Error, Result, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Account, Ledger, Line, Order, Parts, Worth, order_fees, order_fees_left, parts_of_fee, worth_of,
};

/// What a paper is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaperKind {
    Invoice,
    CreditNote,
}

impl PaperKind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::CreditNote => "credit_note",
        }
    }
}

impl std::str::FromStr for PaperKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        [Self::Invoice, Self::CreditNote]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| Error::internal(format!("unknown paper '{text}'")))
    }
}

/// What something costs, on paper. Minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Item {
    /// The line's id, `fee:` with the fee's name and, if it goes with units, their line's id, or `delivery` or `allowance`.
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) sku: String,
    /// 0: not counted.
    pub(crate) quantity: i64,
    pub(crate) tax_rate_ppm: i64,
    /// With tax.
    pub(crate) value: i64,
    pub(crate) tax: i64,
}

/// What a paper says but for whom it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Paper {
    pub(crate) kind: PaperKind,
    pub(crate) number: String,
    pub(crate) order_number: String,
    /// A credit note: of the invoice that it is about.
    pub(crate) about: String,
    pub(crate) currency: String,
    pub(crate) items: Vec<Item>,
    pub(crate) seller: Vec<String>,
    pub(crate) tax_number: String,
    pub(crate) notes: Vec<String>,
    pub(crate) language: String,
    pub(crate) placed_at: Timestamp,
    pub(crate) issued_at: Timestamp,
}

/// Whom a paper is for: sealed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Addressee {
    pub(crate) billing: Option<Address>,
    pub(crate) shipping: Option<Address>,
}

/// Net and tax at one rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TaxLine {
    pub(crate) rate_ppm: i64,
    pub(crate) net: i64,
    pub(crate) tax: i64,
}

impl Paper {
    /// With tax.
    pub(crate) fn total(&self) -> i64 {
        self.items.iter().map(|item| item.value).sum()
    }

    /// By rate, the highest first.
    pub(crate) fn taxes(&self) -> Vec<TaxLine> {
        let mut rates: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
        for item in &self.items {
            let (net, tax) = rates.entry(item.tax_rate_ppm).or_default();
            *net += item.value - item.tax;
            *tax += item.tax;
        }
        rates.into_iter().rev().map(|(rate_ppm, (net, tax))| TaxLine { rate_ppm, net, tax }).collect()
    }
}

/// All that the order costs now.
pub(crate) fn standing(order: &Order, lines: &[Line], ledger: &Ledger) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    for line in lines {
        let Some(sold) = order.line(&line.id) else { continue };
        let left = line.ordered - line.credited;
        if left == 0 {
            continue;
        }
        let Worth { goods: Parts { value, tax, .. }, fees } = worth_of(order, line, left)?;
        let title = match sold.variant_title.as_str() {
            "" => sold.title.clone(),
            variant => format!("{}, {variant}", sold.title),
        };
        items.push(Item {
            key: line.id.clone(),
            title,
            sku: sold.sku.clone(),
            quantity: left,
            tax_rate_ppm: sold.tax_rate_ppm,
            value,
            tax,
        });
        for (fee, Parts { value, tax, .. }) in fees.into_iter().filter(|(_, parts)| parts.value != 0) {
            let key = format!("fee:{}:{}", fee.name, line.id);
            items.push(Item { quantity: left, ..of_fee(key, fee, value, tax) });
        }
    }
    if order_fees_left(order, lines, ledger)?.value != 0 {
        for fee in order_fees(&order.quote) {
            let Parts { value, tax, .. } = parts_of_fee(fee);
            items.push(of_fee(format!("fee:{}", fee.name), fee, value, tax));
        }
    }
    let delivery = order.delivery_cost()?;
    let is_charged = ledger.balance(Account::Shipping) != 0;
    if is_charged && delivery.value != 0 {
        items.push(beside("delivery", delivery.value, delivery.tax, rate_of(order, delivery)));
    }
    let allowed = ledger.balance(Account::Allowances);
    if allowed != 0 {
        items.push(beside("allowance", -allowed, 0, 0));
    }
    Ok(items)
}

/// The rate that delivery is taxed at: that of a line whose tax it fits to the minor unit, for quotes do not say.
fn rate_of(order: &Order, delivery: Parts) -> i64 {
    let net = i128::from(delivery.value - delivery.tax);
    let misses = |rate: i64| (net * i128::from(rate) - i128::from(delivery.tax) * 1_000_000).abs();
    let rates = order.quote.lines.iter().map(|line| line.tax_rate_ppm);
    rates.filter(|_| delivery.tax != 0).min_by_key(|rate| misses(*rate)).unwrap_or(0)
}

fn of_fee(key: String, fee: &QuotedFee, value: i64, tax: i64) -> Item {
    let (title, sku) = (fee.title.clone(), String::new());
    Item { key, title, sku, quantity: 0, tax_rate_ppm: fee.tax_rate_ppm, value, tax }
}

fn beside(key: &str, value: i64, tax: i64, tax_rate_ppm: i64) -> Item {
    let (key, title, sku) = (key.to_owned(), String::new(), String::new());
    Item { key, title, sku, quantity: 0, tax_rate_ppm, value, tax }
}

/// How what an order costs differs from what its papers say together.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Since {
    /// A credit note's items.
    pub(crate) taken_out: Vec<Item>,
    /// Those of another invoice.
    pub(crate) put_in: Vec<Item>,
}

impl Since {
    pub(crate) fn of(papers: &[Paper], now: &[Item]) -> Self {
        let mut said: Vec<Item> = Vec::new();
        for paper in papers {
            let sign = if paper.kind == PaperKind::Invoice { 1 } else { -1 };
            for item in &paper.items {
                add(&mut said, item, sign);
            }
        }
        for item in now {
            add(&mut said, item, -1);
        }
        let mut since = Self::default();
        let credited: i64 = said.iter().map(|item| item.value.max(0)).sum();
        for item in said {
            // Whom an amount was let off of goods that leave is not given it twice: it is part of the same credit note.
            let is_given_before = item.key == "allowance" && credited + item.value >= 0;
            match (item.value, item.quantity) {
                // What is sent again for nothing is on no paper.
                (0, ..=0) => {}
                (..0, _) if !is_given_before => since.put_in.push(Item {
                    quantity: -item.quantity,
                    value: -item.value,
                    tax: -item.tax,
                    ..item
                }),
                _ => since.taken_out.push(item),
            }
        }
        since
    }
}

fn add(to: &mut Vec<Item>, item: &Item, sign: i64) {
    let index = to.iter().position(|known| known.key == item.key).unwrap_or_else(|| {
        to.push(Item { quantity: 0, value: 0, tax: 0, ..item.clone() });
        to.len() - 1
    });
    let known = &mut to[index];
    known.quantity += sign * item.quantity;
    known.value += sign * item.value;
    known.tax += sign * item.tax;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper(kind: PaperKind, items: Vec<Item>) -> Paper {
        let at = Timestamp::from_millis(0);
        let text = String::new;
        Paper {
            kind,
            number: text(),
            order_number: text(),
            about: text(),
            currency: "EUR".into(),
            items,
            seller: Vec::new(),
            tax_number: text(),
            notes: Vec::new(),
            language: "en".into(),
            placed_at: at,
            issued_at: at,
        }
    }

    fn mugs(quantity: i64, value: i64, tax: i64) -> Item {
        Item { quantity, title: "Mug".into(), ..beside("line_1", value, tax, 190_000) }
    }

    #[test]
    fn law_1_papers_add_up_to_what_the_order_costs() {
        let sold = vec![mugs(3, 2_999, 479), beside("delivery", 490, 78, 190_000)];
        let invoice = paper(PaperKind::Invoice, sold.clone());
        assert_eq!(invoice.taxes(), [TaxLine { rate_ppm: 190_000, net: 2_932, tax: 557 }]);
        assert_eq!(Since::of(std::slice::from_ref(&invoice), &sold), Since::default(), "nothing has changed");
        let taken_out = |papers: &[Paper], now: &[Item]| {
            let since = Since::of(papers, now);
            assert!(since.put_in.is_empty());
            since.taken_out
        };
        let now =
            [mugs(2, 1_999, 319), beside("delivery", 490, 78, 190_000), beside("allowance", -100, 0, 0)];
        let first = paper(PaperKind::CreditNote, taken_out(std::slice::from_ref(&invoice), &now));
        assert_eq!(first.items, [mugs(1, 1_000, 160), beside("allowance", 100, 0, 0)]);
        let rest = paper(PaperKind::CreditNote, taken_out(&[invoice.clone(), first.clone()], &[]));
        assert_eq!(invoice.total(), first.total() + rest.total());
        assert!(taken_out(&[invoice, first, rest], &[]).is_empty());
    }

    #[test]
    fn law_1_what_came_in_after_the_invoice_is_another_invoice() {
        let sold = vec![mugs(3, 2_999, 479), beside("delivery", 490, 78, 190_000)];
        let invoice = paper(PaperKind::Invoice, sold);
        let cup = Item { key: "line_2".into(), ..mugs(1, 1_200, 192) };
        let sent_again = Item { key: "line_3".into(), ..mugs(1, 0, 0) };
        let now = [mugs(2, 1_999, 319), beside("delivery", 290, 46, 190_000), cup.clone(), sent_again];
        let since = Since::of(std::slice::from_ref(&invoice), &now);
        assert_eq!(since.taken_out, [mugs(1, 1_000, 160), beside("delivery", 200, 32, 190_000)]);
        assert_eq!(since.put_in, [cup]);
        let papers =
            [invoice, paper(PaperKind::CreditNote, since.taken_out), paper(PaperKind::Invoice, since.put_in)];
        assert_eq!(Since::of(&papers, &now), Since::default());
    }
}
