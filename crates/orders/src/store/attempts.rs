//! Attempts: the saga's log. Whoever holds the lease goes on.

use std::time::Duration;

use argosy_kernel::{AttemptId, CheckoutId, Error, IntentId, Result, Timestamp};
use argosy_platform::database::{Engine, Executor, Sql, Tx, sql, together};
use sea_orm::FromQueryResult;

use super::{
    Store,
    checkouts::{Seen, TRIES_MAX, change_in, to_json, too_many_writers},
    persons::Kept,
};
use crate::{
    domain::{Attempt, AttemptState, Checkout, Failure, Outcome, PaymentTry, Status},
    error,
    risk::CardLimit,
};

/// An attempt as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct AttemptRow {
    pub(crate) attempt: Attempt,
    pub(crate) state: AttemptState,
    pub(crate) request_digest: String,
    pub(crate) lease_until: Timestamp,
    pub(crate) outcome: Option<Outcome>,
}

/// An attempt about to be made.
pub(crate) struct Claim<'a> {
    pub(crate) attempt: &'a Attempt,
    pub(crate) request_key: &'a str,
    pub(crate) request_digest: &'a str,
    pub(crate) lease: Duration,
}

/// How a claim came out.
pub(crate) enum Claimed {
    /// The attempt is there, and its lease is the caller's.
    New(Box<AttemptRow>),
    /// Its key was claimed before.
    Before(Box<AttemptRow>),
}

#[derive(FromQueryResult)]
struct Row {
    state: String,
    request_digest: String,
    lease_until_ms: i64,
    document: String,
    outcome: Option<String>,
    person_id: Option<String>,
    contact: Option<String>,
    seal_key: Option<String>,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: String,
}

/// When others may take up an attempt, or a step, of several payments who know of one only: `split_lease_ms` counts.
pub(super) const NO_TIME_MS: i64 = 253_402_300_799_000;

const COLUMNS: &str = "select case when a.split_parked = 1 then 'parked' else a.state end as state, a.request_digest, \
                              coalesce(a.split_lease_ms, a.lease_until_ms) as lease_until_ms, a.document, a.outcome, a.person_id, a.contact, \
                              p.seal_key \
                         from attempt a left join person p on p.id = a.person_id where";
/// Sets the lease that counts.
pub(super) const LEASE: &str = "lease_until_ms = case when split_lease_ms is null then $2 else lease_until_ms end, \
                     split_lease_ms = case when split_lease_ms is null then null else $2 end";
/// Attempts that one look of the resumer takes up.
const DUE_MAX: i64 = 50;

impl Store {
    /// Writes an attempt's row and marks its checkout, both or neither.
    pub(crate) async fn claim(&self, claim: &Claim<'_>, mut seen: Seen) -> Result<Claimed> {
        let attempt = claim.attempt;
        let lease_until = self.now().plus(claim.lease);
        for _ in 0..TRIES_MAX {
            let person = self.person(&attempt.contact.email).await?;
            let marked = seen.changed(|checkout| self.mark_completing(checkout, attempt))?;
            let done = together()
                .must_find(person.unforgotten())
                .must_touch(
                    1,
                    sql("insert into attempt (id, checkout_id, state, request_key, request_digest, intent_id, lease_until_ms, \
                                              document, person_id, contact, split_lease_ms) \
                         values ($1, $2, 'running', $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing")
                    .bind(attempt.id.to_string())
                    .bind(attempt.checkout_id.to_string())
                    .bind(claim.request_key)
                    .bind(claim.request_digest)
                    .bind(attempt.intent_id.to_string())
                    .bind(if attempt.is_split() { NO_TIME_MS } else { lease_until.as_millis() })
                    .bind(to_json(attempt)?)
                    .bind(person.id.as_str())
                    .bind(person.seal(&attempt.contact)?)
                    .bind(attempt.is_split().then(|| lease_until.as_millis())),
                )
                .must_touch(1, seen.save(&marked)?)
                .commit(&self.database)
                .await?;
            if done {
                return Ok(Claimed::New(Box::new(AttemptRow {
                    attempt: attempt.clone(),
                    state: AttemptState::Running,
                    request_digest: claim.request_digest.to_owned(),
                    lease_until,
                    outcome: None,
                })));
            }
            if let Some(row) = self.attempt_by_key(claim.request_key).await? {
                return Ok(Claimed::Before(Box::new(row)));
            }
            seen = self.seen(attempt.checkout_id).await?;
        }
        Err(too_many_writers())
    }

