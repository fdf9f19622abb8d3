//! What holds for every quote.

use argosy_kernel::{Currency, Money};
use proptest::prelude::*;

use super::{
    AskedCode, AskedWrap, Buyer, Fee, FeeKind, LineInput, PromotionKind, Quote, ShippingTax, Target, TaxRate,
    TaxRounding, TaxTreatment, TaxZone, TotalKind,
    samples::{Cart, amounts, coupon, fee, line, percent, tax_rate, tax_zones, with_item},
};

/// Two decimals, none, and three.
fn currencies() -> impl Strategy<Value = Currency> {
    prop::sample::select(vec![Currency::EUR, Currency::JPY, "KWD".parse().unwrap()])
}

/// Of every kind, for some of the goods, in some of the currencies.
fn fees(currency: Currency) -> impl Strategy<Value = Vec<Fee>> {
    let kind = prop::sample::select(vec![0, 1, 2, 3]);
    let one = (kind, 0i64..5_000, prop::sample::select(vec!["", "reduced", "zero"]), 0i64..300_000);
    prop::collection::vec(one, 0..4).prop_map(move |fees| {
        let fee = |(place, (kind, minor, tax_class, below)): (usize, (i32, i64, &str, i64))| {
            let kind = match kind {
                0 => FeeKind::Wrap { pieces_max: 20, message_length_max: 10 },
                1 => FeeKind::Piece,
                2 => FeeKind::Order { below: amounts(&[Money::new(below, currency)]) },
                _ => FeeKind::Parcel,
            };
            Fee {
                tax_class: tax_class.to_owned(),
                ..fee(&format!("f{place}"), kind, Money::new(minor, currency))
            }
        };
        fees.into_iter().enumerate().map(fee).collect()
    })
}

fn lines(currency: Currency) -> impl Strategy<Value = Vec<LineInput>> {
    let one = (0i64..200_000, 1i64..50, prop::sample::select(vec!["", "reduced", "odd"]), any::<bool>());
    prop::collection::vec(one, 0..12).prop_map(move |lines| {
        lines
            .into_iter()
            .enumerate()
            .map(|(index, (price, quantity, tax_class, requires_shipping))| {
                with_item(line(&format!("l{index}"), quantity, Money::new(price, currency)), |item| {
                    item.tax_class = tax_class.to_owned();
                    item.requires_shipping = requires_shipping;
                })
            })
            .map(|line| {
                let name = format!("f{}", line.quantity % 5);
                LineInput { wrap: Some(AskedWrap { name, message_length: 5 }), ..line }
            })
            .collect()
    })
}

fn codes(currency: Currency) -> impl Strategy<Value = Vec<AskedCode>> {
    let one = prop_oneof![
        (0i64..=100).prop_map(|rate| percent("P", rate)),
        (0i64..500_000).prop_map(move |minor| {
            coupon("F", PromotionKind::Fixed(amounts(&[Money::new(minor, currency)])))
        }),
        Just(coupon("S", PromotionKind::FreeShipping)),
    ];
    prop::collection::vec(one, 0..4)
}

/// The zones of the samples, as they are or with all that a zone can ask for.
fn taxes() -> impl Strategy<Value = Vec<TaxZone>> {
    let shipping = prop::sample::select(vec![
        ShippingTax::default(),
        ShippingTax::Class("reduced".to_owned()),
        ShippingTax::Proportional,
        ShippingTax::Highest,
    ]);
    let second = prop::option::of((1_i64..400_000, any::<bool>()));
    (shipping, any::<bool>(), any::<bool>(), second).prop_map(|(shipping, in_all, included, second)| {
        let rounding = if in_all { TaxRounding::Total } else { TaxRounding::Line };
        let mut zones = tax_zones();
        for zone in &mut zones {
            (zone.shipping, zone.rounding) = (shipping.clone(), rounding);
            zone.included |= included;
            if let Some((ppm, is_compound)) = second {
                zone.rates.push(TaxRate { part: 1, is_compound, ..tax_rate("standard", ppm, "Second") });
            }
        }
        zones
    })
}

fn buyers() -> impl Strategy<Value = Buyer> {
    let numbers = vec!["", "FR12345678901", "nonsense"];
    (prop::sample::select(numbers), prop::bool::weighted(0.1)).prop_map(|(number, is_tax_exempt)| Buyer {
        tax_number: number.to_owned(),
        is_tax_exempt,
        ..Buyer::default()
    })
}

