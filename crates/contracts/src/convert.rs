//! Between the messages that everyone shares and the kernel's types.

use argosy_kernel::{Error, Money, Result};

use crate::common;

impl From<Money> for common::Money {
    fn from(money: Money) -> Self {
        Self { minor: money.minor, currency: money.currency.code().to_owned() }
    }
}

impl TryFrom<&common::Money> for Money {
    type Error = Error;

    fn try_from(money: &common::Money) -> Result<Self> {
        Ok(Self::new(money.minor, money.currency.parse()?))
    }
}

impl TryFrom<common::Money> for Money {
    type Error = Error;

    fn try_from(money: common::Money) -> Result<Self> {
        Self::try_from(&money)
    }
}
