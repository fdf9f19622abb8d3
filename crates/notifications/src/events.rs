//! Facts that this service listens to. It tells none.
//!
//! `orders.order_placed` makes a confirmation: unique by order, and written in the transaction that notes the fact.
//! `orders.person_forgotten` erases what the messages to a person say. One consumer hears both, so that no message is
//! written to whom it has erased.

use std::sync::Arc;

use argosy_contracts::orders::{GetOrderRequest, OrdersClient};
use argosy_kernel::{Ctx, Result};
use argosy_platform::{
    bus::{Consumer, ConsumerSpec, Fact},
    database::Tx,
};
use async_trait::async_trait;
use serde::Deserialize;

use crate::{NotificationsConfig, confirmation, post::Post, store::Store};

pub(crate) struct OrderFacts {
    pub(crate) orders: OrdersClient,
    pub(crate) store: Store,
    pub(crate) post: Arc<Post>,
    pub(crate) config: NotificationsConfig,
}

impl OrderFacts {
    pub(crate) const SPEC: ConsumerSpec = ConsumerSpec {
        name: "notifications.order_placed",
        source: "orders",
        kinds: &[PLACED, FORGOTTEN],
        tries_max: 8,
    };
}

const PLACED: &str = "orders.order_placed";
const FORGOTTEN: &str = "orders.person_forgotten";

#[derive(Deserialize)]
struct Placed {
    order_id: String,
}

#[derive(Deserialize)]
struct Forgotten {
    person_id: String,
}

impl OrderFacts {
    async fn forget(&self, tx: &Tx, person: &str) -> Result<()> {
        for message in self.store.forget(tx, person).await? {
            self.post.take_back(&message).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Consumer for OrderFacts {
    async fn handle(&self, tx: &Tx, fact: &Fact) -> Result<()> {
        if fact.kind == FORGOTTEN {
            let forgotten: Forgotten = fact.read()?;
            return self.forget(tx, &forgotten.person_id).await;
        }
        let placed: Placed = fact.read()?;
        let request = GetOrderRequest { order_id: placed.order_id, ..GetOrderRequest::default() };
        let order = self.orders.get_order(&Ctx::system("notifications"), request).await?;
        if order.email.is_empty() {
            tracing::info!(order.id, "an order is not confirmed: its buyer is forgotten");
            return Ok(());
        }
        let message = confirmation::write(&self.config, &order)?;
        self.store.queue(tx, &message).await
    }
}
