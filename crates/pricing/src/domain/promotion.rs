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
    /// From when it counts.
    pub starts_at: Option<Timestamp>,
    /// Until when it counts, not included.
    pub ends_at: Option<Timestamp>,
    /// Whether it is switched on at all.
    pub active: bool,
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

    /// Whether it counts at `now` for a cart of this subtotal.
    ///
    /// The count of uses is only a hint here: a code that looks free may be gone when it is redeemed.
    pub fn check(&self, now: Timestamp, subtotal: Money) -> Result<(), Rejection> {
        if !self.active {
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
