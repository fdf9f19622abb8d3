//! What a quote says, case by case.

use argosy_kernel::{Currency, Money, Timestamp};

use super::{
    AskedCode, CouponCode, Notice, Offer, PromotionKind, Target, TaxTreatment,
    samples::{Cart, coupon, eur, fixed, line, percent, reasons, sum, with_item},
};

#[test]
fn gross_prices_hold_their_tax_and_the_sum_says_how_much() {
    let mut cart = Cart::of(vec![
        line("a", 2, eur(1_999)),
        with_item(line("b", 1, eur(500)), |item| {
            item.tax_class = "reduced".to_owned();
        }),
    ]);
    cart.chosen_id = "flat";
    let quote = cart.quote();
    assert_eq!(quote.treatment, TaxTreatment::Included);
    assert_eq!(
        sum(&quote),
        [
            "subtotal Subtotal 44.98 EUR",
            "shipping Shipping flat 4.90 EUR",
            "tax_included VAT 19 % 7.16 EUR",
            "tax_included VAT 7 % 0.33 EUR",
            "total Total 49.88 EUR",
        ]
    );
}

#[test]
fn a_zone_that_adds_tax_takes_the_list_price_as_net() {
    let mut cart = Cart::of(vec![line("a", 1, eur(10_000))]);
    (cart.country, cart.chosen_id) = ("CH", "world");
    let quote = cart.quote();
    assert_eq!(
        sum(&quote),
        [
            "subtotal Subtotal 100.00 EUR",
            "shipping Shipping world 15.00 EUR",
            "tax VAT 8.1 % 9.32 EUR",
            "total Total 124.32 EUR",
        ]
    );
    assert_eq!(quote.lines[0].total.0, eur(10_810));
}

#[test]
fn the_gross_price_is_the_same_in_every_zone_that_holds_its_tax() {
    let mut cart = Cart::of(vec![line("a", 1, eur(1_999))]);
    let home = cart.quote();
    cart.country = "FR";
    let abroad = cart.quote();
    assert_eq!(home.total, abroad.total);
    assert_eq!((home.lines[0].tax, abroad.lines[0].tax), (eur(319), eur(333)));
}

#[test]
fn a_shop_with_net_prices_adds_tax_everywhere() {
    let mut cart = Cart::of(vec![line("a", 1, eur(1_000))]);
    cart.gross_prices = false;
    assert_eq!(cart.quote().total.0, eur(1_190));
}

#[test]
fn a_region_has_its_own_tax_and_no_zone_means_no_tax() {
    let mut cart = Cart::of(vec![line("a", 1, eur(1_000))]);
    (cart.country, cart.region) = ("US", "ca");
    assert_eq!(cart.quote().total.0, eur(1_073));
    cart.region = "NY";
    assert_eq!(cart.quote().total.0, eur(1_000));
    (cart.country, cart.region) = ("BR", "");
    let quote = cart.quote();
    assert_eq!(quote.total.0, eur(1_000));
    assert!(quote.lines[0].trace.iter().any(|step| &*step.rule == "tax:none"));
}

#[test]
fn codes_apply_in_the_order_given() {
    let cart = |codes| Cart { codes, ..Cart::of(vec![line("a", 1, eur(10_000))]) };
    let percent_first = cart(vec![percent("TEN", 10), fixed("FIVE", eur(500))]).quote();
    assert_eq!(percent_first.total.0, eur(8_500));
    let fixed_first = cart(vec![fixed("FIVE", eur(500)), percent("TEN", 10)]).quote();
    assert_eq!(fixed_first.total.0, eur(8_550));
}

#[test]
fn law_1_a_fixed_discount_is_split_by_largest_remainder() {
    let lines = vec![line("a", 1, eur(100)), line("b", 1, eur(100)), line("c", 1, eur(100))];
    let quote = Cart { codes: vec![fixed("ONE", eur(100))], ..Cart::of(lines) }.quote();
    let shares: Vec<Money> = quote.lines.iter().map(|line| line.discount).collect();
    assert_eq!(shares, [eur(-34), eur(-33), eur(-33)]);
    assert_eq!(quote.discounts[0].amount, eur(-100));
}

