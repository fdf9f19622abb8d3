//! The whole price of a cart, from its inputs alone.
//!
//! [`quote`] reads no clock, no table and no random number, so the same inputs always give the same quote, and
//! whoever takes an order can compare two of them (law 7).

use argosy_kernel::{Currency, Gross, Money, MoneyError, Timestamp};

use super::{
    AskedCode, Buyer, Campaigns, ChosenMarket, Country, Discount, Fee, LineInput, LiveOffer, Notice, Offer,
    Parcel, PricedFee, PricedLine, RejectedCode, ShippingOption, ShippingZone, ShippingZones, TotalLine,
    TraceStep, UsedByCampaign, WrapOffer,
    campaign::Situation,
    discount::{self, Outcome},
    fee::{Charges, Scene},
    line, shipping_campaigns,
    tax::{self, Exemption, TaxPart, TaxRules, TaxTreatment, Taxed},
    totals,
};

/// Everything that a quote depends on.
#[derive(Debug)]
pub struct QuoteInput<'a> {
    /// Of every amount.
    pub currency: Currency,
    /// What is to be priced.
    pub lines: Vec<LineInput>,
    /// What counts without a code.
    pub campaigns: &'a Campaigns,
    /// What of the campaigns' limits is used up.
    pub used: &'a UsedByCampaign,
    /// What is charged beside goods and shipping.
    pub fees: &'a [Fee],
    /// The destination, or the market's or shop's country while it is unknown.
    pub country: Country,
    /// Where it is sold, if the shop has markets.
    pub market: ChosenMarket<'a>,
    /// Who buys.
    pub buyer: &'a Buyer,
    /// What the buyer asked for, in order.
    pub codes: Vec<AskedCode>,
    /// The tax of the destination, or of the shop's country while it is unknown.
    pub tax: TaxRules<'a>,
    /// Where to and how, once that is known.
    pub shipping: Option<ShippingInput<'a>>,
    /// When.
    pub now: Timestamp,
}

/// Where the goods go.
#[derive(Debug, Clone, Copy)]
pub struct ShippingInput<'a> {
    /// All zones of the shop.
    pub zones: &'a ShippingZones,
    /// The destination.
    pub country: Country,
    /// The option the buyer chose; empty: none yet.
    pub chosen_id: &'a str,
    /// How the goods will travel: pieces of lines by their ids. Empty: not known.
    pub parcels: &'a [Vec<(String, i64)>],
    /// What carriers said; nothing if none was asked.
    pub live: &'a [LiveOffer],
    /// What the chosen option costs, as staff have agreed with the buyer; `None`: its rate.
    pub agreed: Option<Money>,
}

/// The price of a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The lines that have a price, in the order of the request.
    pub lines: Vec<PricedLine>,
    /// What campaigns and codes took off.
    pub discounts: Vec<Discount>,
    /// What is charged beside goods and shipping.
    pub fees: Vec<PricedFee>,
    /// In what lines can be wrapped.
    pub wraps: Vec<WrapOffer>,
    /// The codes that took nothing off, and why.
    pub rejected_codes: Vec<RejectedCode>,
    /// What can be chosen; empty while the destination is unknown or nothing is shipped.
    pub shipping_options: Vec<ShippingOption>,
    /// What is chosen and offered.
    pub shipping: Option<ChosenShipping>,
    /// The sum, line by line.
    pub totals: Vec<TotalLine>,
    /// What the buyer pays.
    pub total: Gross,
    /// The tax by what it is called and by rate.
    pub tax_lines: Vec<TaxPart>,
    /// Whether the amounts hold their tax.
    pub treatment: TaxTreatment,
    /// Why no tax is charged although it is due there.
    pub exemption: Option<Exemption>,
    /// Whether anything has to be shipped.
    pub requires_shipping: bool,
    /// What the buyer must know or fix.
    pub notices: Vec<Notice>,
    /// What can be put into the cart for nothing. It is offered and not put in: a line belongs to the buyer, who may not
    /// want it, and its stock is reserved with the cart's lines.
    pub gifts: Vec<GiftOffer>,
    /// What it would depend on and does not know.
    pub asks: Asks,
    /// How the amounts came about that are not about one line.
    pub trace: Vec<TraceStep>,
}

/// What a quote would depend on and does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asks {
    /// Whether a rate that is offered costs more if the goods travel in several parcels.
    pub parcels: bool,
    /// Whether a campaign would count if this were known to be the buyer's first order.
    pub first_order: bool,
    /// Whether a campaign counts that each buyer may use only so often, and it is not known who buys.
    pub buyer: bool,
}

/// A gift that is not in the cart yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiftOffer {
    /// Of the campaign that gives it.
    pub title: String,
    /// Which.
    pub variant_id: String,
    /// How many cost nothing.
    pub pieces: i64,
}

/// The chosen shipping option with its discounts and tax.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenShipping {
    /// Which one.
    pub option: ShippingOption,
    /// Taken off by campaigns and codes, never above nothing.
    pub discount: Money,
    /// Of what is left.
    pub taxed: Taxed,
}

