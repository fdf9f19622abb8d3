//! What a quote costs: a cart of 50 lines without campaigns, against 1,000 as shops have them (about a product or a collection
//! each, and in groups), and against 1,000 of which half are about everything and a quarter count. Nothing but the rules is
//! asked, so no shop is needed.

use std::time::{Duration, Instant};

use anyhow::Result;
use argosy_kernel::{Country, Currency, Money, PromotionId, Rate, Timestamp};
use argosy_pricing::domain::{
    Amounts, Benefit, Buyer, Campaign, Campaigns, ChosenMarket, Goods, Item, Limits, LineInput, Offer,
    Orders, Place, QuoteInput, TaxZones, UsedByCampaign, quote,
};

use crate::table::{Row, Target};

const LINES: i64 = 50;
const CAMPAIGNS: usize = 1_000;
const ROUNDS: usize = 200;
/// So fast a quote must be, whatever campaigns there are.
const MILLISECONDS_MAX: f64 = 1.0;

fn line(number: i64) -> LineInput {
    let item = Item {
        unit_price: Money::new(1_000 + number * 37, Currency::EUR),
        listed_by: None,
        is_agreed: false,
        tax_class: String::new(),
        weight_g: 500,
        requires_shipping: true,
        product_id: format!("prod_{number}"),
        variant_id: format!("var_{number}"),
        labels: Vec::new(),
        collection_ids: (0..3).map(|place| format!("col_{}", (number + place) % 20)).collect(),
    };
    LineInput {
        line_id: format!("l{number}"),
        quantity: 1 + number % 4,
        offer: Offer::Sold(item),
        wrap: None,
    }
}

/// About one of 2,000 products or of 200 collections, with others of its season in a group.
fn usual(number: usize) -> Campaign {
    let goods = if number.is_multiple_of(2) {
        Goods { products: vec![format!("prod_{number}")], ..Goods::default() }
    } else {
        Goods { collections: vec![format!("col_{}", number % 200)], ..Goods::default() }
    };
    Campaign { goods, group: format!("season-{}", number % 10), ..unusual(number) }
}

/// Half are about everything, and a fifth count beside all others.
fn unusual(number: usize) -> Campaign {
    let euros = |minor| Amounts::new(vec![Money::new(minor, Currency::EUR)]).unwrap_or_default();
    let rate = Rate::from_ppm(10_000);
    let collections =
        if number.is_multiple_of(2) { Vec::new() } else { vec![format!("col_{}", number % 20)] };
    Campaign {
        id: PromotionId::new(),
        name: format!("c{number}"),
        title: "A campaign".to_owned(),
        priority: 0,
        group: if number.is_multiple_of(5) { String::new() } else { format!("g{}", number % 40) },
        goods: Goods { collections, ..Goods::default() },
        pieces_min: 2,
        minimums: Amounts::default(),
        countries: Vec::new(),
        currencies: Vec::new(),
        markets: Vec::new(),
        buyer_groups: Vec::new(),
        orders: Orders::Any,
        limits: Limits::default(),
        benefit: match number % 4 {
            0 => Benefit::Percentage(rate),
            1 => Benefit::BuyGet { buy: 3, get: 1, rate },
            2 => Benefit::Fixed(euros(50)),
            _ => Benefit::Each(euros(2)),
        },
        starts_at: None,
        ends_at: None,
        active: true,
    }
}

/// A quote of such a cart takes so long.
fn once(campaigns: &Campaigns) -> Result<Duration> {
    let (country, taxes): (Country, TaxZones) = ("DE".parse()?, TaxZones::new([]));
    let (buyer, used) = (Buyer::default(), UsedByCampaign::new());
    let (place, now) = (Place::new(country, "", ""), Timestamp::from_millis(0));
    let input = QuoteInput {
        currency: Currency::EUR,
        lines: (0..LINES).map(line).collect(),
        campaigns,
        used: &used,
        fees: &[],
        country,
        market: ChosenMarket::default(),
        buyer: &buyer,
        codes: Vec::new(),
        tax: taxes.rules(&place, true, None, now),
        shipping: None,
        now,
    };
    let started = Instant::now();
    std::hint::black_box(quote(&input)?);
    Ok(started.elapsed())
}

/// Each beside a quote without campaigns, in turns; the middle of all.
pub(crate) fn measure() -> Result<Vec<Row>> {
    let none = Campaigns::default();
    let compiled = |campaign: fn(usize) -> Campaign| Campaigns::new((0..CAMPAIGNS).map(campaign).collect());
    let of_campaigns = [
        ("quote of 50 lines, 1,000 usual campaigns", compiled(usual)),
        ("quote of 50 lines, 1,000 campaigns about it", compiled(unusual)),
    ];
    let mut rows = Vec::new();
    for (name, campaigns) in &of_campaigns {
        let (mut without, mut with) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            without.push(once(&none)?);
            with.push(once(campaigns)?);
        }
        let [without, with] = [without, with].map(middle);
        let row = Row::new(0, name, "ms", with).beside(without, with / without);
        rows.push(row.target(Target::AtMost(MILLISECONDS_MAX)));
    }
    Ok(rows)
}

fn middle(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1_000.0
}
