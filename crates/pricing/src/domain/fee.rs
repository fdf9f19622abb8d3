//! What is charged that is neither goods nor shipping: wrapping, bulky goods, small orders, parcels.
//!
//! Nothing is taken off a fee, and it counts towards no minimum: else a fee for small orders could end itself. A surcharge
//! for a way to pay is none of these: the law of the European Union forbids most of them.

use std::rc::Rc;

use argosy_kernel::{Currency, Gross, Money, MoneyError, Rate, Timestamp};

use super::{
    Amounts, Country, Goods, LineInput, Notice, PricedLine, TraceStep,
    tax::{TaxPart, Taxed},
};

/// A fee as it was put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fee {
    /// What it is put by, and told by in a trace.
    pub name: String,
    /// What a buyer reads.
    pub title: String,
    /// When it is due.
    pub kind: FeeKind,
    /// Of one unit, order or parcel. In other currencies there is no such fee.
    pub amounts: Amounts,
    /// Decides its tax rate; empty: standard.
    pub tax_class: String,
    /// About which goods it is.
    pub goods: Goods,
    /// Only for destinations in these countries; empty: everywhere.
    pub countries: Vec<Country>,
    /// Only in these markets, by name; empty: in all.
    pub markets: Vec<String>,
    /// From when it is due.
    pub starts_at: Option<Timestamp>,
    /// Until when it is due, not included.
    pub ends_at: Option<Timestamp>,
    /// Whether it is switched on at all.
    pub active: bool,
}

/// When a fee is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeeKind {
    /// For each unit of a line whose buyer wants it.
    Wrap {
        /// A line with more units cannot be wrapped; 0: however many.
        pieces_max: i64,
        /// How long what is to be written may be, in characters.
        message_length_max: u32,
    },
    /// For each unit of its goods.
    Piece,
    /// Once an order.
    Order {
        /// Only below this value of all goods, discounts taken off. Empty: always.
        below: Amounts,
    },
    /// For each parcel that is sent.
    Parcel,
}

impl FeeKind {
    /// As the contract spells it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Wrap { .. } => "wrap",
            Self::Piece => "piece",
            Self::Order { .. } => "order",
            Self::Parcel => "parcel",
        }
    }
}

/// How a buyer wants a line wrapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedWrap {
    /// The fee's name.
    pub name: String,
    /// Characters of what is to be written.
    pub message_length: u32,
}

/// A fee that is charged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedFee {
    /// Of the fee.
    pub name: String,
    /// What a buyer reads.
    pub title: String,
    /// As the contract spells it.
    pub kind: &'static str,
    /// The line whose units it is for; `None`: it is of the order.
    pub line_id: Option<Rc<str>>,
    /// Of how many units, orders or parcels.
    pub quantity: i64,
    /// Of one.
    pub unit_price: Money,
    /// Unit price × quantity.
    pub amount: Money,
    /// In or on top of it.
    pub tax: Money,
    /// The rate of that tax.
    pub tax_rate: Rate,
    /// That tax by rate.
    pub tax_parts: Vec<TaxPart>,
    /// The tax that a gross price holds and that the buyer does not pay.
    pub tax_relief: Money,
    /// What the buyer pays for it.
    pub total: Gross,
    pub(super) tax_class: String,
}

/// A way to wrap lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrapOffer {
    /// The fee's name.
    pub name: String,
    /// What a buyer reads.
    pub title: String,
    /// Of one unit.
    pub unit_price: Money,
    /// A line with more units cannot be wrapped; 0: however many.
    pub pieces_max: i64,
    /// How long what is to be written may be, in characters.
    pub message_length_max: u32,
    /// The lines that it is for.
    pub line_ids: Vec<Rc<str>>,
}

/// Where fees are looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) currency: Currency,
    pub(super) country: Country,
    pub(super) market: Option<&'a str>,
    pub(super) now: Timestamp,
    /// All goods, discounts taken off.
    pub(super) goods: Money,
    /// How many are sent.
    pub(super) parcels: i64,
}

/// What came of all fees.
#[derive(Debug, Default)]
pub(super) struct Charges {
    pub(super) fees: Vec<PricedFee>,
    pub(super) wraps: Vec<WrapOffer>,
    pub(super) notices: Vec<Notice>,
    pub(super) trace: Vec<TraceStep>,
    /// Whether there is one by the parcel.
    pub(super) asks_parcels: bool,
}

impl Fee {
    fn rule(&self) -> String {
        format!("fee:{}", self.name)
    }

    fn is_due(&self, scene: &Scene<'_>) -> bool {
        self.active
            && self.starts_at.is_none_or(|starts_at| scene.now >= starts_at)
            && self.ends_at.is_none_or(|ends_at| scene.now < ends_at)
            && (self.countries.is_empty() || self.countries.contains(&scene.country))
            && (self.markets.is_empty()
                || scene.market.is_some_and(|market| self.markets.iter().any(|name| name == market)))
    }

