//! What a provider does that keeps means of payment for customers of its own, of whom we know no more than their wallet.

use argosy_kernel::{Result, SetupId, WalletId};
use async_trait::async_trait;

use super::{Means, Payment};
use crate::domain::{Card, Kept};

/// A means of payment that is to be kept without a purchase.
pub(crate) struct SetupAsked<'a> {
    /// Also the key.
    pub(crate) setup_id: SetupId,
    /// The provider's own name for it; empty: not known.
    pub(crate) provider_reference: &'a str,
    /// What the provider calls the wallet's owner.
    pub(crate) customer: &'a str,
}

/// A provider that keeps means of payment. Errors are as [`super::Provider`]'s.
#[async_trait]
pub(crate) trait Saving: Send + Sync {
    /// The provider's name for the owner of a wallet, once a wallet.
    async fn open_customer(&self, wallet: WalletId) -> Result<String>;
    /// The card that a payment was made with, if the provider keeps it for this customer.
    async fn card_of(&self, payment: &Payment<'_>, customer: &str) -> Result<Option<Card>>;
    /// Makes a setup known before the card is shown to its bank, and answers the provider's name for it.
    async fn prepare_setup(&self, setup: &SetupAsked<'_>) -> Result<String>;
    /// Has the bank asked and the card kept.
    async fn confirm_setup(&self, setup: &SetupAsked<'_>, means: Means<'_>) -> Result<Kept>;
    /// Asks how a setup stands.
    async fn find_setup(&self, setup: &SetupAsked<'_>) -> Result<Kept>;
    /// Ends a setup that nobody goes on with; answers how it stands then.
    async fn drop_setup(&self, setup: &SetupAsked<'_>) -> Result<Kept>;
    /// Keeps a card no longer. Again changes nothing.
    async fn detach(&self, reference: &str) -> Result<()>;
    /// Erases a customer with all that is kept for them. Again changes nothing.
    async fn forget_customer(&self, reference: &str) -> Result<()>;
}