fn carts() -> impl Strategy<Value = Cart> {
    let places = vec![
        ("DE", "", "flat"),
        ("DE", "", "weight"),
        ("CH", "", "world"),
        ("FR", "", "world"),
        ("US", "CA", "world"),
        ("BR", "", ""),
    ];
    currencies().prop_flat_map(move |currency| {
        let place = prop::sample::select(places.clone());
        let charged = (codes(currency), fees(currency));
        (lines(currency), charged, place, any::<bool>(), taxes(), buyers()).prop_map(
            move |(lines, (codes, fees), (country, region, chosen_id), gross_prices, taxes, buyer)| Cart {
                currency,
                lines,
                codes,
                country,
                region,
                taxes,
                buyer,
                chosen_id,
                gross_prices,
                fees,
                ..Cart::of(Vec::new())
            },
        )
    })
}

fn added(quote: &Quote, currency: Currency, amounts: impl IntoIterator<Item = Money>) -> Money {
    assert!(quote.totals.len() >= 2);
    Money::sum(currency, amounts).unwrap()
}

proptest! {
    #[test]
    fn law_1_the_sum_has_one_subtotal_one_total_and_adds_up(cart in carts()) {
        let quote = cart.quote();
        let of = |kind| quote.totals.iter().filter(move |line| line.kind == kind).map(|line| line.amount);
        prop_assert_eq!(of(TotalKind::Subtotal).count(), 1);
        prop_assert_eq!(of(TotalKind::Total).collect::<Vec<_>>(), vec![quote.total.0]);
        let counted = quote.totals.iter()
            .filter(|line| !matches!(line.kind, TotalKind::TaxIncluded | TotalKind::Total))
            .map(|line| line.amount);
        prop_assert_eq!(added(&quote, cart.currency, counted), quote.total.0);
    }

    #[test]
    fn law_1_a_discount_never_makes_a_line_or_shipping_cost_less_than_nothing(cart in carts()) {
        let quote = cart.quote();
        for line in &quote.lines {
            prop_assert!(!line.left().unwrap().is_negative());
            prop_assert!(line.discount.minor <= 0);
            prop_assert!(line.tax.minor >= 0);
            let adjustments = line.adjustments.iter().map(|adjustment| adjustment.amount);
            prop_assert_eq!(added(&quote, cart.currency, adjustments), line.discount);
        }
        if let Some(shipping) = &quote.shipping {
            prop_assert!(!shipping.taxed.gross.0.is_negative());
        }
    }

    #[test]
    fn law_1_a_discount_is_the_sum_of_its_allocations_and_lines_hold_theirs(cart in carts()) {
        let quote = cart.quote();
        for discount in &quote.discounts {
            let parts = discount.allocations.iter().map(|part| part.amount);
            prop_assert_eq!(added(&quote, cart.currency, parts), discount.amount);
        }
        let on_lines = quote.discounts.iter().flat_map(|discount| &discount.allocations)
            .filter(|part| part.target != Target::Shipping).map(|part| part.amount);
        let of_lines = quote.lines.iter().map(|line| line.discount);
        prop_assert_eq!(added(&quote, cart.currency, on_lines), added(&quote, cart.currency, of_lines));
    }

    #[test]
    fn law_1_net_and_gross_agree_within_one_rounding(cart in carts()) {
        let quote = cart.quote();
        let by_line = cart.taxes.iter().all(|zone| zone.rounding == TaxRounding::Line);
        for line in &quote.lines {
            let left = line.left().unwrap();
            let net = line.total.0.minus(line.tax).unwrap();
            match quote.treatment {
                TaxTreatment::Included => prop_assert_eq!(line.total.0.plus(line.tax_relief).unwrap(), left),
                TaxTreatment::Added => prop_assert_eq!(net, left),
            }
            // The rate is told to the part per million, which a large amount shows.
            let told = i128::from(net.minor).abs() + 1_000_000;
            let tax = i128::from(line.tax.minor) * 1_000_000;
            let off = i128::from(net.minor) * i128::from(line.tax_rate.ppm()) - tax;
            let charged = quote.exemption.is_none() && by_line;
            prop_assert!(!charged || off.abs() <= told, "tax is off by more than one minor unit");
        }
    }

    #[test]
    fn law_1_the_tax_by_rate_adds_up_to_the_tax_of_lines_and_shipping(cart in carts()) {
        let quote = cart.quote();
        let shipping = quote.shipping.as_ref().map(|shipping| &shipping.taxed);
        let of_lines = quote.lines.iter().map(|line| line.tax);
        let of_fees = quote.fees.iter().map(|fee| fee.tax);
        let all = added(&quote, cart.currency, of_lines.chain(of_fees).chain(shipping.map(|taxed| taxed.tax)));
        let by_rate = quote.tax_lines.iter().map(|part| part.amount);
        prop_assert_eq!(added(&quote, cart.currency, by_rate), all);
        for line in &quote.lines {
            let parts = line.tax_parts.iter().map(|part| part.amount);
            prop_assert_eq!(added(&quote, cart.currency, parts), line.tax);
            prop_assert!(line.tax_parts.iter().all(|part| !part.amount.is_negative()));
        }
    }

    #[test]
    fn law_1_rounding_once_in_all_is_within_half_a_unit_of_the_exact_tax(cart in carts()) {
        let mut cart = cart;
        cart.taxes.iter_mut().for_each(|zone| zone.rounding = TaxRounding::Total);
        let quote = cart.quote();
        let parts = cart.taxes.iter().all(|zone| zone.rates.iter().all(|rate| rate.part == 0));
        for sum in quote.tax_lines.iter().filter(|_| parts && quote.exemption.is_none()) {
            let off = i128::from(sum.base.0.minor) * i128::from(sum.rate.ppm()) - i128::from(sum.amount.minor) * 1_000_000;
            // Inside a gross amount, half a unit of tax is half a unit of its base, too.
            prop_assert!(off.abs() <= 500_000 + i128::from(sum.rate.ppm()) / 2, "{:?}", sum);
        }
    }

    #[test]
    fn law_1_lines_fees_and_shipping_are_what_the_buyer_pays(cart in carts()) {
        let quote = cart.quote();
        let shipping = quote.shipping.as_ref().map(|shipping| shipping.taxed.gross.0);
        let paid = quote.lines.iter().map(|line| line.total.0)
            .chain(quote.fees.iter().map(|fee| fee.total.0)).chain(shipping);
        prop_assert_eq!(added(&quote, cart.currency, paid), quote.total.0);
        let told = quote.totals.iter().filter(|line| line.kind == TotalKind::Fee).map(|line| line.amount);
        let charged = quote.fees.iter().map(|fee| fee.amount);
        prop_assert_eq!(added(&quote, cart.currency, told), added(&quote, cart.currency, charged));
        for fee in &quote.fees {
            prop_assert_eq!(fee.amount, fee.unit_price.times(fee.quantity).unwrap());
            let parts = fee.tax_parts.iter().map(|part| part.amount);
            prop_assert_eq!(added(&quote, cart.currency, parts), fee.tax);
        }
    }

    #[test]
    fn fees_change_nothing_of_goods_and_their_discounts(cart in carts()) {
        let with = cart.quote();
        let without = Cart { fees: Vec::new(), ..cart }.quote();
        prop_assert_eq!(&with.discounts, &without.discounts);
        let left = |quote: &Quote| quote.lines.iter().map(|line| (line.subtotal, line.discount)).collect::<Vec<_>>();
        prop_assert_eq!(left(&with), left(&without));
        prop_assert_eq!(with.shipping_options, without.shipping_options);
    }

    #[test]
    fn the_order_of_tax_zones_makes_no_difference(cart in carts()) {
        let quote = cart.quote();
        let turned = Cart { taxes: cart.taxes.iter().rev().cloned().collect(), ..cart };
        prop_assert_eq!(turned.quote(), quote);
    }

    #[test]
    fn law_7_the_same_cart_always_has_the_same_quote(cart in carts()) {
        prop_assert_eq!(cart.quote(), cart.quote());
    }

    #[test]
    fn every_code_is_either_applied_or_rejected(cart in carts()) {
        let quote = cart.quote();
        prop_assert_eq!(quote.discounts.len() + quote.rejected_codes.len(), cart.codes.len());
    }

    #[test]
    fn law_12_the_last_steps_of_a_trace_come_to_the_amounts(cart in carts()) {
        let quote = cart.quote();
        prop_assert_eq!(quote.trace.last().map(|step| step.amount), Some(quote.total.0));
        for line in &quote.lines {
            prop_assert_eq!(line.trace.last().map(|step| step.amount), Some(line.total.0));
            prop_assert_eq!(line.trace.first().map(|step| step.amount), Some(line.subtotal));
        }
    }
}
