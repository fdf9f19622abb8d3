//! The ledger of an order: what it costs, what was paid, and so what is owed.
//!
//! Double entry: each entry adds up to nothing, and what is owed is only ever the balance of `receivable`. A column
//! that says what is owed lost: nothing shows when it is wrong.

use std::collections::BTreeMap;

use argosy_kernel::{Error, Result};

use super::DisputeMove;
use crate::error;

/// What an amount is about. A debit is above 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Account {
    /// What the buyer owes; below 0 it is the buyer's.
    Receivable,
    /// Money taken.
    Paid,
    /// Money on its way back.
    Refunding,
    /// Money given back.
    Refunded,
    /// What the shop owes in goods.
    StoreCredit,
    /// Goods before discounts and without tax.
    Sales,
    /// What was taken off.
    Discounts,
    /// Tax, in prices or on top of them.
    Tax,
    /// Delivery without tax.
    Shipping,
    /// What is charged beside goods and delivery, without tax. An account of its own, since it is no sale of goods: what
    /// wrapping earned can be read from it.
    Fees,
    /// What the shop lets the buyer off, beyond goods and delivery.
    Allowances,
    /// What the provider withdrew of money that was paid, with its fees.
    Withdrawn,
    /// Withdrawn, while the buyer's bank has not decided.
    Disputed,
    /// Withdrawn for good: the shop's loss. The buyer owes none of it.
    ChargedBack,
    /// What disputes cost.
    DisputeFees,
}

impl Account {
    pub(crate) const ALL: [Self; 15] = [
        Self::Receivable,
        Self::Paid,
        Self::Refunding,
        Self::Refunded,
        Self::StoreCredit,
        Self::Sales,
        Self::Discounts,
        Self::Tax,
        Self::Shipping,
        Self::Fees,
        Self::Allowances,
        Self::Withdrawn,
        Self::Disputed,
        Self::ChargedBack,
        Self::DisputeFees,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Receivable => "receivable",
            Self::Paid => "paid",
            Self::Refunding => "refunding",
            Self::Refunded => "refunded",
            Self::StoreCredit => "store_credit",
            Self::Sales => "sales",
            Self::Discounts => "discounts",
            Self::Tax => "tax",
            Self::Shipping => "shipping",
            Self::Fees => "fees",
            Self::Allowances => "allowances",
            Self::Withdrawn => "withdrawn",
            Self::Disputed => "disputed",
            Self::ChargedBack => "charged_back",
            Self::DisputeFees => "dispute_fees",
        }
    }
}

impl std::str::FromStr for Account {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|account| account.as_str() == text)
            .ok_or_else(|| Error::internal(format!("unknown account '{text}'")))
    }
}

/// What something costs, and of what that is made. Minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    /// What the buyer pays: discount taken off, tax in.
    pub(crate) value: i64,
    /// At most 0.
    pub(crate) discount: i64,
    pub(crate) tax: i64,
    /// What of it is fees, without tax.
    pub(crate) fees: i64,
}

impl Parts {
    pub(crate) fn plus(self, other: Self) -> Result<Self> {
        Ok(Self {
            value: add(self.value, other.value)?,
            discount: add(self.discount, other.discount)?,
            tax: add(self.tax, other.tax)?,
            fees: add(self.fees, other.fees)?,
        })
    }

    pub(crate) fn minus(self, other: Self) -> Result<Self> {
        self.plus(Self { value: -other.value, discount: -other.discount, tax: -other.tax, fees: -other.fees })
    }
}

/// Amounts that are written together. They add up to nothing, because that is the only way to make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) reference: String,
    pub(crate) postings: Vec<(Account, i64)>,
}

impl Entry {
    /// `amount` goes from one account to another.
    fn moved(reference: String, amount: i64, from: Account, to: Account) -> Self {
        Self { reference, postings: vec![(to, amount), (from, -amount)] }
    }

    /// Goods with their fees, and delivery, are charged.
    pub(crate) fn charged(reference: String, goods: Parts, delivery: Parts) -> Result<Self> {
        let income = |parts: Parts| -> Result<i64> {
            add(add(add(parts.value, -parts.discount)?, -parts.tax)?, -parts.fees)
        };
        let whole = goods.plus(delivery)?;
        let postings = [
            (Account::Receivable, whole.value),
            (Account::Discounts, -whole.discount),
            (Account::Tax, -whole.tax),
            (Account::Sales, -income(goods)?),
            (Account::Shipping, -income(delivery)?),
            (Account::Fees, -whole.fees),
        ];
        Ok(Self { reference, postings: postings.into_iter().filter(|(_, amount)| *amount != 0).collect() })
    }

