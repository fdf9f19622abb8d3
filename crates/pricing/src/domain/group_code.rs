//! Codes that put a buyer into a group of customers.
//!
//! A merchant hands one out; whoever has it in their cart is in the group, and nobody is by saying so. A link with a signature
//! lost: it could not be listed, nor switched off by itself.

use argosy_kernel::Timestamp;

use super::{CouponCode, Rejection};

/// A code of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupCode {
    /// What is typed.
    pub code: CouponCode,
    /// The group.
    pub group: String,
    /// Until when it counts, not included.
    pub ends_at: Option<Timestamp>,
    /// Whether it counts at all.
    pub active: bool,
}

impl GroupCode {
    /// Whether it puts a buyer into its group now.
    ///
    /// # Errors
    /// [`Rejection::NotFound`] if it is switched off, [`Rejection::Expired`].
    pub fn check(&self, now: Timestamp) -> Result<(), Rejection> {
        match self.ends_at {
            _ if !self.active => Err(Rejection::NotFound),
            Some(ends_at) if now >= ends_at => Err(Rejection::Expired),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_counts_until_it_ends_or_is_switched_off() {
        let at = Timestamp::from_millis;
        let code = GroupCode {
            code: CouponCode::parse("dealer-1").unwrap(),
            group: "dealer".to_owned(),
            ends_at: Some(at(10)),
            active: true,
        };
        assert_eq!((code.check(at(9)), code.check(at(10))), (Ok(()), Err(Rejection::Expired)));
        let off = GroupCode { active: false, ends_at: None, ..code };
        assert_eq!(off.check(at(0)), Err(Rejection::NotFound));
    }
}