    fn of(
        &self,
        line: Option<&PricedLine>,
        quantity: i64,
        unit_price: Money,
    ) -> Result<PricedFee, MoneyError> {
        let (amount, none) = (unit_price.times(quantity)?, Money::zero(unit_price.currency));
        Ok(PricedFee {
            name: self.name.clone(),
            title: self.title.clone(),
            kind: self.kind.as_str(),
            line_id: line.map(|line| Rc::clone(&line.line_id)),
            quantity,
            unit_price,
            amount,
            tax: none,
            tax_rate: Rate::ZERO,
            tax_parts: Vec::new(),
            tax_relief: none,
            total: Gross(amount),
            tax_class: self.tax_class.clone(),
        })
    }
}

impl PricedFee {
    /// Notes its tax; the last thing that happens to it.
    pub(super) fn settle(&mut self, taxed: Taxed) {
        self.tax = taxed.tax;
        self.tax_rate = taxed.rate;
        self.tax_parts = taxed.parts;
        self.tax_relief = taxed.relief;
        self.total = taxed.gross;
    }
}

impl Charges {
    /// Charges what is due, in the order in which fees were put.
    pub(super) fn of(
        fees: &[Fee],
        asked: &[LineInput],
        lines: &[PricedLine],
        scene: &Scene<'_>,
    ) -> Result<Self, MoneyError> {
        let mut charges = Self::default();
        for fee in fees.iter().filter(|fee| fee.is_due(scene)) {
            let Some(unit_price) = fee.amounts.of(scene.currency) else { continue };
            let about = || lines.iter().filter(|line| fee.goods.holds(line));
            match &fee.kind {
                FeeKind::Wrap { pieces_max, message_length_max } => {
                    let of_line = |line: &&PricedLine| {
                        line.requires_shipping && (*pieces_max == 0 || line.quantity <= *pieces_max)
                    };
                    let lines: Vec<&PricedLine> = about().filter(of_line).collect();
                    for line in &lines {
                        if asked_by(asked, line).is_some_and(|wrap| wrap.name == fee.name) {
                            charges.charge(fee, Some(line), line.quantity, unit_price)?;
                        }
                    }
                    if !lines.is_empty() {
                        charges.wraps.push(WrapOffer {
                            name: fee.name.clone(),
                            title: fee.title.clone(),
                            unit_price,
                            pieces_max: *pieces_max,
                            message_length_max: *message_length_max,
                            line_ids: lines.iter().map(|line| Rc::clone(&line.line_id)).collect(),
                        });
                    }
                }
                FeeKind::Piece => {
                    for line in about() {
                        charges.charge(fee, Some(line), line.quantity, unit_price)?;
                    }
                }
                FeeKind::Order { below } => {
                    if about().next().is_none() {
                        continue;
                    }
                    let limit = below.of(scene.currency);
                    match limit {
                        Some(limit) if scene.goods.minor >= limit.minor => {
                            let text = format!("is not due: goods of {} reach {limit}", scene.goods);
                            let nothing = Money::zero(scene.currency);
                            charges.trace.push(TraceStep::new(fee.rule(), text, nothing));
                        }
                        None if !below.is_empty() => {}
                        _ => charges.charge(fee, None, 1, unit_price)?,
                    }
                }
                FeeKind::Parcel => {
                    if about().any(|line| line.requires_shipping) {
                        charges.asks_parcels = true;
                        if scene.parcels > 0 {
                            charges.charge(fee, None, scene.parcels, unit_price)?;
                        }
                    }
                }
            }
        }
        charges.refuse(asked, lines, fees);
        Ok(charges)
    }

    fn charge(
        &mut self,
        fee: &Fee,
        line: Option<&PricedLine>,
        quantity: i64,
        unit_price: Money,
    ) -> Result<(), MoneyError> {
        let charged = fee.of(line, quantity, unit_price)?;
        let of = line.map_or_else(String::new, |line| format!(", of line {}", line.line_id));
        let text = format!("{}, {quantity} × {unit_price}{of}", fee.title);
        self.trace.push(TraceStep::new(fee.rule(), text, charged.amount));
        self.fees.push(charged);
        Ok(())
    }

    /// What is asked for and cannot be had is told: a gift that arrives unwrapped is a surprise, too.
    fn refuse(&mut self, asked: &[LineInput], lines: &[PricedLine], fees: &[Fee]) {
        for line in lines {
            let Some(wrap) = asked_by(asked, line) else { continue };
            let position = line.position;
            let offer = self.wraps.iter().find(|offer| offer.name == wrap.name);
            match offer.filter(|offer| offer.line_ids.contains(&line.line_id)) {
                Some(offer) if wrap.message_length > offer.message_length_max => {
                    let length_max = offer.message_length_max;
                    self.notices.push(Notice::WrapMessageTooLong { position, length_max });
                }
                Some(_) => {}
                None => {
                    let pieces_max = fees.iter().find(|fee| fee.name == wrap.name && fee.goods.holds(line));
                    let pieces_max = pieces_max.map_or(0, |fee| match fee.kind {
                        FeeKind::Wrap { pieces_max, .. } if line.quantity > pieces_max => pieces_max,
                        _ => 0,
                    });
                    self.notices.push(Notice::WrapNotOffered { position, pieces_max });
                }
            }
        }
    }
}

fn asked_by<'a>(asked: &'a [LineInput], line: &PricedLine) -> Option<&'a AskedWrap> {
    asked.get(line.position)?.wrap.as_ref()
}