    /// Goods and delivery are taken out of what the order costs.
    pub(crate) fn credited(reference: String, goods: Parts, delivery: Parts) -> Result<Self> {
        let mut entry = Self::charged(reference, goods, delivery)?;
        entry.postings.iter_mut().for_each(|(_, amount)| *amount = -*amount);
        Ok(entry)
    }

    /// Money came in.
    pub(crate) fn paid(reference: String, amount: i64) -> Self {
        Self::moved(reference, amount, Account::Receivable, Account::Paid)
    }

    /// The buyer is let off an amount.
    pub(crate) fn allowed(reference: String, amount: i64) -> Self {
        Self::moved(reference, amount, Account::Receivable, Account::Allowances)
    }

    /// The buyer is not let off after all.
    pub(crate) fn not_allowed(reference: String, amount: i64) -> Self {
        Self::moved(reference, amount, Account::Allowances, Account::Receivable)
    }

    /// Money is about to go back: from here on it is not there for another refund.
    pub(crate) fn refunding(reference: String, amount: i64) -> Self {
        Self::moved(reference, amount, Account::Refunding, Account::Receivable)
    }

    /// Money went back.
    pub(crate) fn refunded(reference: String, amount: i64) -> Self {
        Self::moved(reference, amount, Account::Refunded, Account::Refunding)
    }

    /// Money that was about to go back does not: it is the buyer's still.
    pub(crate) fn not_refunded(reference: String, amount: i64) -> Self {
        Self::moved(reference, amount, Account::Receivable, Account::Refunding)
    }

    /// Money moved for a dispute.
    pub(crate) fn disputed(reference: String, moved: DisputeMove, amount: i64) -> Self {
        let (from, to) = match moved {
            DisputeMove::Withdrawn => (Account::Withdrawn, Account::Disputed),
            DisputeMove::Reinstated => (Account::Disputed, Account::Withdrawn),
            DisputeMove::Fee => (Account::Withdrawn, Account::DisputeFees),
            DisputeMove::FeeReturned => (Account::DisputeFees, Account::Withdrawn),
        };
        Self::moved(reference, amount, from, to)
    }

    /// What is withdrawn is lost; below 0: it is not after all.
    pub(crate) fn charged_back(reference: String, amount: i64) -> Self {
        Self::moved(reference, amount, Account::Disputed, Account::ChargedBack)
    }

    /// What is the buyer's is kept for them.
    pub(crate) fn kept_as_credit(reference: String, amount: i64) -> Self {
        Self::moved(reference, amount, Account::StoreCredit, Account::Receivable)
    }
}

/// All entries of an order, added up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ledger(BTreeMap<Account, i64>);

impl Ledger {
    pub(crate) fn post(&mut self, entry: &Entry) -> Result<()> {
        entry.postings.iter().try_for_each(|(account, amount)| self.add(*account, *amount))
    }

    /// A posting, or an account's sum.
    pub(crate) fn add(&mut self, account: Account, amount: i64) -> Result<()> {
        let balance = self.0.entry(account).or_default();
        *balance = add(*balance, amount)?;
        Ok(())
    }

    pub(crate) fn balance(&self, account: Account) -> i64 {
        self.0.get(&account).copied().unwrap_or_default()
    }

    /// Above 0 the buyer owes it, below 0 it is the buyer's.
    pub(crate) fn due(&self) -> i64 {
        self.balance(Account::Receivable)
    }

    /// What is the buyer's.
    pub(crate) fn owed(&self) -> i64 {
        (-self.due()).max(0)
    }

    /// What was taken and neither went back, nor is about to, nor is kept for the buyer, nor is withdrawn for a dispute: who
    /// gets their money by their bank is not given it a second time.
    pub(crate) fn refundable(&self) -> i64 {
        let moved = [Account::Paid, Account::Refunding, Account::Refunded, Account::StoreCredit];
        let here: i64 = moved.into_iter().map(|account| self.balance(account)).sum();
        (here - self.balance(Account::Disputed) - self.balance(Account::ChargedBack)).max(0)
    }

