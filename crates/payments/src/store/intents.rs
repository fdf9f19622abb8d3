//! Rows of intents. What moved is a sum of their events.

use std::str::FromStr;

use argosy_kernel::{Currency, Error, IntentId, Money, ParseIdError, Result, Timestamp};
use argosy_platform::database::{Database, Executor, Sql, sql};
use sea_orm::FromQueryResult;

use super::money;
use crate::domain::{Intent, Move, MoveKind, Moved, Remembers, State, WalletUse};

/// An intent about to be opened.
pub(crate) struct NewIntent<'a> {
    pub(crate) id: IntentId,
    pub(crate) provider: &'a str,
    pub(crate) method: &'a str,
    pub(crate) reference: &'a str,
    pub(crate) amount: Money,
    pub(crate) wallet: WalletUse,
}

impl NewIntent<'_> {
    pub(super) fn insert(&self, state: State, now: Timestamp) -> Sql {
        sql("insert into intent (id, provider, method, reference, state, currency, amount, created_at_ms, wallet_id, \
                                 method_id, remembers) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing")
        .bind(self.id.to_string())
        .bind(self.provider)
        .bind(self.method)
        .bind(self.reference)
        .bind(state.as_stored())
        .bind(self.amount.currency.code())
        .bind(self.amount.minor)
        .bind(now.as_millis())
        .bind(self.wallet.wallet_id.map(|id| id.to_string()).unwrap_or_default())
        .bind(self.wallet.method_id.map(|id| id.to_string()).unwrap_or_default())
        .bind(self.wallet.remembers.as_stored())
    }

    pub(super) fn opened(&self, state: State) -> Intent {
        Intent {
            id: self.id,
            provider: self.provider.to_owned(),
            method: self.method.to_owned(),
            reference: self.reference.to_owned(),
            state,
            amount: self.amount,
            moved: Moved::nothing(self.amount.currency),
            provider_reference: String::new(),
            action_url: String::new(),
            client_secret: String::new(),
            failure_reason: String::new(),
            failure_text: String::new(),
            instructions: String::new(),
            version: 1,
            wallet: self.wallet,
            card: None,
        }
    }
}

/// The sums are written beside the state so that the table's own checks stand behind them, and for releases that read
/// them there.
pub(super) fn update(before: &Intent, next: &Intent) -> Sql {
    sql("update intent set state = $3, captured = $4, refunded = $5, provider_reference = $6, action_url = $7, \
                failure_reason = $8, failure_text = $9, instructions = $10, version = $11, client_secret = $12 \
          where id = $1 and version = $2")
    .bind(before.id.to_string())
    .bind(before.version)
    .bind(next.state.as_stored())
    .bind(next.moved.captured.minor)
    .bind(next.moved.refunded.minor)
    .bind(next.provider_reference.as_str())
    .bind(next.action_url.as_str())
    .bind(next.failure_reason.as_str())
    .bind(next.failure_text.as_str())
    .bind(next.instructions.as_str())
    .bind(next.version)
    .bind(next.client_secret.as_str())
}

#[derive(FromQueryResult)]
struct IntentRow {
    id: String,
    provider: String,
    method: String,
    reference: String,
    state: String,
    currency: String,
    amount: i64,
    provider_reference: String,
    action_url: String,
    client_secret: String,
    failure_reason: String,
    failure_text: String,
    instructions: String,
    version: i64,
    wallet_id: String,
    method_id: String,
    remembers: i64,
    authorised: i64,
    captured: i64,
    refunded: i64,
    voided: i64,
    capturing: i64,
    refunding: i64,
}

/// One statement, so that the sums are those of the version that is read with them.
pub(super) async fn load(on: &impl Executor, id: IntentId) -> Result<Option<Intent>> {
    let row: Option<IntentRow> = sql(
        "select i.id, i.provider, i.method, i.reference, i.state, i.currency, i.amount, i.provider_reference, \
                i.action_url, i.client_secret, i.failure_reason, i.failure_text, i.instructions, i.version, \
                i.wallet_id, i.method_id, i.remembers, \
                coalesce(e.authorised, 0) as authorised, coalesce(e.captured, 0) as captured, \
                coalesce(e.refunded, 0) as refunded, coalesce(e.voided, 0) as voided, \
                coalesce(e.capturing, 0) as capturing, coalesce(e.refunding, 0) as refunding \
           from intent i \
           left join ( \
             select intent_id, \
                    cast(sum(case when kind = 'authorised' then amount else 0 end) as bigint) as authorised, \
                    cast(sum(case when kind = 'captured' then amount else 0 end) as bigint) as captured, \
                    cast(sum(case when kind = 'refunded' then amount \
                                  when kind = 'refund_failed' then -amount else 0 end) as bigint) as refunded, \
                    cast(sum(case when kind = 'voided' then amount else 0 end) as bigint) as voided, \
                    cast(sum(case when kind = 'capture_asked' and not exists ( \
                        select 1 from payment_event d where d.intent_id = a.intent_id and d.reference = a.reference \
                           and d.kind in ('captured', 'capture_refused')) then amount else 0 end) as bigint) as capturing, \
                    cast(sum(case when kind = 'refund_asked' and not exists ( \
                        select 1 from payment_event d where d.intent_id = a.intent_id and d.reference = a.reference \
                           and d.kind in ('refunded', 'refund_refused')) then amount else 0 end) as bigint) as refunding \
               from payment_event a \
              where a.intent_id = $1 \
              group by intent_id) e on e.intent_id = i.id \
          where i.id = $1",
    )
    .bind(id.to_string())
    .optional(on)
    .await?;
    row.map(Intent::try_from).transpose()
}

