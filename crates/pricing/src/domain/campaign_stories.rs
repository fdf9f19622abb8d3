//! What campaigns take off, case by case.

use argosy_kernel::{Currency, Money, PromotionId, Rate, Timestamp};

use super::{
    Amounts, Benefit, Bundle, BundlePart, BundlePrice, Buyer, Campaign, Goods, Limits, LineInput, Orders,
    Quote, ShippingBenefit, Tier,
    samples::{Cart, amounts, eur, line, percent, sum, with_item},
};

pub(super) fn campaign(name: &str, benefit: Benefit) -> Campaign {
    Campaign {
        id: PromotionId::from_bytes([9; 16]),
        name: name.to_owned(),
        title: format!("The {name}"),
        priority: 0,
        group: String::new(),
        goods: Goods::default(),
        pieces_min: 0,
        minimums: Amounts::default(),
        countries: Vec::new(),
        currencies: Vec::new(),
        markets: Vec::new(),
        buyer_groups: Vec::new(),
        orders: Orders::Any,
        benefit,
        limits: Limits::default(),
        starts_at: None,
        ends_at: None,
        active: true,
    }
}

pub(super) fn share(percent: i64) -> Benefit {
    Benefit::Percentage(Rate::from_ppm(percent * 10_000))
}

fn about(mut campaign: Campaign, collection: &str) -> Campaign {
    campaign.goods.collections = vec![collection.to_owned()];
    campaign
}

pub(super) fn of(line: LineInput, collection: &str) -> LineInput {
    with_item(line, |item| item.collection_ids = vec![collection.to_owned()])
}

pub(super) fn with(lines: Vec<LineInput>, campaigns: Vec<Campaign>) -> Quote {
    Cart { campaigns, ..Cart::of(lines) }.quote()
}

/// What is off each line, in cents.
fn off(quote: &Quote) -> Vec<i64> {
    quote.lines.iter().map(|line| -line.discount.minor).collect()
}

/// What campaigns say of themselves that did not count.
pub(super) fn told(quote: &Quote) -> Vec<&str> {
    let steps = quote.trace.iter().filter(|step| step.rule.starts_with("campaign:"));
    steps.map(|step| &*step.text).collect()
}

#[test]
fn a_campaign_takes_off_its_goods_alone() {
    let lines = || vec![of(line("candle", 2, eur(1_000)), "candles"), line("mug", 1, eur(1_800))];
    let quote = with(lines(), vec![about(campaign("candles", share(10)), "candles")]);
    assert_eq!(off(&quote), [200, 0]);
    assert_eq!(
        sum(&quote),
        [
            "subtotal Subtotal 38.00 EUR",
            "discount The candles -2.00 EUR",
            "tax_included VAT 19 % 5.74 EUR",
            "total Total 36.00 EUR"
        ]
    );
    assert_eq!(&*quote.lines[0].trace[1].rule, "campaign:candles");
    let mut by_product = campaign("mug", Benefit::Each(amounts(&[eur(300)])));
    by_product.goods.products = vec!["product-mug".to_owned()];
    assert_eq!(off(&with(lines(), vec![by_product])), [0, 300]);
}

#[test]
fn of_three_the_cheapest_is_free_and_of_six_the_cheapest_two() {
    let three_for_two = || campaign("three", Benefit::BuyGet { buy: 2, get: 1, rate: Rate::WHOLE });
    let lines = |a, b, c| vec![line("a", a, eur(1_000)), line("b", b, eur(1_200)), line("c", c, eur(800))];
    assert_eq!(off(&with(lines(1, 1, 1), vec![three_for_two()])), [0, 0, 800]);
    assert_eq!(off(&with(lines(3, 2, 1), vec![three_for_two()])), [1_000, 0, 800]);
    assert_eq!(off(&with(lines(5, 0, 0).into_iter().take(1).collect(), vec![three_for_two()])), [1_000]);
    let few = with(lines(1, 1, 1).into_iter().take(2).collect(), vec![three_for_two()]);
    assert_eq!((off(&few), told(&few)), (vec![0, 0], vec!["did not count: it needs 3 pieces, there are 2"]));
    let half = campaign("half", Benefit::BuyGet { buy: 1, get: 1, rate: Rate::from_ppm(500_000) });
    assert_eq!(off(&with(vec![line("a", 2, eur(999))], vec![half])), [500], "a half of 9.99, rounded once");
}

