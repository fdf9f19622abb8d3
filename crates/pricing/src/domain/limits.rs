//! What a campaign may be used for in all, and what is left of that.

use std::collections::HashMap;

use argosy_kernel::{Currency, Money};

use super::Amounts;

/// How often a campaign may count, and how much it may take off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// In all; unset: without limit.
    pub uses_max: Option<i64>,
    /// For one buyer; unset: without limit.
    pub uses_per_buyer: Option<i64>,
    /// What it may take off in all, one per currency; empty: without limit.
    pub budgets: Amounts,
}

/// What of a campaign's limits is used up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Used {
    /// How often it counted.
    pub uses: i64,
    /// How often it counted for the buyer, as far as it is known who they are.
    pub uses_of_buyer: i64,
    /// What it took off in the quote's currency, in minor units.
    pub spent: i64,
}

/// By the campaign's name; one that is not here was never used.
pub type UsedByCampaign = HashMap<String, Used>;

/// Why a campaign does not count any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spent {
    Uses,
    UsesOfBuyer,
    /// There is none in this currency.
    NoBudget,
}

impl Limits {
    /// Whether there are none.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// What is used up whatever it would take off.
    pub(super) fn spent(&self, used: Option<&Used>, currency: Currency) -> Option<Spent> {
        if !self.budgets.is_empty() && self.budgets.of(currency).is_none() {
            return Some(Spent::NoBudget);
        }
        let used = used?;
        let reached = |most: Option<i64>, uses: i64| most.is_some_and(|most| uses >= most);
        if reached(self.uses_max, used.uses) {
            return Some(Spent::Uses);
        }
        reached(self.uses_per_buyer, used.uses_of_buyer).then_some(Spent::UsesOfBuyer)
    }

    /// Whether so much is left of the budget, if there is one.
    pub(super) fn covers(&self, used: Option<&Used>, amount: Money) -> bool {
        let spent = used.map_or(0, |used| used.spent);
        let left = self.budgets.of(amount.currency).map(|budget| budget.minor.saturating_sub(spent));
        left.is_none_or(|left| amount.minor <= left)
    }
}
