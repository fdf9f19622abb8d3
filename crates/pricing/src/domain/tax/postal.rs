//! Patterns of postal codes, such as `10115`, `9*` and `35-39`.

use std::fmt;

use super::super::place::compact;

/// The longest pattern, in characters.
const LENGTH_MAX: usize = 32;

/// Some postal codes of a country. Capitals, spaces and hyphens make no difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PostalPattern {
    /// This code.
    Exact(String),
    /// `9*`: the codes that begin so.
    Prefix(String),
    /// `35-39`: the codes whose first digits are from the one to the other. Both have as many digits, which tells them
    /// from a code with a hyphen such as Poland's `00-950`.
    Range(String, String),
}

/// How closely a pattern tells a place; the larger one counts.
pub(super) type Closeness = (u8, usize);

/// A text that is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be a postal code, the beginning of some such as 9*, or a range of digits such as 35-39")]
pub struct PostalPatternError;

impl PostalPattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, PostalPatternError> {
        let text = text.trim();
        if text.len() > LENGTH_MAX {
            return Err(PostalPatternError);
        }
        let is_code = |code: &str| !code.is_empty() && code.chars().all(char::is_alphanumeric);
        if let Some(prefix) = text.strip_suffix('*') {
            let prefix = compact(prefix);
            return if is_code(&prefix) { Ok(Self::Prefix(prefix)) } else { Err(PostalPatternError) };
        }
        if let Some((from, to)) = text.split_once('-') {
            let (from, to) = (from.trim(), to.trim());
            let digits = |end: &str| !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_digit());
            if digits(from) && digits(to) && from.len() == to.len() {
                return if from <= to {
                    Ok(Self::Range(from.into(), to.into()))
                } else {
                    Err(PostalPatternError)
                };
            }
        }
        let code = compact(text);
        if is_code(&code) { Ok(Self::Exact(code)) } else { Err(PostalPatternError) }
    }

    /// How closely it tells a code, which is compact; `None`: it is not about it.
    pub(super) fn closeness(&self, code: &str) -> Option<Closeness> {
        match self {
            Self::Exact(exact) => (exact == code).then_some((2, exact.len())),
            Self::Prefix(prefix) => code.starts_with(prefix.as_str()).then_some((1, prefix.len() * 2 + 1)),
            Self::Range(from, to) => {
                let start = code.get(..from.len())?;
                (start >= from.as_str() && start <= to.as_str()).then_some((1, from.len() * 2))
            }
        }
    }
}

impl fmt::Display for PostalPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(code) => f.write_str(code),
            Self::Prefix(prefix) => write!(f, "{prefix}*"),
            Self::Range(from, to) => write!(f, "{from}-{to}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_a_code_a_beginning_or_a_range() {
        let read = |text| PostalPattern::parse(text).unwrap();
        assert_eq!(read(" sw1a 1aa "), PostalPattern::Exact("SW1A1AA".into()));
        assert_eq!(read("bt*"), PostalPattern::Prefix("BT".into()));
        assert_eq!(read("35 - 39"), PostalPattern::Range("35".into(), "39".into()));
        assert_eq!(read("00-950"), PostalPattern::Exact("00950".into()), "a Polish code");
        for wrong in ["", "*", "-", "39-35", "a*b", "1,2", &"1".repeat(33)] {
            assert_eq!(PostalPattern::parse(wrong), Err(PostalPatternError), "{wrong}");
        }
    }

    #[test]
    fn the_closest_pattern_is_the_one_with_the_most_characters() {
        let of = |text| PostalPattern::parse(text).unwrap().closeness("35100");
        assert!(of("35100") > of("3510*"));
        assert!(of("3510*") > of("3500-3599"));
        assert!(of("35*") > of("35-39"));
        assert!(of("35-39") > of("3*"));
        assert_eq!(of("36*"), None);
        assert_eq!(PostalPattern::parse("350-359").unwrap().closeness("35"), None);
    }

    #[test]
    fn a_code_of_other_letters_does_not_break_a_range() {
        assert_eq!(PostalPattern::parse("35-39").unwrap().closeness("3\u{e9}1"), None);
    }
}