    fn mark_completing(&self, checkout: &mut Checkout, attempt: &Attempt) -> Result<()> {
        if !checkout.status.may_change() || !attempt.contact.is_of_checkout(&checkout.contact) {
            return Err(error::checkout_busy(checkout.id));
        }
        if checkout.draft_version() != attempt.draft_version {
            return Err(error::draft_changed());
        }
        checkout.status = Status::Completing;
        checkout.action_url.clear();
        let now = self.now();
        checkout.tries.extend(attempt.tried()?.into_iter().map(|payment| PaymentTry {
            intent_id: payment.intent_id,
            provider: payment.provider,
            state: "processing".to_owned(),
            failure_reason: String::new(),
            failure_text: String::new(),
            at: now,
            amount: attempt.is_split().then_some(payment.amount),
            hint: payment.hint,
        }));
        Ok(())
    }

    pub(crate) async fn attempt(&self, id: AttemptId) -> Result<Option<AttemptRow>> {
        load(&self.database, sql(format!("{COLUMNS} a.id = $1")).bind(id.to_string())).await
    }

    pub(crate) async fn attempt_by_key(&self, request_key: &str) -> Result<Option<AttemptRow>> {
        load(&self.database, sql(format!("{COLUMNS} a.request_key = $1")).bind(request_key)).await
    }

    pub(crate) async fn latest_attempt(&self, checkout: CheckoutId) -> Result<Option<AttemptRow>> {
        let statement = sql(format!("{COLUMNS} a.checkout_id = $1 order by a.id desc limit 1"))
            .bind(checkout.to_string());
        load(&self.database, statement).await
    }

    /// Takes an attempt over; false if somebody else works on it or it is done.
    pub(crate) async fn take_lease(&self, id: AttemptId, lease: Duration) -> Result<bool> {
        let now = self.now();
        self.set_lease(
            sql(format!(
                "update attempt set {LEASE}, state = case when state = 'parked' then 'running' else state end, split_parked = null \
                  where id = $1 and coalesce(split_lease_ms, lease_until_ms) <= $3 and state <> 'done'"
            ))
            .bind(id.to_string())
            .bind(now.plus(lease).as_millis())
            .bind(now.as_millis()),
        )
        .await
    }

    /// Takes an attempt over that waits for the buyer, whatever its lease.
    pub(crate) async fn take_parked(&self, id: AttemptId, lease: Duration) -> Result<bool> {
        self.set_lease(
            sql(format!(
                "update attempt set {LEASE}, state = 'running', split_parked = null \
                  where id = $1 and (state = 'parked' or split_parked = 1)"
            ))
            .bind(id.to_string())
            .bind(self.now().plus(lease).as_millis()),
        )
        .await
    }

    /// Lets somebody else go on after a while.
    pub(crate) async fn end_lease(&self, id: AttemptId, after: Duration) -> Result<()> {
        self.set_lease(
            sql(format!(
                "update attempt set {LEASE} \
                  where id = $1 and state in ('running', 'releasing', 'placed') and split_parked is null"
            ))
            .bind(id.to_string())
            .bind(self.now().plus(after).as_millis()),
        )
        .await
        .map(|_| ())
    }