#[test]
fn the_highest_step_that_is_reached_counts() {
    let tier = |pieces_min, percent: i64| Tier { pieces_min, rate: Rate::from_ppm(percent * 10_000) };
    let tiers = || campaign("more", Benefit::Tiers(vec![tier(10, 20), tier(3, 5), tier(5, 10)]));
    let at = |quantity| with(vec![line("a", quantity, eur(1_000))], vec![tiers()]);
    assert_eq!(
        [off(&at(2)), off(&at(3)), off(&at(7)), off(&at(10))],
        [vec![0], vec![150], vec![700], vec![2_000]]
    );
    assert_eq!(told(&at(2)), ["did not count: it needs 3 pieces, there are 2"]);
}

#[test]
fn of_a_group_the_best_counts_and_the_others_say_so() {
    let in_group = |name: &str, benefit| Campaign { group: "sale".to_owned(), ..campaign(name, benefit) };
    let campaigns = || {
        vec![
            in_group("ten", share(10)),
            in_group("five-euros", Benefit::Fixed(amounts(&[eur(500)]))),
            campaign("always", share(1)),
        ]
    };
    let cheap = with(vec![line("a", 1, eur(2_000))], campaigns());
    assert_eq!(off(&cheap), [20 + 500], "by name first: always, then the best of the group");
    assert_eq!(told(&cheap), ["did not count: five-euros takes more off"]);
    let dear = with(vec![line("a", 1, eur(10_000))], campaigns());
    assert_eq!(off(&dear), [100 + 990]);
    assert_eq!(told(&dear), ["did not count: ten takes more off"]);
}

#[test]
fn the_highest_priority_counts_first_and_codes_come_last() {
    let first = Campaign { priority: 5, ..campaign("z", Benefit::Fixed(amounts(&[eur(1_000)]))) };
    let quote = Cart {
        campaigns: vec![campaign("a", share(50)), first],
        codes: vec![percent("TEN", 10)],
        ..Cart::of(vec![line("a", 1, eur(3_000))])
    }
    .quote();
    let steps: Vec<(&str, i64)> =
        quote.lines[0].adjustments.iter().map(|one| (&*one.label, one.amount.minor)).collect();
    assert_eq!(steps, [("The z", -1_000), ("The a", -1_000), ("TEN", -100)]);
    let titles: Vec<&str> = quote.discounts.iter().map(|discount| discount.title.as_str()).collect();
    assert_eq!(titles, ["The z", "The a", "TEN"]);
}

#[test]
fn what_is_needed_is_told_and_what_is_off_or_over_is_not() {
    let needs = |change: fn(&mut Campaign)| {
        let mut needs = campaign("n", share(10));
        change(&mut needs);
        needs
    };
    let told_of = |campaign: Campaign| {
        let quote = with(vec![line("a", 1, eur(4_999))], vec![campaign]);
        (off(&quote)[0], told(&quote).join("; "))
    };
    let said = |text: &str| (0, format!("did not count: {text}"));
    assert_eq!(
        told_of(needs(|n| n.minimums = amounts(&[eur(5_000)]))),
        said("it needs goods of at least 50.00 EUR")
    );
    assert_eq!(
        told_of(needs(|n| n.minimums = amounts(&[Money::new(1, Currency::USD)]))),
        said("it has no amount in this currency")
    );
    assert_eq!(
        told_of(needs(|n| n.countries = vec!["FR".parse().unwrap()])),
        said("it is not for this country")
    );
    assert_eq!(told_of(needs(|n| n.countries = vec!["DE".parse().unwrap()])), (500, String::new()));
    assert_eq!(told_of(needs(|n| n.pieces_min = 2)), said("it needs 2 pieces, there are 1"));
    assert_eq!(told_of(needs(|n| n.active = false)), (0, String::new()));
    assert_eq!(told_of(needs(|n| n.ends_at = Some(Timestamp::from_millis(0)))), (0, String::new()));
    assert_eq!(told_of(needs(|n| n.starts_at = Some(Timestamp::from_millis(1)))), (0, String::new()));
    let all = Campaign { priority: 1, ..campaign("all", share(100)) };
    let nothing_left = with(vec![line("a", 1, eur(4_999))], vec![all, campaign("n", share(10))]);
    assert_eq!(told(&nothing_left), ["did not count: there is nothing left to take off"]);
}

