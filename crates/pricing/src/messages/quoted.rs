//! Quotes as they are answered.

use argosy_contracts::{common, pricing as wire};
use argosy_kernel::{Money, Timestamp};

use super::quote::{QuoteAsked, SHIPPING, Variants, compare_at};
use crate::domain::{
    Allocation, Calendar, Discount, GiftOffer, Market, Notice, PricedFee, PricedLine, Quote, RejectedCode,
    ShippingOption, Target, TaxPart, TaxTreatment, TotalLine, TraceStep, WrapOffer,
};

/// The quote as it is answered.
pub(crate) fn message(
    quote: Quote,
    asked: &QuoteAsked,
    variants: &Variants,
    tax_notes: Vec<wire::TaxNote>,
    market: Option<&Market>,
    (calendar, now): (&Calendar, Timestamp),
) -> wire::Quote {
    let quantities = quantities_not_offered(asked, variants);
    wire::Quote {
        groups: Vec::new(),
        tax_lines: quote.tax_lines.into_iter().map(tax_line_message).collect(),
        tax_notes,
        market: market.map(|market| market.name.clone()).unwrap_or_default(),
        asks_first_order: quote.asks.first_order,
        asks_parcels: quote.asks.parcels,
        asks_carriers: false,
        asks_buyer: quote.asks.buyer,
        parcels: Vec::new(),
        awaited: Vec::new(),
        gifts: quote.gifts.into_iter().map(gift_message).collect(),
        currency: asked.currency.code().to_owned(),
        lines: quote.lines.into_iter().map(|line| line_message(line, asked, variants)).collect(),
        discounts: quote.discounts.into_iter().map(discount_message).collect(),
        fees: quote.fees.into_iter().map(fee_message).collect(),
        wraps: quote.wraps.into_iter().map(wrap_message).collect(),
        rejected_codes: quote.rejected_codes.into_iter().map(rejected_message).collect(),
        shipping_options: quote
            .shipping_options
            .into_iter()
            .map(|option| option_message(option, calendar, now))
            .collect(),
        shipping_option_id: quote.shipping.map_or_else(String::new, |shipping| shipping.option.id),
        totals: quote.totals.into_iter().map(total_message).collect(),
        total: Some(quote.total.0.into()),
        tax_included: quote.treatment == TaxTreatment::Included,
        requires_shipping: quote.requires_shipping,
        notices: quote.notices.iter().chain(&quantities).map(notice_message).collect(),
        trace: quote.trace.iter().map(step_message).collect(),
    }
}

fn line_message(line: PricedLine, asked: &QuoteAsked, variants: &Variants) -> wire::QuotedLine {
    let variant_id =
        asked.lines.get(line.position).map_or_else(String::new, |asked| asked.variant_id.clone());
    let variant = variants.get(&variant_id).cloned().unwrap_or_default();
    let former = variant.compare_at.as_ref().and_then(|former| Money::try_from(former).ok());
    let base = line.listed_by.as_ref().map_or(line.unit_price, |by| by.base);
    // What was agreed on is compared with nothing.
    let is_sale = if line.is_agreed { Some(false) } else { line.listed_by.as_ref().map(|by| by.is_sale) };
    let compare_at = compare_at((line.unit_price, base), former, is_sale);
    let adjustments = line.adjustments.into_iter().map(|adjustment| wire::Adjustment {
        kind: "discount".to_owned(),
        promotion_id: adjustment.promotion_id.to_string(),
        code: adjustment.code.to_string(),
        label: adjustment.label.to_string(),
        amount: Some(adjustment.amount.into()),
    });
    wire::QuotedLine {
        line_id: line.line_id.to_string(),
        variant_id,
        product_id: variant.product_id,
        handle: variant.handle,
        sku: variant.sku,
        title: variant.title,
        variant_title: variant.variant_title,
        image_url: variant.image_url,
        quantity: line.quantity,
        unit_price: Some(line.unit_price.into()),
        compare_at: compare_at.map(Into::into),
        price_list: line.listed_by.map(|by| by.name).unwrap_or_default(),
        adjustments: adjustments.collect(),
        subtotal: Some(line.subtotal.into()),
        discount: Some(line.discount.into()),
        tax: Some(line.tax.into()),
        total: Some(line.total.0.into()),
        tax_rate_ppm: line.tax_rate.ppm(),
        requires_shipping: line.requires_shipping,
        weight_g: line.weight_g,
        trace: line.trace.iter().map(step_message).collect(),
        quantity_rule: variant.quantity_rule,
    }
}