    /// Ends all leases of a process before this one. Where others may work beside it, theirs end by themselves.
    pub(crate) async fn end_leases_of_the_dead(&self) -> Result<()> {
        if self.database.engine() == Engine::Postgres {
            return Ok(());
        }
        self.set_lease(sql("update attempt \
                set lease_until_ms = case when split_lease_ms is null then 0 else lease_until_ms end, \
                    split_lease_ms = case when split_lease_ms is null then null else 0 end \
              where state in ('running', 'releasing', 'placed') and split_parked is null"))
            .await
            .map(|_| ())
    }

    async fn set_lease(&self, statement: Sql) -> Result<bool> {
        Ok(statement.commit(&self.database).await? > 0)
    }

    /// Wakes the attempt of an intent, if it waits for the buyer; one of several payments by its checkout.
    pub(crate) async fn wake(tx: &Tx, intent: IntentId, checkout: &str) -> Result<()> {
        sql("update attempt set lease_until_ms = 0 where intent_id = $1 and state = 'parked'")
            .bind(intent.to_string())
            .execute(tx)
            .await?;
        sql("update attempt set split_lease_ms = 0 where checkout_id = $1 and split_parked = 1")
            .bind(checkout)
            .execute(tx)
            .await?;
        Ok(())
    }

    /// Attempts that nobody works on, the longest waiting first.
    pub(crate) async fn due_attempts(&self) -> Result<Vec<AttemptId>> {
        let rows: Vec<IdRow> = sql("select id from ( \
               select id, lease_until_ms as due_ms from attempt \
                where state in ('running', 'parked', 'releasing', 'placed') and lease_until_ms <= $1 \
               union all \
               select id, split_lease_ms from attempt \
                where split_lease_ms is not null and state <> 'done' and split_lease_ms <= $1) due \
              order by due_ms limit $2")
        .bind(self.now().as_millis())
        .bind(DUE_MAX)
        .all(&self.database)
        .await?;
        rows.into_iter().map(|row| row.id.parse().map_err(Error::from)).collect()
    }

    /// The buyer must act at the bank: checkout and attempt wait.
    pub(crate) async fn park(&self, attempt: &Attempt, action_url: &str) -> Result<Checkout> {
        let tx = self.database.begin().await?;
        let parked = sql(if attempt.is_split() {
            "update attempt set split_parked = 1, split_lease_ms = $2, document = $3 where id = $1 and state = 'running'"
        } else {
            "update attempt set state = 'parked', lease_until_ms = $2, document = $3 \
              where id = $1 and state in ('running', 'parked')"
        })
        .bind(attempt.id.to_string())
        .bind(attempt.needs_buyer_until.as_millis())
        .bind(to_json(attempt)?)
        .execute(&tx)
        .await?;
        if parked == 0 {
            tx.rollback().await?;
            return self.checkout(attempt.checkout_id).await;
        }
        let checkout = change_in(&tx, attempt.checkout_id, |checkout| {
            checkout.status = Status::NeedsBuyer;
            action_url.clone_into(&mut checkout.action_url);
            for payment in attempt.tried()? {
                mark(checkout, payment.intent_id, "requires_action", "", "");
            }
            Ok(())
        })
        .await?;
        tx.commit().await?;
        Ok(checkout)
    }

    /// Notes since when the payment's provider has not answered.
    pub(crate) async fn note_unanswered(&self, attempt: &Attempt) -> Result<()> {
        sql("update attempt set document = $2 where id = $1 and state = 'running'")
            .bind(attempt.id.to_string())
            .bind(to_json(attempt)?)
            .commit(&self.database)
            .await
            .map(|_| ())
    }

    /// From here the attempt can only be given up. False if it is placed or done.
    pub(crate) async fn begin_release(&self, attempt: &mut Attempt, failure: Failure) -> Result<bool> {
        attempt.failure = Some(failure);
        let moved = sql("update attempt set state = 'releasing', document = $2, split_parked = null \
              where id = $1 and state in ('running', 'parked')")
        .bind(attempt.id.to_string())
        .bind(to_json(attempt)?)
        .commit(&self.database)
        .await?;
        Ok(moved == 1)
    }

