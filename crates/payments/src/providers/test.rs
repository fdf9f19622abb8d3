//! A pretended provider with books of its own, for trying the shop and for drills.
//!
//! It behaves as a real one does: it knows requests by their keys, answers late or never, and keeps what it did
//! apart from us, so that a drill can compare both sides.

use std::{collections::HashMap, time::Duration};

use argosy_contracts::payments::PaymentMethod;
use argosy_kernel::{Error, IntentId, Result};
use argosy_platform::{
    Host,
    database::{Database, DatabaseSpec, Durability, Migration, sql, together},
};
use async_trait::async_trait;
use sea_orm::FromQueryResult;
use serde::Deserialize;

use super::{Authorisation, Provider, ProviderMessage, Step};
use crate::{
    domain::{Answer, Outcome},
    error,
};

const MIGRATIONS: &[Migration] =
    &[Migration { version: 1, name: "charges", sql: include_str!("../../migrations/test_0001_charges.sql") }];
/// The books of the pretended provider.
pub const DATABASE: DatabaseSpec =
    DatabaseSpec { name: "payments_test_provider", durability: Durability::Full, migrations: MIGRATIONS };
/// ISO 4217's code where there is none: of a charge that was let go before it was made.
const NO_CURRENCY: &str = "XXX";
const SLOW: Duration = Duration::from_secs(1);

pub(super) struct TestProvider {
    database: Database,
}

#[derive(FromQueryResult)]
struct ChargeRow {
    state: String,
}

#[derive(FromQueryResult)]
#[expect(dead_code, reason = "only its presence is asked for")]
struct StepRow {
    key: String,
}

/// What the page of the pretended bank sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    intent_id: IntentId,
    approve: bool,
}

impl TestProvider {
    pub(super) async fn open(host: &Host) -> Result<Self> {
        Ok(Self { database: host.database(DATABASE).await? })
    }

    async fn state(&self, intent_id: IntentId) -> Result<Option<String>> {
        let row: Option<ChargeRow> = sql("select state from charge where key = $1")
            .bind(intent_id.to_string())
            .optional(&self.database)
            .await?;
        Ok(row.map(|row| row.state))
    }

    /// Writes a charge; false if there is one under that key.
    async fn write(&self, intent_id: IntentId, state: &str, currency: &str, amount: i64) -> Result<bool> {
        let statement = "insert into charge (key, state, currency, amount) values ($1, $2, $3, $4) on conflict do nothing";
        let written = sql(statement)
            .bind(intent_id.to_string())
            .bind(state)
            .bind(currency)
            .bind(amount)
            .commit(&self.database)
            .await?;
        Ok(written == 1)
    }

    /// Moves money of a charge, once per key.
    async fn step(&self, step: &Step, kind: &'static str, statement: &'static str) -> Result<()> {
        let first = "insert into charge_step (key, charge, kind, amount) values ($1, $2, $3, $4) on conflict do nothing";
        let id = step.intent_id.to_string();
        let first = sql(first).bind(step.key.as_str()).bind(id.as_str()).bind(kind).bind(step.amount.minor);
        let moved = sql(statement).bind(id.as_str()).bind(step.amount.minor);
        if together().must_touch(1, first).must_touch(1, moved).commit(&self.database).await?
            || self.knows(&step.key).await?
        {
            return Ok(());
        }
        Err(Error::internal(format!("the test provider cannot {kind} {}", step.intent_id)))
    }

    async fn knows(&self, key: &str) -> Result<bool> {
        let row: Option<StepRow> =
            sql("select key from charge_step where key = $1").bind(key).optional(&self.database).await?;
        Ok(row.is_some())
    }
}

fn answer(intent_id: IntentId, state: &str) -> Answer {
    let declined = |text: &str| Outcome::Declined { reason: "DECLINED".to_owned(), text: text.to_owned() };
    let outcome = match state {
        "authorised" | "capture_fails" => Outcome::Authorised,
        "requires_action" => Outcome::RequiresAction { url: format!("/checkout/test-bank/{intent_id}") },
        "voided" => declined("The payment was cancelled."),
        _ => declined("The card was declined. Please use another one."),
    };
    Answer { provider_reference: format!("test-{intent_id}"), outcome }
}

