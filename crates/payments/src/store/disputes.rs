//! Disputes: what stands, what money moved, and the evidence.

use argosy_kernel::{Cursor, DisputeId, Error, IntentId, Money, Page, PageRequest, Result};
use argosy_platform::database::{Sql, sql, together};
use data_encoding::BASE64;
use sea_orm::FromQueryResult;

use super::{Event, Store, TRIES_MAX, too_many_writers};
use crate::{
    domain::{
        Content, Dispute, DisputeMove, DisputeMoveKind, DisputeReport, DisputeState, Evidence, EvidenceKind,
        FILES_BYTES_MAX, Intent, Submitted,
    },
    events,
};

/// How much of what happened to a dispute is shown.
const EVENTS_MAX: i64 = 100;

/// Something that happened to a dispute.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub(crate) struct DisputeEvent {
    pub(crate) kind: String,
    pub(crate) reference: String,
    pub(crate) amount: i64,
    pub(crate) time_ms: i64,
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    intent_id: String,
    intent_reference: String,
    provider: String,
    provider_reference: String,
    state: String,
    reason: String,
    currency: String,
    amount: i64,
    evidence_due_at_ms: i64,
    submitted_at_ms: i64,
    opened_at_ms: i64,
    version: i64,
}

#[derive(FromQueryResult)]
struct EvidenceRow {
    kind: String,
    file_name: String,
    content_type: String,
    content: String,
    size: i64,
}

#[derive(FromQueryResult)]
struct MoveRow {
    kind: String,
    provider_reference: String,
}

const COLUMNS: &str = "select d.id, d.intent_id, i.reference as intent_reference, d.provider, d.provider_reference, d.state, \
                              d.reason, d.currency, d.amount, d.evidence_due_at_ms, d.submitted_at_ms, d.opened_at_ms, \
                              d.version \
                         from dispute d \
                         join intent i on i.id = d.intent_id";

impl Store {
    pub(crate) async fn dispute(&self, id: DisputeId) -> Result<Option<Dispute>> {
        self.dispute_by(sql(format!("{COLUMNS} where d.id = $1")).bind(id.to_string())).await
    }

    async fn dispute_called(&self, provider: &str, reference: &str) -> Result<Option<Dispute>> {
        let called = sql(format!("{COLUMNS} where d.provider = $1 and d.provider_reference = $2"));
        self.dispute_by(called.bind(provider).bind(reference)).await
    }

    async fn dispute_by(&self, statement: Sql) -> Result<Option<Dispute>> {
        statement.optional::<Row>(&self.database).await?.map(Dispute::try_from).transpose()
    }

