//! The facts of one service, read from the stream.
//!
//! A position is a sequence of the stream, and says which stream it means. Between two reads of one reader its consumer
//! at the server stays open and reads ahead; a reader that was dropped in the middle of a read finds what was read for it.

use std::{collections::VecDeque, sync::Mutex, time::Duration};

use argosy_kernel::{Error, Result, Timestamp};
use async_nats::jetstream::{
    consumer::{AckPolicy, DeliverPolicy, pull},
    stream::{LastRawMessageErrorKind, Stream},
};
use async_trait::async_trait;
use futures::StreamExt;
use tokio::time::{Instant, timeout, timeout_at};

use super::{Nats, away, event, stream::Epoch};
use crate::bus::{Fact, FactLog, Facts, WENT_BACK};

/// Messages that the server may send ahead.
const AHEAD_MAX: usize = 500;
const PULL_LASTS: Duration = Duration::from_secs(30);
/// A server that says nothing for twice as long is away.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// How long the server keeps a consumer that nobody asks.
const IDLE_MAX: Duration = Duration::from_mins(2);
/// How long more is waited for of what the server has.
const MORE_WAIT: Duration = Duration::from_millis(50);
/// Consumers kept for readers that come back.
const CURSORS_MAX: usize = 8;

/// A service's facts in the stream.
pub(crate) struct NatsLog {
    nats: Nats,
    source: String,
    filter: String,
    cursors: Mutex<VecDeque<Cursor>>,
}

/// Where a reader stands.
struct Cursor {
    /// What the reader has, by its own account.
    after: i64,
    /// Read for it, not yet given.
    read: VecDeque<Fact>,
    /// What is behind those that were read, as the server counted last.
    pending: u64,
    epoch: Epoch,
    consumer_sequence: u64,
    messages: pull::Stream,
}

/// A cursor on loan: it goes back when it is dropped, unless it failed.
struct Loan<'a> {
    log: &'a NatsLog,
    cursor: Option<Cursor>,
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        let Some(cursor) = self.cursor.take() else { return };
        if let Ok(mut cursors) = self.log.cursors.lock() {
            cursors.push_back(cursor);
            if cursors.len() > CURSORS_MAX {
                cursors.pop_front();
            }
        }
    }
}

#[async_trait]
impl FactLog for NatsLog {
    async fn read(&self, after: i64, limit: u32, wait: Duration) -> Result<Facts> {
        if wait.is_zero() {
            return self.look(after, limit).await;
        }
        let ends = Instant::now() + wait;
        let kept = self.take(after);
        let is_kept = kept.is_some();
        match self.read_with(kept, after, limit, ends).await {
            // What the server closed while nobody read is opened again.
            Err(error) if is_kept && error.reason() != WENT_BACK => {
                self.read_with(None, after, limit, ends).await
            }
            done => done,
        }
    }

    fn kind(&self) -> &'static str {
        "nats"
    }
}

impl NatsLog {
    pub(crate) fn new(nats: Nats, source: &str) -> Self {
        let filter = event::filter(&nats.prefix(), source);
        Self { nats, source: source.to_owned(), filter, cursors: Mutex::default() }
    }

    fn take(&self, after: i64) -> Option<Cursor> {
        let mut cursors = self.cursors.lock().ok()?;
        let place = cursors.iter().position(|cursor| cursor.after == after)?;
        cursors.remove(place)
    }

    async fn read_with(&self, kept: Option<Cursor>, after: i64, limit: u32, ends: Instant) -> Result<Facts> {
        let cursor = match kept {
            Some(cursor) => cursor,
            None => self.open(after).await?,
        };
        let mut loan = Loan { log: self, cursor: Some(cursor) };
        let Some(cursor) = loan.cursor.as_mut() else { return Err(away("no cursor")) };
        let filled = self.fill(cursor, usize::try_from(limit).unwrap_or(usize::MAX), ends).await;
        if let Err(error) = filled {
            loan.cursor = None;
            return Err(error);
        }
        let count = cursor.read.len().min(usize::try_from(limit).unwrap_or(usize::MAX));
        let facts: Vec<Fact> = cursor.read.drain(..count).collect();
        cursor.after = facts.last().map_or(cursor.after, |last| last.position);
        let behind = cursor.pending + cursor.read.len() as u64;
        Ok(Facts { head: cursor.after.saturating_add(i64::try_from(behind).unwrap_or(0)), facts })
    }

