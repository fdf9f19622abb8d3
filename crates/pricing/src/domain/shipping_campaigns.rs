//! Campaigns that make shipping cheaper, once an option is chosen.

use argosy_kernel::{Currency, Money, MoneyError};

use super::{
    Allocation, Benefit, Campaign, Discount, ShippingBenefit, Target, TraceStep, Unmet, campaign::Situation,
};

/// What campaigns take off shipping.
pub(super) struct Reduced {
    pub(super) discounts: Vec<Discount>,
    /// Their sum, never above nothing.
    pub(super) amount: Money,
    pub(super) trace: Vec<TraceStep>,
}

/// Takes the campaigns' shares off the price of the chosen option, each of what those before it left. `price`: `None` while
/// none is chosen.
pub(super) fn reduce(
    campaigns: &[&Campaign],
    price: Option<Money>,
    situation: Situation<'_>,
) -> Result<Reduced, MoneyError> {
    let currency = situation.currency;
    let nothing = Money::zero(currency);
    let mut reduced = Reduced { discounts: Vec::new(), amount: nothing, trace: Vec::new() };
    for campaign in campaigns {
        let left = price.map(|price| price.plus(reduced.amount)).transpose()?;
        let share = share(campaign, left, currency)?;
        let within = share.and_then(|share| match campaign.beyond_budget(share, situation) {
            Some(unmet) => Err(unmet),
            None => Ok(share),
        });
        let share = match within {
            Ok(share) => share,
            Err(unmet) => {
                let text = format!("did not count: {unmet}");
                reduced.trace.push(TraceStep::new(campaign.rule(), text, nothing));
                continue;
            }
        };
        let amount = share.negated()?;
        reduced.amount = reduced.amount.plus(amount)?;
        reduced.trace.push(TraceStep::new(campaign.rule(), campaign.benefit.told(), amount));
        reduced.discounts.push(Discount {
            code: String::new(),
            campaign: campaign.redeemed_by(),
            title: campaign.title.clone(),
            amount,
            allocations: vec![Allocation { target: Target::Shipping, amount }],
        });
    }
    Ok(reduced)
}

fn share(
    campaign: &Campaign,
    left: Option<Money>,
    currency: Currency,
) -> Result<Result<Money, Unmet>, MoneyError> {
    let Some(left) = left else { return Ok(Err(Unmet::NoShipping)) };
    let share = match &campaign.benefit {
        Benefit::Shipping(ShippingBenefit::Share(rate)) => rate.of(left)?,
        Benefit::Shipping(ShippingBenefit::Amount(amounts)) => match amounts.of(currency) {
            Some(amount) => Money::new(amount.minor.min(left.minor), currency),
            None => return Ok(Err(Unmet::Currency)),
        },
        _ => Money::zero(currency),
    };
    Ok(if share.is_zero() { Err(Unmet::Nothing) } else { Ok(share) })
}
