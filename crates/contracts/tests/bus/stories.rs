//! What holds however facts travel.

use std::sync::atomic::Ordering;

use argosy_platform::{
    Host,
    bus::{dead_letters, drop_letters, operators, retry_letters},
    database::Database,
};
use argosy_testkit::{eventually, servers::NatsStream};

use crate::shop::{SPEC, Shop, connect, heard, hears, hears_once, stop, teller};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Outbox,
    Grpc,
    Nats,
}

pub(crate) struct Subject {
    shop: Shop,
    stream: Option<NatsStream>,
    hosts: Vec<Host>,
    telling: Database,
    listening: Database,
}

impl Subject {
    async fn start(way: Way) -> Self {
        let shop = Shop::new();
        let stream = (way == Way::Nats).then(NatsStream::new);
        let settings = stream.as_ref().map(|stream| &stream.settings);
        let mut hosts = vec![shop.process(settings, None).await];
        let telling = teller(&hosts[0]).await;
        if way != Way::Outbox {
            hosts.push(shop.process(settings, None).await);
        }
        if way == Way::Grpc {
            connect(&hosts[0], &hosts[1]).await;
        }
        let listening = shop.listen(&hosts[hosts.len() - 1]).await;
        Self { shop, stream, hosts, telling, listening }
    }

    /// Its facts, as operators see them.
    fn facts(&self) -> operators::Facts {
        match (&self.stream, self.hosts[0].nats()) {
            (Some(_), Some(nats)) => operators::Facts::in_stream(nats, SPEC.source),
            _ => operators::Facts::in_outbox(&self.telling),
        }
    }

    async fn end(self) {
        for host in &self.hosts {
            stop(host).await;
        }
    }
}

async fn facts_come_once_and_in_order(subject: Subject) {
    subject.shop.tell(&subject.telling, 0..40).await;
    hears(&subject.listening, 120).await;
    subject.shop.tell(&subject.telling, 40..45).await;
    hears(&subject.listening, 135).await;
    subject.end().await;
}

async fn what_is_read_again_has_no_effect_unless_it_is_forgotten(subject: Subject) {
    subject.shop.tell(&subject.telling, 0..5).await;
    hears(&subject.listening, 15).await;
    let facts = subject.facts();
    facts.replay(&subject.listening, SPEC.name, SPEC.source, 0, None).await.unwrap();
    eventually("it goes back", || async {
        let rows = operators::subscriptions(&subject.listening).await.unwrap();
        rows.iter().all(|row| !row.source.ends_with(" replay"))
    })
    .await;
    subject.shop.tell(&subject.telling, 5..6).await;
    hears(&subject.listening, 18).await;
    let since = Some(argosy_kernel::Timestamp::from_millis(0));
    facts.replay(&subject.listening, SPEC.name, SPEC.source, 0, since).await.unwrap();
    eventually("all is heard again", || async { heard(&subject.listening).await.len() == 36 }).await;
    let unknown = facts.replay(&subject.listening, "nobody", SPEC.source, 0, None).await.unwrap_err();
    assert_eq!(unknown.reason(), "UNKNOWN_CONSUMER");
    subject.end().await;
}

async fn what_cannot_be_applied_is_put_aside_and_tried_again(subject: Subject) {
    subject.shop.deaf.store(true, Ordering::Relaxed);
    subject.shop.tell(&subject.telling, 0..1).await;
    let letters = async || dead_letters(&subject.listening, 10).await.unwrap();
    eventually("all are put aside", || async { letters().await.len() == 3 }).await;
    let put_aside = letters().await;
    assert!(put_aside[0].error.contains("cannot hear"), "{put_aside:?}");
    assert!(put_aside.iter().any(|letter| letter.error.contains("ben shouts")), "a panic: {put_aside:?}");
    assert_eq!(retry_letters(&subject.listening, &put_aside[0].event_id).await.unwrap(), 1);
    eventually("it is tried in vain", || async { letters().await.iter().all(|letter| letter.tries > 0) })
        .await;
    assert_eq!(letters().await.len(), 3);
    subject.shop.deaf.store(false, Ordering::Relaxed);
    for letter in &put_aside[..2] {
        retry_letters(&subject.listening, &letter.event_id).await.unwrap();
    }
    assert_eq!(drop_letters(&subject.listening, &put_aside[2].event_id).await.unwrap(), 1);
    eventually("two are heard", || async { letters().await.is_empty() }).await;
    let mut ids: Vec<String> = heard(&subject.listening).await.into_iter().map(|heard| heard.id).collect();
    ids.sort();
    let mut retried: Vec<String> = put_aside[..2].iter().map(|letter| letter.event_id.clone()).collect();
    retried.sort();
    assert_eq!(ids, retried);
    subject.end().await;
}

async fn two_processes_of_one_consumer_apply_each_fact_once(mut subject: Subject) {
    let settings = subject.stream.as_ref().map(|stream| &stream.settings);
    // A clock ahead makes it believe that the other's turn is over.
    let ahead = std::sync::Arc::new(argosy_kernel::ManualClock::new(
        argosy_kernel::Clock::now(&*subject.shop.clock).plus(std::time::Duration::from_hours(1)),
    ));
    let other = subject.shop.process(settings, Some(ahead)).await;
    if subject.stream.is_none() {
        connect(&subject.hosts[0], &other).await;
    }
    subject.shop.listen(&other).await;
    subject.hosts.push(other);
    subject.shop.tell(&subject.telling, 0..60).await;
    // While two believe that it is their turn, one may overtake the other; a turn saves work, it guards nothing.
    hears_once(&subject.listening, 180).await;
    subject.end().await;
}

macro_rules! ways {
    ($($name:ident: $way:ident),*; $stories:tt) => { $(ways!(@one $name $way $stories);)* };
    (@one $name:ident $way:ident ($($story:ident),* $(,)?)) => {
        mod $name {
            use super::{Subject, Way};
            $(#[tokio::test]
            async fn $story() {
                super::$story(Subject::start(Way::$way).await).await;
            })*
        }
    };
}

ways! {
    outbox: Outbox, grpc: Grpc, nats: Nats;
    (
        facts_come_once_and_in_order,
        what_is_read_again_has_no_effect_unless_it_is_forgotten,
        what_cannot_be_applied_is_put_aside_and_tried_again,
        two_processes_of_one_consumer_apply_each_fact_once,
    )
}
