//! What tax comes to, case by case.

use argosy_kernel::{Money, Timestamp};

use super::{Exemption, PostalPattern, ShippingTax, TaxNumber, TaxRounding, TaxRules, TaxTreatment, TaxZone};
use crate::domain::{
    Buyer, Place, Quote, TaxZones,
    samples::{Cart, eur, line, sum, tax_rate, tax_zone, with_item},
};

fn at(postal_code: &str, zone: TaxZone) -> TaxZone {
    let codes = postal_code.split(',').map(|code| PostalPattern::parse(code).unwrap()).collect();
    TaxZone { name: format!("{} {postal_code}", zone.name), postal_codes: codes, ..zone }
}

/// 5 % and, beside it or on top of it, 9.975 %.
fn quebec(is_compound: bool, included: bool) -> TaxZone {
    let second = super::TaxRate { part: 1, is_compound, ..tax_rate("standard", 99_750, "QST") };
    TaxZone {
        rates: vec![second, tax_rate("standard", 50_000, "GST")],
        ..tax_zone("CA", "QC", included, &[])
    }
}

fn in_quebec(zone: TaxZone, minor: i64) -> Quote {
    let lines = vec![line("a", 1, eur(minor))];
    Cart { country: "CA", region: "qc", taxes: vec![zone], ..Cart::of(lines) }.quote()
}

fn tax_lines(quote: &Quote) -> Vec<String> {
    quote
        .tax_lines
        .iter()
        .map(|part| format!("{} of {} = {}", part.shown(), part.base.0, part.amount))
        .collect()
}

#[test]
fn two_rates_are_due_beside_each_other_or_one_on_top_of_the_other() {
    let beside = in_quebec(quebec(false, false), 10_000);
    assert_eq!(
        tax_lines(&beside),
        ["GST 5 % of 100.00 EUR = 5.00 EUR", "QST 9.975 % of 100.00 EUR = 9.98 EUR"]
    );
    assert_eq!(beside.total.0, eur(11_498));
    let on_top = in_quebec(quebec(true, false), 10_000);
    assert_eq!(tax_lines(&on_top)[1], "QST 9.975 % of 100.00 EUR = 10.47 EUR");
    assert_eq!(on_top.total.0, eur(11_547));
    assert_eq!(on_top.lines[0].tax_rate.to_string(), "15.4738 %");
}

#[test]
fn law_1_what_is_inside_a_gross_price_adds_up_to_it_with_two_rates() {
    let quote = in_quebec(quebec(true, true), 11_547);
    assert_eq!(
        tax_lines(&quote),
        ["GST 5 % of 100.00 EUR = 5.00 EUR", "QST 9.975 % of 100.00 EUR = 10.47 EUR"]
    );
    assert_eq!(quote.total.0, eur(11_547));
}

#[test]
fn the_closest_zone_counts_whatever_the_order_they_were_put_in() {
    let mut zones = vec![
        tax_zone("DE", "", true, &[("standard", 190_000)]),
        tax_zone("DE", "BY", true, &[("standard", 180_000)]),
        at("8*", tax_zone("DE", "", true, &[("standard", 170_000)])),
        at("80-85", tax_zone("DE", "", true, &[("standard", 160_000)])),
        at("80-85", tax_zone("DE", "BY", true, &[("standard", 150_000)])),
        at("803*,80331", tax_zone("DE", "", true, &[("standard", 140_000)])),
    ];
    let places = [
        (("", "10115"), "19 %"),
        (("by", "10115"), "18 %"),
        (("", "89000"), "17 %"),
        (("by", "89000"), "17 %"),
        (("", "8 1000"), "16 %"),
        (("by", "81000"), "15 %"),
        (("by", "80333"), "14 %"),
        (("", ""), "19 %"),
    ];
    for _ in 0..zones.len() {
        zones.rotate_left(1);
        let found = TaxZones::new(zones.clone());
        for ((region, code), rate) in places {
            let place = Place::new("DE".parse().unwrap(), region, code);
            let rules = found.rules(&place, true, None, Timestamp::from_millis(0));
            assert_eq!(rules.rate("").to_string(), rate, "{region} {code}");
        }
    }
}

#[test]
fn a_rate_is_the_one_of_the_day() {
    let mut zone = tax_zone("DE", "", true, &[("standard", 190_000), ("standard", 160_000)]);
    zone.rates[0].ends_at = Some(Timestamp::from_millis(1_000));
    zone.rates[1].starts_at = Some(Timestamp::from_millis(1_000));
    let at =
        |millis| TaxRules::of(Some(&zone), true, None, Timestamp::from_millis(millis)).rate("").to_string();
    assert_eq!((at(999), at(1_000)), ("19 %".to_owned(), "16 %".to_owned()));
}

#[test]
fn nothing_is_due_on_exempt_goods_and_the_standard_rate_on_a_class_nobody_set() {
    let taxed = |class: &'static str| {
        let goods = with_item(line("a", 1, eur(11_900)), |item| item.tax_class = class.to_owned());
        Cart::of(vec![goods]).quote().lines[0].tax
    };
    assert_eq!((taxed("exempt"), taxed("zero"), taxed("digital")), (eur(0), eur(0), eur(1_900)));
}

/// Three lines whose tax is 0.4 cents each.
fn crumbs(rounding: TaxRounding) -> Quote {
    let zone = TaxZone { rounding, ..tax_zone("DE", "", false, &[("standard", 100_000)]) };
    let lines = ["a", "b", "c"].map(|name| line(name, 1, eur(4))).to_vec();
    Cart { taxes: vec![zone], ..Cart::of(lines) }.quote()
}