#[async_trait]
impl Provider for TestProvider {
    fn methods(&self) -> Vec<PaymentMethod> {
        vec![PaymentMethod {
            provider: "test".to_owned(),
            method: "card".to_owned(),
            title: "Test card".to_owned(),
            description: "A pretended card. Nobody is charged.".to_owned(),
        }]
    }

    fn method_of(&self, token: &str) -> Result<String> {
        let known =
            ["tok_ok", "tok_declined", "tok_needs_action", "tok_timeout", "tok_slow", "tok_capture_fails"];
        if known.contains(&token) {
            Ok("card".to_owned())
        } else {
            Err(error::invalid_token(&format!("must be one of {} for provider 'test'", known.join(", "))))
        }
    }

    async fn authorise(&self, request: Authorisation<'_>) -> Result<Answer> {
        let state = match request.token {
            "tok_declined" => "declined",
            "tok_needs_action" => "requires_action",
            "tok_capture_fails" => "capture_fails",
            _ => "authorised",
        };
        let currency = request.amount.currency.code();
        if !self.write(request.intent_id, state, currency, request.amount.minor).await?
            && let Some(state) = self.state(request.intent_id).await?
        {
            return Ok(answer(request.intent_id, &state));
        }
        match request.token {
            "tok_timeout" => std::future::pending().await,
            "tok_slow" => tokio::time::sleep(SLOW).await,
            _ => {}
        }
        let mut answer = answer(request.intent_id, state);
        if let Outcome::RequiresAction { url } = &mut answer.outcome
            && !request.return_url.is_empty()
        {
            url.push_str("?return=");
            url.push_str(request.return_url);
        }
        Ok(answer)
    }

    async fn find(&self, intent_id: IntentId) -> Result<Option<Answer>> {
        Ok(self.state(intent_id).await?.map(|state| answer(intent_id, &state)))
    }

    async fn capture(&self, step: Step) -> Result<()> {
        let statement = "update charge set captured = captured + $2 \
                          where key = $1 and state = 'authorised' and captured + $2 <= amount";
        let captured = self.step(&step, "capture", statement).await;
        if captured.is_ok() || self.state(step.intent_id).await?.as_deref() != Some("capture_fails") {
            return captured;
        }
        sql("update charge set state = 'authorised' where key = $1")
            .bind(step.intent_id.to_string())
            .commit(&self.database)
            .await?;
        Err(error::provider_unavailable("test"))
    }

    async fn void(&self, intent_id: IntentId) -> Result<()> {
        self.write(intent_id, "voided", NO_CURRENCY, 0).await?;
        sql("update charge set state = 'voided' where key = $1 and captured = 0")
            .bind(intent_id.to_string())
            .commit(&self.database)
            .await
            .map(|_| ())
    }

    async fn refund(&self, step: Step) -> Result<()> {
        self.step(
            &step,
            "refund",
            "update charge set refunded = refunded + $2 where key = $1 and refunded + $2 <= captured",
        )
        .await
    }

    /// The page of the pretended bank is part of the shop, so its messages need no signature.
    async fn read_message(&self, _headers: &HashMap<String, String>, body: &[u8]) -> Result<ProviderMessage> {
        let message: Message = serde_json::from_slice(body).map_err(|error| {
            Error::invalid("INVALID_MESSAGE", format!("cannot read the message: {error}"))
        })?;
        let state = if message.approve { "authorised" } else { "declined" };
        sql("update charge set state = $2 where key = $1 and state = 'requires_action'")
            .bind(message.intent_id.to_string())
            .bind(state)
            .commit(&self.database)
            .await?;
        let found = self.find(message.intent_id).await?;
        let answer = found.ok_or_else(|| error::intent_not_found(message.intent_id))?;
        Ok(ProviderMessage { intent_id: message.intent_id, answer })
    }
}
