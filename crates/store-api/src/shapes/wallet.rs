//! What buyers have saved to pay with.

use argosy_contracts::payments::{SavedMethod, Setup, Wallet};
use argosy_kernel::{Secret, WalletId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Plain, instant, text};

/// A new wallet.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct OpenedWallet {
    pub(crate) id: String,
    /// Whoever has it has the wallet: send it as `Wallet-Key`. It is told only here.
    pub(crate) key: String,
}

/// What a buyer has saved to pay with.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Wallet)]
pub(crate) struct WalletOut {
    id: String,
    /// The latest used first.
    methods: Vec<SavedMethodOut>,
}

/// A means of payment that is saved. Its number is the provider's alone.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = SavedMethod)]
pub(crate) struct SavedMethodOut {
    /// In the place of a token it pays, with its wallet.
    id: String,
    /// What `payment.provider` must be.
    provider: String,
    /// E.g. `card`.
    method: String,
    /// As the provider has it, e.g. `visa`.
    brand: Option<String>,
    last_four: Option<String>,
    /// 1 to 12.
    expiry_month: Option<u32>,
    expiry_year: Option<u32>,
    /// It cannot pay any more.
    is_expired: bool,
    #[schema(format = "date-time")]
    created_at: Option<String>,
    /// Unset: it has not paid yet.
    #[schema(format = "date-time")]
    last_used_at: Option<String>,
}

/// A means of payment on its way into a wallet.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Setup)]
pub(crate) struct SetupOut {
    id: String,
    wallet_id: String,
    provider: String,
    /// `processing`, `requires_action`, `saved` or `failed`.
    status: String,
    /// `requires_action`: where the buyer goes on.
    action_url: Option<String>,
    /// `requires_action`: with it the provider's own script in the buyer's browser goes on.
    client_secret: Option<String>,
    /// Stable, e.g. `DECLINED`.
    failure_reason: Option<String>,
    /// For people.
    failure_text: Option<String>,
    /// Once it is saved.
    method: Option<SavedMethodOut>,
}

/// What is to be saved. Never a card number: the provider gives the buyer's browser a token for it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"provider": "test", "token": "tok_ok"}))]
pub(crate) struct StartSetup {
    /// One under `/store/payment-methods` that can be saved.
    #[schema(value_type = String, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub(crate) provider: Plain,
    /// The provider's token. It is used once and never stored or shown.
    #[schema(value_type = String, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$", format = Password)]
    pub(crate) token: Secret<Plain>,
    /// Where the buyer comes back to if their bank sends them elsewhere; `setup=` with the id is added.
    #[schema(value_type = Option<String>, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub(crate) return_url: Option<Plain>,
}

/// The wallet that is paid with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PayingWallet {
    #[schema(value_type = String, pattern = "^wal_[0-9a-v]{25}[048cgkos]$")]
    pub(crate) id: WalletId,
    /// It is never stored or shown.
    #[schema(value_type = String, max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$", format = Password)]
    pub(crate) key: Secret<Plain>,
    /// Save in it what is paid with, once the payment is authorised.
    #[serde(default)]
    pub(crate) remember: bool,
}

impl From<Wallet> for WalletOut {
    fn from(wallet: Wallet) -> Self {
        Self { id: wallet.id, methods: wallet.methods.into_iter().map(Into::into).collect() }
    }
}

impl From<SavedMethod> for SavedMethodOut {
    fn from(method: SavedMethod) -> Self {
        let known = |number: u32| (number != 0).then_some(number);
        Self {
            id: method.id,
            provider: method.provider,
            method: method.method,
            brand: text(method.brand),
            last_four: text(method.last_four),
            expiry_month: known(method.expiry_month),
            expiry_year: known(method.expiry_year),
            is_expired: method.is_expired,
            created_at: instant(method.created_at_ms),
            last_used_at: instant(method.last_used_at_ms),
        }
    }
}

impl From<Setup> for SetupOut {
    fn from(setup: Setup) -> Self {
        Self {
            id: setup.id,
            wallet_id: setup.wallet_id,
            provider: setup.provider,
            status: setup.state,
            action_url: text(setup.action_url),
            client_secret: text(setup.client_secret),
            failure_reason: text(setup.failure_reason),
            failure_text: text(setup.failure_text),
            method: setup.method.map(Into::into),
        }
    }
}

impl SetupOut {
    pub(crate) fn url(&self) -> String {
        format!("/store/wallets/{}/setups/{}", self.wallet_id, self.id)
    }
}
