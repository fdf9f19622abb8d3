//! What campaigns cost a quote: `cargo run --release -p argosy-pricing --example campaign_cost`.
//!
//! A cart of 50 lines is priced without campaigns, against 1,000 as shops have them, about a product or a collection each
//! and in groups, and against 1,000 of which half are about everything and a quarter count.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot go on fails, and says what it is"
)]

use std::time::{Duration, Instant};

use argosy_kernel::{Country, Currency, Money, PromotionId, Rate, Timestamp};
use argosy_pricing::domain::{
    Amounts, Benefit, Buyer, Campaign, Campaigns, ChosenMarket, Goods, Item, Limits, LineInput, Offer,
    Orders, Place, QuoteInput, TaxZones, UsedByCampaign, quote,
};

const LINES: i64 = 50;
const CAMPAIGNS: usize = 1_000;
const ROUNDS: u32 = 200;

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
    let euros = |minor| Amounts::new(vec![Money::new(minor, Currency::EUR)]).unwrap();
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

fn main() {
    let (country, taxes): (Country, TaxZones) = ("DE".parse().unwrap(), TaxZones::new([]));
    let (buyer, used) = (Buyer::default(), UsedByCampaign::new());
    let (place, now) = (Place::new(country, "", ""), Timestamp::from_millis(0));
    let cost = |campaigns: &Campaigns| {
        let mut times: Vec<Duration> = Vec::new();
        for _ in 0..ROUNDS {
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
            std::hint::black_box(quote(&input).unwrap());
            times.push(started.elapsed());
        }
        times.sort_unstable();
        times[times.len() / 2]
    };
    let compiled = |campaign: fn(usize) -> Campaign| Campaigns::new((0..CAMPAIGNS).map(campaign).collect());
    println!("{LINES} lines without campaigns: {:?}", cost(&Campaigns::default()));
    println!("against {CAMPAIGNS} as shops have them: {:?}", cost(&compiled(usual)));
    println!("against {CAMPAIGNS} that are nearly all about the cart: {:?}", cost(&compiled(unusual)));
}
