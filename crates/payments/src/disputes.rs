//! Disputes: what providers tell of them is written down, evidence is gathered here and submitted there.
//!
//! A message of a provider's is not believed but asked about: it may be one of many about the same dispute, in any order,
//! and what the provider says now holds all that they say.

use argosy_contracts::payments::{
    AttachEvidenceRequest, Dispute as WireDispute, DisputeEvent as WireEvent, Evidence as WireEvidence,
    GetDisputeRequest, ListDisputesRequest, ListDisputesResponse, SubmitEvidenceRequest,
};
use argosy_kernel::{Ctx, DisputeId, Error, PageRequest, Result};
use argosy_platform::crash;

use crate::{
    domain::{Content, Dispute, DisputeReport, DisputeState, Evidence, EvidenceKind, Submitted},
    error,
    gift_cards::check_staff,
    payer::Payer,
    store::DisputeEvent,
};

const LISTED: u32 = 50;

/// Disputes of a shop's payments.
pub(crate) struct Disputes {
    payer: Payer,
}

impl Disputes {
    pub(crate) fn new(payer: Payer) -> Self {
        Self { payer }
    }

    /// Something was told of the dispute that a provider calls so: asks how it stands.
    pub(crate) async fn heard_of(&self, provider: &str, reference: &str) -> Result<()> {
        let asked = self.payer.provider(provider)?.find_dispute(reference);
        let report = self.payer.ask(provider, asked).await?;
        crash::point("payments.before_dispute");
        self.keep(provider, &report).await.map(|_| ())
    }

    /// What is said of a payment that this shop knows is kept.
    async fn keep(&self, provider: &str, report: &DisputeReport) -> Result<Option<Dispute>> {
        let Some(intent) = self.payer.store().called(provider, &report.payment_reference).await? else {
            tracing::warn!(payment.provider = provider, "a dispute is about no payment of this shop");
            return Ok(None);
        };
        let is_foreign = |currency| currency != intent.amount.currency;
        if is_foreign(report.amount.currency)
            || report.moves.iter().any(|one| is_foreign(one.amount.currency))
        {
            return Err(Error::internal(format!(
                "a dispute of payment {} is in another currency",
                intent.id
            )));
        }
        self.payer.store().apply_dispute(&intent, report).await.map(Some)
    }

    pub(crate) async fn list(&self, ctx: &Ctx, request: ListDisputesRequest) -> Result<ListDisputesResponse> {
        check_staff(ctx)?;
        if !request.state.is_empty() && request.state.parse::<DisputeState>().is_err() {
            let all = DisputeState::ALL.map(DisputeState::as_str).join(", ");
            return Err(Error::invalid_field("/state", format!("must be one of {all}")));
        }
        let page = PageRequest::new(request.limit, &request.cursor, LISTED)?;
        let page = self.payer.store().disputes(&request.state, &request.intent_id, &page).await?;
        let next = page.next.map(String::from).unwrap_or_default();
        let disputes = page.items.into_iter().map(|dispute| to_wire(dispute, Vec::new(), Vec::new()));
        Ok(ListDisputesResponse { disputes: disputes.collect(), next })
    }

    pub(crate) async fn get(&self, ctx: &Ctx, request: GetDisputeRequest) -> Result<WireDispute> {
        check_staff(ctx)?;
        self.whole(self.dispute(&request.dispute_id).await?).await
    }

    /// Keeps a piece of evidence until it is submitted. One of the same kind is replaced.
    pub(crate) async fn attach(&self, ctx: &Ctx, request: AttachEvidenceRequest) -> Result<WireDispute> {
        check_staff(ctx)?;
        let kind = EvidenceKind::read(&request.kind)?;
        let evidence = match (request.text.is_empty(), request.content.is_empty()) {
            (false, false) => return Err(Error::invalid_field("/content", "cannot be given beside a text")),
            (true, false) => Evidence::file(kind, &request.file_name, request.content)?,
            (_, true) if kind.is_file() => Evidence::file(kind, &request.file_name, Vec::new())?,
            (_, true) => Evidence::text(kind, &request.text)?,
        };
        for _ in 0..TRIES_MAX {
            let dispute = self.dispute(&request.dispute_id).await?;
            dispute.check_open(self.payer.now_ms())?;
            if self.payer.store().attach(&dispute, &evidence).await? {
                return self.whole(self.dispute(&request.dispute_id).await?).await;
            }
            if self.dispute(&request.dispute_id).await?.version == dispute.version {
                let message = "is too large beside what is attached already";
                return Err(Error::invalid_field(if kind.is_file() { "/content" } else { "/text" }, message));
            }
        }
        Err(Error::new(
            argosy_kernel::Code::Aborted,
            "TOO_MANY_WRITERS",
            "too many changes at once; try again",
        ))
    }

