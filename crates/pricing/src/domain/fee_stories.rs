//! What fees come to, case by case.

use super::{
    AskedWrap, Fee, FeeKind, Goods, LineInput, Notice,
    samples::{Cart, amounts, eur, fee, line, percent, sum, with_item},
};

fn wrapped(line: LineInput, name: &str, message_length: u32) -> LineInput {
    LineInput { wrap: Some(AskedWrap { name: name.to_owned(), message_length }), ..line }
}

fn wrap(minor: i64) -> Fee {
    fee("ribbon", FeeKind::Wrap { pieces_max: 5, message_length_max: 40 }, eur(minor))
}

fn small_order(minor: i64, below: i64) -> Fee {
    fee("small-order", FeeKind::Order { below: amounts(&[eur(below)]) }, eur(minor))
}

#[test]
fn a_wrap_is_paid_for_each_unit_and_taxed_by_its_own_class() {
    let book = with_item(line("a", 2, eur(1_000)), |item| item.tax_class = "reduced".to_owned());
    let mut cart = Cart::of(vec![wrapped(book, "ribbon", 0), line("b", 1, eur(500))]);
    cart.fees = vec![wrap(350)];
    let quote = cart.quote();
    assert_eq!(
        sum(&quote),
        [
            "subtotal Subtotal 25.00 EUR",
            "fee Fee ribbon 7.00 EUR",
            "tax_included VAT 7 % 1.31 EUR",
            "tax_included VAT 19 % 1.92 EUR",
            "total Total 32.00 EUR",
        ]
    );
    let charged = &quote.fees[0];
    assert_eq!((charged.line_id.as_deref(), charged.quantity, charged.tax), (Some("a"), 2, eur(112)));
    let offered: Vec<&str> = quote.wraps[0].line_ids.iter().map(AsRef::as_ref).collect();
    assert_eq!(offered, ["a", "b"]);
    let told: Vec<&str> = quote.trace.iter().map(|step| &*step.text).collect();
    assert!(told.contains(&"Fee ribbon, 2 × 3.50 EUR, of line a"), "{told:?}");
}

#[test]
fn law_7_a_wrap_that_cannot_be_had_is_told_and_not_charged() {
    let digital = with_item(line("d", 1, eur(500)), |item| item.requires_shipping = false);
    let mut cart = Cart::of(vec![
        wrapped(line("many", 6, eur(100)), "ribbon", 0),
        wrapped(digital, "ribbon", 0),
        wrapped(line("other", 1, eur(100)), "gone", 0),
        wrapped(line("long", 1, eur(100)), "ribbon", 41),
    ]);
    cart.fees = vec![wrap(350)];
    let quote = cart.quote();
    assert_eq!(
        quote.notices,
        [
            Notice::WrapNotOffered { position: 0, pieces_max: 5 },
            Notice::WrapNotOffered { position: 1, pieces_max: 0 },
            Notice::WrapNotOffered { position: 2, pieces_max: 0 },
            Notice::WrapMessageTooLong { position: 3, length_max: 40 },
        ]
    );
    assert_eq!(quote.notices[3].target(), "/lines/3/wrap_message");
    assert_eq!(quote.fees.len(), 1, "only the last one is wrapped");
}

#[test]
fn a_small_order_fee_ends_where_the_goods_without_discounts_reach_its_value() {
    let mut cart = Cart::of(vec![line("a", 2, eur(1_500))]);
    cart.fees = vec![small_order(299, 3_000)];
    let full = cart.quote();
    assert!(full.fees.is_empty());
    let told = full.trace.iter().find(|step| &*step.rule == "fee:small-order").unwrap();
    assert_eq!(&*told.text, "is not due: goods of 30.00 EUR reach 30.00 EUR");
    cart.codes = vec![percent("TEN", 10)];
    assert_eq!(cart.quote().fees[0].amount, eur(299), "27.00 are below 30.00");
    cart.lines.clear();
    assert!(cart.quote().fees.is_empty(), "nothing is no order");
}

#[test]
fn bulky_goods_cost_by_the_unit_and_parcels_by_the_parcel() {
    let sofa = with_item(line("sofa", 2, eur(50_000)), |item| item.labels = vec!["tag:bulky".to_owned()]);
    let mut cart = Cart::of(vec![sofa, line("mug", 1, eur(1_000))]);
    let goods = Goods { labels: vec!["tag:bulky".to_owned()], ..Goods::default() };
    cart.fees = vec![
        Fee { goods, ..fee("bulky", FeeKind::Piece, eur(2_000)) },
        fee("handling", FeeKind::Parcel, eur(100)),
    ];
    cart.chosen_id = "flat";
    let quote = cart.quote();
    let charged: Vec<(&str, i64)> =
        quote.fees.iter().map(|fee| (fee.name.as_str(), fee.amount.minor)).collect();
    assert_eq!(charged, [("bulky", 4_000), ("handling", 100)]);
    assert!(quote.asks.parcels, "who quotes is to say in how many it travels");
    cart.parcels = vec![vec![("sofa".to_owned(), 2)], vec![("mug".to_owned(), 1)]];
    assert_eq!(cart.quote().fees[1].amount, eur(200));
}

#[test]
fn a_fee_is_due_where_and_when_it_says() {
    let mut cart = Cart::of(vec![line("a", 1, eur(1_000))]);
    let base = fee("order", FeeKind::Order { below: amounts(&[]) }, eur(100));
    let charged = |cart: &Cart| cart.quote().fees.len();
    let later = argosy_kernel::Timestamp::from_millis(1);
    for (fee, due) in [
        (base.clone(), 1),
        (Fee { active: false, ..base.clone() }, 0),
        (Fee { countries: vec!["FR".parse().unwrap()], ..base.clone() }, 0),
        (Fee { markets: vec!["dach".to_owned()], ..base.clone() }, 0),
        (Fee { starts_at: Some(later), ..base.clone() }, 0),
        (Fee { ends_at: Some(later), ..base.clone() }, 1),
        (Fee { amounts: amounts(&[]), ..base.clone() }, 0),
        (
            Fee {
                kind: FeeKind::Order {
                    below: amounts(&[argosy_kernel::Money::new(1, "USD".parse().unwrap())]),
                },
                ..base
            },
            0,
        ),
    ] {
        cart.fees = vec![fee];
        assert_eq!(charged(&cart), due, "{:?}", cart.fees);
    }
}

#[test]
fn who_owes_the_tax_themselves_pays_fees_without_it() {
    let mut cart = Cart::of(vec![line("a", 1, eur(12_000))]);
    (cart.country, cart.buyer.tax_number) = ("FR", "FR12345678901".to_owned());
    cart.fees = vec![fee("order", FeeKind::Order { below: amounts(&[]) }, eur(600))];
    let quote = cart.quote();
    assert_eq!((quote.fees[0].total.0, quote.fees[0].tax_relief), (eur(500), eur(100)));
    assert_eq!(quote.total.0, eur(10_500));
}
