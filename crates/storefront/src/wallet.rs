//! The visitor's wallet: what was saved to pay with on this device. A cookie holds its id and key, which no script reads.

use argosy_contracts::payments::{GetWalletRequest, OpenWalletRequest, SavedMethod};
use argosy_kernel::{Code, Ctx, Result, WalletId};
use http::{HeaderMap, HeaderValue, header};

use crate::{StorefrontConfig, shop::Shop};

const COOKIE: &str = "argosy_wallet";
const COOKIE_AGE_S: u32 = 365 * 24 * 3600;
const KEY_LENGTH_MAX: usize = 100;

/// What opens a wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WalletAccess {
    pub(crate) id: String,
    pub(crate) key: String,
}

/// A visitor's wallet, if they have one, and what is saved in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wallet {
    pub(crate) access: Option<WalletAccess>,
    pub(crate) methods: Vec<SavedMethod>,
}

impl WalletAccess {
    /// The one that the visitor's cookie names.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs =
            cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let (_, value) = pairs.find(|(name, _)| *name == COOKIE)?;
        let (id, key) = value.split_once('.')?;
        let is_key =
            (1..=KEY_LENGTH_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (id.parse::<WalletId>().is_ok() && is_key).then(|| Self { id: id.to_owned(), key: key.to_owned() })
    }

    /// Remembers it on this device.
    pub(crate) fn remember(&self, headers: &mut HeaderMap, config: &StorefrontConfig) {
        let secure = if config.is_secure() { "; Secure" } else { "" };
        let Self { id, key } = self;
        let cookie =
            format!("{COOKIE}={id}.{key}; HttpOnly; Path=/; Max-Age={COOKIE_AGE_S}; SameSite=Lax{secure}");
        if let Ok(value) = HeaderValue::try_from(cookie) {
            headers.append(header::SET_COOKIE, value);
        }
    }
}

impl Wallet {
    /// The visitor's. It shows nothing where there is none, or nobody answers who knows of it: that stops no purchase.
    pub(crate) async fn of(shop: &Shop, ctx: &Ctx, headers: &HeaderMap) -> Self {
        match WalletAccess::of(headers) {
            Some(access) => Self::opened(shop, ctx, access).await,
            None => Self::default(),
        }
    }

    /// What is in it now.
    pub(crate) async fn opened(shop: &Shop, ctx: &Ctx, access: WalletAccess) -> Self {
        let request = GetWalletRequest { wallet_id: access.id.clone(), key: access.key.clone() };
        match shop.clients.wallets.get_wallet(ctx, request).await {
            Ok(wallet) => Self { access: Some(access), methods: wallet.methods },
            Err(error) if error.reason() == "WALLET_NOT_FOUND" => Self::default(),
            Err(error) => {
                if error.code() != Code::Unimplemented {
                    tracing::warn!(error = ?error, "a wallet cannot be shown");
                }
                Self { access: Some(access), methods: Vec::new() }
            }
        }
    }

    /// What opens it; one is opened if there is none. `key` is a form's: sent twice it opens one.
    pub(crate) async fn or_opened(&self, shop: &Shop, ctx: &Ctx, key: &str) -> Result<WalletAccess> {
        if let Some(access) = &self.access {
            return Ok(access.clone());
        }
        let request = OpenWalletRequest { seed: key.to_owned() };
        let opened = shop.clients.wallets.open_wallet(ctx, request).await?;
        Ok(WalletAccess { id: opened.wallet_id, key: opened.key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cookie: &str) -> Option<WalletAccess> {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::try_from(cookie).unwrap());
        WalletAccess::of(&headers)
    }

    #[test]
    fn the_wallets_cookie_is_checked_and_hidden_from_scripts() {
        let access = WalletAccess { id: WalletId::new().to_string(), key: "0a1b".to_owned() };
        let cookie = format!("x=1; argosy_wallet={}.0a1b; y=2", access.id);
        assert_eq!(of(&cookie), Some(access.clone()));
        for wrong in ["argosy_wallet=", "argosy_wallet=wal_1.key", "argosy_wallet=x.y.z"] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
        assert_eq!(of(&format!("argosy_wallet={}.<script>", access.id)), None);
        let (mut plain, mut over_tls) = (HeaderMap::new(), HeaderMap::new());
        access.remember(&mut plain, &StorefrontConfig::default());
        let mut config = StorefrontConfig::default();
        config.shop.url = "https://shop.example".to_owned();
        access.remember(&mut over_tls, &config);
        let set = |headers: &HeaderMap| headers[header::SET_COOKIE].to_str().unwrap().to_owned();
        assert!(set(&plain).contains("HttpOnly") && set(&plain).contains("SameSite=Lax"));
        assert!(!set(&plain).contains("Secure") && set(&over_tls).contains("; Secure"));
    }
}
