//! What can be asked of a cart.

use argosy_kernel::{Currency, LineId, VariantId};

/// One change. Ids of new lines are chosen before, so that applying it again to a newer version is the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    /// Adds to the line of the same variant, or makes one.
    Add { line: LineId, variant: VariantId, quantity: i64 },
    /// Sets a line's quantity; 0 removes it.
    SetQuantity { line: LineId, quantity: i64 },
    /// Removes a line; one that is gone already stays gone.
    Remove { line: LineId },
    /// Adds a coupon code, once.
    AddCode { code: String },
    /// Removes a coupon code.
    RemoveCode { code: String },
    /// Wraps all units of a line in what a fee of this name offers, with a message; empty: in nothing.
    SetWrap { line: LineId, wrap: String, message: String },
    /// Prices the cart in another currency, as a market has it; empty: which one is not said.
    SetCurrency { currency: Currency, market: String },
}
