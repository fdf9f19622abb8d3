//! What is saved of a means of payment, and how saving one comes out.

use argosy_kernel::{SavedMethodId, SetupId, Timestamp, WalletId};

/// Longer names of brands are cut off.
const BRAND_LENGTH_MAX: usize = 24;
/// How long a key of a wallet is, in letters.
const KEY_LENGTH: usize = 32;

/// A card as its provider tells of it: enough for its owner to know it, and nothing that it could be used with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Card {
    /// The provider's own name for it.
    pub(crate) reference: String,
    /// In small letters; empty: not known.
    pub(crate) brand: String,
    pub(crate) last_four: String,
    pub(crate) expiry: Expiry,
}

impl Card {
    /// What a provider says, as far as it can be what it should be: of digits there are never more than four.
    pub(crate) fn read(reference: &str, brand: &str, last_four: &str, expiry: Expiry) -> Self {
        let is_name = |byte: &char| byte.is_ascii_alphanumeric() || matches!(byte, '_' | '-');
        let brand = brand.chars().filter(is_name).take(BRAND_LENGTH_MAX).collect::<String>();
        let is_four = last_four.len() == 4 && last_four.bytes().all(|byte| byte.is_ascii_digit());
        Self {
            reference: reference.to_owned(),
            brand: brand.to_ascii_lowercase(),
            last_four: if is_four { last_four.to_owned() } else { String::new() },
            expiry,
        }
    }
}

/// The last month in which a card is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Expiry {
    pub(crate) year: u16,
    /// From 1; 0: not known.
    pub(crate) month: u8,
}

impl Expiry {
    /// Not known, if it is no month of these centuries.
    pub(crate) fn new(year: i64, month: i64) -> Self {
        match (u16::try_from(year), u8::try_from(month)) {
            (Ok(year @ 2000..=2999), Ok(month @ 1..=12)) => Self { year, month },
            _ => Self { year: 0, month: 0 },
        }
    }

    /// Whether its last month is over.
    pub(crate) fn is_over(self, now: Timestamp) -> bool {
        let last = format!("{:04}-{:02}", self.year, self.month);
        // RFC 3339 sorts as time does.
        self.month != 0 && now.to_string().get(..7).is_some_and(|present| *last < *present)
    }
}

/// A means of payment in a wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SavedMethod {
    pub(crate) id: SavedMethodId,
    pub(crate) wallet_id: WalletId,
    pub(crate) provider: String,
    pub(crate) method: String,
    pub(crate) card: Card,
    pub(crate) created_at_ms: i64,
    pub(crate) last_used_at_ms: i64,
    pub(crate) is_removed: bool,
}

/// How saving a means of payment without a purchase stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setup {
    pub(crate) id: SetupId,
    pub(crate) wallet_id: WalletId,
    pub(crate) request_digest: String,
    pub(crate) provider: String,
    pub(crate) method: String,
    /// The provider's own name for it; empty: it was not asked yet.
    pub(crate) provider_reference: String,
    pub(crate) state: SetupState,
    pub(crate) action_url: String,
    pub(crate) client_secret: String,
    pub(crate) failure_reason: String,
    pub(crate) failure_text: String,
    pub(crate) method_id: Option<SavedMethodId>,
}

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SetupState {
    /// The provider's answer is not known.
    Processing,
    /// The buyer must do something at the provider.
    RequiresAction,
    /// It is in the wallet.
    Saved,
    /// It came to nothing.
    Failed,
}

impl SetupState {
    pub(crate) const ALL: [Self; 4] = [Self::Processing, Self::RequiresAction, Self::Saved, Self::Failed];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::RequiresAction => "requires_action",
            Self::Saved => "saved",
            Self::Failed => "failed",
        }
    }

    /// Whether the provider's answer may still decide it.
    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::Processing | Self::RequiresAction)
    }
}

/// What a provider says of a means of payment that it is to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kept {
    /// Not decided yet.
    Processing,
    /// The buyer must do something first.
    RequiresAction { url: String, client_secret: String },
    /// It keeps it.
    Saved(Card),
    /// No.
    Declined { reason: String, text: String },
}

/// What a payment has to do with a wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct WalletUse {
    pub(crate) wallet_id: Option<WalletId>,
    /// What pays was saved there.
    pub(crate) method_id: Option<SavedMethodId>,
    pub(crate) remembers: Remembers,
}

/// Whether what pays is to be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Remembers {
    #[default]
    No,
    /// Once the payment is authorised.
    Asked,
    /// It is saved, or will never be.
    Done,
}

impl Remembers {
    pub(crate) const fn as_stored(self) -> i64 {
        match self {
            Self::No => 0,
            Self::Asked => 1,
            Self::Done => 2,
        }
    }

    pub(crate) const fn of_stored(stored: i64) -> Self {
        match stored {
            0 => Self::No,
            1 => Self::Asked,
            _ => Self::Done,
        }
    }
}

/// A new wallet and its key: whoever has that has the wallet. From the same seed they are the same.
pub(crate) fn new_wallet(seed: &[u8]) -> (WalletId, String) {
    let id = blake3::derive_key("argosy 2026 id of a wallet", seed);
    let key = blake3::derive_key("argosy 2026 secret of a wallet", seed);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&id[..16]);
    (WalletId::from_bytes(bytes), hex(&key)[..KEY_LENGTH].to_owned())
}

fn hex(bytes: &[u8; 32]) -> String {
    blake3::Hash::from(*bytes).to_hex().to_string()
}

/// What is kept of a key.
pub(crate) fn digest_of_key(key: &str) -> String {
    hex(&blake3::derive_key("argosy 2026 key of a wallet", key.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_good_until_its_month_is_over() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let april = Expiry::new(2029, 4);
        assert!(!april.is_over(at("2029-04-30T23:59:59Z")));
        assert!(april.is_over(at("2029-05-01T00:00:00Z")));
        assert!(!Expiry::new(2029, 12).is_over(at("2029-01-01T00:00:00Z")));
        assert!(Expiry::new(2028, 12).is_over(at("2029-01-01T00:00:00Z")));
        assert!(!Expiry::new(0, 0).is_over(at("2029-01-01T00:00:00Z")), "what is not known is not over");
        assert_eq!(Expiry::new(2029, 13), Expiry::new(0, 0));
    }

    #[test]
    fn never_more_than_four_digits_of_a_card_are_kept() {
        let good = Card::read("pm_1", "Visa", "4242", Expiry::new(2029, 4));
        assert_eq!((good.brand.as_str(), good.last_four.as_str()), ("visa", "4242"));
        for wrong in ["4242424242424242", "424", "42 42", ""] {
            assert_eq!(Card::read("pm_1", "visa", wrong, Expiry::new(2029, 4)).last_four, "");
        }
        assert_eq!(Card::read("pm_1", "<b>Visa</b>", "1", Expiry::new(0, 0)).brand, "bvisab");
    }

    #[test]
    fn a_key_is_not_told_by_its_digest() {
        let ((id, one), (other, two)) = (new_wallet(b"1"), new_wallet(b"2"));
        assert!(id != other && one != two && one.len() == KEY_LENGTH);
        assert_eq!(new_wallet(b"1"), (id, one.clone()), "who asks twice gets the same");
        assert_ne!(digest_of_key(&one), one);
        assert_eq!(digest_of_key(&one), digest_of_key(&one));
    }
}