    /// What the order costs now.
    pub(crate) fn charged(&self) -> i64 {
        let income = [
            Account::Sales,
            Account::Discounts,
            Account::Tax,
            Account::Shipping,
            Account::Fees,
            Account::Allowances,
        ];
        -income.into_iter().map(|account| self.balance(account)).sum::<i64>()
    }

    /// The entries by which goods and delivery are taken out of what the order costs. What the buyer was let off before
    /// counts once: an order never costs less than nothing.
    pub(crate) fn take_out(&self, reference: &str, goods: Parts, delivery: Parts) -> Result<Vec<Entry>> {
        let credited = Entry::credited(reference.to_owned(), goods, delivery)?;
        let left = add(self.charged(), -goods.plus(delivery)?.value)?;
        let twice = (-left).clamp(0, self.balance(Account::Allowances).max(0));
        let mut entries = vec![credited];
        if twice > 0 {
            entries.push(Entry::not_allowed(format!("allowance_back:{reference}"), twice));
        }
        Ok(entries)
    }

    /// The entries of a refund about to be made: what is not owed is let off first.
    ///
    /// # Errors
    /// `REFUND_TOO_LARGE` if it is more than what was paid and is still here.
    pub(crate) fn refund(&self, reference: &str, amount: i64) -> Result<Vec<Entry>> {
        if amount > self.refundable() {
            return Err(error::refund_too_large(self.refundable()));
        }
        let let_off = amount - amount.min(self.owed());
        let mut entries = Vec::new();
        if let_off > 0 {
            entries.push(Entry::allowed(format!("allowance:{reference}"), let_off));
        }
        entries.push(Entry::refunding(format!("refunding:{reference}"), amount));
        Ok(entries)
    }
}

