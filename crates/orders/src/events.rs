//! Facts: what this service tells, and what it listens to.
//!
//! `payments.intent_changed` wakes the attempt of that intent, because the buyer may have confirmed at the bank
//! and closed the browser. The effect is that a lease ends; doing it twice changes nothing.
//!
//! `inventory.expected_changed` tells when goods come that orders wait for, likewise.
//!
//! `payments.dispute_changed` tells all that is known of a dispute, so the latest one counts, however often it comes.

use argosy_kernel::{Day, DisputeId, DraftId, IntentId, OrderId, Result, Timestamp};
use argosy_platform::{
    bus::{Consumer, ConsumerSpec, Fact, NewFact},
    database::Tx,
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{DisputeMoved, Order, Units},
    store::{ExpectedTold, Store, Told},
};

#[derive(Serialize)]
struct OrderPlaced {
    order_id: OrderId,
    number: String,
    checkout_id: String,
}

#[derive(Serialize)]
struct PaymentCaptured {
    order_id: OrderId,
}

#[derive(Serialize)]
struct PersonForgotten<'a> {
    person_id: &'a str,
}

pub(crate) fn order_placed(order: &Order) -> Result<NewFact> {
    let data = OrderPlaced {
        order_id: order.id,
        number: order.number.to_string(),
        checkout_id: order.checkout_id.to_string(),
    };
    NewFact::new("orders.order_placed", order.id, 1, &data)
}

pub(crate) fn payment_captured(order_id: OrderId, version: i64) -> Result<NewFact> {
    NewFact::new("orders.payment_captured", order_id, version, &PaymentCaptured { order_id })
}

/// What changed of an order. Facts name the order and the part of it that changed; who listens asks for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changed {
    /// A parcel left.
    Fulfilled,
    /// What is left is there to be collected.
    Ready,
    /// Money went back.
    Refunded,
    /// Money that comes by hand is here.
    Paid,
    /// A return took a step.
    Return,
    /// An invoice or a credit note was issued.
    Paper,
    /// Held, released, annotated.
    Handling,
    /// A dispute of its payment moved on.
    Dispute,
    /// What it waits for is expected on another day.
    Expected,
}

#[derive(Serialize)]
struct OrderChanged<'a> {
    order_id: OrderId,
    id: &'a str,
    state: &'a str,
    /// Units that were canceled.
    #[serde(skip_serializing_if = "<[Moved]>::is_empty")]
    lines: &'a [Moved],
    /// One of the words that buyers are told a reason by; other reasons are the order's only.
    #[serde(skip_serializing_if = "str::is_empty")]
    reason: &'a str,
}

/// Units of a line.
#[derive(Serialize)]
struct Moved {
    line_id: String,
    quantity: i64,
}

impl Changed {
    pub(crate) fn fact(self, order_id: OrderId, version: i64, id: &str, state: &str) -> Result<NewFact> {
        let kind = match self {
            Self::Fulfilled => "orders.fulfilled",
            Self::Ready => "orders.ready_for_pickup",
            Self::Refunded => "orders.refunded",
            Self::Paid => return payment_captured(order_id, version),
            Self::Return => "orders.return_changed",
            Self::Paper => "orders.paper_issued",
            Self::Handling => "orders.handling_changed",
            Self::Dispute => "orders.dispute_changed",
            Self::Expected => "orders.expected_changed",
        };
        let data = OrderChanged { order_id, id, state, lines: &[], reason: "" };
        NewFact::new(kind, order_id, version, &data)
    }
}

/// Words for why something was canceled.
pub(crate) const REASONS: [&str; 4] = ["buyer", "out_of_stock", "fraud", "other"];

/// Units were canceled: which, since what is left of the order does not say it.
pub(crate) fn canceled(
    order_id: OrderId,
    version: i64,
    (id, state): (&str, &str),
    units: &[Units],
    reason: &str,
) -> Result<NewFact> {
    let lines: Vec<Moved> =
        units.iter().map(|units| Moved { line_id: units.line.clone(), quantity: units.quantity }).collect();
    let reason = if REASONS.contains(&reason) { reason } else { "" };
    let data = OrderChanged { order_id, id, state, lines: &lines, reason };
    NewFact::new("orders.canceled", order_id, version, &data)
}

