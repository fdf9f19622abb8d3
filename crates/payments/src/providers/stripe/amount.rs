//! Amounts as Stripe wants them: in its own idea of each currency's minor unit.
//!
//! <https://docs.stripe.com/currencies>: some currencies have no minor unit there, two that have none in ISO 4217 are
//! written with two decimals that must be 00, and of three decimals the last must be 0.

use argosy_kernel::{Currency, Error, Money, Result};

/// Those that Stripe counts in whole units.
const WHOLE: [&str; 15] =
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];
/// Without a minor unit, and yet written with two decimals.
const WHOLE_IN_HUNDREDTHS: [&str; 2] = ["ISK", "UGX"];

/// How many decimals Stripe's unit stands for, and of what it must be a multiple.
fn unit_of(currency: Currency) -> (u32, i64) {
    let code = currency.code();
    if WHOLE.contains(&code) {
        (0, 1)
    } else if WHOLE_IN_HUNDREDTHS.contains(&code) {
        (2, 100)
    } else if currency.exponent() == 3 {
        (3, 10)
    } else {
        (2, 1)
    }
}

/// An amount in Stripe's unit.
///
/// # Errors
/// `AMOUNT_NOT_PAYABLE` if it has no such amount.
pub(super) fn to_stripe(amount: Money) -> Result<i64> {
    let (exponent, multiple) = unit_of(amount.currency);
    let ours = amount.currency.exponent();
    let scaled = if exponent >= ours {
        amount.minor.checked_mul(10_i64.pow(exponent - ours))
    } else {
        let factor = 10_i64.pow(ours - exponent);
        (amount.minor % factor == 0).then_some(amount.minor / factor)
    };
    scaled.filter(|scaled| scaled % multiple == 0).ok_or_else(|| not_payable(amount))
}

/// An amount of Stripe's.
///
/// # Errors
/// INTERNAL if there is no such amount here.
pub(super) fn from_stripe(amount: i64, currency: Currency) -> Result<Money> {
    let (exponent, ours) = (unit_of(currency).0, currency.exponent());
    let minor = if ours >= exponent {
        amount.checked_mul(10_i64.pow(ours - exponent))
    } else {
        let factor = 10_i64.pow(exponent - ours);
        (amount % factor == 0).then_some(amount / factor)
    };
    let minor = minor.ok_or_else(|| Error::internal(format!("Stripe says {amount} of {currency}")))?;
    Ok(Money::new(minor, currency))
}

fn not_payable(amount: Money) -> Error {
    let text = format!("{amount} cannot be paid by card");
    Error::precondition("AMOUNT_NOT_PAYABLE", text).with_field("/amount", "is finer than the provider takes")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn money(minor: i64, currency: &str) -> Money {
        Money::new(minor, currency.parse().unwrap())
    }

    #[test]
    fn law_1_amounts_keep_their_value_in_stripes_units() {
        assert_eq!(to_stripe(money(1_099, "EUR")).unwrap(), 1_099);
        assert_eq!(to_stripe(money(500, "JPY")).unwrap(), 500);
        assert_eq!(to_stripe(money(5, "ISK")).unwrap(), 500);
        assert_eq!(to_stripe(money(5, "UGX")).unwrap(), 500);
        assert_eq!(to_stripe(money(5_120, "KWD")).unwrap(), 5_120);
        assert_eq!(to_stripe(money(5_124, "KWD")).unwrap_err().reason(), "AMOUNT_NOT_PAYABLE");
        assert_eq!(to_stripe(money(500, "MGA")).unwrap(), 5);
        assert_eq!(to_stripe(money(501, "MGA")).unwrap_err().reason(), "AMOUNT_NOT_PAYABLE");
        assert!(from_stripe(501, "ISK".parse().unwrap()).is_err());
    }

    proptest! {
        #[test]
        fn law_1_what_stripe_is_told_it_tells_again(
            minor in 0_i64..1_000_000_000,
            currency in prop::sample::select(vec!["EUR", "USD", "JPY", "KRW", "ISK", "UGX", "KWD", "BHD", "MGA", "HUF", "TWD"]),
        ) {
            let amount = money(minor, currency);
            if let Ok(told) = to_stripe(amount) {
                prop_assert_eq!(from_stripe(told, amount.currency).unwrap(), amount);
            }
        }
    }
}
