//! A pretended provider with books of its own, for trying the shop and for drills.
//!
//! It behaves as a real one does: it knows requests by their keys, answers late or never, and keeps what it did
//! apart from us, so that a drill can compare both sides.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use argosy_contracts::payments::PaymentMethod;
use argosy_kernel::{Clock, IntentId, Money, Result, Timestamp};
use argosy_platform::{
    Host,
    database::{Database, DatabaseSpec, Durability, Migration, sql, together},
};
use async_trait::async_trait;
use sea_orm::FromQueryResult;
use serde::Deserialize;

use super::{
    Means, Message, Payment, Prepared, Provider, Saving, Step,
    test_cards::{self, BankOfCard},
    test_disputes::{self, Pretended},
};
use crate::{
    domain::{Dispute, DisputeReport, Evidence, Move, MoveKind, Movement, Outcome, Report, Stepped},
    error,
};

const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "charges", sql: include_str!("../../migrations/test_0001_charges.sql") },
    Migration {
        version: 2,
        name: "steps by charge",
        sql: include_str!("../../migrations/test_0002_steps_by_charge.sql"),
    },
    Migration { version: 3, name: "disputes", sql: include_str!("../../migrations/test_0003_disputes.sql") },
    Migration { version: 4, name: "cards", sql: include_str!("../../migrations/test_0004_cards.sql") },
];
/// The books of the pretended provider.
pub const DATABASE: DatabaseSpec =
    DatabaseSpec { name: "payments_test_provider", durability: Durability::Full, migrations: MIGRATIONS };
/// ISO 4217's code where there is none: of a charge that was let go before it was made.
const NO_CURRENCY: &str = "XXX";
const SLOW: Duration = Duration::from_secs(1);
/// How long nothing is said of a charge of `tok_vanishes`.
const OUTAGE: Duration = Duration::from_secs(5);

pub(super) struct TestProvider {
    pub(super) database: Database,
    /// Charges that nothing is said of before then. The next process knows of none: its line is a new one.
    outages: Mutex<HashMap<IntentId, Timestamp>>,
    pub(super) clock: Arc<dyn Clock>,
}

/// What a token may be, alone or with the name of a card: `tok_declined.blue` is the same card whatever it does, and a token
/// without a name is another card each time.
const TOKENS: [&str; 9] = [
    "tok_ok",
    "tok_declined",
    "tok_needs_action",
    "tok_timeout",
    "tok_slow",
    "tok_capture_fails",
    "tok_away",
    "tok_vanishes",
    "tok_declined_later",
];

#[derive(FromQueryResult)]
struct ChargeRow {
    state: String,
}

#[derive(FromQueryResult)]
struct StepRow {
    key: String,
    kind: String,
    amount: i64,
}

/// What is told: by the page of the pretended bank, or by a drill.
#[derive(Deserialize)]
#[serde(untagged)]
enum Told {
    Decision(Decision),
    Card(BankOfCard),
    Dispute(Pretended),
}

/// What the page of the pretended bank sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    intent_id: IntentId,
    approve: bool,
}

impl TestProvider {
    pub(super) async fn open(host: &Host) -> Result<Self> {
        Ok(Self { database: host.database(DATABASE).await?, outages: Mutex::default(), clock: host.clock() })
    }

    fn breaks_down_for(&self, id: IntentId) {
        let now = self.clock.now();
        let mut outages = self.outages.lock().unwrap_or_else(PoisonError::into_inner);
        outages.retain(|_, until| now < *until);
        outages.insert(id, now.plus(OUTAGE));
    }

