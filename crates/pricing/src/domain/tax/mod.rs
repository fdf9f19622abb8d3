//! Which tax is due where, and whether a price holds it already.
//!
//! The rule for a shop that sells across borders, in full:
//!
//! | list prices | zone of the destination | what a list price is | tax |
//! | --- | --- | --- | --- |
//! | gross | `included` | gross: the buyer pays the same price everywhere | inside, at the destination's rate |
//! | gross | not `included` | net: the figure stays, tax comes on top | added |
//! | net | any | net | added |
//! | any | none | the price; nothing is due | none |
//!
//! Taking the home country's tax out of a gross price before adding the destination's lost: it makes prices that
//! nobody set (16.80 for 19.99), and they change whenever a rate does. Who is exempt pays the gross price without the
//! destination's tax, so that the shop earns the same from them as from their neighbours.

mod assess;
mod exemption;
mod levy;
mod number;
mod postal;
#[cfg(test)]
mod stories;
mod zone;
mod zones;

use argosy_kernel::{Gross, Money, Net, Rate, Timestamp};

pub(super) use self::assess::apply;
pub use self::{
    exemption::{Exemption, TaxNumber},
    number::{is_union_member, member_of_number, union_members},
    postal::{PostalPattern, PostalPatternError},
    zone::{STANDARD, ShippingTax, TaxRate, TaxRounding, TaxZone, UNTAXED_CLASSES},
    zones::TaxZones,
};
use super::{Country, Place, PricedFee, PricedLine, TraceStep};

/// Whether a price holds its tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaxTreatment {
    /// Prices are gross.
    Included,
    /// Prices are net.
    Added,
}

/// The tax that one quote is made with.
#[derive(Debug, Clone, Copy)]
pub struct TaxRules<'a> {
    zone: Option<&'a TaxZone>,
    /// Whether prices hold it.
    pub treatment: TaxTreatment,
    /// Why none of it is charged.
    pub exemption: Option<Exemption>,
    now: Timestamp,
}

/// An amount with its tax worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taxed {
    /// Before tax.
    pub net: Net,
    /// The tax.
    pub tax: Money,
    /// With tax: what the buyer pays.
    pub gross: Gross,
    /// The tax that a gross price holds and that the buyer does not pay.
    pub relief: Money,
    /// All its rates as one, to the part per million.
    pub rate: Rate,
    /// The tax by rate; adds up to it.
    pub parts: Vec<TaxPart>,
}

/// The tax of one rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxPart {
    /// What the tax is called, without the rate, e.g. `VAT`.
    pub label: String,
    /// The rate.
    pub rate: Rate,
    /// What it is due on, before any tax.
    pub base: Net,
    /// The tax.
    pub amount: Money,
}

impl TaxPart {
    /// What the sum of this tax is called, e.g. `VAT 19 %`.
    pub fn shown(&self) -> String {
        format!("{} {}", self.label, self.rate)
    }
}
