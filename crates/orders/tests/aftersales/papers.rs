//! Invoices, credit notes, packing slips.

use argosy_contracts::orders::{
    CancelOrderRequest, ForgetPersonRequest, GetPaperRequest, IssuePapersRequest, Order, Paper,
    RefundOrderRequest,
};
use argosy_kernel::{Ctx, Result, SystemClock};
use argosy_orders::MarketPapers;
use argosy_platform::database::sql;
use argosy_testkit::{Mode, contract_stories};
use futures::future::join_all;

use crate::{
    shop::{Shop, kinds, units},
    world::eur,
};

struct Subject(Shop);

impl Subject {
    async fn start(mode: Mode) -> Self {
        Self(Shop::start(mode).await)
    }
}

contract_stories! {
    a_buyer_has_an_invoice_of_what_was_paid,
    law_2_invoices_issued_at_once_have_numbers_without_gaps,
    each_market_has_numbers_of_its_own_without_gaps,
    an_invoice_is_issued_once_however_often_it_is_asked_for,
    what_is_taken_out_later_is_on_a_credit_note_and_the_invoice_stays,
    before_it_is_paid_or_sent_a_buyer_has_no_invoice,
    a_stranger_has_no_paper,
    a_packing_slip_is_for_staff_and_says_what_is_open,
    law_11_an_invoice_keeps_its_amounts_when_its_buyer_is_forgotten,
}

async fn paper(shop: &Shop, order: &Order, kind: &str) -> Result<Paper> {
    let (order_id, key, kind) = (order.id.clone(), order.key.clone(), kind.to_owned());
    let request = GetPaperRequest { order_id, key, kind, number: String::new() };
    shop.aftersales.get_paper(&Ctx::guest(), request).await
}

async fn issue(shop: &Shop, order: &Order) -> Order {
    let request = IssuePapersRequest { order_id: order.id.clone() };
    shop.aftersales.issue_papers(&shop.staff, request).await.unwrap()
}

fn numbers(order: &Order) -> Vec<(&str, i64)> {
    order.papers.iter().map(|paper| (paper.number.as_str(), paper.total.as_ref().unwrap().minor)).collect()
}

async fn a_buyer_has_an_invoice_of_what_was_paid(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let invoice = paper(&shop, &order, "invoice").await.unwrap();
    assert_eq!((invoice.number.as_str(), invoice.file_name.as_str()), ("INV-000001", "INV-000001.pdf"));
    assert!(invoice.pdf.starts_with(b"%PDF-"));
    let seen = shop.buyers_order(&order).await;
    assert_eq!(numbers(&seen), [("INV-000001", 4_489)]);
    assert_eq!(kinds(&seen).last(), Some(&"invoice_issued"));
    assert_eq!(paper(&shop, &order, "credit_note").await.unwrap_err().reason(), "PAPER_NOT_FOUND");
    assert_eq!(paper(&shop, &order, "bill").await.unwrap_err().reason(), "INVALID_FIELD");
}

async fn law_2_invoices_issued_at_once_have_numbers_without_gaps(subject: Subject) {
    let shop = subject.0;
    let mut orders = Vec::new();
    for _ in 0..8 {
        orders.push(shop.sold().await);
    }
    // Some are asked for twice at once, and one change in between fails after it took a number.
    let asked = orders.iter().chain(&orders[..4]).map(|order| paper(&shop, order, "invoice"));
    let mut got: Vec<String> = join_all(asked).await.into_iter().map(|paper| paper.unwrap().number).collect();
    got.sort_unstable();
    got.dedup();
    let expected: Vec<String> = (1..=8).map(|place| format!("INV-{place:06}")).collect();
    assert_eq!(got, expected);
}

async fn each_market_has_numbers_of_its_own_without_gaps(subject: Subject) {
    let test = subject.0.test;
    let shop = Shop::start_on(test, argosy_testkit::Call::Local, |config| {
        let nordic = MarketPapers {
            invoice_series: Some("NO".to_owned()),
            credit_note_series: Some("NO-CN".to_owned()),
            tax_number: Some("NO 987654321 MVA".to_owned()),
            ..MarketPapers::default()
        };
        config.papers.markets.insert("nordic".to_owned(), nordic);
    })
    .await;
    let mut issued = Vec::new();
    for market in ["", "nordic", "elsewhere", "nordic"] {
        market.clone_into(&mut shop.around.world().market);
        let order = issue(&shop, &shop.sold().await).await;
        issued.push(order.papers[0].number.clone());
        if issued.len() == 4 {
            let (order_id, reference) = (order.id.clone(), "all".to_owned());
            let all = CancelOrderRequest { order_id, reference, ..CancelOrderRequest::default() };
            shop.aftersales.cancel_order(&shop.staff, all).await.unwrap();
            let canceled = issue(&shop, &order).await;
            issued.push(canceled.papers[1].number.clone());
        }
    }
    assert_eq!(issued, ["INV-000001", "NO-000001", "INV-000002", "NO-000002", "NO-CN-000001"]);
}

