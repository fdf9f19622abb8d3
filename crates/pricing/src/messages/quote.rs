//! What is asked of a quote. What is answered is in [`quoted`](super::quoted).

use std::collections::{HashMap, HashSet};

use argosy_contracts::{
    catalog::{self, attribute::Value},
    pricing as wire,
};
use argosy_kernel::{Currency, Error, Money, Result, VariantId};

use super::{
    at_most, country, name,
    price_list::{groups, market_name},
    promotion::{CODES_MAX, buyer_key},
    region, slug, text,
};
use crate::domain::{
    AskedCode, AskedWrap, Buyer, Counting, CouponCode, FixedPrices, Item, LineInput, ListedBy, Offer, Place,
    Promotion,
};

/// The most lines of one quote.
const LINES_MAX: usize = 200;
/// The most parcels of one quote.
const PARCELS_MAX: usize = 50;
/// The most pieces of one line.
const QUANTITY_MAX: i64 = 1_000_000;
/// A line cannot be called this: allocations name shipping so.
pub(super) const SHIPPING: &str = "shipping";

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
    /// Where each of them comes from, as far as that is said.
    pub(crate) origins: Vec<Option<Place>>,
    /// Whether that is all that can be known of them.
    pub(crate) parcels_planned: bool,
    pub(crate) market: String,
    /// What the chosen option costs, as staff have agreed with the buyer.
    pub(crate) agreed_shipping: Option<Money>,
}

/// One of its lines.
#[derive(Debug)]
pub(crate) struct LineAsked {
    pub(crate) line_id: String,
    pub(crate) variant_id: String,
    pub(crate) quantity: i64,
    pub(crate) wrap: Option<AskedWrap>,
    /// What one costs, as staff have agreed with the buyer.
    pub(crate) agreed: Option<Money>,
}

/// By parcel: pieces of lines, by their ids.
type PiecesOfLines = Vec<Vec<(String, i64)>>;

/// Variants by id, as the catalogue answered.
pub(crate) type Variants = HashMap<String, catalog::ResolvedVariant>;

/// The currency that is asked for.
pub(super) fn currency(code: &str) -> Result<Currency> {
    code.parse::<Currency>().map_err(|error| {
        let message = error.to_string();
        Error::from(error).with_field("/currency", message)
    })
}

impl QuoteAsked {
    /// Whether prices are among it that only staff may say.
    pub(crate) fn has_agreed_prices(&self) -> bool {
        self.agreed_shipping.is_some() || self.lines.iter().any(|line| line.agreed.is_some())
    }
}

