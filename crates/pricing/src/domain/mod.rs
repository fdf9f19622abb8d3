//! The rules of pricing, as pure functions on plain values: no I/O, no clock, no generated messages.
//!
//! Start at [`quote()`]: list prices → campaigns → discounts by code → shipping → free shipping → fees → tax → the sum.

mod amounts;
mod benefit;
mod bundle;
mod buyer;
mod calendar;
mod campaign;
#[cfg(test)]
mod campaign_properties;
#[cfg(test)]
mod campaign_stories;
mod campaigns;
mod code;
mod discount;
mod fee;
#[cfg(test)]
mod fee_stories;
mod group_code;
mod limits;
mod line;
mod live_rate;
mod market;
mod notice;
mod place;
mod price_history;
mod price_list;
mod promotion;
#[cfg(test)]
mod properties;
mod quote;
#[cfg(test)]
mod samples;
mod search;
mod shipping;
mod shipping_campaigns;
#[cfg(test)]
mod stories;
mod tax;
mod totals;
mod trace;

pub use argosy_kernel::{Country, CountryError};

pub use self::{
    amounts::{Amounts, AmountsError},
    benefit::{Benefit, ShippingBenefit, Tier},
    bundle::{Bundle, BundlePart, BundlePrice},
    buyer::Buyer,
    calendar::Calendar,
    campaign::{Campaign, Goods, Orders, Unmet},
    campaigns::Campaigns,
    code::{CODE_LENGTH_MAX, CodeError, CouponCode},
    discount::{Allocation, AskedCode, Discount, RejectedCode, Target},
    fee::{AskedWrap, Fee, FeeKind, PricedFee, WrapOffer},
    group_code::GroupCode,
    limits::{Limits, Used, UsedByCampaign},
    line::{Adjustment, Item, LineInput, ListedBy, Offer, PricedLine},
    live_rate::{LiveOffer, LiveRate, LiveService},
    market::{ChosenMarket, Market, Markets, TaxBasis},
    notice::Notice,
    place::Place,
    price_history::{ListHistories, ListHistory, Since},
    price_list::{Counting, FixedPrice, FixedPrices, Listed, PriceList, PriceLists, PriceStep},
    promotion::{Budget, Promotion, PromotionKind, Rejection},
    quote::{Asks, ChosenShipping, GiftOffer, Quote, QuoteInput, ShippingInput, quote},
    shipping::{
        Charged, Parcel, PieceStep, RatePrice, ShippingOption, ShippingRate, ShippingZone, ShippingZones,
        ValueStep, WeightStep,
    },
    tax::{
        Exemption, PostalPattern, PostalPatternError, STANDARD, ShippingTax, TaxNumber, TaxPart, TaxRate,
        TaxRounding, TaxRules, TaxTreatment, TaxZone, TaxZones, Taxed, UNTAXED_CLASSES, is_union_member,
        member_of_number, union_members,
    },
    totals::{TotalKind, TotalLine},
    trace::TraceStep,
};