async fn an_invoice_is_issued_once_however_often_it_is_asked_for(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let first = paper(&shop, &order, "invoice").await.unwrap();
    assert_eq!(numbers(&issue(&shop, &order).await), [("INV-000001", 4_489)], "there is nothing to add");
    let again = paper(&shop, &order, "invoice").await.unwrap();
    assert!(first == again, "the same paper is the same file");
}

async fn what_is_taken_out_later_is_on_a_credit_note_and_the_invoice_stays(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let invoice = paper(&shop, &order, "invoice").await.unwrap();
    let cancel = CancelOrderRequest {
        order_id: order.id.clone(),
        reference: "c".to_owned(),
        lines: vec![units(&order, 0, 1)],
        ..CancelOrderRequest::default()
    };
    shop.aftersales.cancel_order(&shop.staff, cancel.clone()).await.unwrap();
    assert_eq!(numbers(&issue(&shop, &order).await), [("INV-000001", 4_489), ("CN-000001", 1_000)]);
    let let_off = RefundOrderRequest {
        order_id: order.id.clone(),
        reference: "r".to_owned(),
        amount: eur(500),
        ..RefundOrderRequest::default()
    };
    shop.aftersales.refund_order(&shop.staff, let_off).await.unwrap();
    let rest = CancelOrderRequest { reference: "all".to_owned(), lines: Vec::new(), ..cancel };
    shop.aftersales.cancel_order(&shop.staff, rest).await.unwrap();
    let papers = issue(&shop, &order).await;
    let credited: i64 = numbers(&papers)[1..].iter().map(|(_, total)| total).sum();
    let charged = papers.money.as_ref().unwrap().charged.as_ref().unwrap().minor;
    assert_eq!(4_489 - credited, charged, "papers add up to what the order costs");
    assert_eq!(paper(&shop, &order, "invoice").await.unwrap(), invoice);
    assert!(paper(&shop, &order, "credit_note").await.unwrap().pdf.starts_with(b"%PDF-"));
    shop.check_ledger(&order).await;
}

async fn before_it_is_paid_or_sent_a_buyer_has_no_invoice(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold_by_hand().await;
    assert_eq!(paper(&shop, &order, "invoice").await.unwrap_err().reason(), "NOTHING_TO_INVOICE");
    shop.sent(&order, 1).await;
    assert_eq!(paper(&shop, &order, "invoice").await.unwrap().number, "INV-000001");
}

async fn a_stranger_has_no_paper(subject: Subject) {
    let shop = subject.0;
    let mut order = shop.sold().await;
    "guessed".clone_into(&mut order.key);
    assert_eq!(paper(&shop, &order, "invoice").await.unwrap_err().reason(), "ORDER_NOT_FOUND");
    let request = IssuePapersRequest { order_id: order.id.clone() };
    let refused = shop.aftersales.issue_papers(&Ctx::guest(), request).await.unwrap_err();
    assert_eq!(refused.reason(), "STAFF_ONLY");
}

async fn a_packing_slip_is_for_staff_and_says_what_is_open(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let request = GetPaperRequest {
        order_id: order.id.clone(),
        key: order.key.clone(),
        kind: "packing_slip".to_owned(),
        number: String::new(),
    };
    assert_eq!(paper(&shop, &order, "packing_slip").await.unwrap_err().reason(), "INVALID_FIELD");
    let slip = shop.aftersales.get_paper(&shop.staff, request.clone()).await.unwrap();
    assert!(slip.pdf.starts_with(b"%PDF-") && slip.number.is_empty());
    shop.sent(&order, 3).await;
    shop.aftersales.get_paper(&shop.staff, request.clone()).await.unwrap();
    let rest = CancelOrderRequest {
        order_id: order.id.clone(),
        reference: "rest".to_owned(),
        ..CancelOrderRequest::default()
    };
    shop.aftersales.cancel_order(&shop.staff, rest).await.unwrap();
    let refused = shop.aftersales.get_paper(&shop.staff, request).await.unwrap_err();
    assert_eq!(refused.reason(), "ORDER_STATE", "nothing is left to be packed");
}

async fn law_11_an_invoice_keeps_its_amounts_when_its_buyer_is_forgotten(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let before = paper(&shop, &order, "invoice").await.unwrap();
    let database = shop.test.host.database(argosy_orders::DATABASE).await.unwrap();
    let named = sql("update paper set total = total where document like '%Ann%' or addressee like '%Ann%'");
    assert_eq!(named.commit(&database).await.unwrap(), 0, "whom it is for is sealed");
    let persons = argosy_orders::persons(database, std::sync::Arc::new(SystemClock));
    let forget = ForgetPersonRequest { email: "ann@example.com".to_owned() };
    persons.forget(&shop.staff, forget).await.unwrap();
    let after = paper(&shop, &order, "invoice").await.unwrap();
    assert_eq!(after.number, before.number);
    assert_ne!(after.pdf, before.pdf, "it names nobody any more");
}
