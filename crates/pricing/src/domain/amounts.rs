//! An amount that was set once per currency.

use argosy_kernel::{Currency, Money};

/// Amounts that mean the same in several currencies, at most one each.
///
/// Nothing converts between them: an exchange rate would make a price nobody decided on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Amounts(Vec<Money>);

/// Why a list of amounts was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountsError {
    /// An amount below nothing.
    #[error("an amount must not be negative")]
    Negative(usize),
    /// A currency that the list had before.
    #[error("{1} has an amount already")]
    Repeated(usize, Currency),
}

impl Amounts {
    /// Checks a list: nothing negative, no currency twice.
    pub fn new(amounts: Vec<Money>) -> Result<Self, AmountsError> {
        for (index, amount) in amounts.iter().enumerate() {
            if amount.is_negative() {
                return Err(AmountsError::Negative(index));
            }
            if amounts[..index].iter().any(|earlier| earlier.currency == amount.currency) {
                return Err(AmountsError::Repeated(index, amount.currency));
            }
        }
        Ok(Self(amounts))
    }

    /// The amount in a currency, if one was set.
    pub fn of(&self, currency: Currency) -> Option<Money> {
        self.0.iter().copied().find(|amount| amount.currency == currency)
    }

    /// Whether there is none in any currency.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, in the order they were set.
    pub fn as_slice(&self) -> &[Money] {
        &self.0
    }
}