impl TryFrom<IntentRow> for Intent {
    type Error = Error;

    fn try_from(row: IntentRow) -> Result<Self> {
        let currency: Currency = row.currency.parse()?;
        let amount = Money::new(row.amount, currency);
        let moved = Moved {
            authorised: money(row.authorised, amount),
            captured: money(row.captured, amount),
            refunded: money(row.refunded, amount),
            voided: money(row.voided, amount),
            capturing: money(row.capturing, amount),
            refunding: money(row.refunding, amount),
        };
        let wallet = WalletUse {
            wallet_id: id_if_any(&row.wallet_id)?,
            method_id: id_if_any(&row.method_id)?,
            remembers: Remembers::of_stored(row.remembers),
        };
        Ok(Self {
            id: row.id.parse()?,
            provider: row.provider,
            method: row.method,
            reference: row.reference,
            state: Self::state_of(row.state.parse()?, amount, &moved),
            amount,
            moved,
            provider_reference: row.provider_reference,
            action_url: row.action_url,
            client_secret: row.client_secret,
            failure_reason: row.failure_reason,
            failure_text: row.failure_text,
            instructions: row.instructions,
            version: row.version,
            wallet,
            card: None,
        })
    }
}

/// An id; none where a column holds nothing.
pub(super) fn id_if_any<T: FromStr<Err = ParseIdError>>(text: &str) -> Result<Option<T>> {
    if text.is_empty() { Ok(None) } else { Ok(Some(text.parse()?)) }
}

#[derive(FromQueryResult)]
struct IdRow {
    id: String,
}

pub(super) async fn id_of(on: &Database, provider: &str, reference: &str) -> Result<Option<IntentId>> {
    let row: Option<IdRow> =
        sql("select id from intent where provider = $1 and provider_reference = $2 limit 1")
            .bind(provider)
            .bind(reference)
            .optional(on)
            .await?;
    row.map(|row| row.id.parse().map_err(Error::from)).transpose()
}

/// See `Store::to_be_let_go`.
pub(super) async fn to_be_let_go(on: &Database, from: Timestamp, limit: i64) -> Result<Vec<IntentId>> {
    let rows: Vec<IdRow> = sql("select a.intent_id as id \
           from payment_event a \
          where a.kind = 'let_go_asked' \
            and a.time_ms >= $1 \
            and not exists ( \
              select 1 from payment_event d \
               where d.intent_id = a.intent_id and d.kind = 'let_go' and d.reference = '') \
          order by a.time_ms \
          limit $2")
    .bind(from.as_millis())
    .bind(limit)
    .all(on)
    .await?;
    rows.into_iter().map(|row| row.id.parse().map_err(Error::from)).collect()
}

/// A move that is written down.
#[derive(FromQueryResult)]
pub(super) struct MoveRow {
    kind: String,
    reference: String,
    provider_reference: String,
}

impl MoveRow {
    /// Whether it is this one. Earlier releases wrote no name of the provider's, only the step's reference.
    pub(super) fn is_of(&self, one: &Move) -> bool {
        let is_named = self.provider_reference == one.reference;
        let is_step = self.provider_reference.is_empty() && Some(&self.reference) == one.step.as_ref();
        self.kind == one.kind.event() && (is_named || is_step)
    }
}

/// The moves of an intent that are written down.
pub(super) async fn moves_known(on: &Database, id: IntentId) -> Result<Vec<MoveRow>> {
    sql("select kind, reference, provider_reference from payment_event where intent_id = $1 and kind in ")
        .bind(id.to_string())
        .list(MoveKind::ALL.map(MoveKind::event))
        .all(on)
        .await
}