    /// It cannot be given up: its stock has left, which it only does when the payment is there. It goes on.
    pub(crate) async fn take_back_release(&self, attempt: &Attempt) -> Result<()> {
        let going_on = Attempt { failure: None, ..attempt.clone() };
        sql("update attempt set state = 'running', document = $2 where id = $1 and state = 'releasing'")
            .bind(attempt.id.to_string())
            .bind(to_json(&going_on)?)
            .commit(&self.database)
            .await
            .map(|_| ())
    }

    /// Everything is given back: the checkout is ready again, and the outcome is kept for the key.
    pub(crate) async fn finish_release(
        &self,
        attempt: &Attempt,
        limit: Option<CardLimit>,
    ) -> Result<Outcome> {
        let tx = self.database.begin().await?;
        let checkout = change_in(&tx, attempt.checkout_id, |checkout| {
            if matches!(checkout.status, Status::Completing | Status::NeedsBuyer) {
                checkout.status = Status::Ready;
            }
            checkout.action_url.clear();
            match &attempt.failure {
                Some(Failure::Payment { reason, text, intent_id }) => {
                    for payment in attempt.tried()? {
                        mark(checkout, payment.intent_id, "voided", "", "");
                    }
                    mark(checkout, intent_id.unwrap_or(attempt.intent_id), "failed", reason, text);
                }
                _ => checkout.tries.retain(|attempted| !attempt.has(attempted.intent_id)),
            }
            Ok(())
        })
        .await?;
        let outcome = match &attempt.failure {
            Some(Failure::Refused(error)) => Outcome::Refused(error.clone()),
            _ => Outcome::Answered(Box::new((checkout, attempt.quote.clone()))),
        };
        for declined in self.declined(attempt, limit) {
            declined.execute(&tx).await?;
        }
        finish(attempt.id, AttemptState::Done, &outcome)?.execute(&tx).await?;
        tx.commit().await?;
        Ok(outcome)
    }
}

/// Notes how an attempt to pay stands.
pub(super) fn mark(checkout: &mut Checkout, intent: IntentId, state: &str, reason: &str, text: &str) {
    for attempted in checkout.tries.iter_mut().filter(|attempted| attempted.intent_id == intent) {
        state.clone_into(&mut attempted.state);
        reason.clone_into(&mut attempted.failure_reason);
        text.clone_into(&mut attempted.failure_text);
    }
}

/// Ends an attempt that is not ended.
pub(super) fn finish(id: AttemptId, state: AttemptState, outcome: &Outcome) -> Result<Sql> {
    Ok(sql("update attempt set state = $2, outcome = $3, split_parked = null \
          where id = $1 and state in ('running', 'parked', 'releasing')")
    .bind(id.to_string())
    .bind(state.as_str())
    .bind(to_json(outcome)?))
}

async fn load(on: &impl Executor, statement: Sql) -> Result<Option<AttemptRow>> {
    let Some(row) = statement.optional::<Row>(on).await? else { return Ok(None) };
    let mut attempt: Attempt = serde_json::from_str(&row.document).map_err(Error::internal)?;
    let kept = Kept { person_id: &row.person_id, contact: &row.contact, seal_key: &row.seal_key };
    attempt.contact = kept.open(&row.document)?;
    let mut outcome =
        row.outcome.map(|text| serde_json::from_str(&text).map_err(Error::internal)).transpose()?;
    if let Some(Outcome::Answered(answered)) = &mut outcome {
        answered.0.contact = attempt.contact.clone();
    }
    Ok(Some(AttemptRow {
        attempt,
        state: row.state.parse()?,
        request_digest: row.request_digest,
        lease_until: Timestamp::from_millis(row.lease_until_ms),
        outcome,
    }))
}
