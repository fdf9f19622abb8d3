//! A payment that its buyer disputes at their bank: where that stands, what money moved for it, and what is said for the
//! merchant.

use argosy_kernel::{DisputeId, Error, IntentId, Money, Result};

use crate::error;

/// Where a dispute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DisputeState {
    /// The bank asks before anything is disputed; no money is withdrawn.
    Inquiry,
    InquiryUnderReview,
    /// It came to nothing.
    Closed,
    /// The merchant may submit evidence until it is due.
    NeedsResponse,
    UnderReview,
    Won,
    Lost,
}

impl DisputeState {
    pub(crate) const ALL: [Self; 7] = [
        Self::Inquiry,
        Self::InquiryUnderReview,
        Self::Closed,
        Self::NeedsResponse,
        Self::UnderReview,
        Self::Won,
        Self::Lost,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Inquiry => "inquiry",
            Self::InquiryUnderReview => "inquiry_under_review",
            Self::Closed => "closed",
            Self::NeedsResponse => "needs_response",
            Self::UnderReview => "under_review",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }

    /// Whether the merchant is asked.
    pub(crate) const fn may_answer(self) -> bool {
        matches!(self, Self::Inquiry | Self::NeedsResponse)
    }

    /// Whether the bank has decided.
    pub(crate) const fn is_decided(self) -> bool {
        matches!(self, Self::Closed | Self::Won | Self::Lost)
    }

    /// Whether `next` may follow. What was asked earlier and is heard later changes nothing; a bank may change its mind.
    pub(crate) const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Inquiry => !matches!(next, Self::Inquiry),
            Self::InquiryUnderReview => !matches!(next, Self::Inquiry | Self::InquiryUnderReview),
            Self::NeedsResponse => matches!(next, Self::UnderReview | Self::Won | Self::Lost | Self::Closed),
            Self::UnderReview => matches!(next, Self::Won | Self::Lost | Self::Closed),
            Self::Closed => matches!(next, Self::NeedsResponse | Self::UnderReview | Self::Won | Self::Lost),
            Self::Won => matches!(next, Self::Lost),
            Self::Lost => matches!(next, Self::Won),
        }
    }

    /// Whether `next` may follow once the merchant is asked anew.
    pub(crate) const fn may_be_asked_again(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::UnderReview, Self::NeedsResponse) | (Self::InquiryUnderReview, Self::Inquiry)
        )
    }
}

impl std::str::FromStr for DisputeState {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| Error::internal(format!("unknown dispute state '{text}'")))
    }
}

/// A dispute as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dispute {
    pub(crate) id: DisputeId,
    pub(crate) intent_id: IntentId,
    /// What the payment pays for.
    pub(crate) reference: String,
    pub(crate) provider: String,
    pub(crate) provider_reference: String,
    pub(crate) state: DisputeState,
    /// The bank's, e.g. `fraudulent`.
    pub(crate) reason: String,
    pub(crate) amount: Money,
    /// 0: nothing is due.
    pub(crate) evidence_due_at_ms: i64,
    /// 0: not yet.
    pub(crate) submitted_at_ms: i64,
    pub(crate) opened_at_ms: i64,
    pub(crate) version: i64,
}

/// What a provider says of a dispute, as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DisputeReport {
    /// The provider's own name for it.
    pub(crate) provider_reference: String,
    /// The provider's own name for the payment.
    pub(crate) payment_reference: String,
    pub(crate) state: DisputeState,
    pub(crate) reason: String,
    pub(crate) amount: Money,
    pub(crate) evidence_due_at_ms: i64,
    /// Whether what was asked for last was submitted, here or in the provider's own pages.
    pub(crate) submitted: Submitted,
    /// When the provider asked for what is not submitted yet; 0: it asks nothing, or asks once only and does not say.
    pub(crate) asked_at_ms: i64,
    /// All money that moved for it so far.
    pub(crate) moves: Vec<DisputeMove>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Submitted {
    Yes,
    No,
}

/// Money that moved for a dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DisputeMove {
    pub(crate) kind: DisputeMoveKind,
    /// The provider's name for it: with the kind, one effect.
    pub(crate) reference: String,
    /// Above 0.
    pub(crate) amount: Money,
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DisputeMoveKind {
    Withdrawn,
    Reinstated,
    /// What the provider takes for its trouble.
    Fee,
    FeeReturned,
}

impl DisputeMoveKind {
    pub(crate) const ALL: [Self; 4] = [Self::Withdrawn, Self::Reinstated, Self::Fee, Self::FeeReturned];

    /// What it is called in the payment's events.
    pub(crate) const fn event(self) -> &'static str {
        match self {
            Self::Withdrawn => "dispute_withdrawn",
            Self::Reinstated => "dispute_reinstated",
            Self::Fee => "dispute_fee",
            Self::FeeReturned => "dispute_fee_returned",
        }
    }
}

impl Dispute {
    /// What a report makes of it; `None` if it says nothing new of where it stands.
    pub(crate) fn reported(&self, report: &DisputeReport, now_ms: i64) -> Option<Self> {
        let mut next = self.clone();
        // An answer from before the evidence was submitted asks for nothing anew.
        let is_asked_anew = report.state.may_answer() && report.asked_at_ms > self.submitted_at_ms;
        let may_ask = is_asked_anew && self.state.may_be_asked_again(report.state);
        if may_ask || self.state.may_become(report.state) {
            next.state = report.state;
        }
        if is_asked_anew && next.state == report.state {
            next.submitted_at_ms = 0;
        }
        if !self.state.is_decided() || next.state != self.state {
            next.reason.clone_from(&report.reason);
            next.amount = report.amount;
            next.evidence_due_at_ms = report.evidence_due_at_ms;
        }
        if report.submitted == Submitted::Yes && next.submitted_at_ms == 0 {
            next.submitted_at_ms = now_ms;
        }
        (next != *self).then(|| Self { version: self.version + 1, ..next })
    }

