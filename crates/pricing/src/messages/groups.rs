//! The groups that codes of a request put a buyer into: what a quote is made with, and what it says of them.

use argosy_contracts::{common, pricing as wire};
use argosy_kernel::Timestamp;

use super::quote::QuoteAsked;
use crate::domain::{CouponCode, GroupCode, Rejection};

/// Codes of groups, as they were given: joined ones with their group, and those that count no more.
#[derive(Debug, Default)]
pub(crate) struct GroupsByCode {
    joined: Vec<(String, String)>,
    rejected: Vec<(String, Rejection)>,
}

impl GroupsByCode {
    /// Takes codes of groups out of a request, and puts its buyer into the groups of those that count.
    pub(crate) fn join(asked: &mut QuoteAsked, known: &[GroupCode], now: Timestamp) -> Self {
        let mut groups = Self::default();
        let of = |code: &CouponCode| known.iter().find(|known| known.code == *code);
        let codes = std::mem::take(&mut asked.codes);
        for (text, code) in codes {
            match of(&code).map(|known| (known, known.check(now))) {
                None => asked.codes.push((text, code)),
                Some((known, Ok(()))) => {
                    if !asked.buyer.groups.contains(&known.group) {
                        asked.buyer.groups.push(known.group.clone());
                    }
                    groups.joined.push((text, known.group.clone()));
                }
                Some((_, Err(rejection))) => groups.rejected.push((text, rejection)),
            }
        }
        groups
    }

    /// The quote with what it says of them.
    pub(crate) fn told(self, mut quote: wire::Quote) -> wire::Quote {
        let nothing = quote.total.as_ref().map(|total| common::Money { minor: 0, ..total.clone() });
        for (code, customer_group) in self.joined {
            quote.trace.push(common::TraceStep {
                rule: format!("customer_group:{customer_group}"),
                text: format!("the buyer is in it by the code {code}"),
                amount: nothing.clone(),
            });
            quote.groups.push(wire::GroupByCode { code, customer_group });
        }
        for (code, rejection) in self.rejected {
            quote.rejected_codes.push(wire::RejectedCode {
                code,
                reason: rejection.reason().to_owned(),
                text: rejection.to_string(),
            });
        }
        quote
    }
}