/// Prices a cart.
///
/// # Errors
/// [`MoneyError`] when an amount does not fit, or an item's price is in another currency than the quote.
pub fn quote(input: &QuoteInput<'_>) -> Result<Quote, MoneyError> {
    let (mut lines, mut notices) = list_prices(input)?;
    let subtotal = Money::sum(input.currency, lines.iter().map(|line| line.subtotal))?;
    notices.extend(other_currency(input));
    let QuoteInput { currency, country, buyer, now, .. } = *input;
    let market = input.market.market.map(|market| market.name.as_str());
    let situation = Situation { currency, country, market, buyer, used: input.used, now };
    let campaigns = input.campaigns.apply(&mut lines, situation)?;
    let outcomes = discount::apply_codes(&input.codes, &mut lines, subtotal, input.now)?;
    let requires_shipping = lines.iter().any(|line| line.requires_shipping);
    let shipping_options = if requires_shipping { shipping_options(input, &lines)? } else { Vec::new() };
    let chosen = choose(input, requires_shipping, &shipping_options, &mut notices);
    let mut trace = campaigns.trace;
    trace.extend(told_by_carriers(input));
    trace.extend(chosen.into_iter().flat_map(|option| option.steps.iter().cloned()));
    let reducible = chosen.map(|option| reducible(input, option));
    let of_shipping = shipping_campaigns::reduce(&campaigns.of_shipping, reducible, situation)?;
    trace.extend(of_shipping.trace);
    let decided = decide(input, outcomes, (requires_shipping, reducible), of_shipping.amount, &mut trace)?;
    let of_campaigns = campaigns.discounts.into_iter().chain(of_shipping.discounts);
    let discounts: Vec<Discount> = of_campaigns.chain(decided.discounts).collect();
    let charges = charges(input, &lines, chosen)?;
    notices.extend(charges.notices);
    trace.extend(charges.trace);
    let mut fees = charges.fees;
    let to_pay = chosen.map(|option| option.price.plus(decided.shipping_discount)).transpose()?;
    let taxed = tax::apply(&input.tax, &mut lines, &mut fees, to_pay, &mut trace)?;
    let shipping = chosen.zip(taxed).map(|(option, (taxed, step))| {
        trace.push(step);
        ChosenShipping { option: option.clone(), discount: decided.shipping_discount, taxed }
    });

    let (totals, total) = totals::add_up(input, subtotal, (&lines, &fees), &discounts, shipping.as_ref())?;
    let tax_lines = totals::tax_lines(&lines, &fees, shipping.as_ref())?;
    trace.push(TraceStep::new("total", "what the buyer pays", total.0));
    Ok(Quote {
        lines,
        discounts,
        fees,
        wraps: charges.wraps,
        rejected_codes: decided.rejected_codes,
        shipping_options,
        shipping,
        totals,
        total,
        tax_lines,
        treatment: input.tax.treatment,
        exemption: input.tax.exemption,
        requires_shipping,
        notices,
        gifts: campaigns.gifts,
        asks: Asks {
            parcels: charges.asks_parcels
                || requires_shipping && zone_of(input).is_some_and(ShippingZone::asks_parcels),
            first_order: campaigns.asks_first_order,
            buyer: campaigns.asks_buyer,
        },
        trace,
    })
}

fn list_prices(input: &QuoteInput<'_>) -> Result<(Vec<PricedLine>, Vec<Notice>), MoneyError> {
    let mut lines = Vec::with_capacity(input.lines.len());
    let mut notices = Vec::new();
    for (position, line) in input.lines.iter().enumerate() {
        match &line.offer {
            Offer::Sold(item) => lines.push(PricedLine::at_list_price(position, line, item)?),
            Offer::NotInCurrency => {
                notices.push(Notice::NotSoldInCurrency { position, currency: input.currency });
            }
            Offer::Unknown => notices.push(Notice::VariantNotFound { position }),
        }
    }
    Ok((lines, notices))
}

fn zone_of<'a>(input: &QuoteInput<'a>) -> Option<&'a ShippingZone> {
    input.shipping.and_then(|shipping| shipping.zones.find(shipping.country))
}

/// What carriers said, whether one of their services is chosen or not.
fn told_by_carriers<'a>(input: &QuoteInput<'a>) -> impl Iterator<Item = TraceStep> + use<'a> {
    let nothing = Money::zero(input.currency);
    let live = input.shipping.map_or(&[][..], |shipping| shipping.live);
    live.iter().map(move |offer| offer.step(nothing))
}

