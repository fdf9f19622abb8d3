//! The steps by which an amount came about (law 12).

use std::sync::Arc;

use argosy_kernel::Money;

/// One step: which rule, in words, and the amount it gave. The texts are shared: a campaign says the same of every line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceStep {
    /// A stable name, e.g. `list_price`, `coupon:WELCOME10`, `tax:DE/standard`.
    pub rule: Arc<str>,
    /// The same for people.
    pub text: Arc<str>,
    /// What the step added, took away, or came to.
    pub amount: Money,
}

impl TraceStep {
    /// A step.
    pub fn new(rule: impl Into<Arc<str>>, text: impl Into<Arc<str>>, amount: Money) -> Self {
        Self { rule: rule.into(), text: text.into(), amount }
    }
}
