//! Promotions as messages.

use argosy_contracts::pricing as wire;
use argosy_kernel::{Error, PromotionId, Rate, Result, Timestamp};

use super::{amounts, amounts_message, at_most, name, text};
use crate::{
    domain::{Amounts, CouponCode, Promotion, PromotionKind},
    store::Use,
};

/// The most promotions one request may put.
const PROMOTIONS_MAX: usize = 200;
/// The most codes one cart may have.
pub(super) const CODES_MAX: usize = 10;

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
        starts_at: message.starts_at_ms.map(Timestamp::from_millis),
        ends_at: message.ends_at_ms.map(Timestamp::from_millis),
        active: message.active,
    })
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
    }
}

/// Reads the uses that a redemption asks for: in key order, each code once.
pub(crate) fn uses(request: &wire::RedeemCodesRequest) -> Result<Vec<Use>> {
    at_most(&request.codes, CODES_MAX, "/codes")?;
    let read = request.codes.iter().enumerate().map(|(position, text)| {
        let code = CouponCode::parse(text)
            .map_err(|error| Error::invalid_field(format!("/codes/{position}"), error.to_string()))?;
        Ok(Use { code, position })
    });
    let mut uses = read.collect::<Result<Vec<_>>>()?;
    uses.sort();
    uses.dedup_by(|later, earlier| later.code == earlier.code);
    Ok(uses)
}

/// Reads the id of a redemption.
pub(crate) fn redemption_id(id: &str) -> Result<String> {
    name(id, || "/redemption_id".to_owned())
}
