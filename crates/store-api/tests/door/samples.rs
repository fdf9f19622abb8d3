//! Products, carts, checkouts and orders to answer with.

use argosy_contracts::{
    cart::{CartDocument, CartLine, CartView},
    catalog::{self, Attribute, Category, Price, Product, ProductOption, Seo, Variant, attribute::Value},
    common::{Address, Money, Notice, QuantityRule, TotalLine, TraceStep},
    orders::{
        Checkout, Fulfilment, LineQuantity, Order, OrderEvent, OrderLine, OrderMoney, OrderParcel,
        PaymentAttempt, Refund, Return, ReturnLine,
    },
    pricing::{
        Adjustment, Allocation, Awaited, Discount, GiftOffer, Parcel, ParcelLine, Quote, QuotedFee,
        QuotedLine, RejectedCode, ShippingOption, TaxLine, TaxNote, WrapOffer,
    },
};

pub(crate) const TOTE: &str = "prod_00000000000000000000000004";
pub(crate) const TOTE_RED: &str = "var_00000000000000000000000004";
pub(crate) const TOTE_BLUE: &str = "var_00000000000000000000000008";
pub(crate) const MUG: &str = "prod_00000000000000000000000008";
pub(crate) const MUG_ONLY: &str = "var_0000000000000000000000000c";
pub(crate) const CATEGORY: &str = "cat_00000000000000000000000004";
pub(crate) const CART: &str = "cart_00000000000000000000000004";
pub(crate) const LINE: &str = "line_00000000000000000000000004";
pub(crate) const CHECKOUT: &str = "chk_00000000000000000000000004";
pub(crate) const ORDER: &str = "ord_00000000000000000000000004";
const TIME_MS: i64 = 1_780_315_200_000;

