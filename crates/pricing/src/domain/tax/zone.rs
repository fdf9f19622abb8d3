//! Tax zones: where which rates are due.

use argosy_kernel::{Rate, Timestamp};

use super::{Country, PostalPattern, levy::Levy};

/// The class whose rate counts for every class that has none of its own.
pub const STANDARD: &str = "standard";
/// The classes on which nothing is due where they have no rate of their own.
pub const UNTAXED_CLASSES: [&str; 2] = ["zero", "exempt"];

/// The tax of a country, of one of its regions, or of some postal codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxZone {
    /// For people.
    pub name: String,
    /// Where it is due.
    pub country: Country,
    /// Only in this region, in capitals; empty: in the whole country.
    pub region: String,
    /// Only at these postal codes; empty: at all.
    pub postal_codes: Vec<PostalPattern>,
    /// Whether gross list prices hold this zone's tax.
    pub included: bool,
    /// Where tax is rounded.
    pub rounding: TaxRounding,
    /// What shipping is taxed with.
    pub shipping: ShippingTax,
    /// By tax class; `standard` is always there.
    pub rates: Vec<TaxRate>,
}

/// Where a tax is rounded. The lines add up to the total either way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TaxRounding {
    /// Once a line.
    #[default]
    Line,
    /// Once for all that is of one class; lines get their shares by largest remainder.
    Total,
}

/// What shipping is taxed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShippingTax {
    /// With the rate of a class.
    Class(String),
    /// With the rates of the goods, each for its share of their value.
    Proportional,
    /// With the highest rate of the goods.
    Highest,
}

impl Default for ShippingTax {
    fn default() -> Self {
        Self::Class(STANDARD.to_owned())
    }
}

/// A rate of one tax class, for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxRate {
    /// `standard`, `reduced`, …
    pub tax_class: String,
    /// How much.
    pub rate: Rate,
    /// What the tax is called, without the rate, e.g. `VAT`.
    pub label: String,
    /// Rates of one class with different parts are due together, in this order, e.g. a state's and its county's.
    pub part: u32,
    /// Whether it is due on the price with the parts before it, and not beside them.
    pub is_compound: bool,
    /// From when it is due.
    pub starts_at: Option<Timestamp>,
    /// Until when it is due, not included.
    pub ends_at: Option<Timestamp>,
}

impl TaxZone {
    /// What is due on a class at a time; `None`: no rate of it is in force then.
    pub(super) fn levy(&self, tax_class: &str, now: Timestamp) -> Option<Levy<'_>> {
        let of = |name: &str| {
            let mut rates: Vec<&TaxRate> =
                self.rates.iter().filter(|rate| rate.tax_class == name && rate.is_due(now)).collect();
            rates.sort_by_key(|rate| rate.part);
            let class = &rates.first()?.tax_class;
            Some(Levy::new(class, rates))
        };
        let wanted = if tax_class.is_empty() { STANDARD } else { tax_class };
        of(wanted).or_else(|| {
            let untaxed = UNTAXED_CLASSES.iter().find(|class| **class == wanted);
            untaxed.map(|class| Levy::new(class, [])).or_else(|| of(STANDARD))
        })
    }

    /// Of each class that has rates what is due, as one rate with what it is called.
    pub fn rates_in_force(&self, now: Timestamp) -> Vec<(&str, Rate, &str)> {
        let mut classes: Vec<&str> = Vec::new();
        for rate in &self.rates {
            if !classes.contains(&rate.tax_class.as_str()) {
                classes.push(&rate.tax_class);
            }
        }
        let levies = classes
            .into_iter()
            .filter_map(|class| self.levy(class, now).filter(|levy| levy.tax_class == class));
        levies
            .filter_map(|levy| Some((levy.tax_class, levy.rate(), levy.rates.first()?.0.label.as_str())))
            .collect()
    }

    /// How a trace names it.
    pub(super) fn place(&self) -> String {
        let mut place = self.country.to_string();
        if !self.region.is_empty() {
            place = format!("{place}-{}", self.region);
        }
        if let Some(pattern) = self.postal_codes.first() {
            let more = if self.postal_codes.len() > 1 { ",…" } else { "" };
            place = format!("{place}:{pattern}{more}");
        }
        place
    }
}

impl TaxRate {
    fn is_due(&self, now: Timestamp) -> bool {
        self.starts_at.is_none_or(|starts_at| now >= starts_at)
            && self.ends_at.is_none_or(|ends_at| now < ends_at)
    }

    /// What the tax is called.
    pub(super) fn name(&self) -> &str {
        if self.label.is_empty() { "Tax" } else { &self.label }
    }
}
