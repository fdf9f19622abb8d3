//! Facts: what this service tells, and what it listens to.
//!
//! `payments.intent_changed` wakes the attempt of that intent, because the buyer may have confirmed at the bank
//! and closed the browser. The effect is that a lease ends; doing it twice changes nothing.

use argosy_kernel::{IntentId, OrderId, Result};
use argosy_platform::{
    bus::{Consumer, ConsumerSpec, Fact, NewFact},
    database::Tx,
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{domain::Order, store::Store};

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
    /// Units were canceled.
    Canceled,
    /// A parcel left.
    Fulfilled,
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
}

#[derive(Serialize)]
struct OrderChanged<'a> {
    order_id: OrderId,
    id: &'a str,
    state: &'a str,
}

impl Changed {
    pub(crate) fn fact(self, order_id: OrderId, version: i64, id: &str, state: &str) -> Result<NewFact> {
        let kind = match self {
            Self::Canceled => "orders.canceled",
            Self::Fulfilled => "orders.fulfilled",
            Self::Refunded => "orders.refunded",
            Self::Paid => return payment_captured(order_id, version),
            Self::Return => "orders.return_changed",
            Self::Paper => "orders.paper_issued",
            Self::Handling => "orders.handling_changed",
        };
        NewFact::new(kind, order_id, version, &OrderChanged { order_id, id, state })
    }
}

pub(crate) fn person_forgotten(person_id: &str) -> Result<NewFact> {
    NewFact::new("orders.person_forgotten", person_id, 1, &PersonForgotten { person_id })
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

#[derive(Deserialize)]
struct IntentChanged {
    intent_id: IntentId,
    state: String,
}

#[async_trait]
impl Consumer for PaymentMoved {
    async fn handle(&self, tx: &Tx, fact: &Fact) -> Result<()> {
        let changed: IntentChanged = fact.read()?;
        match changed.state.as_str() {
            // The buyer has not been at the bank yet.
            "processing" | "requires_action" => Ok(()),
            _ => Store::wake(tx, changed.intent_id).await,
        }
    }
}