#[test]
fn law_1_a_tax_is_rounded_once_a_line_or_once_in_all_and_lines_add_up() {
    let taxes = |quote: &Quote| quote.lines.iter().map(|line| line.tax.minor).collect::<Vec<_>>();
    let by_line = crumbs(TaxRounding::Line);
    assert_eq!((taxes(&by_line), by_line.total.0), (vec![0, 0, 0], eur(12)));
    let in_all = crumbs(TaxRounding::Total);
    assert_eq!((taxes(&in_all), in_all.total.0), (vec![1, 0, 0], eur(13)));
}

fn shipped(shipping: ShippingTax) -> Quote {
    let rates = [("standard", 190_000), ("reduced", 70_000), ("postage", 10_000)];
    let zone = TaxZone { shipping, ..tax_zone("DE", "", true, &rates) };
    let goods = |name, minor, class: &'static str| {
        with_item(line(name, 1, eur(minor)), |item| item.tax_class = class.to_owned())
    };
    let lines = vec![goods("a", 3_000, "reduced"), goods("b", 1_000, ""), goods("c", 0, "postage")];
    Cart { taxes: vec![zone], chosen_id: "flat", ..Cart::of(lines) }.quote()
}

#[test]
fn shipping_is_taxed_with_a_class_or_with_the_rates_of_the_goods() {
    let of = |shipping| {
        let taxed = shipped(shipping).shipping.unwrap().taxed;
        let parts = taxed.parts.iter().map(|part| (part.rate.to_string(), part.amount.minor));
        (taxed.gross.0.minor, parts.collect::<Vec<_>>())
    };
    let part = |rate: &str, minor| (rate.to_owned(), minor);
    assert_eq!(of(ShippingTax::default()), (490, vec![part("19 %", 78)]));
    assert_eq!(of(ShippingTax::Class("postage".to_owned())), (490, vec![part("1 %", 5)]));
    assert_eq!(of(ShippingTax::Highest), (490, vec![part("19 %", 78)]));
    // 3.68 EUR go with the reduced goods, 1.22 EUR with the others; largest remainder decides on the cent.
    assert_eq!(of(ShippingTax::Proportional), (490, vec![part("7 %", 24), part("19 %", 19)]));
}

fn business(country: &'static str, tax_number: &str, gross_prices: bool) -> Quote {
    let buyer = Buyer { tax_number: tax_number.to_owned(), ..Buyer::default() };
    let lines = vec![line("a", 1, eur(12_000))];
    Cart { country, buyer, gross_prices, chosen_id: "world", ..Cart::of(lines) }.quote()
}

#[test]
fn a_business_in_another_member_state_owes_the_tax_itself() {
    let quote = business("FR", "FR12 345678901", true);
    assert_eq!(quote.exemption, Some(Exemption::ReverseCharge));
    assert_eq!(
        sum(&quote),
        [
            "subtotal Subtotal 120.00 EUR",
            "shipping Shipping world 15.00 EUR",
            "tax Reverse charge -22.50 EUR",
            "total Total 112.50 EUR",
        ]
    );
    assert_eq!(tax_lines(&quote), ["Reverse charge 0 % of 112.50 EUR = 0.00 EUR"]);
    let net = business("FR", "FR12345678901", false);
    assert_eq!((net.exemption, net.total.0), (Some(Exemption::ReverseCharge), eur(13_500)));
    assert_eq!(net.treatment, TaxTreatment::Added);
}

#[test]
fn a_tax_number_changes_nothing_at_home_outside_of_the_union_or_if_it_is_none() {
    let germany = "DE".parse().unwrap();
    let cases = [
        ("DE", "FR12345678901", TaxNumber::WithoutEffect),
        ("FR", "DE123456789", TaxNumber::WithoutEffect),
        ("CH", "FR12345678901", TaxNumber::WithoutEffect),
        ("FR", "FR1234567890", TaxNumber::Unknown),
        ("FR", " ", TaxNumber::Missing),
    ];
    for (country, number, meaning) in cases {
        let quote = business(country, number, true);
        assert_eq!(quote.exemption, None, "{country} {number}");
        assert!(country == "CH" || quote.lines[0].tax.minor > 0);
        let buyer = Buyer { tax_number: number.to_owned(), ..Buyer::default() };
        let place = Place::new(country.parse().unwrap(), "", "");
        assert_eq!(TaxNumber::of(&buyer, germany, &place), meaning);
    }
}

#[test]
fn an_exempt_buyer_pays_the_gross_price_without_its_tax() {
    let buyer = Buyer { is_tax_exempt: true, ..Buyer::default() };
    let quote = Cart { buyer, ..Cart::of(vec![line("a", 1, eur(11_900))]) }.quote();
    assert_eq!((quote.exemption, quote.total.0), (Some(Exemption::Buyer), eur(10_000)));
    assert!(quote.lines[0].trace.iter().any(|step| step.text.contains("exempt from tax")));
}

#[test]
fn an_export_is_no_reverse_charge() {
    let islands = at("35*,38*", tax_zone("ES", "", true, &[("standard", 0)]));
    let buyer = Buyer { tax_number: "ESX1234567X".to_owned(), ..Buyer::default() };
    let lines = vec![line("a", 1, eur(12_000))];
    let quote =
        Cart { taxes: vec![islands], country: "ES", postal_code: "35001", buyer, ..Cart::of(lines) }.quote();
    assert_eq!((quote.exemption, quote.total.0), (None, Money::new(12_000, quote.total.0.currency)));
}
