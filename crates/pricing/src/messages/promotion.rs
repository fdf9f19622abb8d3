//! Promotions as messages.

use argosy_contracts::pricing as wire;
use argosy_kernel::{Error, Money, PromotionId, Rate, Result, Timestamp};

use super::{amounts, amounts_message, at_most, name, slug, text};
use crate::{
    domain::{Amounts, Budget, CouponCode, Promotion, PromotionKind},
    store::{CampaignUse, Use},
};

/// The most promotions one request may put.
const PROMOTIONS_MAX: usize = 200;
/// The most codes one cart may have.
pub(super) const CODES_MAX: usize = 10;
/// The most campaigns that one order takes of.
const CAMPAIGNS_MAX: usize = 2_000;
/// The most codes one request may make.
pub(super) const GENERATED_MAX: u32 = 1_000;
const SEED_LENGTH_MIN: usize = 16;

/// Reads promotions to put; each gets a new id, which counts only if its code is new.
pub(crate) fn promotions(request: &wire::PutPromotionsRequest) -> Result<Vec<Promotion>> {
    at_most(&request.promotions, PROMOTIONS_MAX, "/promotions")?;
    let mut read: Vec<Promotion> = Vec::with_capacity(request.promotions.len());
    for (index, message) in request.promotions.iter().enumerate() {
        let promotion = promotion(message, &format!("/promotions/{index}"))?;
        if read.iter().any(|earlier| earlier.code == promotion.code) {
            let pointer = format!("/promotions/{index}/code");
            return Err(Error::invalid_field(pointer, "stands twice in this request"));
        }
        read.push(promotion);
    }
    Ok(read)
}

fn promotion(message: &wire::Promotion, at: &str) -> Result<Promotion> {
    let wrong = |field: &str, message: String| Error::invalid_field(format!("{at}/{field}"), message);
    let code = CouponCode::parse(&message.code).map_err(|error| wrong("code", error.to_string()))?;
    if message.uses_max.is_some_and(|uses_max| uses_max < 1) {
        return Err(wrong("uses_max", "must be at least 1, or left out for no limit".to_owned()));
    }
    if message.uses_per_customer.is_some_and(|most| most < 1) {
        return Err(wrong("uses_per_customer", "must be at least 1, or left out for no limit".to_owned()));
    }
    if let (Some(starts_at), Some(ends_at)) = (message.starts_at_ms, message.ends_at_ms)
        && ends_at <= starts_at
    {
        return Err(wrong("ends_at_ms", "must be after starts_at_ms".to_owned()));
    }
    Ok(Promotion {
        id: PromotionId::new(),
        code,
        title: text(&message.title, || format!("{at}/title"))?,
        kind: kind(message, at)?,
        minimums: amounts(&message.minimums, &format!("{at}/minimums"))?,
        uses_max: message.uses_max,
        uses: 0,
        uses_per_buyer: message.uses_per_customer,
        budgets: budgets(&message.budgets, &format!("{at}/budgets"))?,
        is_pool: false,
        pool: String::new(),
        starts_at: message.starts_at_ms.map(Timestamp::from_millis),
        ends_at: message.ends_at_ms.map(Timestamp::from_millis),
        active: message.active,
    })
}

pub(super) fn budgets(messages: &[wire::PromotionBudget], list: &str) -> Result<Vec<Budget>> {
    let given: Vec<_> = messages.iter().map(|budget| budget.amount.clone().unwrap_or_default()).collect();
    let given = amounts(&given, list)?;
    if let Some(index) = given.as_slice().iter().position(|amount| amount.is_zero()) {
        return Err(Error::invalid_field(format!("{list}/{index}/minor"), "must be above 0"));
    }
    let budgets = given.as_slice().iter();
    Ok(budgets.map(|amount| Budget { amount: *amount, spent: Money::zero(amount.currency) }).collect())
}