/// Lines in quantities that the merchant does not sell: of two tabs at once, or from before there was a rule.
fn quantities_not_offered(asked: &QuoteAsked, variants: &Variants) -> Vec<Notice> {
    let lines = asked.lines.iter().enumerate();
    let wrong = lines.filter_map(|(position, line)| {
        let rule = variants.get(&line.variant_id)?.quantity_rule.as_ref()?;
        let told = || Notice::QuantityNotOffered { position, told: rule.told() };
        (!rule.allows(line.quantity)).then(told)
    });
    wrong.collect()
}

fn discount_message(discount: Discount) -> wire::Discount {
    let allocations =
        discount.allocations.into_iter().map(|Allocation { target, amount }| wire::Allocation {
            target: match target {
                Target::Line(line_id) => line_id.to_string(),
                Target::Shipping => SHIPPING.to_owned(),
            },
            amount: Some(amount.into()),
        });
    wire::Discount {
        code: discount.code,
        campaign: discount.campaign,
        title: discount.title,
        amount: Some(discount.amount.into()),
        allocations: allocations.collect(),
    }
}

fn rejected_message(rejected: RejectedCode) -> wire::RejectedCode {
    wire::RejectedCode {
        code: rejected.code,
        reason: rejected.rejection.reason().to_owned(),
        text: rejected.rejection.to_string(),
    }
}

fn option_message(option: ShippingOption, calendar: &Calendar, now: Timestamp) -> wire::ShippingOption {
    let is_known = option.days_max > 0 || option.cutoff.is_some() || !option.pickup_location_id.is_empty();
    let arrival = || calendar.arrival(now, option.cutoff, option.days_min, option.days_max);
    let (earliest, latest) = is_known.then(arrival).flatten().unwrap_or_default();
    wire::ShippingOption {
        earliest,
        latest,
        pickup_location_id: option.pickup_location_id,
        id: option.id,
        title: option.title,
        carrier: option.carrier,
        price: Some(option.price.into()),
        days_min: option.days_min,
        days_max: option.days_max,
    }
}

fn total_message(line: TotalLine) -> common::TotalLine {
    common::TotalLine {
        kind: line.kind.as_str().to_owned(),
        label: line.label,
        amount: Some(line.amount.into()),
    }
}

fn tax_line_message(part: TaxPart) -> wire::TaxLine {
    wire::TaxLine {
        label: part.label,
        rate_ppm: part.rate.ppm(),
        base: Some(part.base.0.into()),
        amount: Some(part.amount.into()),
    }
}

fn fee_message(fee: PricedFee) -> wire::QuotedFee {
    wire::QuotedFee {
        name: fee.name,
        title: fee.title,
        kind: fee.kind.to_owned(),
        line_id: fee.line_id.map(|id| id.to_string()).unwrap_or_default(),
        quantity: fee.quantity,
        unit_price: Some(fee.unit_price.into()),
        amount: Some(fee.amount.into()),
        tax: Some(fee.tax.into()),
        total: Some(fee.total.0.into()),
        tax_rate_ppm: fee.tax_rate.ppm(),
    }
}

fn wrap_message(offer: WrapOffer) -> wire::WrapOffer {
    wire::WrapOffer {
        name: offer.name,
        title: offer.title,
        unit_price: Some(offer.unit_price.into()),
        pieces_max: offer.pieces_max,
        message_length_max: offer.message_length_max,
        line_ids: offer.line_ids.iter().map(ToString::to_string).collect(),
    }
}

fn gift_message(gift: GiftOffer) -> wire::GiftOffer {
    wire::GiftOffer { title: gift.title, variant_id: gift.variant_id, pieces: gift.pieces }
}

fn notice_message(notice: &Notice) -> common::Notice {
    common::Notice {
        level: "error".to_owned(),
        code: notice.code().to_owned(),
        resolution: "fix".to_owned(),
        target: notice.target(),
        text: notice.to_string(),
        token: String::new(),
    }
}

fn step_message(step: &TraceStep) -> common::TraceStep {
    common::TraceStep {
        rule: step.rule.to_string(),
        text: step.text.to_string(),
        amount: Some(step.amount.into()),
    }
}
