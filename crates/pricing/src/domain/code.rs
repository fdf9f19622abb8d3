//! What a buyer types to get a discount.

use std::fmt;

/// The longest code, in characters.
pub const CODE_LENGTH_MAX: usize = 64;

const DERIVED_LETTERS: usize = 10;
/// Crockford's: without I, L, O and U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A coupon code in the form it is compared in: trimmed and in capitals, so `welcome10 ` is `WELCOME10`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CouponCode(String);

/// A text that no coupon code can be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {CODE_LENGTH_MAX} characters without control characters")]
pub struct CodeError;

impl CouponCode {
    /// Reads what was typed. Only its form is checked; whether the code exists is another question.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let trimmed = text.trim();
        let length = trimmed.chars().take(CODE_LENGTH_MAX + 1).count();
        if length == 0 || length > CODE_LENGTH_MAX || trimmed.chars().any(char::is_control) {
            return Err(CodeError);
        }
        Ok(Self(trimmed.to_uppercase()))
    }

    /// The code of a number that is made of this one, such as `SPRING-7Q4M2XKD9T`; `None`: it would be too long. It has 50
    /// bits of a digest of the seed, so who knows some codes can guess no other; letters and digits that look alike are
    /// left out.
    pub fn derived(&self, seed: &str, number: u32) -> Option<Self> {
        let mut hasher = blake3::Hasher::new_derive_key("argosy 2026 codes of a pool");
        for part in [self.0.as_bytes(), seed.as_bytes(), &number.to_le_bytes()] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        let digest = hasher.finalize();
        let letters =
            digest.as_bytes().iter().take(DERIVED_LETTERS).map(|byte| ALPHABET[usize::from(byte % 32)]);
        let code = format!("{}-{}", self.0, letters.map(char::from).collect::<String>());
        (code.chars().count() <= CODE_LENGTH_MAX).then_some(Self(code))
    }

    /// In capitals.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CouponCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_a_pool_are_the_same_for_the_same_seed_and_else_differ() {
        let pool = CouponCode::parse("spring").unwrap();
        let of = |seed: &str, number| pool.derived(seed, number).unwrap();
        assert_eq!(of("seed", 7), of("seed", 7));
        assert!(of("seed", 7).as_str().starts_with("SPRING-") && of("seed", 7).as_str().len() == 17);
        let mut all: Vec<CouponCode> = (0..1_000).map(|number| of("seed", number)).collect();
        all.extend((0..1_000).map(|number| of("other", number)));
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 2_000);
        assert_eq!(CouponCode::parse(&"x".repeat(60)).unwrap().derived("seed", 0), None);
    }

    #[test]
    fn a_code_is_compared_without_case_and_outer_space() {
        assert_eq!(CouponCode::parse(" welcome10\n"), CouponCode::parse("WELCOME10"));
        assert_eq!(CouponCode::parse("ärger").unwrap().as_str(), "ÄRGER");
        assert_eq!(CouponCode::parse("  "), Err(CodeError));
        assert_eq!(CouponCode::parse("A\u{0}B"), Err(CodeError));
        assert_eq!(CouponCode::parse(&"x".repeat(65)), Err(CodeError));
    }
}
