//! Why pricing refuses. The reasons are contract.

use argosy_kernel::Error;

use crate::domain::CouponCode;

/// Every use of the code is taken.
pub(crate) fn code_exhausted(code: &CouponCode) -> Error {
    Error::precondition("CODE_EXHAUSTED", format!("the code {code} has been used up"))
}

/// There is no promotion behind the code.
pub(crate) fn code_not_found(code: &CouponCode) -> Error {
    Error::precondition("CODE_NOT_FOUND", format!("there is no code {code}"))
}

/// The redemption was given back, so it cannot be taken again.
pub(crate) fn redemption_released() -> Error {
    Error::precondition("REDEMPTION_RELEASED", "these uses were given back already")
}

/// The same id came before with other codes.
pub(crate) fn redemption_differs() -> Error {
    Error::precondition("REDEMPTION_DIFFERS", "this redemption id was used for other codes")
}
