//! Paying with what is saved, and saving what is paid with.

use argosy_contracts::payments::AuthoriseRequest;
use argosy_kernel::{Error, Result, SavedMethodId};
use argosy_platform::crash;

use super::Wallets;
use crate::{
    domain::{Intent, Remembers, SavedMethod, State, WalletUse},
    error,
    providers::Payment,
    store::{NewMethod, UseOf},
};

/// How many payments are looked after at once.
const REMEMBERED_MAX: i64 = 50;

/// What pays, once a wallet was looked into.
pub(crate) struct Paying {
    /// The provider's token.
    pub(crate) token: String,
    pub(crate) wallet: WalletUse,
}

impl Wallets {
    /// What a request to pay pays with. Of a payment that is known already it is only asked what it was.
    ///
    /// # Errors
    /// `WALLET_NOT_FOUND`, `SAVED_METHOD_NOT_FOUND`, `SAVED_METHOD_REMOVED`, `SAVED_METHOD_EXPIRED`.
    pub(crate) async fn paying(&self, request: &AuthoriseRequest) -> Result<Paying> {
        let saved =
            request.token.strip_prefix(SavedMethodId::PREFIX).is_some_and(|rest| rest.starts_with('_'));
        if request.wallet_id.is_empty() {
            let token = request.token.clone();
            if saved {
                let message = "a saved method pays with its wallet only: name it, and its key";
                return Err(Error::invalid_field("/payment/wallet", message));
            }
            return Ok(Paying { token, wallet: WalletUse::default() });
        }
        let wallet_id = self.opened(&request.wallet_id, &request.wallet_key).await?;
        let mut wallet = WalletUse { wallet_id: Some(wallet_id), ..WalletUse::default() };
        let token = if saved {
            let id: SavedMethodId = request.token.parse()?;
            let method = self.store.method(wallet_id, id).await?;
            let method = method.filter(|method| method.provider == request.provider);
            let method = method.ok_or_else(|| error::saved_method_not_found(id))?;
            self.check(&method)?;
            wallet.method_id = Some(id);
            method.card.reference
        } else {
            let can = self.payer.provider(&request.provider)?.saving().is_some();
            // A wallet that is full stops no purchase.
            if request.remember && can && self.store.count(wallet_id).await? < self.limits.methods {
                wallet.remembers = Remembers::Asked;
            }
            request.token.clone()
        };
        if !request.person_id.is_empty() {
            self.store.tie(wallet_id, &request.person_id).await?;
        }
        Ok(Paying { token, wallet })
    }

    fn check(&self, method: &SavedMethod) -> Result<()> {
        if method.is_removed {
            return Err(error::saved_method_removed(method.id));
        }
        if method.card.expiry.is_over(self.clock.now()) {
            return Err(error::saved_method_expired(method.id));
        }
        Ok(())
    }

    /// What the provider calls the owner of a payment's wallet; empty: the payment has nothing to do with one.
    pub(crate) async fn customer_of(&self, intent: &Intent) -> Result<String> {
        match intent.wallet {
            WalletUse { wallet_id: Some(wallet), method_id: Some(_), .. }
            | WalletUse { wallet_id: Some(wallet), remembers: Remembers::Asked | Remembers::Done, .. } => {
                self.customer(wallet, &intent.provider).await
            }
            _ => Ok(String::new()),
        }
    }

    /// Saves what an authorised payment was made with, if it is to be, and notes when a saved method paid. What cannot be done
    /// now a job does: no purchase waits for it.
    pub(crate) async fn paid(&self, intent: &Intent) {
        let has_paid = intent.state == State::Authorised || intent.state.has_taken();
        if !has_paid {
            return;
        }
        if let Some(id) = intent.wallet.method_id
            && let Err(error) = self.store.note_used(id).await
        {
            tracing::warn!(intent.id = %intent.id, error = ?error, "it cannot be noted that a saved method paid");
        }
        if intent.wallet.remembers == Remembers::Asked
            && let Err(error) = self.remember(intent).await
        {
            tracing::warn!(intent.id = %intent.id, error = ?error, "what paid is saved later");
        }
    }

    /// Saves what a decided payment was made with. One that came to nothing saves nothing: if its provider keeps the card all
    /// the same, it is to forget it.
    async fn remember(&self, intent: &Intent) -> Result<()> {
        let Some(wallet_id) = intent.wallet.wallet_id else {
            return self.store.remember(intent.id, None).await;
        };
        let saving = self.saving(&intent.provider)?;
        let customer = self.customer(wallet_id, &intent.provider).await?;
        let payment = Payment::from(intent);
        let card = if intent.provider_reference.is_empty() {
            None
        } else {
            self.payer.ask(&intent.provider, saving.card_of(&payment, &customer)).await?
        };
        crash::point("payments.before_remembered");
        let (provider, method) = (&*intent.provider, &*intent.method);
        let use_of = if intent.state.is_over() { UseOf::Unwanted } else { UseOf::Wanted };
        let new = card.as_ref().map(|card| NewMethod { wallet_id, provider, method, card, use_of });
        self.store.remember(intent.id, new.as_ref()).await
    }

    /// Goes on with what was not saved yet.
    pub(super) async fn remember_all(&self) -> Result<()> {
        for id in self.store.to_remember(REMEMBERED_MAX).await? {
            let intent = self.payer.intent(id).await?;
            match self.remember(&intent).await {
                Err(error) if error.is_transient() => {
                    tracing::warn!(intent.id = %id, error = ?error, "what paid cannot be saved yet");
                }
                Err(error) => {
                    tracing::error!(intent.id = %id, error = ?error, "what paid cannot be saved");
                    self.store.remember(id, None).await?;
                }
                Ok(()) => {}
            }
        }
        Ok(())
    }
}
