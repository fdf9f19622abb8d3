//! What providers are to forget: methods that were removed, and all of who is forgotten (law 11).

use std::time::Duration;

use argosy_kernel::Result;
use argosy_platform::{
    Host,
    bus::{Consumer, ConsumerSpec, Fact},
    database::Tx,
    jobs,
};
use async_trait::async_trait;
use serde::Deserialize;

use super::Wallets;
use crate::store::{LeavingCustomer, WalletStore};

/// How many providers are asked to forget at once; while one is away each costs next to nothing.
const FORGOTTEN_MAX: i64 = 100;
/// How many wallets are erased at once.
const ERASED_MAX: i64 = 1_000;
const ERASE_INTERVAL: Duration = Duration::from_hours(1);

impl Wallets {
    /// Has a provider forget a method that is barred here. Later, if it does not answer now.
    pub(super) async fn detach(&self, id: &str, provider: &str, reference: &str) -> Result<()> {
        let detached = match self.saving(provider) {
            Ok(saving) => self.payer.ask(provider, saving.detach(reference)).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &detached {
            tracing::warn!(payment.provider = provider, error = ?error, "a provider is to forget a removed method later");
        }
        self.store.note_detached(id, detached.is_ok()).await
    }

    async fn detach_all(&self) -> Result<()> {
        for one in self.store.to_detach(FORGOTTEN_MAX).await? {
            self.detach(&one.id, &one.provider, &one.reference).await?;
        }
        Ok(())
    }

    async fn forget_customers(&self) -> Result<()> {
        for one in self.store.leaving_customers(FORGOTTEN_MAX).await? {
            let forgotten = self.forget_customer(&one).await;
            if let Err(error) = &forgotten {
                tracing::warn!(payment.provider = one.provider, error = ?error, "a provider is to forget a customer later");
            }
            self.store.note_left(&one, forgotten.is_ok()).await?;
        }
        Ok(())
    }

    async fn forget_customer(&self, customer: &LeavingCustomer) -> Result<()> {
        let saving = self.saving(&customer.provider)?;
        let reference = if customer.reference.is_empty() {
            // It was asked for one, and the answer got lost: asked again it names the same.
            self.payer.ask(&customer.provider, saving.open_customer(customer.wallet_id)).await?
        } else {
            customer.reference.clone()
        };
        self.payer.ask(&customer.provider, saving.forget_customer(&reference)).await
    }

    /// Keeps looking for what is yet to be saved and forgotten.
    pub(crate) fn keep_going(&self, host: &Host, interval: Duration) {
        let wallets = self.clone();
        jobs::every(host, self.store.database(), "look after wallets", interval, move || {
            let wallets = wallets.clone();
            async move {
                wallets.remember_all().await?;
                wallets.end_setups().await?;
                wallets.detach_all().await?;
                wallets.forget_customers().await
            }
        });
        let wallets = self.clone();
        jobs::every(host, self.store.database(), "erase wallets", ERASE_INTERVAL, move || {
            let wallets = wallets.clone();
            async move {
                wallets.store.erase_removed().await?;
                wallets.store.erase_empty(ERASED_MAX).await
            }
        });
    }
}

/// Hears who is forgotten. Their wallets are closed and emptied in the transaction that notes the fact; again that finds
/// nothing.
pub(crate) struct PersonForgotten(pub(crate) WalletStore);

impl PersonForgotten {
    pub(crate) const SPEC: ConsumerSpec = ConsumerSpec {
        name: "payments.person_forgotten",
        source: "orders",
        kinds: &["orders.person_forgotten"],
        tries_max: 8,
    };
}

#[derive(Deserialize)]
struct Forgotten {
    person_id: String,
}

#[async_trait]
impl Consumer for PersonForgotten {
    async fn handle(&self, tx: &Tx, fact: &Fact) -> Result<()> {
        let forgotten: Forgotten = fact.read()?;
        self.0.forget_person(tx, &forgotten.person_id).await
    }
}