/// What is due beside goods and shipping. Until it is known in how many parcels it is sent, it is one; what is collected is in
/// none.
fn charges(
    input: &QuoteInput<'_>,
    lines: &[PricedLine],
    chosen: Option<&ShippingOption>,
) -> Result<Charges, MoneyError> {
    let left = lines.iter().map(PricedLine::left).collect::<Result<Vec<_>, _>>()?;
    let known = input.shipping.map_or(0, |shipping| shipping.parcels.len());
    let is_collected = chosen.is_some_and(|option| !option.pickup_location_id.is_empty());
    let scene = Scene {
        currency: input.currency,
        country: input.country,
        market: input.market.market.map(|market| market.name.as_str()),
        now: input.now,
        goods: Money::sum(input.currency, left)?,
        parcels: if is_collected { 0 } else { i64::try_from(known.max(1)).unwrap_or(i64::MAX) },
    };
    Charges::of(input.fees, &input.lines, lines, &scene)
}

/// A destination whose market has another currency.
fn other_currency(input: &QuoteInput<'_>) -> Option<Notice> {
    let currency = input.market.other_currency?;
    Some(Notice::MarketCurrency { country: input.country, currency })
}

fn shipping_options(input: &QuoteInput<'_>, lines: &[PricedLine]) -> Result<Vec<ShippingOption>, MoneyError> {
    let Some(zone) = zone_of(input) else {
        return Ok(Vec::new());
    };
    let left = lines.iter().map(PricedLine::left).collect::<Result<Vec<_>, _>>()?;
    let goods = Money::sum(input.currency, left)?;
    let parcels = input.shipping.map_or(&[][..], |shipping| shipping.parcels).iter();
    let parcels: Vec<Parcel> = parcels.map(|of| line::parcel(lines, of, goods)).collect();
    let (weight_g, pieces) = (line::weight_to_ship(lines), line::pieces_to_ship(lines));
    let live = input.shipping.map_or(&[][..], |shipping| shipping.live);
    let mut options = zone.options(Parcel { goods, weight_g, pieces }, &parcels, live)?;
    if let Some((shipping, price)) = input.shipping.and_then(|shipping| Some((shipping, shipping.agreed?))) {
        let chosen = options.iter_mut().filter(|option| option.id == shipping.chosen_id);
        chosen.for_each(|option| option.agree_on(price));
    }
    Ok(options)
}

/// What campaigns and codes may take something off: nothing of a price that was agreed on.
fn reducible(input: &QuoteInput<'_>, option: &ShippingOption) -> Money {
    let is_agreed = input.shipping.is_some_and(|shipping| shipping.agreed.is_some());
    if is_agreed { Money::zero(option.price.currency) } else { option.price }
}

/// The option that the buyer chose, if it is offered; a notice if it is not.
fn choose<'a>(
    input: &QuoteInput<'_>,
    requires_shipping: bool,
    options: &'a [ShippingOption],
    notices: &mut Vec<Notice>,
) -> Option<&'a ShippingOption> {
    let shipping = input.shipping.filter(|_| requires_shipping)?;
    if options.is_empty() {
        notices.push(Notice::NotShippedThere { country: shipping.country });
        return None;
    }
    let chosen = options.iter().find(|option| option.id == shipping.chosen_id);
    if chosen.is_none() && !shipping.chosen_id.is_empty() {
        notices.push(Notice::ShippingOptionGone);
    }
    chosen
}

struct Decided {
    discounts: Vec<Discount>,
    rejected_codes: Vec<RejectedCode>,
    shipping_discount: Money,
}

/// Settles the codes that waited for the price of shipping, and sorts all of them.
fn decide(
    input: &QuoteInput<'_>,
    outcomes: Vec<Outcome<'_>>,
    (requires_shipping, price): (bool, Option<Money>),
    shipping_discount: Money,
    trace: &mut Vec<TraceStep>,
) -> Result<Decided, MoneyError> {
    let nothing = Money::zero(input.currency);
    let mut decided = Decided { discounts: Vec::new(), rejected_codes: Vec::new(), shipping_discount };
    for (asked, outcome) in input.codes.iter().zip(outcomes) {
        let outcome = match outcome {
            Outcome::Applied(discount) => Ok(discount),
            Outcome::Rejected(rejection) => Err(rejection),
            Outcome::FreeShipping(_) if !requires_shipping => Err(super::Rejection::NotApplicable),
            Outcome::FreeShipping(promotion) => {
                let price = price.map(|price| price.plus(decided.shipping_discount)).transpose()?;
                let outcome = discount::free_shipping(asked, promotion, price, nothing)?;
                if let Ok(taken) = &outcome {
                    decided.shipping_discount = decided.shipping_discount.plus(taken.amount)?;
                    trace.push(TraceStep::new(discount::rule(promotion), "free shipping", taken.amount));
                }
                outcome
            }
        };
        match outcome {
            Ok(discount) => decided.discounts.push(discount),
            Err(rejection) => {
                let text = format!("did not count: {rejection}");
                trace.push(TraceStep::new(format!("coupon:{}", asked.code), text, nothing));
                decided.rejected_codes.push(RejectedCode { code: asked.text.clone(), rejection });
            }
        }
    }
    Ok(decided)
}
