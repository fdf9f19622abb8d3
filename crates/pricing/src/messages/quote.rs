//! Quotes as messages.

use std::collections::{HashMap, HashSet};

use argosy_contracts::{
    catalog::{self, attribute::Value},
    common, pricing as wire,
};
use argosy_kernel::{Currency, Error, Money, Result, Timestamp, VariantId};

use super::{
    at_most, country, name,
    price_list::{groups, market_name},
    promotion::{CODES_MAX, buyer_key},
    region, text,
};
use crate::domain::{
    Allocation, AskedCode, Buyer, Calendar, Counting, CouponCode, Discount, FixedPrices, GiftOffer, Item,
    LineInput, ListedBy, Market, Notice, Offer, Place, PricedLine, Promotion, Quote, RejectedCode,
    ShippingOption, Target, TaxPart, TaxTreatment, TotalLine, TraceStep,
};

/// The most lines of one quote.
const LINES_MAX: usize = 200;
/// The most parcels of one quote.
const PARCELS_MAX: usize = 50;
/// The most pieces of one line.
const QUANTITY_MAX: i64 = 1_000_000;
/// A line cannot be called this: allocations name shipping so.
const SHIPPING: &str = "shipping";

/// A request for a quote that is right in form.
#[derive(Debug)]
pub(crate) struct QuoteAsked {
    pub(crate) currency: Currency,
    pub(crate) lines: Vec<LineAsked>,
    pub(crate) codes: Vec<(String, CouponCode)>,
    pub(crate) destination: Option<Place>,
    pub(crate) shipping_option_id: String,
    pub(crate) buyer: Buyer,
    pub(crate) for_checkout: bool,
    /// Pieces of lines, by their ids.
    pub(crate) parcels: Vec<Vec<(String, i64)>>,
    pub(crate) market: String,
}

/// One of its lines.
#[derive(Debug)]
pub(crate) struct LineAsked {
    pub(crate) line_id: String,
    pub(crate) variant_id: String,
    pub(crate) quantity: i64,
}

/// Variants by id, as the catalogue answered.
pub(crate) type Variants = HashMap<String, catalog::ResolvedVariant>;

/// The currency that is asked for.
pub(super) fn currency(code: &str) -> Result<Currency> {
    code.parse::<Currency>().map_err(|error| {
        let message = error.to_string();
        Error::from(error).with_field("/currency", message)
    })
}

/// Checks a request.
pub(crate) fn read(request: wire::QuoteRequest) -> Result<QuoteAsked> {
    let currency = currency(&request.currency)?;
    at_most(&request.lines, LINES_MAX, "/lines")?;
    at_most(&request.codes, CODES_MAX, "/codes")?;
    let mut line_ids = HashSet::new();
    let lines = request.lines.into_iter().enumerate().map(|(index, line)| {
        let line = read_line(line, index)?;
        if !line_ids.insert(line.line_id.clone()) {
            return Err(Error::invalid_field(
                format!("/lines/{index}/line_id"),
                "stands twice in this request",
            ));
        }
        Ok(line)
    });
    let lines = lines.collect::<Result<_>>()?;
    let codes = request.codes.into_iter().enumerate().map(|(index, text)| {
        let code = CouponCode::parse(&text)
            .map_err(|error| Error::invalid_field(format!("/codes/{index}"), error.to_string()))?;
        Ok((text, code))
    });
    let parcels = parcels(&request.parcels)?;
    let shipping_option_id = request.shipping_option_id;
    if !shipping_option_id.is_empty() {
        name(&shipping_option_id, || "/shipping_option_id".to_owned())?;
    }
    Ok(QuoteAsked {
        currency,
        lines,
        codes: codes.collect::<Result<_>>()?,
        destination: request.destination.map(|destination| place(&destination)).transpose()?,
        shipping_option_id,
        buyer: buyer(&request.buyer.unwrap_or_default())?,
        for_checkout: request.for_checkout,
        parcels,
        market: market_name(request.market)?,
    })
}

fn parcels(messages: &[wire::ParcelRequest]) -> Result<Vec<Vec<(String, i64)>>> {
    at_most(messages, PARCELS_MAX, "/parcels")?;
    let mut parcels = Vec::with_capacity(messages.len());
    for (index, message) in messages.iter().enumerate() {
        let list = format!("/parcels/{index}/lines");
        at_most(&message.lines, LINES_MAX, &list)?;
        if let Some(wrong) =
            message.lines.iter().position(|line| !(1..=QUANTITY_MAX).contains(&line.quantity))
        {
            let pointer = format!("{list}/{wrong}/quantity");
            return Err(Error::invalid_field(pointer, format!("must be from 1 to {QUANTITY_MAX}")));
        }
        parcels.push(message.lines.iter().map(|line| (line.line_id.clone(), line.quantity)).collect());
    }
    Ok(parcels)
}

fn buyer(message: &wire::Buyer) -> Result<Buyer> {
    Ok(Buyer {
        tax_number: text(&message.tax_number, || "/buyer/tax_number".to_owned())?,
        is_tax_exempt: message.tax_exempt,
        groups: groups(&message.groups, "/buyer/groups")?,
        is_first_order: message.first_order,
        key: buyer_key(&message.key, "/buyer/key")?,
    })
}

fn read_line(line: wire::QuoteLineRequest, index: usize) -> Result<LineAsked> {
    let at = |field: &str| format!("/lines/{index}/{field}");
    name(&line.line_id, || at("line_id"))?;
    if line.line_id == SHIPPING {
        return Err(Error::invalid_field(at("line_id"), "this word is taken"));
    }
    if let Err(error) = line.variant_id.parse::<VariantId>() {
        return Err(Error::invalid_field(at("variant_id"), error.to_string()));
    }
    if !(1..=QUANTITY_MAX).contains(&line.quantity) {
        return Err(Error::invalid_field(at("quantity"), format!("must be from 1 to {QUANTITY_MAX}")));
    }
    Ok(LineAsked { line_id: line.line_id, variant_id: line.variant_id, quantity: line.quantity })
}