#[test]
fn a_fixed_discount_never_takes_more_than_there_is() {
    let lines = vec![line("a", 1, eur(300)), line("b", 1, eur(200))];
    let quote =
        Cart { codes: vec![fixed("BIG", eur(9_900)), percent("LATE", 10)], ..Cart::of(lines) }.quote();
    assert_eq!(quote.discounts[0].amount, eur(-500));
    assert_eq!(quote.total.0, eur(0));
    assert_eq!(reasons(&quote), [("LATE", "CODE_NOT_APPLICABLE")]);
}

#[test]
fn every_code_that_does_not_count_has_its_reason() {
    let mut cart = Cart::of(vec![line("a", 1, eur(1_000))]);
    let unknown = AskedCode {
        text: "nope".into(),
        code: CouponCode::parse("nope").unwrap(),
        promotion: None,
        uses_of_buyer: 0,
    };
    cart.codes =
        vec![unknown, percent("TEN", 10), percent("ten", 10), fixed("YEN", Money::new(5, Currency::JPY))];
    let quote = cart.quote();
    assert_eq!(
        reasons(&quote),
        [("nope", "CODE_NOT_FOUND"), ("ten", "CODE_REPEATED"), ("YEN", "CODE_NOT_FOR_CURRENCY")]
    );
    assert_eq!(quote.discounts.len(), 1);
}

#[test]
fn free_shipping_is_a_discount_on_the_chosen_option() {
    let mut cart = Cart::of(vec![line("a", 1, eur(1_000))]);
    cart.codes = vec![coupon("SHIP", PromotionKind::FreeShipping)];
    let waiting = cart.quote();
    assert_eq!((waiting.discounts[0].amount, waiting.total.0), (eur(0), eur(1_000)));
    cart.chosen_id = "flat";
    let quote = cart.quote();
    assert_eq!(quote.discounts[0].allocations[0].target, Target::Shipping);
    assert_eq!(quote.discounts[0].amount, eur(-490));
    assert_eq!(quote.total.0, eur(1_000));
    assert_eq!(quote.shipping.unwrap().taxed.tax, eur(0));
}

#[test]
fn free_shipping_is_not_used_up_where_shipping_costs_nothing() {
    let mut cart = Cart::of(vec![line("a", 1, eur(6_000))]);
    (cart.codes, cart.chosen_id) = (vec![coupon("SHIP", PromotionKind::FreeShipping)], "flat");
    assert_eq!(reasons(&cart.quote()), [("SHIP", "CODE_NOT_APPLICABLE")]);
    cart.lines = vec![with_item(line("a", 1, eur(10)), |item| {
        item.requires_shipping = false;
    })];
    assert_eq!(reasons(&cart.quote()), [("SHIP", "CODE_NOT_APPLICABLE")]);
}

#[test]
fn shipping_is_free_from_a_value_after_discounts() {
    let mut cart = Cart::of(vec![line("a", 1, eur(5_000))]);
    cart.chosen_id = "flat";
    assert_eq!(cart.quote().total.0, eur(5_000));
    cart.codes = vec![fixed("CENT", eur(1))];
    assert_eq!(cart.quote().total.0, eur(4_999 + 490));
}

#[test]
fn a_rate_by_weight_takes_the_first_step_that_holds_the_parcel() {
    let price = |quantity| {
        let quote = Cart::of(vec![line("a", quantity, eur(100))]).quote();
        quote.shipping_options.iter().find(|option| option.id == "weight").map(|option| option.price)
    };
    assert_eq!(price(2), Some(eur(300)));
    assert_eq!(price(3), Some(eur(900)));
    assert_eq!(price(20), Some(eur(900)));
    assert_eq!(price(21), None);
}

#[test]
fn digital_goods_ask_for_no_shipping() {
    let digital = with_item(line("a", 1, eur(1_000)), |item| item.requires_shipping = false);
    let quote = Cart { chosen_id: "flat", ..Cart::of(vec![digital]) }.quote();
    assert!(!quote.requires_shipping);
    assert!(quote.shipping_options.is_empty() && quote.shipping.is_none() && quote.notices.is_empty());
}

#[test]
fn what_has_no_price_becomes_a_notice_and_the_rest_is_priced() {
    let mut cart = Cart::of(vec![line("a", 1, eur(1)), line("b", 1, eur(1)), line("c", 1, eur(100))]);
    cart.lines[0].offer = Offer::Unknown;
    cart.lines[1].offer = Offer::NotInCurrency;
    cart.chosen_id = "gone";
    let quote = cart.quote();
    assert_eq!(
        quote.notices,
        [
            Notice::VariantNotFound { position: 0 },
            Notice::NotSoldInCurrency { position: 1, currency: Currency::EUR },
            Notice::ShippingOptionGone,
        ]
    );
    assert_eq!((quote.lines.len(), quote.lines[0].position), (1, 2));
    assert_eq!(quote.total.0, eur(100));
}