    /// Refuses evidence that nobody asks for.
    pub(crate) fn check_open(&self, now_ms: i64) -> Result<()> {
        if !self.state.may_answer() {
            return Err(error::dispute_state(self.id, self.state.as_str()));
        }
        if self.evidence_due_at_ms != 0 && self.evidence_due_at_ms <= now_ms {
            return Err(error::evidence_too_late(self.id));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use argosy_kernel::Currency;

    use super::*;

    fn dispute(state: DisputeState) -> Dispute {
        Dispute {
            id: DisputeId::new(),
            intent_id: IntentId::new(),
            reference: "chk_1".to_owned(),
            provider: "test".to_owned(),
            provider_reference: "dp_1".to_owned(),
            state,
            reason: "fraudulent".to_owned(),
            amount: Money::new(1_000, Currency::EUR),
            evidence_due_at_ms: 5_000,
            submitted_at_ms: 0,
            opened_at_ms: 0,
            version: 1,
        }
    }

    fn report(state: DisputeState) -> DisputeReport {
        DisputeReport {
            provider_reference: "dp_1".to_owned(),
            payment_reference: "pi_1".to_owned(),
            state,
            reason: "fraudulent".to_owned(),
            amount: Money::new(1_000, Currency::EUR),
            evidence_due_at_ms: 5_000,
            submitted: Submitted::No,
            asked_at_ms: 0,
            moves: Vec::new(),
        }
    }

    #[test]
    fn every_state_says_what_may_follow() {
        let followers = |from: DisputeState| -> Vec<&str> {
            DisputeState::ALL
                .into_iter()
                .filter(|next| from.may_become(*next))
                .map(DisputeState::as_str)
                .collect()
        };
        let real = ["needs_response", "under_review", "won", "lost"];
        assert_eq!(
            followers(DisputeState::Inquiry),
            [&["inquiry_under_review", "closed"], &real[..]].concat()
        );
        assert_eq!(followers(DisputeState::InquiryUnderReview), [&["closed"], &real[..]].concat());
        assert_eq!(followers(DisputeState::NeedsResponse), ["closed", "under_review", "won", "lost"]);
        assert_eq!(followers(DisputeState::UnderReview), ["closed", "won", "lost"]);
        assert_eq!(followers(DisputeState::Closed), real);
        assert_eq!(
            (followers(DisputeState::Won), followers(DisputeState::Lost)),
            (vec!["lost"], vec!["won"])
        );
        for state in DisputeState::ALL {
            assert_eq!(state.as_str().parse::<DisputeState>().unwrap(), state);
        }
    }

    #[test]
    fn what_was_asked_earlier_and_is_heard_later_changes_nothing() {
        let lost = dispute(DisputeState::Lost);
        assert_eq!(lost.reported(&report(DisputeState::NeedsResponse), 1), None);
        let decided = dispute(DisputeState::UnderReview).reported(&report(DisputeState::Won), 1).unwrap();
        assert_eq!((decided.state, decided.version), (DisputeState::Won, 2));
        let submitted = DisputeReport { submitted: Submitted::Yes, ..report(DisputeState::UnderReview) };
        let next = dispute(DisputeState::NeedsResponse).reported(&submitted, 77).unwrap();
        assert_eq!((next.state, next.submitted_at_ms), (DisputeState::UnderReview, 77));
        assert_eq!(next.reported(&submitted, 99), None, "heard again");
    }

    #[test]
    fn a_provider_may_ask_again_and_is_answered_again() {
        let submitted = |state| Dispute { submitted_at_ms: 1_000, evidence_due_at_ms: 0, ..dispute(state) };
        let asked = |state, at| DisputeReport { asked_at_ms: at, ..report(state) };
        let before =
            submitted(DisputeState::UnderReview).reported(&asked(DisputeState::NeedsResponse, 999), 1);
        assert_eq!(
            before.map(|next| (next.state, next.submitted_at_ms)),
            Some((DisputeState::UnderReview, 1_000))
        );
        let ways = [
            (DisputeState::UnderReview, DisputeState::NeedsResponse),
            (DisputeState::NeedsResponse, DisputeState::NeedsResponse),
            (DisputeState::InquiryUnderReview, DisputeState::NeedsResponse),
            (DisputeState::InquiryUnderReview, DisputeState::Inquiry),
        ];
        for (from, to) in ways {
            let next = submitted(from).reported(&asked(to, 1_001), 2_000).unwrap();
            assert_eq!(
                (next.state, next.submitted_at_ms, next.evidence_due_at_ms),
                (to, 0, 5_000),
                "{from:?}"
            );
            assert!(next.check_open(2_000).is_ok());
        }
        let lost = submitted(DisputeState::Lost);
        assert_eq!(lost.reported(&asked(DisputeState::NeedsResponse, 2_000), 3_000), None);
    }

    #[test]
    fn evidence_is_taken_while_it_is_asked_for() {
        assert!(dispute(DisputeState::NeedsResponse).check_open(4_999).is_ok());
        let reason = |state, now| dispute(state).check_open(now).unwrap_err().reason().to_owned();
        assert_eq!(reason(DisputeState::NeedsResponse, 5_000), "EVIDENCE_TOO_LATE");
        assert_eq!(reason(DisputeState::UnderReview, 1), "DISPUTE_STATE");
        assert_eq!(reason(DisputeState::Lost, 1), "DISPUTE_STATE");
    }
}
