//! Every mail, in every language, as it is read.

use argosy_contracts::{
    common::{Address, Money, TotalLine},
    orders::{
        Checkout, Draft, Fulfilment, LineQuantity, OrderEdit, OrderLine, OrderMoney, Refund, Return,
        ReturnLine,
    },
    pricing::{Awaited, Quote, QuotedLine, ShippingOption},
};
use argosy_platform::Shop;

use super::*;

#[expect(clippy::unnecessary_wraps, reason = "messages have optional amounts")]
fn eur(minor: i64) -> Option<Money> {
    Some(Money { minor, currency: "EUR".to_owned() })
}

fn line(id: &str, title: &str, variant: &str, [ordered, fulfilled]: [i64; 2]) -> OrderLine {
    let sold = QuotedLine {
        line_id: id.to_owned(),
        title: title.to_owned(),
        variant_title: variant.to_owned(),
        quantity: ordered,
        total: eur(995 * ordered),
        ..QuotedLine::default()
    };
    OrderLine { line: Some(sold), ordered, current: ordered, fulfilled, ..Default::default() }
}

fn order(language: &str) -> Order {
    let total = |kind: &str, label: &str, minor| TotalLine {
        kind: kind.to_owned(),
        label: label.to_owned(),
        amount: eur(minor),
    };
    let units = |id: &str, quantity| LineQuantity { line_id: id.to_owned(), quantity };
    Order {
        id: "ord_1".to_owned(),
        key: "k".to_owned(),
        number: "1001".to_owned(),
        email: "ann@example.com".to_owned(),
        language: language.to_owned(),
        person_id: "per_1".to_owned(),
        lines: vec![
            OrderLine {
                awaited: Some(Awaited {
                    line_id: "l1".to_owned(),
                    quantity: 2,
                    expected_on: "2027-03-12".to_owned(),
                    preorder: true,
                }),
                ..line("l1", "Mug <b>& more</b>", "Blue", [3, 1])
            },
            line("l2", "Kettle", "", [1, 0]),
        ],
        totals: vec![
            total("subtotal", "Subtotal", 3_980),
            total("shipping", "Standard shipping", 490),
            total("tax_included", "VAT 19 %", 714),
            total("total", "Total", 4_470),
        ],
        shipping: Some(ShippingOption { title: "Standard shipping".to_owned(), ..ShippingOption::default() }),
        shipping_address: Some(Address {
            name: "Ann <script>".to_owned(),
            line1: "Kai 1".to_owned(),
            postal_code: "53111".to_owned(),
            city: "Bonn".to_owned(),
            country: "DE".to_owned(),
            ..Address::default()
        }),
        payment_instructions: "Please transfer the amount and name your order number.".to_owned(),
        fulfilments: vec![Fulfilment {
            id: "ful_1".to_owned(),
            lines: vec![units("l1", 1)],
            carrier: "Skarholm Post".to_owned(),
            tracking_number: "SP 12".to_owned(),
            tracking_url: "https://post.example/?p=12&x=\"".to_owned(),
            ..Fulfilment::default()
        }],
        refunds: vec![Refund { id: "stp_1".to_owned(), amount: eur(123_456), ..Refund::default() }],
        returns: vec![Return {
            id: "ret_1".to_owned(),
            lines: vec![ReturnLine {
                line_id: "l1".to_owned(),
                quantity: 2,
                received: 1,
                ..ReturnLine::default()
            }],
            answer: "Sorry: it was <i>used</i>.".to_owned(),
            ..Return::default()
        }],
        edits: vec![OrderEdit { id: "edt_1".to_owned(), difference: eur(1_000), ..OrderEdit::default() }],
        money: Some(OrderMoney { paid: eur(4_470), due: eur(1_000), ..OrderMoney::default() }),
        ..Order::default()
    }
}

fn news(kind: Kind) -> News {
    let part = match kind {
        Kind::OrderConfirmation => "",
        Kind::Shipped => "ful_1",
        Kind::ReadyForPickup | Kind::Canceled | Kind::PartlyCanceled => "change 1",
        Kind::PaymentLink => "mail 1",
        Kind::Refunded => "stp_1",
        Kind::ReturnRequested | Kind::ReturnApproved | Kind::ReturnDeclined | Kind::ReturnReceived => "ret_1",
        Kind::OrderChanged => "edt_1",
        Kind::ExpectedChanged => "l1:2",
    };
    News {
        kind,
        order_id: "ord_1".to_owned(),
        part: part.to_owned(),
        units: vec![Units { line_id: "l2".to_owned(), quantity: 1 }],
        reason: "out_of_stock".to_owned(),
    }
}