    /// Sends all of it to the provider. Once: a bank reads it one time. Asked again after a crash it finds what was sent.
    pub(crate) async fn submit(&self, ctx: &Ctx, request: SubmitEvidenceRequest) -> Result<WireDispute> {
        check_staff(ctx)?;
        let mut dispute = self.dispute(&request.dispute_id).await?;
        if dispute.submitted_at_ms == 0 {
            let provider = self.payer.provider(&dispute.provider)?;
            let found =
                self.payer.ask(&dispute.provider, provider.find_dispute(&dispute.provider_reference)).await?;
            dispute = self.kept(&dispute, &found).await?;
        }
        if dispute.submitted_at_ms != 0 {
            return self.whole(dispute).await;
        }
        dispute.check_open(self.payer.now_ms())?;
        let evidence = self.payer.store().evidence(dispute.id).await?;
        if evidence.is_empty() {
            return Err(error::no_evidence(dispute.id));
        }
        let provider = self.payer.provider(&dispute.provider)?;
        crash::point("payments.before_evidence");
        let report = provider.submit_evidence(&dispute, &evidence).await?;
        crash::point("payments.after_evidence");
        let report = DisputeReport { submitted: Submitted::Yes, ..report };
        self.whole(self.kept(&dispute, &report).await?).await
    }

    async fn kept(&self, dispute: &Dispute, report: &DisputeReport) -> Result<Dispute> {
        let kept = self.keep(&dispute.provider, report).await?;
        kept.ok_or_else(|| Error::internal(format!("the payment of dispute {} is gone", dispute.id)))
    }

    async fn dispute(&self, id: &str) -> Result<Dispute> {
        let id: DisputeId = id.parse()?;
        self.payer.store().dispute(id).await?.ok_or_else(|| error::dispute_not_found(id))
    }

    async fn whole(&self, dispute: Dispute) -> Result<WireDispute> {
        let evidence = self.payer.store().evidence(dispute.id).await?;
        let events = self.payer.store().dispute_events(&dispute).await?;
        Ok(to_wire(dispute, evidence, events))
    }
}

/// How often a change is decided anew because somebody else was faster.
const TRIES_MAX: u32 = 20;

fn to_wire(dispute: Dispute, evidence: Vec<Evidence>, events: Vec<DisputeEvent>) -> WireDispute {
    let piece = |evidence: Evidence| {
        let (text, file_name) = match evidence.content {
            Content::Text(text) => (text, String::new()),
            Content::File { name, .. } => (String::new(), name),
            Content::Erased => (String::new(), String::new()),
        };
        let bytes = u32::try_from(evidence.size).unwrap_or(u32::MAX);
        WireEvidence { kind: evidence.kind.as_str().to_owned(), text, file_name, bytes }
    };
    let event = |event: DisputeEvent| WireEvent {
        kind: event.kind.trim_start_matches("dispute_").to_owned(),
        amount: event.amount,
        reference: event.reference.split_once(':').map(|(_, name)| name.to_owned()).unwrap_or_default(),
        time_ms: event.time_ms,
    };
    WireDispute {
        id: dispute.id.to_string(),
        intent_id: dispute.intent_id.to_string(),
        reference: dispute.reference,
        provider: dispute.provider,
        provider_reference: dispute.provider_reference,
        state: dispute.state.as_str().to_owned(),
        reason: dispute.reason,
        amount: Some(dispute.amount.into()),
        evidence_due_at_ms: dispute.evidence_due_at_ms,
        submitted_at_ms: dispute.submitted_at_ms,
        opened_at_ms: dispute.opened_at_ms,
        evidence: evidence.into_iter().map(piece).collect(),
        events: events.into_iter().map(event).collect(),
    }
}
