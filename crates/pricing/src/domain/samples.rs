//! Plain values for the tests of this module.

use argosy_kernel::{Currency, Money, PromotionId, Rate, Timestamp};

use super::{
    Amounts, AskedCode, Buyer, Campaign, Campaigns, Charged, ChosenMarket, CouponCode, Exemption, Fee,
    FeeKind, Goods, Item, LineInput, Offer, Place, Promotion, PromotionKind, Quote, QuoteInput, RatePrice,
    ShippingInput, ShippingRate, ShippingTax, ShippingZone, ShippingZones, TaxRate, TaxRounding, TaxZone,
    TaxZones, TotalKind, UsedByCampaign, WeightStep, quote,
};

pub(super) fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

pub(super) fn amounts(list: &[Money]) -> Amounts {
    Amounts::new(list.to_vec()).unwrap()
}

/// A line of the standard tax class; one weighs 500 g.
pub(super) fn line(name: &str, quantity: i64, unit_price: Money) -> LineInput {
    let tax_class = String::new();
    let item = Item {
        unit_price,
        listed_by: None,
        is_agreed: false,
        tax_class,
        weight_g: 500,
        requires_shipping: true,
        product_id: format!("product-{name}"),
        collection_ids: Vec::new(),
        variant_id: format!("variant-{name}"),
        labels: Vec::new(),
    };
    LineInput { line_id: name.to_owned(), quantity, offer: Offer::Sold(item), wrap: None }
}

pub(super) fn with_item(mut line: LineInput, change: impl FnOnce(&mut Item)) -> LineInput {
    if let Offer::Sold(item) = &mut line.offer {
        change(item);
    }
    line
}

/// For everything, everywhere and always.
pub(super) fn fee(name: &str, kind: FeeKind, amount: Money) -> Fee {
    Fee {
        name: name.to_owned(),
        title: format!("Fee {name}"),
        kind,
        amounts: amounts(&[amount]),
        tax_class: String::new(),
        goods: Goods::default(),
        countries: Vec::new(),
        markets: Vec::new(),
        starts_at: None,
        ends_at: None,
        active: true,
    }
}

pub(super) fn coupon(code: &str, kind: PromotionKind) -> AskedCode {
    let promotion = Promotion {
        id: PromotionId::from_bytes([7; 16]),
        code: CouponCode::parse(code).unwrap(),
        title: String::new(),
        kind,
        minimums: Amounts::default(),
        uses_max: None,
        uses: 0,
        uses_per_buyer: None,
        budgets: Vec::new(),
        is_pool: false,
        pool: String::new(),
        starts_at: None,
        ends_at: None,
        active: true,
    };
    AskedCode {
        text: code.to_owned(),
        code: promotion.code.clone(),
        promotion: Some(promotion),
        uses_of_buyer: 0,
    }
}

pub(super) fn percent(code: &str, percent: i64) -> AskedCode {
    coupon(code, PromotionKind::Percentage(Rate::from_ppm(percent * 10_000)))
}

pub(super) fn fixed(code: &str, amount: Money) -> AskedCode {
    coupon(code, PromotionKind::Fixed(amounts(&[amount])))
}

/// Germany (gross, 19 and 7 %), Switzerland (net, 8.1 %), the US without tax but in California (7.25 %).
pub(super) fn tax_zones() -> Vec<TaxZone> {
    vec![
        tax_zone("DE", "", true, &[("standard", 190_000), ("reduced", 70_000)]),
        tax_zone("FR", "", true, &[("standard", 200_000)]),
        tax_zone("CH", "", false, &[("standard", 81_000)]),
        tax_zone("US", "", false, &[("standard", 0)]),
        tax_zone("US", "CA", false, &[("standard", 72_500)]),
    ]
}

pub(super) fn tax_zone(country: &str, region: &str, included: bool, rates: &[(&str, i64)]) -> TaxZone {
    TaxZone {
        name: format!("{country}{region}"),
        country: country.parse().unwrap(),
        region: region.to_owned(),
        postal_codes: Vec::new(),
        rounding: TaxRounding::default(),
        shipping: ShippingTax::default(),
        included,
        rates: rates.iter().map(|(tax_class, ppm)| tax_rate(tax_class, *ppm, "VAT")).collect(),
    }
}

pub(super) fn tax_rate(tax_class: &str, ppm: i64, label: &str) -> TaxRate {
    TaxRate {
        tax_class: tax_class.to_owned(),
        rate: Rate::from_ppm(ppm),
        label: label.to_owned(),
        part: 0,
        is_compound: false,
        starts_at: None,
        ends_at: None,
    }
}