    /// Newest first; `state` and `intent` empty: all.
    pub(crate) async fn disputes(
        &self,
        state: &str,
        intent: &str,
        page: &PageRequest,
    ) -> Result<Page<Dispute>> {
        let before = page.cursor.as_ref().map(Cursor::decode).transpose()?.unwrap_or_default();
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let rows: Vec<Row> = sql(format!(
            "{COLUMNS} where ($1 = '' or d.id < $1) and ($2 = '' or d.state = $2) and ($3 = '' or d.intent_id = $3) \
              order by d.id desc limit $4"
        ))
        .bind(before)
        .bind(state)
        .bind(intent)
        .bind(i64::from(page.limit) + 1)
        .all(&self.database)
        .await?;
        let mut items = rows.into_iter().map(Dispute::try_from).collect::<Result<Vec<_>>>()?;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|last| Cursor::encode(&last.id.to_string()));
        Ok(Page { items, next })
    }

    /// Writes down what a provider says of a dispute, once.
    pub(crate) async fn apply_dispute(&self, intent: &Intent, report: &DisputeReport) -> Result<Dispute> {
        for _ in 0..TRIES_MAX {
            let now_ms = self.clock.now().as_millis();
            let known = self.dispute_called(&intent.provider, &report.provider_reference).await?;
            let fresh = self.fresh_dispute_moves(intent, &report.moves).await?;
            let next = match &known {
                Some(dispute) => match dispute.reported(report, now_ms) {
                    Some(next) => next,
                    None if fresh.is_empty() => return Ok(dispute.clone()),
                    None => Dispute { version: dispute.version + 1, ..dispute.clone() },
                },
                None => opened(intent, report, now_ms),
            };
            let mut change = together().must_touch(1, write(known.as_ref(), &next));
            if known.as_ref().is_none_or(|known| known.state != next.state) {
                let kind = format!("dispute_{}", next.state.as_str());
                let reference = next.id.to_string();
                change = change.and(self.note(Event::plain(intent.id, &kind, &reference, next.amount.minor)));
            }
            for one in &fresh {
                change = change.must_touch(
                    1,
                    self.note(Event {
                        intent_id: intent.id,
                        kind: one.kind.event(),
                        reference: &format!("{}:{}", next.id, one.reference),
                        amount: one.amount.minor,
                        provider: &intent.provider,
                        provider_reference: &one.reference,
                    }),
                );
            }
            if next.state.is_decided() {
                change = change.and(erase_evidence(next.id));
            }
            // All that moved, so that whoever hears of the latest change alone knows it all.
            let told = events::dispute_changed(&next, &report.moves)?;
            if change.tell(&*self.clock, [told]).commit(&self.database).await? {
                return Ok(next);
            }
        }
        Err(too_many_writers())
    }

    async fn fresh_dispute_moves(&self, intent: &Intent, moves: &[DisputeMove]) -> Result<Vec<DisputeMove>> {
        let known: Vec<MoveRow> =
            sql("select kind, provider_reference from payment_event where intent_id = $1 and kind in ")
                .bind(intent.id.to_string())
                .list(DisputeMoveKind::ALL.map(DisputeMoveKind::event))
                .all(&self.database)
                .await?;
        let is_known = |one: &DisputeMove| {
            known.iter().any(|row| row.kind == one.kind.event() && row.provider_reference == one.reference)
        };
        Ok(moves.iter().filter(|one| !is_known(one)).cloned().collect())
    }

    /// What happened to a dispute and what money moved for it, oldest first.
    pub(crate) async fn dispute_events(&self, dispute: &Dispute) -> Result<Vec<DisputeEvent>> {
        sql("select kind, reference, amount, time_ms from payment_event \
              where intent_id = $1 and (reference = $2 or reference like $3) \
              order by position limit $4")
        .bind(dispute.intent_id.to_string())
        .bind(dispute.id.to_string())
        .bind(format!("{}:%", dispute.id))
        .bind(EVENTS_MAX)
        .all(&self.database)
        .await
    }

    pub(crate) async fn evidence(&self, id: DisputeId) -> Result<Vec<Evidence>> {
        let rows: Vec<EvidenceRow> =
            sql("select kind, file_name, content_type, content, size from dispute_evidence \
                  where dispute_id = $1 order by kind")
            .bind(id.to_string())
            .all(&self.database)
            .await?;
        rows.into_iter().map(Evidence::try_from).collect()
    }

    /// Keeps a piece of evidence in the place of one of its kind, if all files together are not too large and the dispute
    /// is as it was.
    pub(crate) async fn attach(&self, dispute: &Dispute, evidence: &Evidence) -> Result<bool> {
        let (name, content_type, content) = match &evidence.content {
            Content::Text(text) => ("", "", text.clone()),
            Content::File { name, content_type, bytes } => {
                (name.as_str(), content_type.as_str(), BASE64.encode(bytes))
            }
            Content::Erased => return Err(Error::internal("evidence without content cannot be attached")),
        };
        let kept = sql("insert into dispute_evidence (dispute_id, kind, file_name, content_type, content, size, time_ms) \
             select $1, $2, $3, $4, $5, $6, $7 \
              where $6 + coalesce((select cast(sum(size) as bigint) from dispute_evidence \
                                    where dispute_id = $1 and kind <> $2), 0) <= $8 \
             on conflict (dispute_id, kind) do update \
                set file_name = excluded.file_name, content_type = excluded.content_type, content = excluded.content, \
                    size = excluded.size, time_ms = excluded.time_ms")
        .bind(dispute.id.to_string())
        .bind(evidence.kind.as_str())
        .bind(name)
        .bind(content_type)
        .bind(content)
        .bind(i64::try_from(evidence.size).unwrap_or(i64::MAX))
        .bind(self.clock.now().as_millis())
        .bind(i64::try_from(FILES_BYTES_MAX).unwrap_or(i64::MAX));
        // Changes of one dispute follow each other: its row is written first.
        let as_it_was = sql("update dispute set version = version + 1 where id = $1 and version = $2")
            .bind(dispute.id.to_string())
            .bind(dispute.version);
        together().must_touch(1, as_it_was).must_touch(1, kept).commit(&self.database).await
    }
}