    /// Waits for the first fact, then takes what is there.
    async fn fill(&self, cursor: &mut Cursor, limit: usize, ends: Instant) -> Result<()> {
        while cursor.read.len() < limit {
            let next = match cursor.read.is_empty() {
                true => timeout_at(ends, cursor.messages.next()).await,
                false if cursor.pending > 0 => timeout(MORE_WAIT, cursor.messages.next()).await,
                false => return Ok(()),
            };
            let Ok(next) = next else { return Ok(()) };
            let message = next.ok_or_else(|| away("the consumer ended"))?.map_err(away)?;
            let info = message.info().map_err(away)?;
            if info.consumer_sequence != cursor.consumer_sequence + 1 {
                return Err(away("a message was lost on its way"));
            }
            cursor.consumer_sequence += 1;
            cursor.pending = info.pending;
            let read = self.decode(cursor.epoch.position(info.stream_sequence), &message.payload);
            cursor.read.extend(read);
        }
        Ok(())
    }

    /// A message that is no fact of ours is passed over: nobody could ever apply it.
    fn decode(&self, position: i64, payload: &[u8]) -> Option<Fact> {
        match event::decode(position, payload) {
            Ok(fact) => Some(fact),
            Err(reason) => {
                metrics::counter!("argosy_facts_unreadable_total", "source" => self.source.clone())
                    .increment(1);
                tracing::error!(
                    bus.source = self.source,
                    position,
                    reason,
                    "a message is no fact, passed over"
                );
                None
            }
        }
    }

    async fn stream(&self) -> Result<Stream> {
        self.nats.inner.context.get_stream(&self.nats.inner.settings.stream).await.map_err(away)
    }

    async fn open(&self, after: i64) -> Result<Cursor> {
        let stream = self.stream().await?;
        let info = stream.cached_info();
        let epoch = Epoch::of(info);
        if after > epoch.position(info.state.last_sequence) {
            return Err(Error::precondition(WENT_BACK, "the stream holds less than was read of it before"));
        }
        let first = epoch.first_after(after);
        if first > 1 && first < info.state.first_sequence {
            metrics::counter!("argosy_facts_missed_total", "source" => self.source.clone()).increment(1);
            tracing::error!(
                bus.source = self.source,
                "the stream's limits took facts that this reader may not have read"
            );
        }
        let deliver_policy = match first {
            1 => DeliverPolicy::All,
            start_sequence => DeliverPolicy::ByStartSequence { start_sequence },
        };
        let config = pull::Config {
            deliver_policy,
            ack_policy: AckPolicy::None,
            filter_subject: self.filter.clone(),
            inactive_threshold: IDLE_MAX,
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        };
        let consumer = stream.create_consumer(config).await.map_err(away)?;
        let messages = consumer
            .stream()
            .max_messages_per_batch(AHEAD_MAX)
            .expires(PULL_LASTS)
            .heartbeat(HEARTBEAT)
            .messages()
            .await
            .map_err(away)?;
        let pending = consumer.cached_info().num_pending;
        Ok(Cursor { after, read: VecDeque::new(), pending, epoch, consumer_sequence: 0, messages })
    }

    /// The position before the first message that came at an instant or later: facts told from then on are behind it.
    pub(crate) async fn before(&self, time: Timestamp) -> Result<i64> {
        let stream = self.stream().await?;
        let info = stream.cached_info();
        let epoch = Epoch::of(info);
        let Some(start_time) = time.to_datetime() else { return Ok(0) };
        let config = pull::Config {
            deliver_policy: DeliverPolicy::ByStartTime { start_time },
            ack_policy: AckPolicy::None,
            filter_subject: self.filter.clone(),
            inactive_threshold: PULL_LASTS,
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        };
        let consumer = stream.create_consumer(config).await.map_err(away)?;
        let mut first = consumer.fetch().max_messages(1).messages().await.map_err(away)?;
        match first.next().await {
            None => Ok(epoch.position(info.state.last_sequence)),
            Some(message) => {
                let message = message.map_err(away)?;
                let info = message.info().map_err(away)?;
                Ok(epoch.position(info.stream_sequence.saturating_sub(1)))
            }
        }
    }

    /// What is there now, without waiting, and the true head.
    async fn look(&self, after: i64, limit: u32) -> Result<Facts> {
        let stream = self.stream().await?;
        let info = stream.cached_info();
        let epoch = Epoch::of(info);
        let newest = match stream.get_last_raw_message_by_subject(&self.filter).await {
            Ok(message) => message.sequence,
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => info.state.last_sequence,
            Err(error) => return Err(away(error)),
        };
        let mut facts = Vec::new();
        let mut next = epoch.first_after(after);
        while next <= newest && facts.len() < usize::try_from(limit).unwrap_or(usize::MAX) {
            match stream
                .raw_message_builder()
                .sequence(next)
                .next_by_subject(self.filter.clone())
                .send()
                .await
            {
                Ok(message) => {
                    facts.extend(self.decode(epoch.position(message.sequence), &message.payload));
                    next = message.sequence + 1;
                }
                Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => break,
                Err(error) => return Err(away(error)),
            }
        }
        Ok(Facts { facts, head: epoch.position(newest) })
    }
}
