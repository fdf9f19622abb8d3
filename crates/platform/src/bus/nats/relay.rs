//! The relay: copies a service's outbox into the stream, in order.
//!
//! One process at a time has its turn; two at once only send twice what the server drops by its id, or readers by
//! their inbox. Of one aggregate only one fact is on its way at a time, so that none overtakes an earlier one whose
//! first sending was lost.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use argosy_kernel::{Clock, Error, Result};
use async_nats::{
    HeaderMap,
    header::NATS_MESSAGE_ID,
    jetstream::context::{PublishAckFuture, PublishErrorKind},
};

use super::{Nats, UNACKNOWLEDGED_MAX, away, event};
use crate::{
    bus::{
        Fact, FactLog, READ_LIMIT, READ_WAIT, RETRY_DELAY, letters, note_unreadable, outbox::OutboxLog,
        position,
    },
    database::Database,
    host::Host,
    turn::Turn,
};

/// The consumer that the relay is, in the tables of the service.
pub(crate) const NAME: &str = "relay";

struct Relay {
    nats: Nats,
    turn: Turn,
    database: Database,
    clock: Arc<dyn Clock>,
    outbox: OutboxLog,
}

/// Copies until the process shuts down.
pub(crate) fn start(host: &Host, database: &Database, nats: Nats) {
    let shutdown = host.tasks().shutdown();
    let relay = Relay {
        nats,
        turn: Turn::new(host, database, NAME.to_owned()),
        database: database.clone(),
        clock: host.clock(),
        outbox: OutboxLog::new(database.clone(), shutdown.clone()),
    };
    host.tasks().spawn(async move {
        shutdown.run_until_cancelled(relay.run_on()).await;
        if let Err(error) = relay.turn.hand_back().await {
            tracing::warn!(database = relay.database.name(), error = ?error, "cannot hand the relay's turn back, it ends by itself");
        }
    });
}

impl Relay {
    async fn run_on(&self) {
        loop {
            if let Err(error) = self.run().await {
                note_unreadable(NAME, &error);
                tokio::time::sleep(RETRY_DELAY).await;
            }
        }
    }

    async fn run(&self) -> Result<()> {
        self.turn.wait().await?;
        // A stream that was lost and made anew gets all that the outbox has.
        let epoch = self.nats.prepare().await?;
        let stream = format!("{}@{epoch}", self.nats.inner.settings.stream);
        let mut at = position::get(&self.database, NAME, &stream).await?;
        let mut looked = None;
        while self.turn.keep().await? {
            if letters::is_due(&mut looked) {
                self.send_letters().await?;
            }
            let read = self.outbox.read(at, READ_LIMIT, self.turn.patience(READ_WAIT)).await?;
            let (sent, outcome) = self.send_all(&read.facts).await;
            if let Some(last) = sent.checked_sub(1).and_then(|last| read.facts.get(last)) {
                position::move_on(NAME, &stream, last.position).commit(&self.database).await?;
                at = last.position;
            }
            let service = self.database.name();
            metrics::gauge!("argosy_consumer_lag", "consumer" => NAME, "source" => service)
                .set(u32::try_from(read.head.saturating_sub(at)).unwrap_or(u32::MAX));
            outcome?;
        }
        Ok(())
    }

    /// Sends facts; answers how many of the first are kept for sure, and what stopped the others.
    async fn send_all(&self, facts: &[Fact]) -> (usize, Result<()>) {
        let mut acknowledged = 0;
        let mut on_the_way: VecDeque<Option<PublishAckFuture>> = VecDeque::new();
        let mut subjects = HashSet::new();
        for fact in facts {
            if subjects.contains(fact.subject.as_str()) || on_the_way.len() >= UNACKNOWLEDGED_MAX {
                if let Err(error) = wait_for(&mut on_the_way, &mut acknowledged).await {
                    return (acknowledged, Err(error));
                }
                subjects.clear();
            }
            match self.send(fact).await {
                Ok(sent) => on_the_way.push_back(sent),
                Err(error) => {
                    let waited = wait_for(&mut on_the_way, &mut acknowledged).await;
                    return (acknowledged, waited.and(Err(error)));
                }
            }
            subjects.insert(fact.subject.as_str());
        }
        let outcome = wait_for(&mut on_the_way, &mut acknowledged).await;
        (acknowledged, outcome)
    }

    /// Sends a fact; `None` if it cannot be sent at all and is put aside.
    async fn send(&self, fact: &Fact) -> Result<Option<PublishAckFuture>> {
        let service = self.database.name();
        let payload = match event::encode(service, fact) {
            Ok(payload) => payload,
            Err(error) => return self.put_aside(fact, &error).await.map(|()| None),
        };
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, fact.id.as_str());
        headers.insert("Content-Type", "application/cloudevents+json");
        let subject = event::subject(&self.nats.prefix(), service, fact);
        match self.nats.inner.context.publish_with_headers(subject, headers, payload.into()).await {
            Ok(sent) => Ok(Some(sent)),
            Err(error) if error.kind() == PublishErrorKind::MaxPayloadExceeded => {
                let error = Error::precondition("FACT_TOO_LARGE", error.to_string());
                self.put_aside(fact, &error).await.map(|()| None)
            }
            Err(error) => Err(away(error)),
        }
    }

    async fn put_aside(&self, fact: &Fact, error: &Error) -> Result<()> {
        let tx = self.database.begin().await?;
        let letter = letters::Reason { consumer: NAME, source: self.database.name(), error, tries: 1 };
        letters::put_aside(&tx, self.clock.now(), fact, &letter).await?;
        tx.commit().await
    }

    /// Facts that were put aside and are to be sent after all.
    async fn send_letters(&self) -> Result<()> {
        for letter in letters::asked_again(&self.database, NAME, self.database.name()).await? {
            let fact: Fact = serde_json::from_str(&letter.fact).map_err(Error::internal)?;
            letters::forget(&self.database, NAME, &fact.id).await?;
            if let Some(sent) = self.send(&fact).await? {
                let kept = tokio::time::timeout(Duration::from_secs(10), sent.into_future()).await;
                if !matches!(kept, Ok(Ok(_))) {
                    self.put_aside(&fact, &away("not acknowledged")).await?;
                }
            }
        }
        Ok(())
    }
}

/// Waits until the server keeps all that is on its way; counts those before the first that it does not.
async fn wait_for(
    on_the_way: &mut VecDeque<Option<PublishAckFuture>>,
    acknowledged: &mut usize,
) -> Result<()> {
    let mut failed = None;
    for sent in on_the_way.drain(..) {
        let kept = match sent {
            Some(sent) => sent.await.map(|_| ()).map_err(away),
            None => Ok(()),
        };
        match (kept, &failed) {
            (Ok(()), None) => *acknowledged += 1,
            (Err(error), None) => failed = Some(error),
            (_, Some(_)) => {}
        }
    }
    failed.map_or(Ok(()), Err)
}