fn add(a: i64, b: i64) -> Result<i64> {
    a.checked_add(b).ok_or_else(|| argosy_kernel::MoneyError::Overflow.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What may be asked of an order, in any sequence.
    #[derive(Debug, Clone)]
    enum Operation {
        Pay,
        Credit { value: i64, discount: i64, tax: i64, fees: i64 },
        Refund { amount: i64 },
        Answered { went_well: bool },
        Keep,
        Dispute { amount: i64, won: bool },
    }

    fn operation() -> impl Strategy<Value = Operation> {
        prop_oneof![
            Just(Operation::Pay),
            (0..20_000i64, -500..=0i64, 0..900i64, 0..700i64)
                .prop_map(|(value, discount, tax, fees)| Operation::Credit { value, discount, tax, fees }),
            (1..30_000i64).prop_map(|amount| Operation::Refund { amount }),
            any::<bool>().prop_map(|went_well| Operation::Answered { went_well }),
            Just(Operation::Keep),
            (1..30_000i64, any::<bool>()).prop_map(|(amount, won)| Operation::Dispute { amount, won }),
        ]
    }

    fn entries(ledger: &Ledger, open: &mut Vec<i64>, step: usize, operation: &Operation) -> Vec<Entry> {
        let reference = step.to_string();
        match *operation {
            Operation::Pay if ledger.due() > 0 => vec![Entry::paid(reference, ledger.due())],
            Operation::Credit { value, discount, tax, fees } => {
                // No more goods leave than there are.
                let there = ledger.charged() + ledger.balance(Account::Allowances);
                let goods = Parts { value: value.min(there), discount, tax, fees };
                ledger.take_out(&reference, goods, Parts::default()).unwrap()
            }
            Operation::Refund { amount } => match ledger.refund(&reference, amount) {
                Ok(entries) => {
                    open.push(amount);
                    entries
                }
                Err(refused) => {
                    assert_eq!(refused.reason(), "REFUND_TOO_LARGE");
                    assert!(amount > ledger.refundable());
                    Vec::new()
                }
            },
            Operation::Answered { went_well } => match open.pop() {
                Some(amount) if went_well => vec![Entry::refunded(reference, amount)],
                Some(amount) => vec![Entry::not_refunded(reference, amount)],
                None => Vec::new(),
            },
            Operation::Keep if ledger.owed() > 0 => vec![Entry::kept_as_credit(reference, ledger.owed())],
            Operation::Dispute { amount, won } => {
                let moved = |kind, amount| Entry::disputed(format!("{reference}:{kind:?}"), kind, amount);
                let mut entries = vec![moved(DisputeMove::Withdrawn, amount), moved(DisputeMove::Fee, 1_500)];
                if won {
                    entries.push(moved(DisputeMove::Reinstated, amount));
                    entries.push(moved(DisputeMove::FeeReturned, 1_500));
                } else {
                    entries.push(Entry::charged_back(format!("{reference}:lost"), amount));
                }
                entries
            }
            Operation::Pay | Operation::Keep => Vec::new(),
        }
    }

    proptest! {
        #[test]
        fn law_1_a_ledger_balances_after_every_operation_and_never_refunds_more_than_was_paid(
            value in 1..100_000i64,
            tax in 0..500i64,
            operations in prop::collection::vec(operation(), 0..40),
        ) {
            let mut ledger = Ledger::default();
            let goods = Parts { value, discount: -100, tax, fees: value / 10 };
            let delivery = Parts { value: 490, tax: 78, ..Parts::default() };
            ledger.post(&Entry::charged("opening".into(), goods, delivery).unwrap()).unwrap();
            prop_assert_eq!(ledger.due(), value + 490);
            let mut open = Vec::new();
            for (step, operation) in operations.iter().enumerate() {
                for entry in entries(&ledger, &mut open, step, operation) {
                    prop_assert_eq!(entry.postings.iter().map(|(_, amount)| amount).sum::<i64>(), 0);
                    ledger.post(&entry).unwrap();
                }
                let sum: i64 = Account::ALL.iter().map(|account| ledger.balance(*account)).sum();
                prop_assert_eq!(sum, 0);
                prop_assert!(-ledger.balance(Account::Refunded) <= ledger.balance(Account::Paid));
                prop_assert_eq!(ledger.balance(Account::Disputed), 0, "all are decided");
                let lost = ledger.balance(Account::ChargedBack) + ledger.balance(Account::DisputeFees);
                prop_assert_eq!(-ledger.balance(Account::Withdrawn), lost);
                prop_assert_eq!(-ledger.balance(Account::Refunding), open.iter().sum::<i64>());
                let moved = ledger.balance(Account::Paid) + ledger.balance(Account::Refunding)
                    + ledger.balance(Account::Refunded) + ledger.balance(Account::StoreCredit);
                prop_assert_eq!(ledger.due(), ledger.charged() - moved);
                prop_assert!(ledger.charged() >= 0, "an order costs less than nothing: {}", ledger.charged());
            }
        }
    }

    #[test]
    fn law_1_what_was_let_off_before_is_not_given_back_twice() {
        let mug = Parts { value: 1_800, tax: 287, ..Parts::default() };
        let mut ledger = Ledger::default();
        ledger.post(&Entry::charged("placed".into(), mug, Parts::default()).unwrap()).unwrap();
        ledger.post(&Entry::paid("paid".into(), 1_800)).unwrap();
        for entry in ledger.refund("kind", 500).unwrap() {
            ledger.post(&entry).unwrap();
        }
        for entry in ledger.take_out("cancel", mug, Parts::default()).unwrap() {
            ledger.post(&entry).unwrap();
        }
        assert_eq!((ledger.charged(), ledger.owed(), ledger.refundable()), (0, 1_300, 1_300));
        for entry in ledger.refund("rest", 1_300).unwrap() {
            ledger.post(&entry).unwrap();
        }
        assert_eq!((ledger.charged(), ledger.due()), (0, 0));
    }

    #[test]
    fn a_refund_of_what_is_owed_lets_nobody_off_and_one_of_more_does() {
        let mut ledger = Ledger::default();
        let goods = Parts { value: 1_000, tax: 160, ..Parts::default() };
        ledger.post(&Entry::charged("opening".into(), goods, Parts::default()).unwrap()).unwrap();
        ledger.post(&Entry::paid("capture".into(), 1_000)).unwrap();
        let half = Parts { value: 500, tax: 80, ..Parts::default() };
        ledger.post(&Entry::credited("cancel".into(), half, Parts::default()).unwrap()).unwrap();
        let references = |amount| -> Vec<String> {
            ledger.refund("1", amount).unwrap().into_iter().map(|entry| entry.reference).collect()
        };
        assert_eq!(references(500), ["refunding:1"]);
        assert_eq!(references(501), ["allowance:1", "refunding:1"]);
        assert_eq!(ledger.refund("1", 1_001).unwrap_err().reason(), "REFUND_TOO_LARGE");
    }
}