fn kind(message: &wire::Promotion, at: &str) -> Result<PromotionKind> {
    let wrong = |field: &str, message: &str| Err(Error::invalid_field(format!("{at}/{field}"), message));
    let fixed = amounts(&message.amounts, &format!("{at}/amounts"))?;
    let (with_rate, with_amounts) = (message.rate_ppm != 0, !fixed.is_empty());
    match message.kind.as_str() {
        "percentage" if with_amounts => wrong("amounts", "must be empty for a percentage"),
        "percentage" if (1..=Rate::WHOLE.ppm()).contains(&message.rate_ppm) => {
            Ok(PromotionKind::Percentage(Rate::from_ppm(message.rate_ppm)))
        }
        "percentage" => wrong("rate_ppm", "must be from 1 to 1000000, which is 100 %"),
        "fixed" | "free_shipping" if with_rate => wrong("rate_ppm", "is for percentages only"),
        "fixed" => fixed_kind(fixed, at),
        "free_shipping" if with_amounts => wrong("amounts", "must be empty for free shipping"),
        "free_shipping" => Ok(PromotionKind::FreeShipping),
        _ => wrong("kind", "must be percentage, fixed or free_shipping"),
    }
}

fn fixed_kind(fixed: Amounts, at: &str) -> Result<PromotionKind> {
    if fixed.is_empty() {
        return Err(Error::invalid_field(format!("{at}/amounts"), "must hold at least one amount"));
    }
    if let Some(index) = fixed.as_slice().iter().position(|amount| amount.is_zero()) {
        return Err(Error::invalid_field(format!("{at}/amounts/{index}/minor"), "must be above 0"));
    }
    Ok(PromotionKind::Fixed(fixed))
}

/// A promotion as it is answered.
pub(crate) fn message(promotion: &Promotion) -> wire::Promotion {
    let (kind, rate_ppm, fixed) = match &promotion.kind {
        PromotionKind::Percentage(rate) => ("percentage", rate.ppm(), Vec::new()),
        PromotionKind::Fixed(fixed) => ("fixed", 0, amounts_message(fixed)),
        PromotionKind::FreeShipping => ("free_shipping", 0, Vec::new()),
    };
    wire::Promotion {
        id: promotion.id.to_string(),
        code: promotion.code.to_string(),
        title: promotion.title.clone(),
        kind: kind.to_owned(),
        rate_ppm,
        amounts: fixed,
        minimums: amounts_message(&promotion.minimums),
        uses_max: promotion.uses_max,
        uses: promotion.uses,
        starts_at_ms: promotion.starts_at.map(Timestamp::as_millis),
        ends_at_ms: promotion.ends_at.map(Timestamp::as_millis),
        active: promotion.active,
        uses_per_customer: promotion.uses_per_buyer,
        budgets: promotion.budgets.iter().map(budget_message).collect(),
        is_pool: promotion.is_pool,
        pool: promotion.pool.clone(),
    }
}

fn budget_message(budget: &Budget) -> wire::PromotionBudget {
    wire::PromotionBudget { amount: Some(budget.amount.into()), spent: Some(budget.spent.into()) }
}

/// Reads the uses that a redemption asks for: in key order, each code once.
pub(crate) fn uses(request: &wire::RedeemCodesRequest) -> Result<Vec<Use>> {
    at_most(&request.codes, CODES_MAX, "/codes")?;
    let amounts = redeemed(request)?;
    let read = request.codes.iter().enumerate().map(|(position, text)| {
        let code = CouponCode::parse(text)
            .map_err(|error| Error::invalid_field(format!("/codes/{position}"), error.to_string()))?;
        let amount = amounts.iter().find(|(of, _)| *of == code).map(|(_, amount)| *amount);
        Ok(Use { code, position, amount })
    });
    let mut uses = read.collect::<Result<Vec<_>>>()?;
    uses.sort_by(|a, b| (&a.code, a.position).cmp(&(&b.code, b.position)));
    uses.dedup_by(|later, earlier| later.code == earlier.code);
    Ok(uses)
}

