//! What `argosy audit` reads.

use std::{sync::Arc, time::Duration};

use argosy_contracts::{
    common::{ReadBooksRequest, ReadPeriodRequest},
    orders::{AttemptInBooks, BooksClient, CancelOrderRequest, OrderInBooks, RefundOrderRequest, Sale},
};
use argosy_kernel::{Clock, Ctx, ManualClock};
use argosy_platform::database::sql;
use argosy_testkit::{Mode, contract_stories};

use crate::{
    shop::{Shop, units},
    world::{Mood, eur},
};

struct Subject(Shop);

impl Subject {
    async fn start(mode: Mode) -> Self {
        Self(Shop::start(mode).await)
    }
}

contract_stories! { called directly;
    the_books_tell_what_the_ledger_of_an_order_says,
    an_entry_that_was_tampered_with_is_told,
    a_step_that_nobody_does_is_told,
    law_1_a_sale_is_told_as_it_stands_and_its_tax_adds_up,
    sales_are_told_in_stretches_and_only_to_staff,
}

async fn books(shop: &Shop) -> (AttemptInBooks, OrderInBooks) {
    let database = shop.test.host.database(argosy_orders::DATABASE).await.unwrap();
    let books: BooksClient = argosy_orders::books(database, Arc::clone(&shop.test.clock) as _);
    let request = ReadBooksRequest::default();
    let attempts = books.read_attempts(&shop.staff, request.clone()).await.unwrap().attempts;
    let orders = books.read_orders(&shop.staff, request).await.unwrap().orders;
    (attempts[0].clone(), orders[0].clone())
}

async fn the_books_tell_what_the_ledger_of_an_order_says(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let (attempt, in_books) = books(&shop).await;
    assert!(attempt.ledger.is_none() && in_books.ledger.is_none(), "nothing has changed it yet");
    let request = CancelOrderRequest {
        order_id: order.id.clone(),
        reference: "c".to_owned(),
        lines: vec![units(&order, 0, 1)],
        ..CancelOrderRequest::default()
    };
    shop.aftersales.cancel_order(&shop.staff, request).await.unwrap();
    let (attempt, in_books) = books(&shop).await;
    let ledger = attempt.ledger.unwrap();
    assert_eq!((ledger.paid, ledger.refunded, ledger.refunding), (4_489, 1_000, 0));
    let ledger = in_books.ledger.unwrap();
    assert_eq!((ledger.opened, ledger.sum, ledger.entries_unbalanced), (4_489, 0, 0));
}

async fn an_entry_that_was_tampered_with_is_told(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    shop.sent(&order, 1).await;
    let database = shop.test.host.database(argosy_orders::DATABASE).await.unwrap();
    let tampered =
        sql("update order_posting set amount = amount + 1 where reference = 'capture' and account = 'paid'");
    assert_eq!(tampered.commit(&database).await.unwrap(), 1);
    let ledger = books(&shop).await.1.ledger.unwrap();
    assert_eq!((ledger.sum, ledger.entries_unbalanced), (1, 1));
}

async fn a_step_that_nobody_does_is_told(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    shop.around.world().mood = Mood::IsAway;
    let request = RefundOrderRequest {
        order_id: order.id.clone(),
        reference: "r".to_owned(),
        amount: eur(100),
        ..RefundOrderRequest::default()
    };
    shop.aftersales.refund_order(&shop.staff, request).await.unwrap();
    assert_eq!(books(&shop).await.1.steps_forgotten, 0, "its process may be at it");
    // A clock that jumps: as if all processes had stood still for two minutes, and begin to look again.
    let database = shop.test.host.database(argosy_orders::DATABASE).await.unwrap();
    let late = Arc::new(ManualClock::new(shop.test.clock.now().plus(Duration::from_mins(2))));
    let books = argosy_orders::books(database, late);
    let told = books.read_orders(&shop.staff, ReadBooksRequest::default()).await.unwrap().orders;
    assert_eq!(told[0].steps_forgotten, 1);
}

async fn reader(shop: &Shop) -> BooksClient {
    let database = shop.test.host.database(argosy_orders::DATABASE).await.unwrap();
    argosy_orders::books(database, Arc::clone(&shop.test.clock) as _)
}

fn ever(after: &str, limit: u32) -> ReadPeriodRequest {
    ReadPeriodRequest { after: after.to_owned(), limit, from_ms: 0, to_ms: i64::MAX }
}

/// What its tax and net amounts add up to: as it was sold, and now.
fn added_up(sale: &Sale) -> (i64, i64) {
    let taxes = sale.taxes.iter();
    taxes.fold((0, 0), |(sold, now), tax| {
        let (all, out) = (tax.base + tax.amount, tax.base_out + tax.amount_out);
        (sold + all, now + all - out)
    })
}

async fn law_1_a_sale_is_told_as_it_stands_and_its_tax_adds_up(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let books = reader(&shop).await;
    let told = async || books.read_sales(&shop.staff, ever("", 0)).await.unwrap().sales.remove(0);
    let sold = told().await;
    assert_eq!((sold.total, sold.charged, sold.paid, sold.due, sold.units), (4_489, 4_489, 4_489, 0, 4));
    assert_eq!((added_up(&sold), sold.country.as_str()), ((4_489, 4_489), "DE"));
    for (reference, lines) in [("one", vec![units(&order, 0, 1)]), ("rest", vec![])] {
        let request = CancelOrderRequest {
            order_id: order.id.clone(),
            reference: reference.to_owned(),
            lines,
            ..CancelOrderRequest::default()
        };
        shop.aftersales.cancel_order(&shop.staff, request).await.unwrap();
        let now = told().await;
        assert_eq!((added_up(&now), now.total), ((4_489, now.charged), 4_489), "{now:?}");
    }
    let over = told().await;
    assert_eq!(
        (over.charged, over.refunded, over.units_now, over.status.as_str()),
        (0, 4_489, 0, "canceled")
    );
}

async fn sales_are_told_in_stretches_and_only_to_staff(subject: Subject) {
    let shop = subject.0;
    let order = shop.sold().await;
    let books = reader(&shop).await;
    let first = books.read_sales(&shop.staff, ever("", 1)).await.unwrap();
    assert_eq!((first.sales.len(), first.sales[0].id.as_str()), (1, order.id.as_str()));
    let rest = books.read_sales(&shop.staff, ever(&first.next, 1)).await.unwrap();
    assert!(rest.sales.is_empty() && rest.next.is_empty(), "{rest:?}");
    let placed = first.sales[0].placed_at_ms;
    let before = ReadPeriodRequest { to_ms: placed, ..ever("", 0) };
    assert!(books.read_sales(&shop.staff, before).await.unwrap().sales.is_empty(), "the end is not included");
    assert_eq!(books.read_sales(&shop.staff, ever("x", 1)).await.unwrap_err().fields()[0].pointer, "/after");
    assert_eq!(books.read_sales(&Ctx::guest(), ever("", 1)).await.unwrap_err().reason(), "STAFF_ONLY");
}
