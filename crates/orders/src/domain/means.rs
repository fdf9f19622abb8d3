//! What a buyer pays with: known only while the buyer's own request is being answered, and stored nowhere.

use std::fmt;

use argosy_contracts::orders::CompleteCheckoutRequest;

/// A provider's token, or what stands for one in a wallet.
#[derive(Clone, Default)]
pub(crate) struct Means {
    pub(crate) token: String,
    pub(crate) wallet: Option<WalletAccess>,
}

/// What opens a wallet of `payments`.
#[derive(Clone)]
pub(crate) struct WalletAccess {
    pub(crate) id: String,
    pub(crate) key: String,
    /// What is paid with is to be saved there.
    pub(crate) remember: bool,
}

impl Means {
    pub(crate) fn of(request: &CompleteCheckoutRequest) -> Self {
        let wallet = (!request.wallet_id.is_empty()).then(|| WalletAccess {
            id: request.wallet_id.clone(),
            key: request.wallet_key.clone(),
            remember: request.remember,
        });
        Self { token: request.token.clone(), wallet }
    }
}

impl fmt::Debug for Means {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
