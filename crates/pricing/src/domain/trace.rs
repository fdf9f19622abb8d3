//! The steps by which an amount came about (law 12).

use argosy_kernel::Money;

/// One step: which rule, in words, and the amount it gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceStep {
    /// A stable name, e.g. `list_price`, `coupon:WELCOME10`, `tax:DE/standard`.
    pub rule: String,
    /// The same for people.
    pub text: String,
    /// What the step added, took away, or came to.
    pub amount: Money,
}

impl TraceStep {
    /// A step.
    pub fn new(rule: impl Into<String>, text: impl Into<String>, amount: Money) -> Self {
        Self { rule: rule.into(), text: text.into(), amount }
    }
}