    fn check_line(&self, id: IntentId) -> Result<()> {
        let outages = self.outages.lock().unwrap_or_else(PoisonError::into_inner);
        match outages.get(&id) {
            Some(until) if self.clock.now() < *until => Err(error::provider_unavailable("test")),
            _ => Ok(()),
        }
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

    /// Moves money of a charge, once per key; false if there is not enough to move.
    async fn move_money(&self, id: IntentId, step: &Step<'_>, statement: &'static str) -> Result<bool> {
        let kind = kind_of(step.movement);
        let first = "insert into charge_step (key, charge, kind, amount) values ($1, $2, $3, $4) on conflict do nothing";
        let id = id.to_string();
        let first = sql(first).bind(step.key.as_str()).bind(id.as_str()).bind(kind).bind(step.amount.minor);
        let moved = sql(statement).bind(id.as_str()).bind(step.amount.minor);
        Ok(together().must_touch(1, first).must_touch(1, moved).commit(&self.database).await?
            || self.steps(&id).await?.iter().any(|made| made.key == step.key))
    }

    async fn steps(&self, id: &str) -> Result<Vec<StepRow>> {
        sql("select key, kind, amount from charge_step where charge = $1").bind(id).all(&self.database).await
    }

    /// How a payment stands in these books.
    async fn report(&self, payment: &Payment<'_>) -> Result<Option<Report>> {
        let Some(state) = self.state(payment.intent_id).await? else { return Ok(None) };
        let steps = self.steps(&payment.intent_id.to_string()).await?;
        let moves = steps.into_iter().map(|row| move_of(payment, row));
        Ok(Some(answer(payment.intent_id, &state).with(moves)))
    }
}

const fn kind_of(movement: Movement) -> &'static str {
    match movement {
        Movement::Capture => "capture",
        Movement::Refund => "refund",
    }
}

/// A key of ours ends with the step's reference.
fn move_of(payment: &Payment<'_>, row: StepRow) -> Move {
    let kind = if row.kind == kind_of(Movement::Capture) { MoveKind::Captured } else { MoveKind::Refunded };
    let step = row.key.splitn(3, ':').nth(2).map(str::to_owned);
    Move { kind, reference: row.key, amount: Money::new(row.amount, payment.amount.currency), step }
}

fn answer(intent_id: IntentId, state: &str) -> Report {
    let declined = |text: &str| Outcome::Declined { reason: "DECLINED".to_owned(), text: text.to_owned() };
    let outcome = match state {
        "authorised" | "capture_fails" => Outcome::Authorised,
        "requires_action" => Outcome::RequiresAction {
            url: format!("/checkout/test-bank/{intent_id}"),
            client_secret: String::new(),
        },
        "voided" => Outcome::Voided,
        _ => declined("The card was declined. Please use another one."),
    };
    Report::of(format!("test-{intent_id}"), outcome)
}

#[async_trait]
impl Provider for TestProvider {
    fn methods(&self) -> Vec<PaymentMethod> {
        vec![PaymentMethod {
            provider: "test".to_owned(),
            method: "card".to_owned(),
            title: "Test card".to_owned(),
            description: "A pretended card. Nobody is charged.".to_owned(),
            public_key: String::new(),
            ..PaymentMethod::default()
        }]
    }

    fn method_of(&self, token: &str) -> Result<String> {
        if TOKENS.contains(&test_cards::deed(token)) || test_cards::is_name(token) {
            Ok("card".to_owned())
        } else {
            Err(error::invalid_token(&format!("must be one of {} for provider 'test'", TOKENS.join(", "))))
        }
    }

    async fn prepare(&self, _payment: &Payment<'_>, means: &Means<'_>) -> Result<Prepared> {
        Ok(Prepared { reference: None, card: self.fingerprint_behind(means).await? })
    }

    async fn authorise(&self, payment: &Payment<'_>, means: Means<'_>) -> Result<Report> {
        self.check_line(payment.intent_id)?;
        let (token, is_kept) = self.token_behind(&means).await?;
        let token = test_cards::deed(&token);
        let state = match token {
            "tok_declined_later" if is_kept => "declined",
            "tok_away" => return Err(error::provider_away("test")),
            "tok_declined" => "declined",
            "tok_needs_action" => "requires_action",
            "tok_capture_fails" => "capture_fails",
            _ => "authorised",
        };
        let (id, currency) = (payment.intent_id, payment.amount.currency.code());
        if !self.write(id, state, currency, payment.amount.minor).await?
            && let Some(state) = self.state(id).await?
        {
            return Ok(answer(id, &state));
        }
        if means.remembers && state != "declined" {
            self.keep_card_of(id, &means).await?;
        }
        match token {
            "tok_timeout" => std::future::pending().await,
            "tok_vanishes" => {
                self.breaks_down_for(id);
                return Err(error::provider_unavailable("test"));
            }
            "tok_slow" => tokio::time::sleep(SLOW).await,
            _ => {}
        }
        let mut answer = answer(id, state);
        if let Outcome::RequiresAction { url, .. } = &mut answer.outcome
            && !means.return_url.is_empty()
        {
            url.push_str("?return=");
            url.push_str(means.return_url);
        }
        Ok(answer)
    }

