//! What may stand in the place of a payment token.

use argosy_kernel::Result;

use crate::error;

const LENGTH_MAX: usize = 255;

/// Refuses what no provider gives out, and above all a card number: it must never get further than here.
pub(crate) fn check_token(token: &str) -> Result<()> {
    if token.is_empty() || token.len() > LENGTH_MAX {
        return Err(error::invalid_token("must have 1 to 255 characters"));
    }
    if looks_like_card_number(token) {
        return Err(error::invalid_token("must be a token of the payment provider, never a card number"));
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':');
    if !token.bytes().all(allowed) {
        return Err(error::invalid_token("may hold letters, digits and _ - . : only"));
    }
    Ok(())
}

/// 13 to 19 digits, spaced or not, whose Luhn sum (ISO/IEC 7812-1) is right.
pub(super) fn looks_like_card_number(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|letter| letter.to_digit(10)).collect();
    let only_digits = text.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, ' ' | '-' | '.'));
    if !only_digits || !(13..=19).contains(&digits.len()) {
        return false;
    }
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => *digit,
            (_, doubled) if doubled > 9 => doubled - 9,
            (_, doubled) => doubled,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_number_is_refused_in_any_spelling() {
        for number in ["4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242"] {
            assert!(check_token(number).unwrap_err().message().contains("never a card number"), "{number}");
        }
        assert!(check_token("tok_ok").is_ok());
        assert!(check_token("4242424242424241").is_ok());
        assert!(check_token("").is_err());
        assert!(check_token("tok ok").is_err());
        assert!(check_token(&"x".repeat(256)).is_err());
    }
}
