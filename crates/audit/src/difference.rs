//! What does not add up, and what was compared.

use std::fmt;

use serde::Serialize;

/// Something that does not add up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What is wrong, as a name that stays.
    pub kind: &'static str,
    /// With which row.
    pub id: String,
    /// What it should be.
    pub expected: String,
    /// What it is.
    pub found: String,
    /// What an operator may do.
    pub advice: &'static str,
}

impl Difference {
    /// What makes it the same at a later look.
    pub(crate) fn key(&self) -> (&'static str, String) {
        (self.kind, self.id.clone())
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, id, expected, found, advice } = self;
        write!(f, "{kind}  {id}  expected {expected}, found {found}; {advice}")
    }
}

/// How much was compared, and what was under way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Checkouts.
    pub checkouts: u64,
    /// Attempts to complete one.
    pub attempts: u64,
    /// Orders.
    pub orders: u64,
    /// Payments.
    pub payments: u64,
    /// Those of them that could be held against their provider's books.
    pub charges: u64,
    /// Stock levels with their movements.
    pub levels: u64,
    /// Reservations.
    pub reservations: u64,
    /// Promotions with a code.
    pub promotions: u64,
    /// Redemptions of codes.
    pub redemptions: u64,
    /// Consumers of facts.
    pub consumers: u64,
    /// Attempts that go on: running, being given up, or placed and not yet paid.
    pub attempts_under_way: u64,
    /// Attempts that wait for the buyer at the bank.
    pub attempts_at_the_bank: u64,
    /// Reservations that hold stock without an attempt; they end by themselves.
    pub reservations_held: u64,
    /// Consumers that have something to read.
    pub consumers_behind: u64,
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "compared: {} checkouts, {} attempts, {} orders, {} payments ({} with their provider), {} stock levels, \
             {} reservations, {} promotions, {} redemptions, {} consumers",
            self.checkouts,
            self.attempts,
            self.orders,
            self.payments,
            self.charges,
            self.levels,
            self.reservations,
            self.promotions,
            self.redemptions,
            self.consumers
        )?;
        write!(
            f,
            "under way: {} attempts, {} at the bank, {} reservations without an attempt, {} consumers behind",
            self.attempts_under_way, self.attempts_at_the_bank, self.reservations_held, self.consumers_behind
        )
    }
}

/// Differences that one look keeps.
const KEPT_MAX: usize = 1_000;

/// One comparison of everything.
#[derive(Default)]
pub(crate) struct Look {
    pub(crate) differences: Vec<Difference>,
    pub(crate) more: u64,
    pub(crate) compared: Compared,
}

/// What kind of difference it is, and what may be done.
pub(crate) type Rule = (&'static str, &'static str);

impl Look {
    #[expect(clippy::needless_pass_by_value, reason = "numbers and texts just made")]
    pub(crate) fn expect<T: PartialEq + fmt::Display>(
        &mut self,
        (kind, advice): Rule,
        id: &str,
        expected: T,
        found: T,
    ) {
        if expected != found {
            self.note((kind, advice), id, expected.to_string(), found.to_string());
        }
    }

    pub(crate) fn note(
        &mut self,
        (kind, advice): Rule,
        id: &str,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) {
        if self.differences.len() == KEPT_MAX {
            self.more += 1;
            return;
        }
        let (id, expected, found) = (id.to_owned(), expected.into(), found.into());
        self.differences.push(Difference { kind, id, expected, found, advice });
    }
}
