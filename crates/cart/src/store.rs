//! Carts as documents. There is no SQL of this service's own.

use std::{sync::Arc, time::Duration};

use argosy_kernel::{CartId, Clock, OrderId, Result, Timestamp};
use argosy_platform::documents::{Documents, Versioned};

use crate::{
    domain::{Cart, Command},
    error,
};

pub(crate) struct Store {
    documents: Documents,
    clock: Arc<dyn Clock>,
    ttl: Duration,
}

fn key(id: CartId) -> String {
    format!("cart:{id}")
}

impl Store {
    pub(crate) fn new(documents: Documents, clock: Arc<dyn Clock>, ttl_days: u32) -> Self {
        let ttl = Duration::from_secs(u64::from(ttl_days.max(1)) * 24 * 3600);
        Self { documents, clock, ttl }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) async fn create(&self, cart: Cart) -> Result<Versioned<Cart>> {
        let expires_at = self.now().plus(self.ttl);
        self.documents.put(&key(cart.id), 0, &cart, self.ttl).await?;
        Ok(Versioned { version: 1, body: cart, expires_at })
    }

    /// The cart, or the one it was merged into.
    pub(crate) async fn get(&self, id: CartId) -> Result<Versioned<Cart>> {
        let found = self.read(id).await?;
        match found.body.merged_into {
            None => Ok(found),
            Some(into) => self.finish_merge(&found.body, into).await,
        }
    }

    pub(crate) async fn apply(
        &self,
        id: CartId,
        request_key: Option<&str>,
        commands: &[Command],
    ) -> Result<Versioned<Cart>> {
        let present = self.get(id).await?.body.id;
        self.change(present, |cart| cart.apply(request_key, commands)).await
    }

    /// Two steps, each of which may be repeated: the lines leave one cart, then arrive in the other.
    pub(crate) async fn merge(&self, from: CartId, into: CartId) -> Result<Versioned<Cart>> {
        let into = self.get(into).await?.body.id;
        if from == into {
            return self.get(into).await;
        }
        let left = self
            .change(from, |cart| {
                cart.refuse_if_completed()?;
                cart.merged_into.get_or_insert(into);
                Ok(())
            })
            .await?;
        let into = left.body.merged_into.unwrap_or(into);
        self.finish_merge(&left.body, into).await
    }

    pub(crate) async fn complete(&self, id: CartId, order: OrderId) -> Result<()> {
        self.change(id, |cart| cart.become_order(order)).await.map(|_| ())
    }

    async fn finish_merge(&self, from: &Cart, into: CartId) -> Result<Versioned<Cart>> {
        let present = self.read(into).await?;
        if present.body.order.is_some() {
            return Ok(present);
        }
        self.change(into, |cart| cart.take_in(from)).await
    }

    async fn read(&self, id: CartId) -> Result<Versioned<Cart>> {
        self.documents.get(&key(id)).await?.ok_or_else(|| error::cart_not_found(id))
    }

    async fn change(
        &self,
        id: CartId,
        change: impl FnMut(&mut Cart) -> Result<()>,
    ) -> Result<Versioned<Cart>> {
        let (mut cart, ()) =
            self.documents.update(&key(id), self.ttl, || error::cart_not_found(id), change).await?;
        cart.expires_at = self.now().plus(self.ttl);
        Ok(cart)
    }
}
