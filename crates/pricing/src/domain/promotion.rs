//! Coupon promotions, and when one counts.

use argosy_kernel::{Money, PromotionId, Rate, Timestamp};

use super::{Amounts, CouponCode};

/// What a promotion takes off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PromotionKind {
    /// A share of what is left of each line.
    Percentage(Rate),
    /// An amount off all lines together, set per currency.
    Fixed(Amounts),
    /// The price of the chosen shipping option.
    FreeShipping,
}

/// A promotion that a buyer asks for by its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promotion {
    /// Its id.
    pub id: PromotionId,
    /// What a buyer types.
    pub code: CouponCode,
    /// What a buyer reads; empty: the code.
    pub title: String,
    /// What it takes off.
    pub kind: PromotionKind,
    /// The subtotal needed before discounts. Empty: none. If set at all, it must be set for a cart's currency.
    pub minimums: Amounts,
    /// How often it may be used in all; unset: without limit.
    pub uses_max: Option<i64>,
    /// How often it has been used.
    pub uses: i64,
    /// How often one buyer may use it; unset: without limit.
    pub uses_per_buyer: Option<i64>,
    /// What it may take off in all, one per currency; empty: without limit.
    pub budgets: Vec<Budget>,
    /// Whether codes were made of it: then it is what they have in common, and no code itself.
    pub is_pool: bool,
    /// The code that this one was made of; empty: none.
    pub pool: String,
    /// From when it counts.
    pub starts_at: Option<Timestamp>,
    /// Until when it counts, not included.
    pub ends_at: Option<Timestamp>,
    /// Whether it is switched on at all.
    pub active: bool,
}

/// What a promotion may take off in all in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// All of it.
    pub amount: Money,
    /// What is spent of it.
    pub spent: Money,
}

/// Why a code was not applied. The buyer keeps the cart; only the code falls away.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No such code, or it is switched off.
    #[error("this code does not exist")]
    NotFound,
    /// Too early.
    #[error("this code is not valid yet")]
    NotStarted,
    /// Too late.
    #[error("this code has expired")]
    Expired,
    /// Every use is taken.
    #[error("this code has been used up")]
    Exhausted,
    /// The buyer has used it as often as one may.
    #[error("you have used this code already")]
    ExhaustedForBuyer,
    /// It would take off more than is left of its budget.
    #[error("this code has been used up")]
    BudgetSpent,
    /// The cart is worth too little.
    #[error("this code needs a subtotal of at least {0}")]
    MinimumNotReached(Money),
    /// Nothing is set for the cart's currency.
    #[error("this code does not apply to this currency")]
    NotForCurrency,
    /// It would take nothing off, so using it up would be a loss.
    #[error("this code would take nothing off")]
    NotApplicable,
    /// It was given before in the same request.
    #[error("this code is applied already")]
    Repeated,
}

impl Rejection {
    /// What callers match on.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::NotFound => "CODE_NOT_FOUND",
            Self::NotStarted => "CODE_NOT_STARTED",
            Self::Expired => "CODE_EXPIRED",
            Self::Exhausted => "CODE_EXHAUSTED",
            Self::ExhaustedForBuyer => "CODE_EXHAUSTED_FOR_BUYER",
            Self::BudgetSpent => "CODE_BUDGET_SPENT",
            Self::MinimumNotReached(_) => "MINIMUM_NOT_REACHED",
            Self::NotForCurrency => "CODE_NOT_FOR_CURRENCY",
            Self::NotApplicable => "CODE_NOT_APPLICABLE",
            Self::Repeated => "CODE_REPEATED",
        }
    }
}

impl Promotion {
    /// What a buyer reads.
    pub fn label(&self) -> &str {
        if self.title.is_empty() { self.code.as_str() } else { &self.title }
    }

    /// What buyers' uses and budgets are counted by: the code, or the promotion that it was made of.
    pub fn counted_by(&self) -> &str {
        if self.pool.is_empty() { self.code.as_str() } else { &self.pool }
    }