/// Reads the campaigns that a redemption asks for: in the order of their names, each once.
pub(crate) fn campaign_uses(request: &wire::RedeemCodesRequest) -> Result<Vec<CampaignUse>> {
    at_most(&request.campaigns, CAMPAIGNS_MAX, "/campaigns")?;
    let read = request.campaigns.iter().enumerate().map(|(position, redeemed)| {
        let at = |field: &str| format!("/campaigns/{position}/{field}");
        let amount = redeemed.amount.as_ref().map(Money::try_from).transpose();
        let amount = amount
            .map_err(|error| Error::invalid_field(at("amount/currency"), error.message().to_owned()))?;
        if amount.is_some_and(Money::is_negative) {
            return Err(Error::invalid_field(at("amount/minor"), "must not be negative"));
        }
        Ok(CampaignUse { name: slug(&redeemed.name, || at("name"))?, position, amount })
    });
    let mut uses = read.collect::<Result<Vec<_>>>()?;
    uses.sort_by(|a, b| (&a.name, a.position).cmp(&(&b.name, b.position)));
    uses.dedup_by(|later, earlier| later.name == earlier.name);
    Ok(uses)
}

fn redeemed(request: &wire::RedeemCodesRequest) -> Result<Vec<(CouponCode, Money)>> {
    at_most(&request.amounts, CODES_MAX, "/amounts")?;
    let read = request.amounts.iter().enumerate().map(|(index, redeemed)| {
        let wrong =
            |field: &str, message: String| Error::invalid_field(format!("/amounts/{index}/{field}"), message);
        let code = CouponCode::parse(&redeemed.code).map_err(|error| wrong("code", error.to_string()))?;
        let amount = Money::try_from(&redeemed.amount.clone().unwrap_or_default())
            .map_err(|error| wrong("amount/currency", error.message().to_owned()))?;
        if amount.is_negative() {
            return Err(wrong("amount/minor", "must not be negative".to_owned()));
        }
        Ok((code, amount))
    });
    read.collect()
}

/// Reads what the uses of a buyer are counted by; empty: not known.
pub(crate) fn buyer_key(key: &str, pointer: &str) -> Result<String> {
    if key.is_empty() { Ok(String::new()) } else { name(key, || pointer.to_owned()) }
}

/// Reads the code of the promotion whose codes are to be listed; empty: none.
pub(crate) fn pool(code: &str) -> Result<String> {
    if code.is_empty() {
        return Ok(String::new());
    }
    let code = CouponCode::parse(code).map_err(|error| Error::invalid_field("/pool", error.to_string()))?;
    Ok(code.as_str().to_owned())
}

/// Reads a request for codes: the promotion, and the codes to make of it.
pub(crate) fn generated(request: &wire::GenerateCodesRequest) -> Result<(CouponCode, Vec<CouponCode>)> {
    let pool =
        CouponCode::parse(&request.code).map_err(|error| Error::invalid_field("/code", error.to_string()))?;
    if !(1..=GENERATED_MAX).contains(&request.count) {
        return Err(Error::invalid_field("/count", format!("must be from 1 to {GENERATED_MAX}")));
    }
    let seed = seed(&request.seed)?;
    let codes = (0..request.count).map(|number| pool.derived(seed, number)).collect::<Option<Vec<_>>>();
    let codes = codes.ok_or_else(|| Error::invalid_field("/code", "is too long to make codes of it"))?;
    Ok((pool, codes))
}

/// What codes are made from, long enough that nobody guesses it.
pub(super) fn seed(text: &str) -> Result<&str> {
    if text.len() < SEED_LENGTH_MIN {
        return Err(Error::invalid_field(
            "/seed",
            format!("must have at least {SEED_LENGTH_MIN} characters"),
        ));
    }
    name(text, || "/seed".to_owned())?;
    Ok(text)
}

/// Reads the id of a redemption.
pub(crate) fn redemption_id(id: &str) -> Result<String> {
    name(id, || "/redemption_id".to_owned())
}