pub(crate) fn person_forgotten(person_id: &str) -> Result<NewFact> {
    NewFact::new("orders.person_forgotten", person_id, 1, &PersonForgotten { person_id })
}

#[derive(Serialize)]
struct DraftShared<'a> {
    draft_id: DraftId,
    id: &'a str,
}

/// The buyer of a draft is to be sent its link; `mail` names that one mail.
pub(crate) fn draft_shared(draft_id: DraftId, mail: &str) -> Result<NewFact> {
    NewFact::new("orders.draft_shared", draft_id, 1, &DraftShared { draft_id, id: mail })
}

/// Wakes attempts whose payment moved.
pub(crate) struct PaymentMoved;

impl PaymentMoved {
    pub(crate) const SPEC: ConsumerSpec = ConsumerSpec {
        name: "orders.payment_moved",
        source: "payments",
        kinds: &["payments.intent_changed"],
        tries_max: 5,
    };
}

/// Keeps what is told of disputes.
pub(crate) struct PaymentDisputed;

impl PaymentDisputed {
    pub(crate) const SPEC: ConsumerSpec = ConsumerSpec {
        name: "orders.payment_disputed",
        source: "payments",
        kinds: &["payments.dispute_changed"],
        tries_max: 5,
    };
}

#[derive(Deserialize)]
struct DisputeChanged {
    dispute_id: DisputeId,
    #[serde(default)]
    intent_id: Option<String>,
    reference: String,
    state: String,
    reason: String,
    amount: i64,
    evidence_due_at_ms: i64,
    moves: Vec<DisputeMoved>,
}

#[async_trait]
impl Consumer for PaymentDisputed {
    async fn handle(&self, tx: &Tx, fact: &Fact) -> Result<()> {
        let changed: DisputeChanged = fact.read()?;
        let told = Told {
            id: changed.dispute_id,
            intent_id: changed.intent_id.as_deref(),
            checkout_id: &changed.reference,
            state: &changed.state,
            reason: &changed.reason,
            amount: changed.amount,
            evidence_due_at_ms: changed.evidence_due_at_ms,
            moves: &changed.moves,
            version: fact.sequence,
            at: Timestamp::from_millis(fact.time_ms),
        };
        Store::note_dispute(tx, &told).await
    }
}

/// Keeps what is told of goods that orders wait for.
pub(crate) struct GoodsExpected;

impl GoodsExpected {
    pub(crate) const SPEC: ConsumerSpec = ConsumerSpec {
        name: "orders.goods_expected",
        source: "inventory",
        kinds: &["inventory.expected_changed"],
        tries_max: 5,
    };
}

#[derive(Deserialize)]
struct ExpectedChanged {
    variant_id: String,
    expected_on: Option<Day>,
    preorder: bool,
    arrived: bool,
}

#[async_trait]
impl Consumer for GoodsExpected {
    async fn handle(&self, tx: &Tx, fact: &Fact) -> Result<()> {
        let ExpectedChanged { variant_id, expected_on, preorder, arrived } = fact.read()?;
        let (variant, version) = (variant_id.as_str(), fact.sequence);
        Store::note_expected(tx, &ExpectedTold { variant, expected_on, preorder, arrived, version }).await
    }
}

#[derive(Deserialize)]
struct IntentChanged {
    intent_id: IntentId,
    /// What it pays for: a checkout.
    #[serde(default)]
    reference: String,
    state: String,
}

#[async_trait]
impl Consumer for PaymentMoved {
    async fn handle(&self, tx: &Tx, fact: &Fact) -> Result<()> {
        let changed: IntentChanged = fact.read()?;
        match changed.state.as_str() {
            // The buyer has not been at the bank yet.
            "processing" | "requires_action" => Ok(()),
            _ => {
                Store::wake_balance(tx, changed.intent_id).await?;
                Store::wake(tx, changed.intent_id, &changed.reference).await
            }
        }
    }
}
