//! Why pricing refuses. The reasons are contract.

use argosy_kernel::{Code, Error};

use crate::domain::CouponCode;

/// A buyer cannot say what they pay.
pub(crate) fn staff_only(what: &str) -> Error {
    Error::new(Code::PermissionDenied, "STAFF_ONLY", format!("only staff can {what}"))
}

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

/// The buyer has had all uses that one may have.
pub(crate) fn code_exhausted_for_buyer(code: &CouponCode) -> Error {
    Error::precondition("CODE_EXHAUSTED_FOR_BUYER", format!("the code {code} was used by this buyer before"))
}

/// A code is limited for each buyer, and the request does not say who buys.
pub(crate) fn buyer_unknown(code: &CouponCode) -> Error {
    Error::precondition("BUYER_UNKNOWN", format!("the code {code} needs to know who uses it"))
}

/// What the code takes off is more than is left of its budget.
pub(crate) fn code_budget_spent(code: &CouponCode) -> Error {
    Error::precondition("CODE_BUDGET_SPENT", format!("the budget of the code {code} is spent"))
}

/// There is no such code of a group.
pub(crate) fn group_code_not_found(code: &CouponCode) -> Error {
    Error::not_found("CODE_NOT_FOUND", format!("there is no code {code} of a group"))
}

/// A promotion that was used as a code cannot become a pool.
pub(crate) fn pool_used(code: &CouponCode) -> Error {
    Error::precondition("POOL_USED", format!("the code {code} was used itself; make codes of a new one"))
}

/// A campaign counted as often as it may.
pub(crate) fn campaign_exhausted(name: &str) -> Error {
    Error::precondition("CAMPAIGN_EXHAUSTED", format!("the campaign {name} has been used up"))
}

/// The buyer has had a campaign as often as one may.
pub(crate) fn campaign_exhausted_for_buyer(name: &str) -> Error {
    let message = format!("the campaign {name} was used by this buyer before");
    Error::precondition("CAMPAIGN_EXHAUSTED_FOR_BUYER", message)
}

/// What a campaign takes off is more than is left of its budget.
pub(crate) fn campaign_budget_spent(name: &str) -> Error {
    Error::precondition("CAMPAIGN_BUDGET_SPENT", format!("the budget of the campaign {name} is spent"))
}

/// A campaign is limited for each buyer, and the request does not say who buys.
pub(crate) fn campaign_buyer_unknown(name: &str) -> Error {
    Error::precondition("BUYER_UNKNOWN", format!("the campaign {name} needs to know who uses it"))
}