fn eur(minor: i64) -> Money {
    Money { minor, currency: "EUR".to_owned() }
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn variant(id: &str, sku: &str, option: Option<&str>, minor: i64) -> Variant {
    Variant {
        id: text(id),
        sku: text(sku),
        title: text(option.unwrap_or("Default")),
        option_values: option.into_iter().map(text).collect(),
        prices: vec![
            Price {
                amount: Some(eur(minor)),
                compare_at: Some(eur(minor + 500)),
                per_unit: Some(eur(minor * 2)),
            },
            Price {
                amount: Some(Money { minor: minor * 150, currency: text("JPY") }),
                compare_at: None,
                per_unit: None,
            },
        ],
        weight_g: 300,
        requires_shipping: true,
        tax_class: text("standard"),
        unit_measure: "500 g".parse().ok(),
        unit_base: "1 kg".parse().ok(),
        quantity_rule: Some(QuantityRule { min: 2, step: 2, max: 0 }),
        ..Variant::default()
    }
}

pub(crate) fn category() -> Category {
    Category {
        id: text(CATEGORY),
        handle: text("bags"),
        title: text("Bags"),
        position: 1,
        ..Category::default()
    }
}

pub(crate) fn tote() -> Product {
    let attribute = |name: &str, value| Attribute { name: text(name), value: Some(value) };
    Product {
        id: text(TOTE),
        handle: text("canvas-tote"),
        title: text("Canvas tote"),
        description_html: text("<p>Carries \"everything\".</p>"),
        vendor: text("Harbour"),
        tags: vec![text("new")],
        status: text("active"),
        images: vec![catalog::Image {
            url: text("/media/tote.webp"),
            alt: text("A tote"),
            width: 800,
            height: 0,
        }],
        options: vec![ProductOption { name: text("Color"), values: vec![text("Red"), text("Blue")] }],
        attributes: vec![
            attribute("material", Value::Text(text("cotton"))),
            attribute("care", Value::Text(text("cold wash"))),
            attribute("care", Value::Text(text("no bleach"))),
            attribute("volume_l", Value::Number(12.0)),
            attribute("strap_m", Value::Number(0.5)),
            attribute("vegan", Value::Boolean(true)),
        ],
        category_ids: vec![text(CATEGORY)],
        seo: Some(Seo { title: text("Tote"), description: String::new() }),
        variants: vec![
            variant(TOTE_RED, "TOTE-RED", Some("Red"), 1999),
            variant(TOTE_BLUE, "TOTE-BLUE", Some("Blue"), 2199),
        ],
        version: 1,
        created_at_ms: TIME_MS,
        updated_at_ms: TIME_MS,
        ..Product::default()
    }
}

pub(crate) fn mug() -> Product {
    Product {
        id: text(MUG),
        handle: text("mug"),
        title: text("Mug"),
        status: text("active"),
        variants: vec![variant(MUG_ONLY, "MUG", None, 900)],
        ..Product::default()
    }
}

pub(crate) fn quoted_line() -> QuotedLine {
    QuotedLine {
        line_id: text(LINE),
        variant_id: text(TOTE_RED),
        product_id: text(TOTE),
        handle: text("canvas-tote"),
        sku: text("TOTE-RED"),
        title: text("Canvas tote"),
        variant_title: text("Red"),
        image_url: text("/media/tote.webp"),
        quantity: 2,
        unit_price: Some(eur(1999)),
        compare_at: None,
        adjustments: vec![Adjustment {
            kind: text("discount"),
            promotion_id: text("promo_00000000000000000000000004"),
            code: text("WELCOME10"),
            label: text("Welcome"),
            amount: Some(eur(-400)),
        }],
        subtotal: Some(eur(3998)),
        discount: Some(eur(-400)),
        tax: Some(eur(574)),
        total: Some(eur(3598)),
        tax_rate_ppm: 190_000,
        requires_shipping: true,
        weight_g: 600,
        quantity_rule: None,
        price_list: text(""),
        trace: vec![TraceStep {
            rule: text("list_price"),
            text: text("2 × 19.99 EUR"),
            amount: Some(eur(3998)),
        }],
    }
}

pub(crate) fn quote() -> Quote {
    let line = |kind: &str, label: &str, minor| TotalLine {
        kind: text(kind),
        label: text(label),
        amount: Some(eur(minor)),
    };
    Quote {
        currency: text("EUR"),
        asks_buyer: false,
        asks_carriers: false,
        lines: vec![quoted_line()],
        awaited: vec![Awaited {
            line_id: text(LINE),
            quantity: 1,
            expected_on: text("2026-06-20"),
            preorder: true,
        }],
        fees: vec![QuotedFee {
            name: text("ribbon"),
            title: text("Gift wrap"),
            kind: text("wrap"),
            line_id: text(LINE),
            quantity: 2,
            unit_price: Some(eur(300)),
            amount: Some(eur(600)),
            tax: Some(eur(96)),
            total: Some(eur(600)),
            tax_rate_ppm: 190_000,
        }],
        wraps: vec![WrapOffer {
            name: text("ribbon"),
            title: text("Gift wrap"),
            unit_price: Some(eur(300)),
            pieces_max: 5,
            message_length_max: 200,
            line_ids: vec![text(LINE)],
        }],
        discounts: vec![Discount {
            code: text("WELCOME10"),
            title: text("Welcome"),
            amount: Some(eur(-400)),
            campaign: String::new(),
            allocations: vec![Allocation { target: text(LINE), amount: Some(eur(-400)) }],
        }],
        rejected_codes: vec![RejectedCode {
            code: text("OLD"),
            reason: text("CODE_EXPIRED"),
            text: text("This code has expired."),
        }],
        shipping_options: vec![ShippingOption {
            id: text("standard"),
            title: text("Standard"),
            carrier: text("DHL"),
            price: Some(eur(490)),
            days_min: 2,
            days_max: 4,
            earliest: text("2026-06-02"),
            latest: text("2026-06-04"),
            ..ShippingOption::default()
        }],
        shipping_option_id: text("standard"),
        totals: vec![
            line("subtotal", "Subtotal", 3998),
            line("discount", "Welcome", -400),
            line("fee", "Gift wrap", 600),
            line("shipping", "Standard", 490),
            line("tax_included", "VAT 19 %", 748),
            line("total", "Total", 4688),
        ],
        total: Some(eur(4688)),
        tax_included: true,
        requires_shipping: true,
        parcels: vec![Parcel {
            lines: vec![ParcelLine { line_id: text(LINE), quantity: 2 }],
            earliest: text("2026-06-02"),
            latest: text("2026-06-04"),
            ..Parcel::default()
        }],
        asks_parcels: false,
        notices: vec![],
        trace: vec![],
        tax_lines: vec![TaxLine {
            label: text("VAT"),
            rate_ppm: 190_000,
            base: Some(eur(3436)),
            amount: Some(eur(748)),
        }],
        tax_notes: vec![TaxNote {
            kind: text("tax_number_unknown"),
            text: text("This tax number has the form of no member state's numbers."),
        }],
        gifts: vec![GiftOffer {
            title: text("A cap for free"),
            variant_id: text("var_0000000000000000000000000g"),
            pieces: 1,
        }],
        asks_first_order: false,
        market: text(""),
        groups: vec![],
    }
}

pub(crate) fn cart() -> CartView {
    CartView {
        cart: Some(CartDocument {
            id: text(CART),
            currency: text("EUR"),
            version: 3,
            lines: vec![
                CartLine {
                    id: text(LINE),
                    variant_id: text(TOTE_RED),
                    quantity: 2,
                    wrap: text("ribbon"),
                    wrap_message: text("For you"),
                },
                CartLine {
                    id: text("line_00000000000000000000000008"),
                    variant_id: text(MUG_ONLY),
                    quantity: 1,
                    ..CartLine::default()
                },
            ],
            codes: vec![text("WELCOME10"), text("OLD")],
            created_at_ms: TIME_MS,
            expires_at_ms: TIME_MS + 1_000,
            ..CartDocument::default()
        }),
        quote: Some(quote()),
        notices: vec![Notice {
            level: text("error"),
            code: text("VARIANT_NOT_FOUND"),
            resolution: text("fix"),
            target: text("/lines/1"),
            text: text("This item is not sold any more."),
            token: String::new(),
        }],
    }
}

fn address() -> Address {
    Address {
        name: text("Ann Example"),
        line1: text("Hauptstraße 1"),
        city: text("Berlin"),
        postal_code: text("10115"),
        country: text("DE"),
        ..Address::default()
    }
}

pub(crate) fn checkout() -> Checkout {
    Checkout {
        id: text(CHECKOUT),
        cart_id: text(CART),
        status: text("completed"),
        email: text("ann@example.com"),
        shipping_address: Some(address()),
        shipping_option_id: text("standard"),
        quote: Some(quote()),
        notices: vec![Notice {
            level: text("warning"),
            code: text("PRICE_CHANGED"),
            resolution: text("accept"),
            target: text("/lines/0/unit_price"),
            text: text("The price changed."),
            token: text("t1"),
        }],
        attempts: vec![PaymentAttempt {
            intent_id: text("pay_00000000000000000000000004"),
            provider: text("test"),
            state: text("failed"),
            failure_reason: text("DECLINED"),
            failure_text: text("The card was declined."),
            time_ms: TIME_MS,
            ..PaymentAttempt::default()
        }],
        order_id: text(ORDER),
        order_key: text("k/1"),
        expires_at_ms: TIME_MS,
        ..Checkout::default()
    }
}

pub(crate) fn order() -> Order {
    let quote = quote();
    Order {
        id: text(ORDER),
        number: text("1001"),
        key: text("k/1"),
        checkout_id: text(CHECKOUT),
        status: text("open"),
        payment_status: text("captured"),
        fulfilment_status: text("fulfilled"),
        email: text("ann@example.com"),
        shipping_address: Some(address()),
        billing_address: Some(address()),
        currency: text("EUR"),
        lines: vec![OrderLine {
            line: Some(quoted_line()),
            ordered: 2,
            current: 2,
            fulfilled: 2,
            returned: 0,
            returnable: 1,
            awaited: None,
            wrap_message: text("For you"),
        }],
        money: Some(OrderMoney {
            charged: Some(eur(4_590)),
            paid: Some(eur(4_590)),
            refunded: Some(eur(0)),
            refunding: Some(eur(0)),
            store_credit: Some(eur(0)),
            due: Some(eur(0)),
            ..OrderMoney::default()
        }),
        parcels: vec![OrderParcel {
            lines: vec![LineQuantity { line_id: text(LINE), quantity: 2 }],
            ..OrderParcel::default()
        }],
        fulfilments: vec![Fulfilment {
            id: text("ful_00000000000000000000000004"),
            lines: vec![LineQuantity { line_id: text(LINE), quantity: 2 }],
            carrier: text("DHL"),
            tracking_number: text("00340"),
            tracking_url: text("https://dhl.example/00340"),
            time_ms: TIME_MS,
            location_id: String::new(),
        }],
        refunds: vec![Refund {
            id: text("step_00000000000000000000000004"),
            amount: Some(eur(490)),
            state: text("done"),
            reason: text("late"),
            failure: String::new(),
            time_ms: TIME_MS,
            ..Refund::default()
        }],
        returns: vec![Return {
            id: text("ret_00000000000000000000000004"),
            state: text("requested"),
            lines: vec![ReturnLine {
                line_id: text(LINE),
                quantity: 1,
                reason: text("damaged"),
                ..ReturnLine::default()
            }],
            resolution: text("refund"),
            comment: text("The handle is off."),
            reference: text("k1"),
            time_ms: TIME_MS,
            ..Return::default()
        }],
        discounts: quote.discounts,
        shipping: quote.shipping_options.into_iter().next(),
        totals: quote.totals,
        total: quote.total,
        tax_included: true,
        events: vec![OrderEvent { time_ms: TIME_MS, kind: text("placed"), text: text("Order placed") }],
        placed_at_ms: TIME_MS,
        ..Order::default()
    }
}
