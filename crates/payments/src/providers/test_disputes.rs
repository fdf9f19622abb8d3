//! Disputes at the pretended provider: a drill says where one stands, and the rest follows from that.

use argosy_kernel::{Currency, IntentId, Money, Result};
use argosy_platform::database::{Database, sql};
use sea_orm::FromQueryResult;
use serde::Deserialize;

use crate::{
    domain::{DisputeMove, DisputeMoveKind, DisputeReport, DisputeState, Submitted},
    error,
};

/// What each costs the merchant, and what comes back with the money.
const FEE: i64 = 1_500;
const DUE_AT_MS: i64 = 4_102_444_800_000;

/// What a drill sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pretended {
    dispute: String,
    intent_id: IntentId,
    state: String,
}

#[derive(FromQueryResult)]
struct Row {
    key: String,
    charge: String,
    state: String,
    amount: i64,
    currency: String,
    withdrawn: i64,
    returned: i64,
    fee: i64,
    submitted: i64,
}

/// Notes where a dispute of a taken charge stands; answers its name.
pub(super) async fn pretend(database: &Database, told: Pretended) -> Result<String> {
    let state =
        told.state.parse::<DisputeState>().map_err(|_| error::invalid_message("no state of a dispute"))?;
    let is_name = !told.dispute.is_empty()
        && told.dispute.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_name {
        return Err(error::invalid_message("no name of a dispute"));
    }
    let is_real =
        !matches!(state, DisputeState::Inquiry | DisputeState::InquiryUnderReview | DisputeState::Closed);
    let noted = sql("insert into dispute (key, charge, state, amount, currency, withdrawn, returned, fee) \
         select $1, c.key, $3, c.captured, c.currency, c.captured * $4, c.captured * $5, $6 * $4 \
           from charge c where c.key = $2 and c.captured > 0 \
         on conflict (key) do update \
            set state = excluded.state, \
                withdrawn = case when excluded.withdrawn = 0 then dispute.withdrawn else excluded.withdrawn end, \
                returned = case when excluded.returned = 0 then dispute.returned else excluded.returned end, \
                fee = case when excluded.fee = 0 then dispute.fee else excluded.fee end")
    .bind(told.dispute.as_str())
    .bind(told.intent_id.to_string())
    .bind(state.as_str())
    .bind(i64::from(is_real))
    .bind(i64::from(state == DisputeState::Won))
    .bind(FEE)
    .commit(database)
    .await?;
    if noted == 0 {
        Err(error::invalid_message("there is no such charge that was taken"))
    } else {
        Ok(told.dispute)
    }
}

pub(super) async fn find(database: &Database, name: &str) -> Result<DisputeReport> {
    let row: Option<Row> =
        sql("select key, charge, state, amount, currency, withdrawn, returned, fee, submitted \
           from dispute where key = $1")
        .bind(name)
        .optional(database)
        .await?;
    let row = row.ok_or_else(|| error::dispute_not_found(name))?;
    let currency: Currency = row.currency.parse()?;
    let state: DisputeState = row.state.parse()?;
    let made = |kind, reference: &str, minor: i64| {
        let reference = format!("{}-{reference}", row.key);
        (minor > 0).then(|| DisputeMove { kind, reference, amount: Money::new(minor, currency) })
    };
    let fee_back = if row.returned > 0 { row.fee } else { 0 };
    let moves = [
        made(DisputeMoveKind::Withdrawn, "out", row.withdrawn),
        made(DisputeMoveKind::Fee, "out", row.fee),
        made(DisputeMoveKind::Reinstated, "back", row.returned),
        made(DisputeMoveKind::FeeReturned, "back", fee_back),
    ];
    Ok(DisputeReport {
        payment_reference: format!("test-{}", row.charge),
        state,
        reason: "fraudulent".to_owned(),
        amount: Money::new(row.amount, currency),
        evidence_due_at_ms: if state.may_answer() { DUE_AT_MS } else { 0 },
        submitted: if row.submitted == 0 { Submitted::No } else { Submitted::Yes },
        asked_at_ms: 0,
        moves: moves.into_iter().flatten().collect(),
        provider_reference: row.key,
    })
}

pub(super) async fn submit(database: &Database, name: &str) -> Result<DisputeReport> {
    sql("update dispute \
            set submitted = 1, \
                state = case when state = 'inquiry' then 'inquiry_under_review' else 'under_review' end \
          where key = $1 and state in ('inquiry', 'needs_response')")
    .bind(name)
    .commit(database)
    .await?;
    find(database, name).await
}