#[test]
fn an_amount_is_off_the_cheapest_piece_and_no_more_than_it_costs() {
    let cheapest = |minor| campaign("c", Benefit::Cheapest(amounts(&[eur(minor)])));
    let lines = || vec![line("free", 1, eur(0)), line("a", 2, eur(1_000)), line("b", 3, eur(400))];
    assert_eq!(off(&with(lines(), vec![cheapest(150)])), [0, 0, 150]);
    assert_eq!(off(&with(lines(), vec![cheapest(900)])), [0, 0, 400]);
}

#[test]
fn every_nth_piece_of_a_line_is_cheaper() {
    let nth = || campaign("nth", Benefit::Nth { every: 3, rate: Rate::from_ppm(500_000) });
    let lines = vec![line("a", 7, eur(1_000)), line("b", 2, eur(100))];
    assert_eq!(off(&with(lines, vec![nth()])), [1_000, 0]);
    let few = with(vec![line("a", 2, eur(1_000)), line("b", 2, eur(100))], vec![nth()]);
    assert_eq!(told(&few), ["did not count: it needs 3 pieces, there are 2"]);
}

fn bundle(price: BundlePrice) -> Campaign {
    let part = |products: &[&str], pieces| BundlePart {
        products: products.iter().map(|name| format!("product-{name}")).collect(),
        pieces,
    };
    let parts = vec![part(&["pot", "pan"], 1), part(&["lid"], 2)];
    campaign("set", Benefit::Bundle(Bundle { parts, price }))
}

#[test]
fn a_bundle_costs_its_price_as_often_as_it_is_complete() {
    let for_40 = || bundle(BundlePrice::Fixed(amounts(&[eur(4_000)])));
    let lines = |lids| {
        vec![
            line("pan", 2, eur(2_000)),
            line("pot", 1, eur(3_000)),
            line("lid", lids, eur(1_000)),
            line("x", 1, eur(50)),
        ]
    };
    // The dearest counts first: pot + 2 lids are 50 EUR.
    assert_eq!(off(&with(lines(3), vec![for_40()])), [0, 600, 400, 0]);
    let two = with(lines(4), vec![for_40()]);
    assert_eq!((off(&two).iter().sum::<i64>(), two.total.0), (1_000, eur(10_050)), "2 sets of 90 EUR for 80");
    assert_eq!(told(&with(lines(1), vec![for_40()])), ["did not count: the bundle is not complete"]);
    let dear = bundle(BundlePrice::Fixed(amounts(&[eur(9_000)])));
    assert_eq!(told(&with(lines(2), vec![dear])), ["did not count: there is nothing left to take off"]);
    let less = bundle(BundlePrice::Less(Rate::from_ppm(100_000)));
    assert_eq!(off(&with(lines(2), vec![less])), [0, 300, 200, 0]);
}

#[test]
fn a_gift_costs_nothing_once_it_is_in_the_cart_and_is_offered_before() {
    let gift = || Campaign {
        minimums: amounts(&[eur(5_000)]),
        ..campaign("cap", Benefit::Gift { variant_id: "variant-cap".to_owned(), pieces: 1 })
    };
    let without = with(vec![line("a", 5, eur(1_000))], vec![gift()]);
    let offered: Vec<_> = without.gifts.iter().map(|gift| (gift.variant_id.as_str(), gift.pieces)).collect();
    assert_eq!((offered, without.total.0), (vec![("variant-cap", 1)], eur(5_000)));
    assert_eq!(told(&without), ["did not count: its gift can be added: 1 of variant-cap"]);
    let taken = with(vec![line("a", 5, eur(1_000)), line("cap", 2, eur(1_500))], vec![gift()]);
    assert_eq!((off(&taken), taken.gifts.len()), (vec![0, 1_500], 0));
    let little = with(vec![line("a", 4, eur(1_000)), line("cap", 1, eur(1_500))], vec![gift()]);
    assert_eq!(off(&little), [0, 0], "the gift is not among what it is given for");
    assert!(little.gifts.is_empty());
}

#[test]
fn a_campaign_makes_shipping_cheaper_once_it_is_chosen() {
    let shipping = |benefit| campaign("ship", Benefit::Shipping(benefit));
    let half = || shipping(ShippingBenefit::Share(Rate::from_ppm(500_000)));
    let amount = |minor| shipping(ShippingBenefit::Amount(amounts(&[eur(minor)])));
    let quote = |campaigns, chosen_id| {
        Cart { campaigns, chosen_id, ..Cart::of(vec![line("a", 1, eur(1_000))]) }.quote()
    };
    let halved = quote(vec![half()], "flat");
    assert_eq!(
        sum(&halved),
        [
            "subtotal Subtotal 10.00 EUR",
            "discount The ship -2.45 EUR",
            "shipping Shipping flat 4.90 EUR",
            "tax_included VAT 19 % 1.99 EUR",
            "total Total 12.45 EUR",
        ]
    );
    assert_eq!(quote(vec![amount(900)], "flat").total.0, eur(1_000), "no more than it costs");
    let waiting = quote(vec![half()], "");
    assert_eq!((waiting.discounts.len(), told(&waiting)), (0, vec!["did not count: no shipping is chosen"]));
    let both = Campaign { name: "too".to_owned(), ..half() };
    assert_eq!(quote(vec![half(), both], "flat").shipping.unwrap().discount, eur(-245 - 123));
}

