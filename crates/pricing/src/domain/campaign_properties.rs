//! What holds for all campaigns.

use argosy_kernel::{Currency, Money, Rate};
use proptest::prelude::*;

use super::{
    Benefit, Bundle, BundlePart, BundlePrice, Campaign, Goods, LineInput, Quote, Tier,
    campaign_stories::{campaign, of, share, told, with},
    samples::{Cart, amounts, eur, line},
};

fn benefits(currency: Currency) -> impl Strategy<Value = Benefit> {
    let money = move |minor: i64| amounts(&[Money::new(minor, currency)]);
    prop_oneof![
        (1i64..=100).prop_map(share),
        (1i64..300_000).prop_map(move |minor| Benefit::Fixed(money(minor))),
        (1i64..60_000).prop_map(move |minor| Benefit::Each(money(minor))),
        (1i64..60_000).prop_map(move |minor| Benefit::Cheapest(money(minor))),
        (2i64..5, 1i64..=100)
            .prop_map(|(every, percent)| Benefit::Nth { every, rate: Rate::from_ppm(percent * 10_000) }),
        (0usize..8).prop_map(|place| Benefit::Gift { variant_id: format!("variant-l{place}"), pieces: 2 }),
        (1i64..60_000, 0usize..4).prop_map(move |(minor, place)| {
            let part = |place: usize| BundlePart { products: vec![format!("product-l{place}")], pieces: 1 };
            let parts = vec![part(place), part(place + 1)];
            Benefit::Bundle(Bundle { parts, price: BundlePrice::Fixed(money(minor)) })
        }),
        (1i64..4, 1i64..4, 1i64..=100).prop_map(|(buy, get, percent)| Benefit::BuyGet {
            buy,
            get,
            rate: Rate::from_ppm(percent * 10_000)
        }),
        prop::collection::vec((1i64..20, 1i64..=100), 1..4).prop_map(|tiers| Benefit::Tiers(
            tiers
                .into_iter()
                .map(|(pieces_min, percent)| Tier { pieces_min, rate: Rate::from_ppm(percent * 10_000) })
                .collect()
        )),
    ]
}

fn carts() -> impl Strategy<Value = (Vec<LineInput>, Vec<Campaign>)> {
    let lines = prop::collection::vec((0i64..100_000, 1i64..9, 0u8..3), 1..8).prop_map(|lines| {
        lines
            .into_iter()
            .enumerate()
            .map(|(place, (minor, quantity, collection))| {
                of(line(&format!("l{place}"), quantity, eur(minor)), &format!("c{collection}"))
            })
            .collect::<Vec<_>>()
    });
    let one = (benefits(Currency::EUR), -2i32..3, 0u8..3, prop::option::of(0u8..3), 0i64..6);
    let campaigns = prop::collection::vec(one, 0..7).prop_map(|campaigns| {
        campaigns
            .into_iter()
            .enumerate()
            .map(|(place, (benefit, priority, group, collection, pieces_min))| Campaign {
                priority,
                group: if group == 0 { String::new() } else { format!("g{group}") },
                goods: Goods {
                    collections: collection.map(|number| format!("c{number}")).into_iter().collect(),
                    ..Goods::default()
                },
                pieces_min,
                ..campaign(&format!("n{place}"), benefit)
            })
            .collect::<Vec<_>>()
    });
    (lines, campaigns)
}

proptest! {
    #[test]
    fn law_1_campaigns_never_take_more_than_there_is_and_add_up((lines, campaigns) in carts()) {
        let quote = with(lines, campaigns);
        for line in &quote.lines {
            prop_assert!(!line.left().unwrap().is_negative() && line.discount.minor <= 0);
        }
        let of_lines: i64 = quote.lines.iter().map(|line| line.discount.minor).sum();
        let of_discounts: i64 = quote.discounts.iter().map(|discount| discount.amount.minor).sum();
        prop_assert_eq!(of_lines, of_discounts);
        for discount in &quote.discounts {
            let parts: i64 = discount.allocations.iter().map(|part| part.amount.minor).sum();
            prop_assert_eq!(parts, discount.amount.minor);
            prop_assert!(discount.amount.minor < 0, "one that takes nothing does not count");
        }
    }

    #[test]
    fn the_order_in_which_campaigns_are_written_makes_no_difference((lines, mut campaigns) in carts()) {
        let quote = with(lines.clone(), campaigns.clone());
        campaigns.reverse();
        prop_assert_eq!(with(lines, campaigns), quote);
    }

    #[test]
    fn the_short_way_comes_to_the_same_as_working_each_campaign_out(
        (lines, campaigns) in carts(), repeated in 0usize..3, minimum in 0i64..200_000,
    ) {
        // The same goods and groups again and again, as in shops where many campaigns are about everything.
        let copies = (0..=repeated).flat_map(|copy| campaigns.iter().map(move |campaign| (copy, campaign)));
        let all: Vec<Campaign> = copies.map(|(copy, campaign)| Campaign {
            name: format!("{}-{copy}", campaign.name),
            minimums: if copy == 1 { amounts(&[eur(minimum)]) } else { campaign.minimums.clone() },
            ..campaign.clone()
        }).collect();
        let plain = Cart { campaigns: all.clone(), is_plain: true, ..Cart::of(lines.clone()) }.quote();
        prop_assert_eq!(with(lines, all), plain);
    }

    #[test]
    fn law_12_each_campaign_that_is_about_the_cart_counts_or_says_why_not((lines, campaigns) in carts()) {
        let collections: Vec<String> = lines.iter().filter_map(|line| match &line.offer {
            super::Offer::Sold(item) => item.collection_ids.first().cloned(),
            _ => None,
        }).collect();
        let about = campaigns.iter().filter(|campaign| {
            let goods = &campaign.goods.collections;
            goods.is_empty() || goods.iter().any(|id| collections.contains(id))
        });
        let expected = about.count();
        let quote = with(lines, campaigns);
        prop_assert_eq!(quote.discounts.len() + told(&quote).len(), expected);
    }

    #[test]
    fn the_search_never_leaves_more_to_pay_than_each_group_by_itself((lines, campaigns) in carts()) {
        let left = |quote: &Quote| quote.lines.iter().map(|line| line.left().unwrap().minor).sum::<i64>();
        let greedy = Cart { campaigns: campaigns.clone(), is_greedy: true, ..Cart::of(lines.clone()) }.quote();
        let searched = with(lines, campaigns);
        prop_assert!(left(&searched) <= left(&greedy));
        let says_so = searched.trace.iter().any(|step| step.rule.starts_with("campaign_group:"));
        prop_assert_eq!(says_so, left(&searched) < left(&greedy));
    }
}