fn opened(intent: &Intent, report: &DisputeReport, now_ms: i64) -> Dispute {
    Dispute {
        id: DisputeId::new(),
        intent_id: intent.id,
        reference: intent.reference.clone(),
        provider: intent.provider.clone(),
        provider_reference: report.provider_reference.clone(),
        state: report.state,
        reason: report.reason.clone(),
        amount: report.amount,
        evidence_due_at_ms: report.evidence_due_at_ms,
        submitted_at_ms: if report.submitted == Submitted::Yes { now_ms } else { 0 },
        opened_at_ms: now_ms,
        version: 1,
    }
}

fn write(known: Option<&Dispute>, next: &Dispute) -> Sql {
    match known {
        None => sql("insert into dispute (id, intent_id, provider, provider_reference, state, reason, currency, amount, \
                                  evidence_due_at_ms, submitted_at_ms, opened_at_ms) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing")
        .bind(next.id.to_string())
        .bind(next.intent_id.to_string())
        .bind(next.provider.as_str())
        .bind(next.provider_reference.as_str())
        .bind(next.state.as_str())
        .bind(next.reason.as_str())
        .bind(next.amount.currency.code())
        .bind(next.amount.minor)
        .bind(next.evidence_due_at_ms)
        .bind(next.submitted_at_ms)
        .bind(next.opened_at_ms),
        Some(known) => sql("update dispute set state = $3, reason = $4, amount = $5, evidence_due_at_ms = $6, \
                    submitted_at_ms = $7, version = $8 \
              where id = $1 and version = $2")
        .bind(known.id.to_string())
        .bind(known.version)
        .bind(next.state.as_str())
        .bind(next.reason.as_str())
        .bind(next.amount.minor)
        .bind(next.evidence_due_at_ms)
        .bind(next.submitted_at_ms)
        .bind(next.version),
    }
}

/// It may tell of the buyer, and nobody asks for it any more.
fn erase_evidence(id: DisputeId) -> Sql {
    sql("update dispute_evidence set content = '', file_name = '' where dispute_id = $1").bind(id.to_string())
}

impl TryFrom<Row> for Dispute {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let intent_id: IntentId = row.intent_id.parse()?;
        let state: DisputeState = row.state.parse()?;
        Ok(Self {
            id: row.id.parse()?,
            intent_id,
            reference: row.intent_reference,
            provider: row.provider,
            provider_reference: row.provider_reference,
            state,
            reason: row.reason,
            amount: Money::new(row.amount, row.currency.parse()?),
            evidence_due_at_ms: row.evidence_due_at_ms,
            submitted_at_ms: row.submitted_at_ms,
            opened_at_ms: row.opened_at_ms,
            version: row.version,
        })
    }
}

impl TryFrom<EvidenceRow> for Evidence {
    type Error = Error;

    fn try_from(row: EvidenceRow) -> Result<Self> {
        let kind = EvidenceKind::read(&row.kind)?;
        let content = match (row.content.is_empty(), kind.is_file()) {
            (true, _) => Content::Erased,
            (false, false) => Content::Text(row.content),
            (false, true) => Content::File {
                name: row.file_name,
                content_type: row.content_type,
                bytes: BASE64.decode(row.content.as_bytes()).map_err(Error::internal)?,
            },
        };
        Ok(Self { kind, content, size: usize::try_from(row.size).unwrap_or_default() })
    }
}
