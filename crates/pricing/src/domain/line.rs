//! What one line costs.

use std::rc::Rc;

use argosy_kernel::{Gross, Money, MoneyError, PromotionId, Rate};

use super::{
    AskedWrap, Parcel, TraceStep,
    tax::{TaxPart, Taxed},
};

/// A line to price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineInput {
    /// The caller's name for it; unique in the request.
    pub line_id: String,
    /// At least 1.
    pub quantity: i64,
    /// What the catalogue says of its variant.
    pub offer: Offer,
    /// What the buyer wants its units wrapped in.
    pub wrap: Option<AskedWrap>,
}

/// What the catalogue says of a variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// It is for sale.
    Sold(Item),
    /// It is for sale, but has no price in the quote's currency.
    NotInCurrency,
    /// It does not exist or is not published.
    Unknown,
}

/// What a price depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The list price of one.
    pub unit_price: Money,
    /// The price list that it is of; `None`: the catalogue.
    pub listed_by: Option<ListedBy>,
    /// Whether staff have agreed on the price with the buyer: no campaign or code takes anything off it.
    pub is_agreed: bool,
    /// Decides the tax rate; empty: standard.
    pub tax_class: String,
    /// Of one, in grams.
    pub weight_g: i64,
    /// Digital goods do not.
    pub requires_shipping: bool,
    /// Of which product it is, for campaigns.
    pub product_id: String,
    /// The collections that the product is in.
    pub collection_ids: Vec<String>,
    /// Which variant it is, for gifts.
    pub variant_id: String,
    /// What else campaigns know it by, in lower case: `type:…`, `tag:…`, `attribute:NAME=…`, `category:…`.
    pub labels: Vec<String>,
}

/// A price list that a price is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedBy {
    /// Its name.
    pub name: String,
    /// What the catalogue says one costs.
    pub base: Money,
    /// A reduction, beside which the catalogue's price is shown.
    pub is_sale: bool,
}

/// A discount's share of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    /// Which promotion.
    pub promotion_id: PromotionId,
    /// The code as it was asked for; empty: it needed none.
    pub code: Rc<str>,
    /// What a buyer reads.
    pub label: Rc<str>,
    /// Never above nothing.
    pub amount: Money,
}

/// A line with its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedLine {
    /// The line's place in the request.
    pub position: usize,
    /// The caller's name for it.
    pub line_id: Rc<str>,
    /// How many.
    pub quantity: i64,
    /// The list price of one.
    pub unit_price: Money,
    /// Unit price × quantity.
    pub subtotal: Money,
    /// Its discounts, in the order they were taken.
    pub adjustments: Vec<Adjustment>,
    /// Their sum, never above nothing.
    pub discount: Money,
    /// In or on top of what is left.
    pub tax: Money,
    /// The rate of that tax.
    pub tax_rate: Rate,
    /// That tax by rate.
    pub tax_parts: Vec<TaxPart>,
    /// The tax that a gross price holds and that the buyer does not pay.
    pub tax_relief: Money,
    /// What the buyer pays for the line.
    pub total: Gross,
    /// Of one, in grams.
    pub weight_g: i64,
    /// Digital goods do not.
    pub requires_shipping: bool,
    /// How each amount came about.
    pub trace: Vec<TraceStep>,
    /// The price list that the unit price is of; `None`: the catalogue.
    pub listed_by: Option<ListedBy>,
    pub(crate) is_agreed: bool,
    pub(super) product_id: String,
    pub(super) collection_ids: Vec<String>,
    pub(super) variant_id: String,
    pub(super) labels: Vec<String>,
    pub(super) tax_class: String,
}

