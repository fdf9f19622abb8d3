//! Facts that this service listens to. It tells none.
//!
//! `orders.order_placed` makes a confirmation: unique by order, and written in the transaction that notes the fact.

use argosy_contracts::orders::{GetOrderRequest, OrdersClient};
use argosy_kernel::{Ctx, Result};
use argosy_platform::{
    bus::{Consumer, ConsumerSpec, Fact},
    database::Tx,
};
use async_trait::async_trait;
use serde::Deserialize;

use crate::{NotificationsConfig, confirmation, store::Store};

pub(crate) struct OrderPlaced {
    pub(crate) orders: OrdersClient,
    pub(crate) store: Store,
    pub(crate) config: NotificationsConfig,
}

impl OrderPlaced {
    pub(crate) const SPEC: ConsumerSpec = ConsumerSpec {
        name: "notifications.order_placed",
        source: "orders",
        kinds: &["orders.order_placed"],
        tries_max: 8,
    };
}

#[derive(Deserialize)]
struct Placed {
    order_id: String,
}

#[async_trait]
impl Consumer for OrderPlaced {
    async fn handle(&self, tx: &Tx, fact: &Fact) -> Result<()> {
        let placed: Placed = fact.read()?;
        let request = GetOrderRequest { order_id: placed.order_id, key: String::new() };
        let order = self.orders.get_order(&Ctx::system("notifications"), request).await?;
        let message = confirmation::write(&self.config, &order)?;
        self.store.queue(tx, &message).await
    }
}