#[test]
fn an_empty_cart_costs_nothing() {
    let quote = Cart { codes: vec![fixed("FIVE", eur(500))], ..Cart::of(Vec::new()) }.quote();
    assert_eq!(sum(&quote), ["subtotal Subtotal 0.00 EUR", "total Total 0.00 EUR"]);
    assert_eq!(reasons(&quote), [("FIVE", "CODE_NOT_APPLICABLE")]);
}

#[test]
fn an_amount_that_does_not_fit_is_an_error_and_not_a_wrong_price() {
    let cart = Cart::of(vec![line("a", 1_000_000, eur(i64::MAX / 2))]);
    let (germany, now) = ("DE".parse().unwrap(), Timestamp::from_millis(0));
    let taxes = super::TaxZones::new(super::samples::tax_zones());
    let place = super::Place::new(germany, "", "");
    let input = super::QuoteInput {
        currency: cart.currency,
        lines: cart.lines,
        campaigns: &super::Campaigns::default(),
        used: &super::UsedByCampaign::new(),
        fees: &[],
        country: germany,
        market: super::ChosenMarket::default(),
        buyer: &super::Buyer::default(),
        codes: Vec::new(),
        tax: taxes.rules(&place, true, None, now),
        shipping: None,
        now,
    };
    assert_eq!(super::quote(&input), Err(argosy_kernel::MoneyError::Overflow));
}

#[test]
fn law_12_every_amount_of_a_line_and_of_the_sum_is_explained() {
    let mut cart = Cart::of(vec![line("a", 2, eur(1_999))]);
    (cart.codes, cart.chosen_id) = (vec![percent("TEN", 10)], "flat");
    let quote = cart.quote();
    let shown = |steps: &[super::TraceStep]| -> Vec<String> {
        steps.iter().map(|step| format!("{}: {} = {}", step.rule, step.text, step.amount)).collect()
    };
    assert_eq!(
        shown(&quote.lines[0].trace),
        [
            "list_price: 2 × 19.99 EUR = 39.98 EUR",
            "coupon:TEN: 10 % of what is left of the line = -4.00 EUR",
            "tax:DE/standard: DE, 19 % in 35.98 EUR = 5.74 EUR",
            "line_total: what the buyer pays for the line = 35.98 EUR",
        ]
    );
    assert_eq!(
        shown(&quote.trace),
        [
            "shipping:flat: Germany, Shipping flat, flat price = 4.90 EUR",
            "tax:DE/standard: DE, 19 % in 4.90 EUR = 0.78 EUR",
            "total: what the buyer pays = 40.88 EUR",
        ]
    );
}

/// Sums that other shops' software got wrong, with where it was reported.
#[test]
fn law_1_sums_that_others_got_wrong() {
    let total = |lines: Vec<super::LineInput>, codes: Vec<super::AskedCode>| {
        Cart { codes, ..Cart::of(lines) }.quote().total.0
    };
    // <https://github.com/vendurehq/vendure/issues/3003>: rounded once a piece, such a sum came to 1110.85.
    assert_eq!(
        total(vec![line("a", 44, eur(2_805)), line("b", 2, eur(8))], vec![percent("TEN", 10)]),
        eur(111_092)
    );
    // <https://github.com/vendurehq/vendure/issues/3091>: the same, and came to 8236.25.
    assert_eq!(total(vec![line("a", 25, eur(36_606))], vec![fixed("OFF", eur(91_514))]), eur(823_636));
    // <https://github.com/saleor/saleor/issues/12040>: 25 % of 19.99 was rounded down, and 15.00 was left.
    assert_eq!(total(vec![line("a", 1, eur(1_999))], vec![percent("QUARTER", 25)]), eur(1_499));
    // <https://github.com/medusajs/medusa/issues/5776>: an amount off a price with tax was taken as one without.
    assert_eq!(total(vec![line("a", 1, eur(5_000))], vec![fixed("TENNER", eur(1_000))]), eur(4_000));
}