impl PricedLine {
    /// The line at its list price, before discounts and tax.
    pub(super) fn at_list_price(position: usize, line: &LineInput, item: &Item) -> Result<Self, MoneyError> {
        let subtotal = item.unit_price.times(line.quantity)?;
        let none = Money::zero(subtotal.currency);
        let told = format!("{} × {}", line.quantity, item.unit_price);
        let step = match &item.listed_by {
            _ if item.is_agreed => TraceStep::new("agreed_price", told, subtotal),
            None => TraceStep::new("list_price", told, subtotal),
            Some(by) => {
                let text = format!("{told}, in place of {} each", by.base);
                TraceStep::new(format!("price_list:{}", by.name), text, subtotal)
            }
        };
        Ok(Self {
            position,
            line_id: line.line_id.as_str().into(),
            quantity: line.quantity,
            unit_price: item.unit_price,
            subtotal,
            adjustments: Vec::new(),
            discount: none,
            tax: none,
            tax_rate: Rate::ZERO,
            tax_parts: Vec::new(),
            tax_relief: none,
            total: Gross(subtotal),
            weight_g: item.weight_g,
            requires_shipping: item.requires_shipping,
            trace: vec![step],
            listed_by: item.listed_by.clone(),
            is_agreed: item.is_agreed,
            product_id: item.product_id.clone(),
            collection_ids: item.collection_ids.clone(),
            variant_id: item.variant_id.clone(),
            labels: item.labels.clone(),
            tax_class: item.tax_class.clone(),
        })
    }

    /// What discounts have left of it so far.
    pub fn left(&self) -> Result<Money, MoneyError> {
        self.subtotal.plus(self.discount)
    }

    /// What a code may still take something off.
    pub(super) fn reducible(&self) -> Result<Money, MoneyError> {
        if self.is_agreed { Ok(Money::zero(self.subtotal.currency)) } else { self.left() }
    }

    /// Makes room for so many discounts, and for the tax and total that follow them.
    pub(super) fn make_room(&mut self, discounts: usize) {
        self.adjustments.reserve_exact(discounts);
        self.trace.reserve_exact(discounts + 2);
    }

    /// Takes a discount off; `amount` is below nothing.
    pub(super) fn adjust(&mut self, adjustment: Adjustment, step: TraceStep) -> Result<(), MoneyError> {
        self.discount = self.discount.plus(adjustment.amount)?;
        self.adjustments.push(adjustment);
        self.trace.push(step);
        Ok(())
    }

    /// Notes the tax of what is left; the last thing that happens to a line.
    pub(super) fn settle(&mut self, taxed: Taxed, step: TraceStep) {
        self.tax = taxed.tax;
        self.tax_rate = taxed.rate;
        self.tax_parts = taxed.parts;
        self.tax_relief = taxed.relief;
        self.total = taxed.gross;
        self.trace.push(step);
        self.trace.push(TraceStep::new("line_total", "what the buyer pays for the line", self.total.0));
    }
}

/// What all lines together weigh that need shipping, in grams. Absurd weights stop at the largest number.
pub(super) fn weight_to_ship(lines: &[PricedLine]) -> i64 {
    lines
        .iter()
        .filter(|line| line.requires_shipping)
        .fold(0, |sum: i64, line| sum.saturating_add(line.weight_g.max(0).saturating_mul(line.quantity)))
}

/// How many pieces of all lines together need shipping.
pub(super) fn pieces_to_ship(lines: &[PricedLine]) -> i64 {
    lines
        .iter()
        .filter(|line| line.requires_shipping)
        .fold(0, |sum: i64, line| sum.saturating_add(line.quantity))
}

/// What of the lines travels in one parcel, beside what all goods cost.
pub(super) fn parcel(lines: &[PricedLine], of: &[(String, i64)], goods: Money) -> Parcel {
    let shipped = lines.iter().filter(|line| line.requires_shipping);
    let mut parcel = Parcel { goods, weight_g: 0, pieces: 0 };
    for line in shipped {
        let named = of.iter().filter(|(id, _)| **id == *line.line_id);
        let pieces =
            named.fold(0_i64, |sum, (_, pieces)| sum.saturating_add(*pieces)).clamp(0, line.quantity);
        parcel.pieces = parcel.pieces.saturating_add(pieces);
        parcel.weight_g = parcel.weight_g.saturating_add(line.weight_g.max(0).saturating_mul(pieces));
    }
    parcel
}