    async fn find(&self, payment: &Payment<'_>) -> Result<Option<Report>> {
        self.check_line(payment.intent_id)?;
        self.report(payment).await
    }

    async fn step(&self, payment: &Payment<'_>, step: &Step<'_>) -> Result<Stepped> {
        let id = payment.intent_id;
        let statement = match step.movement {
            Movement::Capture => {
                "update charge set captured = captured + $2 \
                  where key = $1 and state = 'authorised' and captured + $2 <= amount"
            }
            Movement::Refund => {
                "update charge set refunded = refunded + $2 where key = $1 and refunded + $2 <= captured"
            }
        };
        if self.move_money(id, step, statement).await? {
            let row = StepRow {
                key: step.key.clone(),
                kind: kind_of(step.movement).to_owned(),
                amount: step.amount.minor,
            };
            return Ok(Stepped::Done(answer(id, "authorised").with([move_of(payment, row)])));
        }
        if self.state(id).await?.as_deref() == Some("capture_fails") {
            sql("update charge set state = 'authorised' where key = $1")
                .bind(id.to_string())
                .commit(&self.database)
                .await?;
            return Err(error::provider_unavailable("test"));
        }
        let text = "There is not that much money in this charge.".to_owned();
        Ok(Stepped::Refused { reason: "NOT_ENOUGH".to_owned(), text })
    }

    async fn void(&self, payment: &Payment<'_>) -> Result<Report> {
        self.check_line(payment.intent_id)?;
        self.write(payment.intent_id, "voided", NO_CURRENCY, 0).await?;
        sql("update charge set state = 'voided' where key = $1 and captured = 0")
            .bind(payment.intent_id.to_string())
            .commit(&self.database)
            .await?;
        let report = self.report(payment).await?;
        report.ok_or_else(|| error::intent_not_found(payment.intent_id))
    }

    async fn find_dispute(&self, dispute_reference: &str) -> Result<DisputeReport> {
        test_disputes::find(&self.database, dispute_reference).await
    }

    async fn submit_evidence(&self, dispute: &Dispute, _evidence: &[Evidence]) -> Result<DisputeReport> {
        test_disputes::submit(&self.database, &dispute.provider_reference).await
    }

    fn saving(&self) -> Option<&dyn Saving> {
        Some(self)
    }

    /// The page of the pretended bank is part of the shop, so its messages need no signature.
    async fn read_message(&self, _headers: &HashMap<String, String>, body: &[u8]) -> Result<Message> {
        let decision = match serde_json::from_slice(body).map_err(error::invalid_message)? {
            Told::Decision(decision) => decision,
            Told::Card(told) => {
                return Ok(Message::SetUp { setup_reference: self.decide_card(&told).await? });
            }
            Told::Dispute(told) => {
                let dispute_reference = test_disputes::pretend(&self.database, told).await?;
                return Ok(Message::Disputed { dispute_reference });
            }
        };
        let (intent_id, state) =
            (decision.intent_id, if decision.approve { "authorised" } else { "declined" });
        sql("update charge set state = $2 where key = $1 and state = 'requires_action'")
            .bind(intent_id.to_string())
            .bind(state)
            .commit(&self.database)
            .await?;
        let state = self.state(intent_id).await?.ok_or_else(|| error::intent_not_found(intent_id))?;
        Ok(Message::Says { intent_id, report: answer(intent_id, &state) })
    }
}
