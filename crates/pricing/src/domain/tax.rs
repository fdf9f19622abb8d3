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
//! nobody set (16.80 for 19.99), and they change whenever a rate does.

use std::collections::HashMap;

use argosy_kernel::{Gross, Money, MoneyError, Net, Rate};

use super::{Country, TraceStep};

/// The class whose rate counts for every class that has none of its own, and for shipping.
pub const STANDARD: &str = "standard";

/// The tax of a country or of one of its regions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxZone {
    /// For people.
    pub name: String,
    /// Where it is due.
    pub country: Country,
    /// Only in this region, in capitals; empty: in the whole country.
    pub region: String,
    /// Whether gross list prices hold this zone's tax.
    pub included: bool,
    /// By tax class; `standard` is always there.
    pub rates: Vec<TaxRate>,
}

/// The rate of one tax class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxRate {
    /// `standard`, `reduced`, …
    pub tax_class: String,
    /// How much.
    pub rate: Rate,
    /// What the tax is called, without the rate, e.g. `VAT`.
    pub label: String,
}

/// All tax zones of a shop, found by place.
#[derive(Debug, Clone, Default)]
pub struct TaxZones(HashMap<(Country, String), TaxZone>);

impl TaxZones {
    /// Prepares zones for look-ups. Of two for one place the later counts; none are stored that way.
    pub fn new(zones: impl IntoIterator<Item = TaxZone>) -> Self {
        Self(zones.into_iter().map(|zone| ((zone.country, zone.region.clone()), zone)).collect())
    }

    /// The zone of a place: its region's, else its country's. The region is compared in capitals.
    pub fn find(&self, country: Country, region: &str) -> Option<&TaxZone> {
        self.0.get(&(country, region.trim().to_uppercase())).or_else(|| self.0.get(&(country, String::new())))
    }

    /// The rules for a destination. `gross_prices`: the shop's list prices hold tax.
    pub fn rules(&self, country: Country, region: &str, gross_prices: bool) -> TaxRules<'_> {
        let zone = self.find(country, region);
        let treatment = match zone {
            Some(zone) if zone.included && gross_prices => TaxTreatment::Included,
            _ => TaxTreatment::Added,
        };
        TaxRules { zone, treatment }
    }
}

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
}

/// An amount with its tax worked out, rounded once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taxed {
    /// Before tax.
    pub net: Net,
    /// The tax.
    pub tax: Money,
    /// With tax.
    pub gross: Gross,
    /// The rate it was worked out with.
    pub rate: Rate,
    /// What the sum of this tax is called, e.g. `VAT 19 %`.
    pub label: String,
    /// How it came about.
    pub step: TraceStep,
}

impl TaxRules<'_> {
    /// The tax of an amount of goods of a class (empty: standard).
    pub fn tax(&self, tax_class: &str, amount: Money) -> Result<Taxed, MoneyError> {
        let tax_class = if tax_class.is_empty() { STANDARD } else { tax_class };
        let Some((zone, rate)) = self.zone.and_then(|zone| Some((zone, zone.rate_of(tax_class)?))) else {
            return Ok(Self::untaxed(amount));
        };
        let (net, tax, gross, word) = match self.treatment {
            TaxTreatment::Included => {
                let tax = rate.rate.tax_in(Gross(amount))?;
                (Net(amount.minus(tax)?), tax, Gross(amount), "in")
            }
            TaxTreatment::Added => {
                let tax = rate.rate.tax_on(Net(amount))?;
                (Net(amount), tax, Gross(amount.plus(tax)?), "on")
            }
        };
        let step = TraceStep::new(
            format!("tax:{}/{}", zone.place(), rate.tax_class),
            format!("{}, {} {word} {amount}", zone.name, rate.rate),
            tax,
        );
        Ok(Taxed { net, tax, gross, rate: rate.rate, label: rate.shown(), step })
    }

    fn untaxed(amount: Money) -> Taxed {
        let none = Money::zero(amount.currency);
        Taxed {
            net: Net(amount),
            tax: none,
            gross: Gross(amount),
            rate: Rate::ZERO,
            label: String::new(),
            step: TraceStep::new("tax:none", "no tax zone covers the destination", none),
        }
    }
}

impl TaxZone {
    fn rate_of(&self, tax_class: &str) -> Option<&TaxRate> {
        let named = |name: &str| self.rates.iter().find(|rate| rate.tax_class == name);
        named(tax_class).or_else(|| named(STANDARD))
    }

    fn place(&self) -> String {
        if self.region.is_empty() {
            self.country.to_string()
        } else {
            format!("{}-{}", self.country, self.region)
        }
    }
}

impl TaxRate {
    fn shown(&self) -> String {
        let label = if self.label.is_empty() { "Tax" } else { &self.label };
        format!("{label} {}", self.rate)
    }
}