#[test]
fn a_campaign_is_for_some_goods_buyers_orders_and_currencies() {
    let asked = |change: fn(&mut Campaign), buyer: Buyer| {
        let mut asked = campaign("n", share(10));
        change(&mut asked);
        let goods = with_item(line("a", 1, eur(1_000)), |item| item.labels = vec!["tag:summer".to_owned()]);
        let quote = Cart { buyer, campaigns: vec![asked], ..Cart::of(vec![goods]) }.quote();
        (off(&quote)[0], told(&quote).join("; ").replace("did not count: ", ""))
    };
    let nobody = Buyer::default;
    let took = |minor| (minor, String::new());
    let labels = |label: &str| Goods { labels: vec![label.to_owned()], ..Goods::default() };
    assert_eq!(labels("tag:summer").names().count(), 1);
    assert_eq!(asked(|n| n.goods.labels = vec!["tag:summer".to_owned()], nobody()), took(100));
    assert_eq!(asked(|n| n.goods.labels = vec!["tag:winter".to_owned()], nobody()), took(0));
    let club: fn(&mut Campaign) = |n| n.buyer_groups = vec!["club".to_owned()];
    let member = Buyer { groups: vec!["press".to_owned(), "club".to_owned()], ..Buyer::default() };
    assert_eq!((asked(club, member).0, asked(club, nobody()).1), (100, "it is for other buyers".to_owned()));
    let first: fn(&mut Campaign) = |n| n.orders = Orders::First;
    let known = |is_first_order| asked(first, Buyer { is_first_order, ..Buyer::default() }).0;
    assert_eq!([known(Some(true)), known(Some(false)), known(None)], [100, 0, 0]);
    let asks = |is_first_order| {
        let for_first = Campaign { orders: Orders::First, ..campaign("first", share(10)) };
        let buyer = Buyer { is_first_order, ..Buyer::default() };
        let cart = Cart::of(vec![line("a", 1, eur(1_000))]);
        Cart { buyer, campaigns: vec![for_first], ..cart }.quote().asks.first_order
    };
    assert_eq!([asks(None), asks(Some(false)), asks(Some(true))], [true, false, false]);
    let dollars: fn(&mut Campaign) = |n| n.currencies = vec![Currency::USD];
    assert_eq!(asked(dollars, nobody()).1, "it is not for this currency");
}

#[test]
fn of_several_groups_those_count_that_leave_the_least_to_pay() {
    let named = |name: &str, group: &str, priority, benefit| Campaign {
        group: group.to_owned(),
        priority,
        ..campaign(name, benefit)
    };
    // By itself 12 EUR off mugs are more than 10 % of all; but then 90 % of what is left of the mugs find less.
    let mut mugs = named("mugs", "first", 2, Benefit::Fixed(amounts(&[eur(1_200)])));
    mugs.goods.products = vec!["product-mug".to_owned()];
    let mut rest = named("rest", "second", 1, share(90));
    rest.goods.products = vec!["product-mug".to_owned()];
    let all = named("all", "first", 2, share(10));
    let lines = || vec![line("mug", 1, eur(2_000)), line("pot", 1, eur(9_000))];
    let quote = with(lines(), vec![mugs.clone(), all.clone(), rest.clone()]);
    // Greedy: 12 + 7.20 off. The other way: 11 off, then 90 % of 18 EUR: 27.20.
    assert_eq!(off(&quote).iter().sum::<i64>(), 1_100 + 1_620);
    let step = quote.trace.iter().find(|step| &*step.rule == "campaign_group:first").unwrap();
    assert!(
        step.text.starts_with("all counts: another of its group takes more off by itself"),
        "{}",
        step.text
    );
    assert_eq!(told(&quote), ["did not count: all takes more off"]);
    let turned = with(lines(), vec![rest, all, mugs]);
    assert_eq!(turned, quote);
}
