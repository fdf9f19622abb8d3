//! The steps by which an amount came about (law 12).

use std::rc::Rc;

use argosy_kernel::Money;

/// One step: which rule, in words, and the amount it gave. The texts are shared: a campaign says the same of every line. They
/// are so within one quote, which is made at one go: counting them with `Arc` took a quarter of the time of a quote that many
/// campaigns are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceStep {
    /// A stable name, e.g. `list_price`, `coupon:WELCOME10`, `tax:DE/standard`.
    pub rule: Rc<str>,
    /// The same for people.
    pub text: Rc<str>,
    /// What the step added, took away, or came to.
    pub amount: Money,
}

impl TraceStep {
    /// A step.
    pub fn new(rule: impl Into<Rc<str>>, text: impl Into<Rc<str>>, amount: Money) -> Self {
        Self { rule: rule.into(), text: text.into(), amount }
    }
}
