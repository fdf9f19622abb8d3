//! What a provider knows a card by.

use super::token::looks_like_card_number;

const LENGTH_MAX: usize = 64;

/// The same for the same card at one provider, whatever token stands for it. It is told on and never kept.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Fingerprint(String);

impl Fingerprint {
    /// What a provider says, if it can be one: a number of a card never is.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let is_one = (1..=LENGTH_MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic())
            && !looks_like_card_number(text);
        is_one.then(|| Self(text.to_owned()))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

/// It is about a person's card, so no log has it.
impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_number_is_no_fingerprint_and_no_log_has_one() {
        let read = Fingerprint::read("Xt5EWLLDS7FJjR1c").unwrap();
        assert_eq!((read.expose(), format!("{read:?}").as_str()), ("Xt5EWLLDS7FJjR1c", "***"));
        for wrong in ["", "4242424242424242", "4242-4242-4242-4242", "a b", &"x".repeat(65)] {
            assert_eq!(Fingerprint::read(wrong), None, "{wrong}");
        }
    }
}
