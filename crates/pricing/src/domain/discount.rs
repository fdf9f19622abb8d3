//! How codes take something off, in the order they were given.
//!
//! Percentages are rounded once a line. A fixed amount is split over the lines in proportion to what is left of
//! each, by largest remainder, so it neither loses a cent nor takes more than there is. A code that would take
//! nothing off is rejected: it would be used up for nothing.

use std::{collections::HashSet, rc::Rc};

use argosy_kernel::{Money, MoneyError, Rate, Timestamp};

use super::{
    Adjustment, CouponCode, PricedLine, Promotion, PromotionKind, Rejection, TraceStep, benefit::split,
};

/// A code that the buyer gave, and the promotion behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedCode {
    /// As it was given; answered the same.
    pub text: String,
    /// As it is compared.
    pub code: CouponCode,
    /// What it stands for; `None`: nothing.
    pub promotion: Option<Promotion>,
    /// How often the buyer has used it, as far as it is known who they are.
    pub uses_of_buyer: i64,
}

/// What one code or campaign takes off in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discount {
    /// The code as it was given; empty: a campaign, which needs none.
    pub code: String,
    /// The campaign's name, if it has limits that an order takes of.
    pub campaign: String,
    /// What a buyer reads.
    pub title: String,
    /// Never above nothing. Free shipping is nothing until an option is chosen.
    pub amount: Money,
    /// Where it is taken off; adds up to the amount.
    pub allocations: Vec<Allocation>,
}

/// A discount's share of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    /// Of what.
    pub target: Target,
    /// Never above nothing.
    pub amount: Money,
}

/// What a discount is taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A line, by the caller's name for it.
    Line(Rc<str>),
    /// The chosen shipping option.
    Shipping,
}

/// A code that was not applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedCode {
    /// The code as it was given.
    pub code: String,
    /// Why not.
    pub rejection: Rejection,
}

/// What became of a code.
pub(super) enum Outcome<'a> {
    Applied(Discount),
    /// Decided once the price of shipping is known, which depends on the other discounts.
    FreeShipping(&'a Promotion),
    Rejected(Rejection),
}

/// Applies every code to the lines; the outcomes are in the order of the codes.
pub(super) fn apply_codes<'a>(
    codes: &'a [AskedCode],
    lines: &mut [PricedLine],
    subtotal: Money,
    now: Timestamp,
) -> Result<Vec<Outcome<'a>>, MoneyError> {
    let mut seen = HashSet::new();
    codes
        .iter()
        .map(|asked| {
            if !seen.insert(&asked.code) {
                return Ok(Outcome::Rejected(Rejection::Repeated));
            }
            let Some(promotion) = &asked.promotion else {
                return Ok(Outcome::Rejected(Rejection::NotFound));
            };
            match promotion.check(now, subtotal) {
                Ok(()) if promotion.uses_per_buyer.is_some_and(|most| asked.uses_of_buyer >= most) => {
                    Ok(Outcome::Rejected(Rejection::ExhaustedForBuyer))
                }
                Ok(()) => apply(asked, promotion, lines),
                Err(rejection) => Ok(Outcome::Rejected(rejection)),
            }
        })
        .collect()
}

fn apply<'a>(
    asked: &AskedCode,
    promotion: &'a Promotion,
    lines: &mut [PricedLine],
) -> Result<Outcome<'a>, MoneyError> {
    match &promotion.kind {
        PromotionKind::FreeShipping => Ok(Outcome::FreeShipping(promotion)),
        PromotionKind::Percentage(rate) => {
            let shares = shares_by_rate(*rate, lines)?;
            take_off(asked, promotion, lines, &shares, &format!("{rate} of what is left of the line"))
        }
        PromotionKind::Fixed(amounts) => {
            let Some(amount) = lines.first().and_then(|line| amounts.of(line.subtotal.currency)) else {
                let nothing_to_discount = lines.is_empty();
                let rejection =
                    if nothing_to_discount { Rejection::NotApplicable } else { Rejection::NotForCurrency };
                return Ok(Outcome::Rejected(rejection));
            };
            let shares = shares_of_amount(amount, lines)?;
            take_off(asked, promotion, lines, &shares, &format!("the line's share of {amount}"))
        }
    }
}

fn shares_by_rate(rate: Rate, lines: &[PricedLine]) -> Result<Vec<Money>, MoneyError> {
    lines.iter().map(|line| rate.of(line.reducible()?)).collect()
}

fn shares_of_amount(amount: Money, lines: &[PricedLine]) -> Result<Vec<Money>, MoneyError> {
    split(amount, &lines.iter().map(PricedLine::reducible).collect::<Result<Vec<_>, _>>()?)
}

fn take_off<'a>(
    asked: &AskedCode,
    promotion: &Promotion,
    lines: &mut [PricedLine],
    shares: &[Money],
    text: &str,
) -> Result<Outcome<'a>, MoneyError> {
    let in_all = shares.iter().fold(0_i64, |sum, share| sum.saturating_add(share.minor));
    if shares.first().is_some_and(|share| promotion.exceeds_budget(Money::new(in_all, share.currency))) {
        return Ok(Outcome::Rejected(Rejection::BudgetSpent));
    }
    let (code, label): (Rc<str>, Rc<str>) = (asked.text.as_str().into(), promotion.label().into());
    let (rule, text): (Rc<str>, Rc<str>) = (rule(promotion).into(), text.into());
    let mut allocations = Vec::new();
    for (line, share) in lines.iter_mut().zip(shares) {
        if share.is_zero() {
            continue;
        }
        let amount = share.negated()?;
        let adjustment = Adjustment {
            promotion_id: promotion.id,
            code: Rc::clone(&code),
            label: Rc::clone(&label),
            amount,
        };
        line.adjust(adjustment, TraceStep::new(Rc::clone(&rule), Rc::clone(&text), amount))?;
        allocations.push(Allocation { target: Target::Line(Rc::clone(&line.line_id)), amount });
    }
    let Some(first) = allocations.first() else {
        return Ok(Outcome::Rejected(Rejection::NotApplicable));
    };
    let amount = Money::sum(first.amount.currency, allocations.iter().map(|part| part.amount))?;
    Ok(Outcome::Applied(discount(asked, promotion, amount, allocations)))
}

/// Takes the price of shipping off. `price`: what is left to pay for the chosen option, `None` while none is chosen.
pub(super) fn free_shipping(
    asked: &AskedCode,
    promotion: &Promotion,
    price: Option<Money>,
    nothing: Money,
) -> Result<Result<Discount, Rejection>, MoneyError> {
    match price {
        None => Ok(Ok(discount(asked, promotion, nothing, Vec::new()))),
        Some(price) if price.is_zero() => Ok(Err(Rejection::NotApplicable)),
        Some(price) if promotion.exceeds_budget(price) => Ok(Err(Rejection::BudgetSpent)),
        Some(price) => {
            let amount = price.negated()?;
            let allocations = vec![Allocation { target: Target::Shipping, amount }];
            Ok(Ok(discount(asked, promotion, amount, allocations)))
        }
    }
}

fn discount(
    asked: &AskedCode,
    promotion: &Promotion,
    amount: Money,
    allocations: Vec<Allocation>,
) -> Discount {
    let (code, campaign, title) = (asked.text.clone(), String::new(), promotion.label().to_owned());
    Discount { code, campaign, title, amount, allocations }
}

/// The name of a promotion's step in a trace.
pub(super) fn rule(promotion: &Promotion) -> String {
    format!("coupon:{}", promotion.code)
}
