//! What is true of a stream only.

use std::{sync::Arc, time::Duration};

use argosy_kernel::{Clock, ManualClock};
use argosy_platform::bus::operators;
use argosy_testkit::{
    eventually,
    servers::{NatsStream, jetstream},
};

use crate::shop::{Shop, heard, hears, stop, teller};

#[tokio::test]
async fn a_shop_changes_to_nats_and_back_without_loss_or_repetition() {
    let (shop, stream) = (Shop::new(), NatsStream::new());
    let mut told = 0;
    for settings in [None, Some(&stream.settings), None, Some(&stream.settings)] {
        let host = shop.process(settings, None).await;
        let telling = teller(&host).await;
        // One fact more is told than was heard before the change: it waits in the outbox.
        shop.tell(&telling, told..told + 3).await;
        told += 3;
        let listening = shop.listen(&host).await;
        hears(&listening, usize::try_from(told * 3).unwrap()).await;
        shop.tell(&telling, told..told + 1).await;
        told += 1;
        stop(&host).await;
    }
    let host = shop.process(None, None).await;
    teller(&host).await;
    hears(&shop.listen(&host).await, usize::try_from(told * 3).unwrap()).await;
    stop(&host).await;
}

#[tokio::test]
async fn two_relays_at_once_put_each_fact_into_the_stream_once() {
    let (shop, stream) = (Shop::new(), NatsStream::new());
    let ahead = Arc::new(ManualClock::new(shop.clock.now().plus(Duration::from_hours(1))));
    let first = shop.process(Some(&stream.settings), None).await;
    let second = shop.process(Some(&stream.settings), Some(ahead)).await;
    let telling = teller(&first).await;
    teller(&second).await;
    shop.tell(&telling, 0..100).await;
    let facts = operators::Facts::in_stream(first.nats().unwrap(), "teller");
    eventually("all are there", || async { facts.page(0, 1_000).await.unwrap().0.len() >= 300 }).await;
    let read = facts.page(0, 1_000).await.unwrap().0;
    let mut ids: Vec<&str> = read.iter().map(|fact| fact.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), read.len()), (300, 300));
    for subject in ["ann", "ben", "cat.*"] {
        let of_one = read.iter().filter(|fact| fact.subject == subject).map(|fact| fact.sequence);
        assert!(of_one.is_sorted(), "out of order");
    }
    stop(&first).await;
    stop(&second).await;
}

#[tokio::test]
async fn a_message_that_is_no_fact_holds_nobody_up() {
    let (shop, stream) = (Shop::new(), NatsStream::new());
    let host = shop.process(Some(&stream.settings), None).await;
    let telling = teller(&host).await;
    let listening = shop.listen(&host).await;
    shop.tell(&telling, 0..1).await;
    hears(&listening, 3).await;
    let subject = format!("{}.facts.teller.told.x", stream.settings.stream.to_lowercase());
    jetstream(&stream.settings, async |jetstream| {
        for junk in ["", "{}", "no JSON"] {
            jetstream.publish(subject.clone(), junk.into()).await.unwrap().await.unwrap();
        }
    })
    .await;
    shop.tell(&telling, 1..2).await;
    hears(&listening, 6).await;
    stop(&host).await;
}

#[tokio::test]
async fn a_stream_that_was_lost_is_filled_again_from_the_outbox() {
    let (shop, stream) = (Shop::new(), NatsStream::new());
    let host = shop.process(Some(&stream.settings), None).await;
    let telling = teller(&host).await;
    let listening = shop.listen(&host).await;
    shop.tell(&telling, 0..5).await;
    hears(&listening, 15).await;
    jetstream(&stream.settings, async |jetstream| {
        jetstream.delete_stream(&stream.settings.stream).await.unwrap();
    })
    .await;
    shop.tell(&telling, 5..6).await;
    hears(&listening, 18).await;
    assert_eq!(heard(&listening).await.len(), 18);
    stop(&host).await;
}
