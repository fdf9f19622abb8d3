//! Payments that were tried lately, and purchases that were refused.

use std::time::Duration;

use argosy_kernel::{AttemptId, CheckoutId, Error, Result, Timestamp};
use argosy_platform::database::{Sql, sql};
use sea_orm::FromQueryResult;

use super::{Store, checkouts::to_json};
use crate::{
    domain::{Assessment, Attempt, Failure, NOT_ANSWERED, PROVIDER_AWAY, SOME_CARD, TrailKind},
    risk::CardLimit,
};

const DAY_MS: i64 = 86_400_000;
/// How long refusals are kept.
const REFUSALS_KEPT: Duration = Duration::from_hours(24 * 90);
/// Failures that say nothing of the card: the bank was not asked, did not answer, or the buyer gave it up. An outage of a
/// provider must not stop those who try again.
const NO_DECLINES: &[&str] =
    &["INTERRUPTED", "CANCELED", "NOT_CONFIRMED", "TRY_AGAIN", "NOT_TAKEN", PROVIDER_AWAY, NOT_ANSWERED];

/// How often payments with one trail were tried within a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tries {
    pub(crate) trail: String,
    /// Without those that went well while none was declined.
    pub(crate) all: u32,
    pub(crate) declined: u32,
}

#[derive(FromQueryResult)]
struct TriesRow {
    trail: String,
    tries: i64,
    declined: i64,
}

#[derive(FromQueryResult)]
struct KeyRow {
    seal_key: String,
}

/// A purchase that was refused.
pub(crate) struct Refusal {
    pub(crate) checkout_id: String,
    pub(crate) assessment: Assessment,
    pub(crate) at: Timestamp,
}

#[derive(FromQueryResult)]
struct RefusalRow {
    checkout_id: String,
    document: String,
    time_ms: i64,
}

impl Store {
    /// The day, by number.
    pub(crate) fn day(&self) -> i64 {
        self.now().as_millis().div_euclid(DAY_MS)
    }

    /// The key of a day's trails, the same for all processes.
    pub(crate) async fn risk_key(&self, day: i64) -> Result<[u8; 32]> {
        sql("insert into risk_key (day, seal_key) values ($1, $2) on conflict do nothing")
            .bind(day)
            .bind(blake3::Hash::from(rand::random::<[u8; 32]>()).to_hex().to_string())
            .commit(&self.database)
            .await?;
        let row: KeyRow =
            sql("select seal_key from risk_key where day = $1").bind(day).one(&self.database).await?;
        blake3::Hash::from_hex(&row.seal_key).map(Into::into).map_err(Error::internal)
    }

    /// How often payments with these trails were tried within a window.
    pub(crate) async fn tries(&self, trails: &[String], window: Duration) -> Result<Vec<Tries>> {
        if trails.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<String> = (2..trails.len() + 2).map(|number| format!("${number}")).collect();
        let statement = format!(
            "select trail, count(*) as tries, cast(sum(declined) as bigint) as declined from payment_try \
              where time_ms > $1 and trail in ({}) group by trail",
            places.join(", ")
        );
        let statement = sql(statement).bind(self.now().minus(window).as_millis());
        let statement = trails.iter().fold(statement, |statement, trail| statement.bind(trail.as_str()));
        let rows: Vec<TriesRow> = statement.all(&self.database).await?;
        let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
        Ok(rows
            .into_iter()
            .map(|row| Tries { trail: row.trail, all: count(row.tries), declined: count(row.declined) })
            .collect())
    }

    /// What is noted of an attempt whose payment was declined: each of its trails.
    pub(super) fn declined(&self, attempt: &Attempt, limit: Option<CardLimit>) -> Vec<Sql> {
        match &attempt.failure {
            Some(Failure::Payment { reason, .. }) => {
                self.declined_for(reason, attempt.declined_trails(), limit)
            }
            _ => Vec::new(),
        }
    }