fn written(news: &News, order: &Order) -> Result<Option<NewMessage>> {
    let shop =
        Shop { name: "Skarholm".to_owned(), url: "https://shop.example/".to_owned(), ..Shop::default() };
    let config = NotificationsConfig { shop, ..NotificationsConfig::default() };
    news.write(&config, &Languages::read(&config).unwrap(), order)
}

/// All mails of a language, one below the other.
fn all(language: &str) -> String {
    let mut all = String::new();
    for kind in Kind::ALL {
        let message = written(&news(kind), &order(language)).unwrap().unwrap();
        let head = format!("==== {} of {}: {}\n", message.kind, message.subject_id, message.subject);
        for part in [&head, &message.letter.plain, "\n\n"] {
            all.push_str(part);
        }
    }
    all
}

#[test]
fn every_mail_reads_well_in_english() {
    insta::assert_snapshot!(all("en"));
}

#[test]
fn every_mail_reads_well_in_german() {
    insta::assert_snapshot!(all("de-at"));
}

#[test]
fn the_html_says_the_same_and_escapes_what_it_shows() {
    for kind in Kind::ALL {
        let html = written(&news(kind), &order("en")).unwrap().unwrap().letter.html;
        for raw in ["<b>", "<script>", "<i>", "x=\"\""] {
            assert!(!html.contains(raw), "{kind:?}: {raw} is in\n{html}");
        }
        let link =
            if kind == Kind::PaymentLink { "/pay?key=k&amp;in=en" } else { "/orders/ord_1?key=k&amp;in=en" };
        assert!(html.replace("&#x2f;", "/").contains(link), "{html}");
    }
    insta::assert_snapshot!(written(&news(Kind::Shipped), &order("de")).unwrap().unwrap().letter.html);
}

#[test]
fn a_link_that_leads_to_no_web_site_is_not_in_a_mail() {
    let mut order = order("en");
    "javascript:alert(1)".clone_into(&mut order.fulfilments[0].tracking_url);
    let letter = written(&news(Kind::Shipped), &order).unwrap().unwrap().letter;
    assert!(!letter.html.contains("javascript") && !letter.plain.contains("javascript"));
}

#[test]
fn who_collects_their_goods_is_told_when_they_are_ready_and_not_that_they_left() {
    let mut order = order("en");
    order.shipping.as_mut().unwrap().pickup_location_id = "quay".to_owned();
    assert!(written(&news(Kind::Shipped), &order).unwrap().is_none());
    assert!(written(&news(Kind::ReadyForPickup), &order).unwrap().is_some());
}

#[test]
fn a_change_that_leaves_nothing_due_asks_for_no_money() {
    let mut order = order("en");
    order.money.as_mut().unwrap().due = eur(0);
    let letter = written(&news(Kind::OrderChanged), &order).unwrap().unwrap().letter;
    assert!(!letter.plain.contains("Still to pay"), "{}", letter.plain);
}

#[test]
fn a_part_that_is_not_there_is_a_fault_and_no_empty_mail() {
    let news = News { part: "ful_2".to_owned(), ..news(Kind::Shipped) };
    assert!(written(&news, &order("en")).is_err());
}

#[test]
fn a_draft_is_written_of_while_it_can_be_paid() {
    let draft = Draft {
        id: "dft_1".to_owned(),
        link_key: "k".to_owned(),
        person_id: "per_1".to_owned(),
        checkout: Some(Checkout {
            email: "ann@example.com".to_owned(),
            language: "de".to_owned(),
            quote: Some(Quote {
                lines: vec![line("l1", "Mug", "", [2, 0]).line.unwrap()],
                ..Quote::default()
            }),
            ..Checkout::default()
        }),
        ..Draft::default()
    };
    let over = Draft { link_key: String::new(), ..draft.clone() };
    assert!(draft::as_order(over).is_none(), "what is over has no link");
    let nobodys = Draft { person_id: String::new(), ..draft.clone() };
    assert!(draft::as_order(nobodys).is_none(), "what is written to nobody could not be forgotten");
    let order = draft::as_order(draft).unwrap();
    let message = written(&news(Kind::PaymentLink), &order).unwrap().unwrap();
    assert_eq!(
        (message.letter.recipient.as_str(), message.subject_id.as_str()),
        ("ann@example.com", "ord_1:mail 1")
    );
    assert!(message.letter.plain.contains("2 × Mug: 19,90"), "{}", message.letter.plain);
    assert!(
        message.letter.plain.contains("https://shop.example/pay?key=k&in=de"),
        "{}",
        message.letter.plain
    );
}
