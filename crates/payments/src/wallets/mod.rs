//! Wallets: what buyers have saved to pay with, at the providers that keep it.
//!
//! There are no accounts: who has a wallet's key has the wallet, and an account will own wallets later. What a provider
//! keeps it keeps for a customer of its own, who is one a wallet and tells nothing of a person.

mod leaving;
mod paying;
mod setups;

use std::sync::Arc;

use argosy_contracts::payments::{
    GetWalletRequest, OpenWalletRequest, OpenWalletResponse, RemoveMethodRequest, SavedMethod as WireMethod,
    Setup as WireSetup, SetupRequest, StartSetupRequest, Wallet as WireWallet, WalletsApi,
};
use argosy_kernel::{Clock, Ctx, Error, Result, SavedMethodId, Timestamp, WalletId};
use argosy_platform::crash;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

pub(crate) use self::leaving::PersonForgotten;
use crate::{
    domain::{SavedMethod, digest_of_key, new_wallet},
    error,
    payer::Payer,
    providers::Saving,
    store::{WalletLimits, WalletStore},
};

/// A shorter seed may be guessed.
const SEED_LENGTH: std::ops::RangeInclusive<usize> = 20..=100;

/// How much a wallet may hold.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WalletsConfig {
    /// Methods that one wallet holds; 0: nothing can be saved.
    pub methods_max: u32,
    /// Methods that may be added to one wallet within an hour without a purchase, whether their banks agree or not.
    pub setups_per_hour_max: u32,
}

impl Default for WalletsConfig {
    fn default() -> Self {
        Self { methods_max: 10, setups_per_hour_max: 10 }
    }
}

/// Wallets, and what providers are asked for them.
#[derive(Clone)]
pub(crate) struct Wallets {
    payer: Payer,
    store: WalletStore,
    limits: WalletLimits,
    clock: Arc<dyn Clock>,
}

impl Wallets {
    pub(crate) fn new(
        payer: Payer,
        store: WalletStore,
        config: &WalletsConfig,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let limits = WalletLimits {
            methods: config.methods_max.into(),
            setups_per_hour: config.setups_per_hour_max.into(),
        };
        Self { payer, store, limits, clock }
    }

    pub(crate) fn store(&self) -> &WalletStore {
        &self.store
    }

    /// Whether anything can be saved.
    pub(crate) fn is_on(&self) -> bool {
        self.limits.methods > 0
    }

    /// The wallet that whoever asks has the key of.
    async fn opened(&self, id: &str, key: &str) -> Result<WalletId> {
        let id: WalletId = id.parse()?;
        if self.store.is_opened_by(id, &digest_of_key(key)).await? {
            return Ok(id);
        }
        Err(error::wallet_not_found(id))
    }

    fn saving(&self, provider: &str) -> Result<&dyn Saving> {
        self.payer.provider(provider)?.saving().ok_or_else(|| error::not_saveable(provider))
    }

    /// What the provider calls the owner of a wallet: asked for once, and noted before and after.
    async fn customer(&self, wallet: WalletId, provider: &str) -> Result<String> {
        if let Some(known) = self.store.customer(wallet, provider).await? {
            return Ok(known);
        }
        let saving = self.saving(provider)?;
        crash::point("payments.before_customer");
        let reference = self.payer.ask(provider, saving.open_customer(wallet)).await?;
        crash::point("payments.after_customer");
        self.store.note_customer(wallet, provider, &reference).await?;
        let known = self.store.customer(wallet, provider).await?;
        Ok(known.unwrap_or(reference))
    }

    async fn wallet(&self, id: WalletId) -> Result<WireWallet> {
        let now = self.clock.now();
        let methods = self.store.methods(id).await?;
        let methods = methods.into_iter().map(|method| to_wire(method, now)).collect();
        Ok(WireWallet { id: id.to_string(), methods })
    }
}

fn to_wire(method: SavedMethod, now: Timestamp) -> WireMethod {
    let card = method.card;
    WireMethod {
        id: method.id.to_string(),
        provider: method.provider,
        method: method.method,
        brand: card.brand,
        last_four: card.last_four,
        expiry_month: card.expiry.month.into(),
        expiry_year: card.expiry.year.into(),
        is_expired: card.expiry.is_over(now),
        created_at_ms: method.created_at_ms,
        last_used_at_ms: method.last_used_at_ms,
    }
}

#[async_trait]
impl WalletsApi for Wallets {
    async fn open_wallet(&self, _ctx: &Ctx, request: OpenWalletRequest) -> Result<OpenWalletResponse> {
        let seed = request.seed.as_bytes();
        if !seed.is_empty() && !SEED_LENGTH.contains(&seed.len()) {
            return Err(Error::invalid_field("/seed", "must have 20 to 100 characters, or be left out"));
        }
        let (id, key) =
            if seed.is_empty() { new_wallet(&rand::random::<[u8; 32]>()) } else { new_wallet(seed) };
        self.store.open(id, &digest_of_key(&key)).await?;
        Ok(OpenWalletResponse { wallet_id: id.to_string(), key })
    }

    async fn get_wallet(&self, _ctx: &Ctx, request: GetWalletRequest) -> Result<WireWallet> {
        let id = self.opened(&request.wallet_id, &request.key).await?;
        self.wallet(id).await
    }

    async fn start_setup(&self, ctx: &Ctx, request: StartSetupRequest) -> Result<WireSetup> {
        self.begin(ctx, request).await
    }

    async fn finish_setup(&self, _ctx: &Ctx, request: SetupRequest) -> Result<WireSetup> {
        let setup = self.setup_of(&request).await?;
        let setup = self.look(setup).await?;
        self.shown(setup).await
    }

    async fn get_setup(&self, _ctx: &Ctx, request: SetupRequest) -> Result<WireSetup> {
        let setup = self.setup_of(&request).await?;
        self.shown(setup).await
    }

    async fn remove_method(&self, _ctx: &Ctx, request: RemoveMethodRequest) -> Result<WireWallet> {
        let wallet = self.opened(&request.wallet_id, &request.key).await?;
        let id: SavedMethodId = request.method_id.parse()?;
        let method = self.store.method(wallet, id).await?.ok_or_else(|| error::saved_method_not_found(id))?;
        if !method.is_removed {
            self.store.bar(id).await?;
            crash::point("payments.after_barred");
            // What cannot be done now a job does.
            self.detach(&id.to_string(), &method.provider, &method.card.reference).await?;
        }
        self.wallet(wallet).await
    }
}