    /// What is noted of a payment that came to nothing; if its bank declined it, each of its trails.
    pub(super) fn declined_for<'a>(
        &self,
        reason: &str,
        trails: impl Iterator<Item = &'a str>,
        limit: Option<CardLimit>,
    ) -> Vec<Sql> {
        if NO_DECLINES.contains(&reason) {
            return Vec::new();
        }
        let now = self.now();
        let mut notes = Vec::new();
        for trail in trails {
            notes.push(
                sql("insert into payment_try (trail, declined, time_ms) values ($1, 1, $2)")
                    .bind(trail)
                    .bind(now.as_millis()),
            );
            if let Some(limit) = limit.filter(|_| TrailKind::of(trail) == Some(TrailKind::Card)) {
                // After the row before: as long as this mark counts, the card may be at its limit.
                notes.push(
                    sql("insert into payment_try (trail, declined, time_ms) \
                         select $1, 1, $2 \
                          where (select count(*) from payment_try where trail = $3 and time_ms > $4) >= $5")
                    .bind(SOME_CARD)
                    .bind(now.as_millis())
                    .bind(trail)
                    .bind(now.minus(limit.window).as_millis())
                    .bind(i64::from(limit.declines_max)),
                );
            }
        }
        notes
    }

    /// What is noted of an attempt that went well: that its goods sell, if somebody was declined for them.
    pub(super) fn went_well(&self, attempt: &Attempt) -> Option<Sql> {
        let goods = attempt.trails.iter().find(|trail| TrailKind::of(trail) == Some(TrailKind::Goods))?;
        let statement = sql("insert into payment_try (trail, declined, time_ms) \
             select $1, 0, $2 where exists (select 1 from payment_try where trail = $1)");
        Some(statement.bind(goods.as_str()).bind(self.now().as_millis()))
    }

    /// Keeps why a purchase was refused, for staff.
    pub(crate) async fn note_refusal(&self, checkout: CheckoutId, assessment: &Assessment) -> Result<()> {
        sql("insert into refusal (id, checkout_id, document, time_ms) values ($1, $2, $3, $4)")
            .bind(AttemptId::new().to_string())
            .bind(checkout.to_string())
            .bind(to_json(assessment)?)
            .bind(self.now().as_millis())
            .commit(&self.database)
            .await
            .map(|_| ())
    }

    /// Purchases that were refused, the latest first.
    pub(crate) async fn refusals(&self, limit: i64) -> Result<Vec<Refusal>> {
        let rows: Vec<RefusalRow> =
            sql("select checkout_id, document, time_ms from refusal order by id desc limit $1")
                .bind(limit)
                .all(&self.database)
                .await?;
        let refusal = |row: RefusalRow| {
            Ok(Refusal {
                checkout_id: row.checkout_id,
                assessment: serde_json::from_str(&row.document).map_err(Error::internal)?,
                at: Timestamp::from_millis(row.time_ms),
            })
        };
        rows.into_iter().map(refusal).collect()
    }

    /// Erases what is older than a day, the keys of yesterday's trails among it, and old refusals.
    pub(crate) async fn forget_tries(&self) -> Result<()> {
        let (now, today) = (self.now(), self.day());
        sql("delete from payment_try where time_ms <= $1")
            .bind(now.as_millis() - DAY_MS)
            .commit(&self.database)
            .await?;
        sql("delete from risk_key where day < $1").bind(today).commit(&self.database).await?;
        sql("delete from refusal where time_ms <= $1")
            .bind(now.minus(REFUSALS_KEPT).as_millis())
            .commit(&self.database)
            .await
            .map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use argosy_testkit::{Engine, TestHost};

    use super::*;
    use crate::DATABASE;

    #[tokio::test]
    async fn law_11_what_declines_were_counted_by_is_gone_after_a_day() {
        for engine in [Engine::Sqlite, Engine::Postgres] {
            let test = TestHost::on(engine);
            let store = Store::new(test.host.database(DATABASE).await.unwrap(), test.host.clock());
            let (today, trails) = (store.day(), vec!["address:a".to_owned()]);
            let key = store.risk_key(today).await.unwrap();
            assert_eq!(store.risk_key(today).await.unwrap(), key, "the same for all processes");
            sql("insert into payment_try (trail, declined, time_ms) values ('address:a', 1, $1)")
                .bind(store.now().as_millis())
                .commit(store.database())
                .await
                .unwrap();
            store.forget_tries().await.unwrap();
            let counted = store.tries(&trails, Duration::from_hours(48)).await.unwrap();
            assert_eq!(counted, [Tries { trail: "address:a".to_owned(), all: 1, declined: 1 }]);
            test.clock.advance(Duration::from_hours(25));
            store.forget_tries().await.unwrap();
            assert_eq!(store.tries(&trails, Duration::from_hours(48)).await.unwrap(), []);
            assert_ne!(store.risk_key(today).await.unwrap(), key, "the key is gone");
        }
    }
}
