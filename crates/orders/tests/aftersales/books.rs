//! What `argosy audit` reads.

use std::{sync::Arc, time::Duration};

use argosy_contracts::{
    common::ReadBooksRequest,
    orders::{AttemptInBooks, BooksClient, CancelOrderRequest, OrderInBooks, RefundOrderRequest},
};
use argosy_kernel::{Clock, ManualClock};
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