/// Germany: 4.90 EUR flat, free from 50 EUR, or by weight up to 10 kg. Everywhere else: 15 EUR, 2,500 JPY, 5 KWD.
pub(super) fn shipping_zones() -> ShippingZones {
    let rate = |id: &str, price, free_over| ShippingRate {
        id: id.to_owned(),
        title: format!("Shipping {id}"),
        carrier: "Post".to_owned(),
        price,
        free_over,
        days_min: 1,
        days_max: 3,
        pickup_location_id: String::new(),
        cutoff: None,
        charged: Charged::default(),
        live: None,
    };
    let step = |up_to_g, minor| WeightStep { up_to_g, price: amounts(&[eur(minor)]) };
    let world = [eur(1_500), Money::new(2_500, Currency::JPY), Money::new(5_000, "KWD".parse().unwrap())];
    ShippingZones::new(vec![
        ShippingZone {
            name: "Germany".to_owned(),
            countries: vec!["DE".parse().unwrap()],
            elsewhere: false,
            rates: vec![
                rate("flat", RatePrice::Flat(amounts(&[eur(490)])), amounts(&[eur(5_000)])),
                rate(
                    "weight",
                    RatePrice::ByWeight(vec![step(1_000, 300), step(10_000, 900)]),
                    Amounts::default(),
                ),
            ],
        },
        ShippingZone {
            name: "World".to_owned(),
            countries: Vec::new(),
            elsewhere: true,
            rates: vec![rate("world", RatePrice::Flat(amounts(&world)), Amounts::default())],
        },
    ])
}

/// A quote to describe and then ask for.
#[derive(Debug)]
pub(super) struct Cart {
    pub(super) currency: Currency,
    pub(super) lines: Vec<LineInput>,
    pub(super) codes: Vec<AskedCode>,
    pub(super) campaigns: Vec<Campaign>,
    /// Whether groups take the best when their turn comes, without a search.
    pub(super) is_greedy: bool,
    /// Whether each campaign is worked out by itself and in full.
    pub(super) is_plain: bool,
    pub(super) country: &'static str,
    pub(super) region: &'static str,
    pub(super) postal_code: &'static str,
    pub(super) taxes: Vec<TaxZone>,
    pub(super) buyer: Buyer,
    pub(super) chosen_id: &'static str,
    pub(super) gross_prices: bool,
    pub(super) parcels: Vec<Vec<(String, i64)>>,
    pub(super) market: ChosenMarket<'static>,
    pub(super) fees: Vec<Fee>,
    pub(super) used: UsedByCampaign,
    pub(super) agreed_shipping: Option<Money>,
}

impl Cart {
    /// To Germany, in a shop with gross prices, no option chosen.
    pub(super) fn of(lines: Vec<LineInput>) -> Self {
        Self {
            currency: Currency::EUR,
            lines,
            codes: Vec::new(),
            campaigns: Vec::new(),
            is_greedy: false,
            is_plain: false,
            country: "DE",
            region: "",
            postal_code: "",
            taxes: tax_zones(),
            buyer: Buyer::default(),
            chosen_id: "",
            market: ChosenMarket::default(),
            gross_prices: true,
            parcels: Vec::new(),
            fees: Vec::new(),
            used: UsedByCampaign::new(),
            agreed_shipping: None,
        }
    }

    pub(super) fn quote(&self) -> Quote {
        let (taxes, zones) = (TaxZones::new(self.taxes.clone()), shipping_zones());
        let campaigns = Campaigns::new(self.campaigns.clone());
        let campaigns = if self.is_plain { campaigns.plain() } else { campaigns };
        let campaigns = if self.is_greedy { campaigns.greedy() } else { campaigns };
        let country = self.country.parse().unwrap();
        let place = Place::new(country, self.region, self.postal_code);
        let exemption = Exemption::of(&self.buyer, "DE".parse().unwrap(), &place);
        let now = Timestamp::from_millis(0);
        let input = QuoteInput {
            currency: self.currency,
            lines: self.lines.clone(),
            campaigns: &campaigns,
            used: &self.used,
            fees: &self.fees,
            country,
            market: self.market,
            buyer: &self.buyer,
            codes: self.codes.clone(),
            tax: taxes.rules(&place, self.gross_prices, exemption, now),
            shipping: Some(ShippingInput {
                zones: &zones,
                country,
                chosen_id: self.chosen_id,
                parcels: &self.parcels,
                live: &[],
                agreed: self.agreed_shipping,
            }),
            now,
        };
        quote(&input).unwrap()
    }
}

/// The sum as text, one `kind label amount` a line.
pub(super) fn sum(quote: &Quote) -> Vec<String> {
    let shown = |kind: TotalKind| kind.as_str();
    quote.totals.iter().map(|line| format!("{} {} {}", shown(line.kind), line.label, line.amount)).collect()
}

pub(super) fn reasons(quote: &Quote) -> Vec<(&str, &'static str)> {
    quote.rejected_codes.iter().map(|code| (code.code.as_str(), code.rejection.reason())).collect()
}
