//! What a buyer types to get a discount.

use std::fmt;

/// The longest code, in characters.
pub const CODE_LENGTH_MAX: usize = 64;

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
    fn a_code_is_compared_without_case_and_outer_space() {
        assert_eq!(CouponCode::parse(" welcome10\n"), CouponCode::parse("WELCOME10"));
        assert_eq!(CouponCode::parse("ärger").unwrap().as_str(), "ÄRGER");
        assert_eq!(CouponCode::parse("  "), Err(CodeError));
        assert_eq!(CouponCode::parse("A\u{0}B"), Err(CodeError));
        assert_eq!(CouponCode::parse(&"x".repeat(65)), Err(CodeError));
    }
}
