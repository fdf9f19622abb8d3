//! Gift cards: their codes, and what is on them.

use argosy_kernel::{Currency, Error, Money, Result};

/// A gift card as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GiftCard {
    pub(crate) id: String,
    /// The end of its code.
    pub(crate) hint: String,
    pub(crate) issued: Money,
    /// What is on it, with what is held.
    pub(crate) balance: Money,
    /// What payments hold of it.
    pub(crate) held: Money,
    /// 0: never.
    pub(crate) expires_at_ms: i64,
    pub(crate) note: String,
    /// Its movements, the latest first.
    pub(crate) entries: Vec<GiftCardEntry>,
}

impl GiftCard {
    /// What a payment may hold of it now.
    pub(crate) fn available(&self, now_ms: i64) -> Result<Money> {
        let is_over = self.expires_at_ms != 0 && self.expires_at_ms <= now_ms;
        if is_over { Ok(Money::zero(self.balance.currency)) } else { Ok(self.balance.minus(self.held)?) }
    }

    /// Why a payment in a currency cannot be held of a card, or of none: a reason, and a text for people.
    pub(crate) fn why_not(
        card: Option<&Self>,
        currency: Currency,
        now_ms: i64,
    ) -> Result<(&'static str, String)> {
        let Some(card) = card else {
            return Ok(("GIFT_CARD_UNKNOWN", "There is no gift card with this code.".to_owned()));
        };
        if card.balance.currency != currency {
            let text = format!("This gift card is in {}.", card.balance.currency);
            return Ok(("GIFT_CARD_OTHER_CURRENCY", text));
        }
        if card.expires_at_ms != 0 && card.expires_at_ms <= now_ms {
            return Ok(("GIFT_CARD_EXPIRED", "This gift card has expired.".to_owned()));
        }
        let left = card.available(now_ms)?;
        let text = format!("There is {left} on this gift card, which is less than is to be paid.");
        Ok(("GIFT_CARD_TOO_SMALL", text))
    }
}

/// A movement of a gift card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GiftCardEntry {
    pub(crate) kind: String,
    pub(crate) reference: String,
    pub(crate) amount: i64,
    pub(crate) time_ms: i64,
}

/// The code of a gift card: whoever has it may spend it, so it is never stored, logged or shown again.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct CardCode(String);

/// Fewer could be guessed, however slowly one may try.
const LETTERS_MIN: usize = 12;
const LETTERS_MAX: usize = 40;
const HINT_LETTERS: usize = 4;

impl CardCode {
    /// Reads a code as people write it: small or large letters, with spaces or dashes.
    ///
    /// # Errors
    /// `INVALID_FIELD` for what no code can be.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let letters: String = text
            .chars()
            .filter(|letter| !letter.is_whitespace() && *letter != '-')
            .map(|letter| letter.to_ascii_uppercase())
            .collect();
        let is_code = (LETTERS_MIN..=LETTERS_MAX).contains(&letters.len())
            && letters.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_code {
            let message = format!("must have {LETTERS_MIN} to {LETTERS_MAX} letters and digits");
            return Err(Error::invalid_field("/code", message));
        }
        Ok(Self(letters))
    }

    /// The card's id: nobody can tell the code from it.
    pub(crate) fn card_id(&self) -> String {
        let digest = blake3::derive_key("argosy payments 2026 gift card", self.0.as_bytes());
        let mut id = data_encoding::BASE32HEX_NOPAD.encode(&digest[..16]);
        id.make_ascii_lowercase();
        format!("gift_{id}")
    }

    /// What tells a buyer's cards apart.
    pub(crate) fn hint(&self) -> &str {
        &self.0[self.0.len() - HINT_LETTERS..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_however_it_is_written() {
        let code = CardCode::read("GIFT-ABCD-EFGH-JKLM").unwrap();
        for written in ["gift abcd efgh jklm", " GIFTABCDEFGHJKLM ", "gift-abcd-efgh-jklm"] {
            assert_eq!(CardCode::read(written).unwrap().card_id(), code.card_id(), "{written}");
        }
        assert_eq!(code.hint(), "JKLM");
        assert!(!code.card_id().contains("abcd") && code.card_id().starts_with("gift_"));
        for wrong in ["", "short", "GIFT_ABCD_EFGH_JKLM", "ÄÖÜÄÖÜÄÖÜÄÖÜ", &"A".repeat(41)] {
            assert_eq!(CardCode::read(wrong).err().unwrap().fields()[0].pointer, "/code", "{wrong}");
        }
    }
}
