//! Who pays no tax although it is due where the goods go.

use super::{Country, Place, is_union_member, member_of_number};
use crate::domain::Buyer;

/// Why a buyer is not charged the tax of the destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exemption {
    /// A business of another member state of the European Union owes it itself (Directive 2006/112/EC, articles 138, 196).
    ReverseCharge,
    /// The shop has checked that the buyer is exempt.
    Buyer,
}

/// What a tax number came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaxNumber {
    /// There is none.
    Missing,
    /// It has the form of no member state's numbers, so it changes nothing.
    Unknown,
    /// It is one, but this sale is taxed all the same: at home, or outside of the Union.
    WithoutEffect,
    /// The buyer owes the tax.
    Reverses,
}

impl TaxNumber {
    /// What a buyer's number means for goods sent from a shop at `home`.
    pub fn of(buyer: &Buyer, home: Country, place: &Place) -> Self {
        if buyer.tax_number.trim().is_empty() {
            return Self::Missing;
        }
        let Some(member) = member_of_number(&buyer.tax_number) else { return Self::Unknown };
        let leaves_home = place.country != home && is_union_member(home) && is_union_member(place.country);
        if leaves_home && member != home { Self::Reverses } else { Self::WithoutEffect }
    }
}

impl Exemption {
    /// The exemption of a buyer, if there is one.
    pub fn of(buyer: &Buyer, home: Country, place: &Place) -> Option<Self> {
        match TaxNumber::of(buyer, home, place) {
            TaxNumber::Reverses => Some(Self::ReverseCharge),
            TaxNumber::Missing | TaxNumber::Unknown | TaxNumber::WithoutEffect => {
                buyer.is_tax_exempt.then_some(Self::Buyer)
            }
        }
    }

    /// What callers match on.
    pub fn kind(self) -> &'static str {
        match self {
            Self::ReverseCharge => "reverse_charge",
            Self::Buyer => "exempt",
        }
    }

    /// What it is called in a sum.
    pub fn label(self) -> &'static str {
        match self {
            Self::ReverseCharge => "Reverse charge",
            Self::Buyer => "Tax exempt",
        }
    }

    /// What an invoice must say.
    pub fn text(self) -> &'static str {
        match self {
            Self::ReverseCharge => "Reverse charge: the buyer owes the tax.",
            Self::Buyer => "The buyer is exempt from tax.",
        }
    }
}