fn place(destination: &wire::Destination) -> Result<Place> {
    let country = country(&destination.country, || "/destination/country".to_owned())?;
    let region = region(&destination.region, || "/destination/region".to_owned())?;
    let postal_code = text(&destination.postal_code, || "/destination/postal_code".to_owned())?;
    Ok(Place::new(country, &region, &postal_code))
}

/// The lines with what the catalogue and price lists say of them. Pieces of a variant count together, on whichever lines.
pub(crate) fn lines(
    asked: &QuoteAsked,
    variants: &Variants,
    (lists, fixed): (&Counting<'_>, &FixedPrices),
) -> Result<Vec<LineInput>> {
    let mut pieces: HashMap<&str, i64> = HashMap::with_capacity(asked.lines.len());
    for line in &asked.lines {
        let of_variant = pieces.entry(&line.variant_id).or_default();
        *of_variant = of_variant.saturating_add(line.quantity);
    }
    let lines = asked.lines.iter().map(|line| {
        let offer = variants
            .get(&line.variant_id)
            .map_or(Ok(Offer::Unknown), |variant| offer(variant, asked.currency));
        let mut offer = offer?;
        if let Offer::Sold(item) = &mut offer {
            let pieces = pieces.get(line.variant_id.as_str()).copied().unwrap_or(line.quantity);
            let fixed = fixed.get(&line.variant_id).map_or(&[][..], Vec::as_slice);
            if let Some(listed) = lists.price(item.unit_price, pieces, fixed)? {
                let (name, is_sale) = (listed.list.name.clone(), listed.list.is_sale);
                item.listed_by = Some(ListedBy { name, base: item.unit_price, is_sale });
                item.unit_price = listed.price;
            }
        }
        Ok(LineInput { line_id: line.line_id.clone(), quantity: line.quantity, offer })
    });
    lines.collect()
}

/// What a price is compared with: what the catalogue says, or beside a reduction the catalogue's own price.
pub(crate) fn compare_at(
    (price, base): (Money, Money),
    catalogue: Option<Money>,
    is_sale: Option<bool>,
) -> Option<Money> {
    let former = match is_sale {
        None => catalogue,
        Some(true) => catalogue.filter(|former| former.minor > base.minor).or(Some(base)),
        Some(false) => None,
    };
    former.filter(|former| former.minor > price.minor)
}

fn offer(variant: &catalog::ResolvedVariant, currency: Currency) -> Result<Offer> {
    let Some(price) = &variant.price else {
        return Ok(Offer::NotInCurrency);
    };
    let unit_price = Money::try_from(price)?;
    if unit_price.is_negative() || unit_price.currency != currency {
        let id = &variant.variant_id;
        return Err(Error::internal(format!("the catalogue answered {unit_price} for {id} in {currency}")));
    }
    Ok(Offer::Sold(Item {
        unit_price,
        listed_by: None,
        tax_class: variant.tax_class.clone(),
        weight_g: variant.weight_g,
        requires_shipping: variant.requires_shipping,
        product_id: variant.product_id.clone(),
        collection_ids: variant.collection_ids.clone(),
        variant_id: variant.variant_id.clone(),
        labels: labels(variant),
    }))
}

/// What campaigns know a variant by besides its product and its collections.
fn labels(variant: &catalog::ResolvedVariant) -> Vec<String> {
    let categories = variant.category_ids.iter().map(|id| format!("category:{id}"));
    let tags = variant.tags.iter().map(|tag| format!("tag:{}", tag.to_lowercase()));
    let kind = Some(&variant.product_type).filter(|kind| !kind.is_empty());
    let kind = kind.map(|kind| format!("type:{}", kind.to_lowercase()));
    let attributes = variant.attributes.iter().filter_map(|attribute| {
        let value = match attribute.value.as_ref()? {
            Value::Text(text) | Value::Date(text) => text.to_lowercase(),
            Value::Number(number) => number.to_string(),
            Value::Boolean(boolean) => boolean.to_string(),
        };
        Some(format!("attribute:{}={value}", attribute.name.to_lowercase()))
    });
    categories.chain(tags).chain(kind).chain(attributes).collect()
}

/// The codes with the promotions behind them, and how often the buyer has used each.
pub(crate) fn codes(
    asked: &QuoteAsked,
    promotions: &[Promotion],
    uses_of_buyer: &HashMap<String, i64>,
) -> Vec<AskedCode> {
    let codes = asked.codes.iter().map(|(text, code)| {
        let promotion = promotions.iter().find(|promotion| promotion.code == *code).cloned();
        let counted_by = promotion.as_ref().map(Promotion::counted_by).unwrap_or_default();
        let uses_of_buyer = uses_of_buyer.get(counted_by).copied().unwrap_or_default();
        AskedCode { text: text.clone(), code: code.clone(), uses_of_buyer, promotion }
    });
    codes.collect()
}

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
        asks_first_order: quote.asks_first_order,
        asks_parcels: quote.asks_parcels,
        parcels: Vec::new(),
        awaited: Vec::new(),
        gifts: quote.gifts.into_iter().map(gift_message).collect(),
        currency: asked.currency.code().to_owned(),
        lines: quote.lines.into_iter().map(|line| line_message(line, asked, variants)).collect(),
        discounts: quote.discounts.into_iter().map(discount_message).collect(),
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
    let is_sale = line.listed_by.as_ref().map(|by| by.is_sale);
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