/// Checks a request.
pub(crate) fn read(request: wire::QuoteRequest) -> Result<QuoteAsked> {
    let currency = currency(&request.currency)?;
    at_most(&request.lines, LINES_MAX, "/lines")?;
    at_most(&request.codes, CODES_MAX, "/codes")?;
    let mut line_ids = HashSet::new();
    let lines = request.lines.into_iter().enumerate().map(|(index, line)| {
        let line = read_line(line, index, currency)?;
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
    let (parcels, origins) = parcels(&request.parcels)?;
    let shipping_option_id = request.shipping_option_id;
    if !shipping_option_id.is_empty() {
        name(&shipping_option_id, || "/shipping_option_id".to_owned())?;
    }
    Ok(QuoteAsked {
        currency,
        lines,
        codes: codes.collect::<Result<_>>()?,
        destination: request
            .destination
            .map(|destination| place(&destination, "/destination"))
            .transpose()?,
        shipping_option_id,
        buyer: buyer(&request.buyer.unwrap_or_default())?,
        for_checkout: request.for_checkout,
        parcels,
        origins,
        parcels_planned: request.parcels_planned,
        market: market_name(request.market)?,
        agreed_shipping: agreed(request.agreed_shipping_price.as_ref(), currency, "/agreed_shipping_price")?,
    })
}

/// Pieces of lines by parcel, and where each comes from. A location's address may lack its country.
fn parcels(messages: &[wire::ParcelRequest]) -> Result<(PiecesOfLines, Vec<Option<Place>>)> {
    at_most(messages, PARCELS_MAX, "/parcels")?;
    let mut parcels = Vec::with_capacity(messages.len());
    let mut origins = Vec::with_capacity(messages.len());
    for (index, message) in messages.iter().enumerate() {
        let list = format!("/parcels/{index}/lines");
        at_most(&message.lines, LINES_MAX, &list)?;
        if let Some(wrong) =
            message.lines.iter().position(|line| !(1..=QUANTITY_MAX).contains(&line.quantity))
        {
            let pointer = format!("{list}/{wrong}/quantity");
            return Err(Error::invalid_field(pointer, format!("must be from 1 to {QUANTITY_MAX}")));
        }
        let from = message.from.as_ref().filter(|from| !from.country.is_empty());
        origins.push(from.map(|from| place(from, &format!("/parcels/{index}/from"))).transpose()?);
        parcels.push(message.lines.iter().map(|line| (line.line_id.clone(), line.quantity)).collect());
    }
    Ok((parcels, origins))
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

/// A price that staff have agreed on with the buyer.
fn agreed(
    price: Option<&argosy_contracts::common::Money>,
    currency: Currency,
    at: &str,
) -> Result<Option<Money>> {
    let Some(price) = price else { return Ok(None) };
    let price = Money::try_from(price).map_err(|error| Error::invalid_field(at, error.message()))?;
    if price.is_negative() || price.currency != currency {
        return Err(Error::invalid_field(at, format!("must be in {currency} and not below 0")));
    }
    Ok(Some(price))
}

fn read_line(line: wire::QuoteLineRequest, index: usize, currency: Currency) -> Result<LineAsked> {
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
    let wrap = match line.wrap.as_str() {
        "" => None,
        wrap => {
            let name = slug(wrap, || at("wrap"))?;
            Some(AskedWrap { name, message_length: line.wrap_message_length })
        }
    };
    let agreed = agreed(line.agreed_price.as_ref(), currency, &at("agreed_price"))?;
    Ok(LineAsked {
        line_id: line.line_id,
        variant_id: line.variant_id,
        quantity: line.quantity,
        wrap,
        agreed,
    })
}

fn place(destination: &wire::Destination, at: &str) -> Result<Place> {
    let country = country(&destination.country, || format!("{at}/country"))?;
    let region = region(&destination.region, || format!("{at}/region"))?;
    let postal_code = text(&destination.postal_code, || format!("{at}/postal_code"))?;
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
            .map_or(Ok(Offer::Unknown), |variant| offer(variant, asked.currency, line.agreed));
        let mut offer = offer?;
        if let Offer::Sold(item) = &mut offer
            && !item.is_agreed
        {
            let pieces = pieces.get(line.variant_id.as_str()).copied().unwrap_or(line.quantity);
            let fixed = fixed.get(&line.variant_id).map_or(&[][..], Vec::as_slice);
            if let Some(listed) = lists.price(item.unit_price, pieces, fixed)? {
                let (name, is_sale) = (listed.list.name.clone(), listed.list.is_sale);
                item.listed_by = Some(ListedBy { name, base: item.unit_price, is_sale });
                item.unit_price = listed.price;
            }
        }
        let wrap = line.wrap.clone();
        Ok(LineInput { line_id: line.line_id.clone(), quantity: line.quantity, offer, wrap })
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

fn offer(variant: &catalog::ResolvedVariant, currency: Currency, agreed: Option<Money>) -> Result<Offer> {
    let unit_price = match (agreed, &variant.price) {
        (Some(agreed), _) => agreed,
        (None, Some(price)) => Money::try_from(price)?,
        (None, None) => return Ok(Offer::NotInCurrency),
    };
    if unit_price.is_negative() || unit_price.currency != currency {
        let id = &variant.variant_id;
        return Err(Error::internal(format!("the catalogue answered {unit_price} for {id} in {currency}")));
    }
    Ok(Offer::Sold(Item {
        unit_price,
        listed_by: None,
        is_agreed: agreed.is_some(),
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