    /// A code of a pool takes off what its pool says, and counts its own uses.
    #[must_use]
    pub fn of_pool(self, pool: &Self) -> Self {
        let title = if pool.title.is_empty() { pool.code.to_string() } else { pool.title.clone() };
        Self {
            title,
            kind: pool.kind.clone(),
            minimums: pool.minimums.clone(),
            uses_per_buyer: pool.uses_per_buyer,
            budgets: pool.budgets.clone(),
            starts_at: pool.starts_at,
            ends_at: pool.ends_at,
            active: pool.active && self.active,
            ..self
        }
    }

    /// Whether a discount is more than its budget has left. Like the count of uses it is only a hint.
    pub(super) fn exceeds_budget(&self, discount: Money) -> bool {
        let budget = self.budgets.iter().find(|budget| budget.amount.currency == discount.currency);
        let left = |budget: &Budget| budget.amount.minor.saturating_sub(budget.spent.minor);
        match budget {
            Some(budget) => discount.minor.saturating_abs() > left(budget),
            // One that has budgets gives nothing in a currency without.
            None => !self.budgets.is_empty(),
        }
    }

    /// Whether it counts at `now` for a cart of this subtotal.
    ///
    /// The count of uses is only a hint here: a code that looks free may be gone when it is redeemed.
    pub fn check(&self, now: Timestamp, subtotal: Money) -> Result<(), Rejection> {
        if !self.active || self.is_pool {
            return Err(Rejection::NotFound);
        }
        if self.starts_at.is_some_and(|starts_at| now < starts_at) {
            return Err(Rejection::NotStarted);
        }
        if self.ends_at.is_some_and(|ends_at| now >= ends_at) {
            return Err(Rejection::Expired);
        }
        if self.uses_max.is_some_and(|uses_max| self.uses >= uses_max) {
            return Err(Rejection::Exhausted);
        }
        if self.minimums.is_empty() {
            return Ok(());
        }
        match self.minimums.of(subtotal.currency) {
            None => Err(Rejection::NotForCurrency),
            Some(minimum) if subtotal.minor < minimum.minor => Err(Rejection::MinimumNotReached(minimum)),
            Some(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use argosy_kernel::Currency;

    use super::*;

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    fn welcome() -> Promotion {
        Promotion {
            id: PromotionId::new(),
            code: CouponCode::parse("welcome").unwrap(),
            title: String::new(),
            kind: PromotionKind::Percentage(Rate::from_ppm(100_000)),
            minimums: Amounts::default(),
            uses_max: Some(2),
            uses: 1,
            uses_per_buyer: Some(1),
            budgets: Vec::new(),
            is_pool: false,
            pool: String::new(),
            starts_at: Some(Timestamp::from_millis(100)),
            ends_at: Some(Timestamp::from_millis(200)),
            active: true,
        }
    }

    #[test]
    fn a_promotion_counts_from_its_start_until_just_before_its_end() {
        let at = |millis| welcome().check(Timestamp::from_millis(millis), eur(1));
        assert_eq!(at(99), Err(Rejection::NotStarted));
        assert_eq!(at(100), Ok(()));
        assert_eq!(at(199), Ok(()));
        assert_eq!(at(200), Err(Rejection::Expired));
    }

    #[test]
    fn a_promotion_is_refused_for_one_clear_reason() {
        let now = Timestamp::from_millis(150);
        let used_up = Promotion { uses: 2, ..welcome() };
        assert_eq!(used_up.check(now, eur(1)), Err(Rejection::Exhausted));
        let off = Promotion { active: false, ..welcome() };
        assert_eq!(off.check(now, eur(1)), Err(Rejection::NotFound));
        let minimum = Promotion { minimums: Amounts::new(vec![eur(5_000)]).unwrap(), ..welcome() };
        assert_eq!(minimum.check(now, eur(4_999)), Err(Rejection::MinimumNotReached(eur(5_000))));
        assert_eq!(minimum.check(now, eur(5_000)), Ok(()));
        assert_eq!(minimum.check(now, Money::new(9_000, Currency::USD)), Err(Rejection::NotForCurrency));
    }
}
