//! Parcels that left and goods that come back.

use argosy_kernel::{FulfilmentId, OrderId, Result, ReturnId, Timestamp};
use argosy_platform::database::{Executor, sql};
use sea_orm::FromQueryResult;

use super::{checkouts::to_json, work::Work};
use crate::{
    domain::{Order, Origin, Return, ReturnedLine, Step, StepKind, Units, left_at},
    error,
};

/// Parcels, and returns, of one order.
const OF_ORDER_MAX: i64 = 500;

/// A parcel that left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parcel {
    pub(crate) id: FulfilmentId,
    pub(crate) units: Vec<Units>,
    pub(crate) carrier: String,
    pub(crate) tracking_number: String,
    pub(crate) tracking_url: String,
    /// That sent it; empty: nobody said.
    pub(crate) location_id: String,
    pub(crate) at: Timestamp,
}

#[derive(FromQueryResult)]
struct ParcelRow {
    id: String,
    carrier: String,
    tracking_number: String,
    tracking_url: String,
    lines: String,
    location_id: Option<String>,
    time_ms: i64,
}

/// A return as it is stored; its words are sealed.
#[derive(FromQueryResult)]
pub(super) struct ReturnRow {
    id: String,
    state: String,
    reference: String,
    resolution: String,
    lines: String,
    words: Option<String>,
    time_ms: i64,
}

pub(super) async fn parcels(on: &impl Executor, order: OrderId) -> Result<Vec<Parcel>> {
    let rows: Vec<ParcelRow> =
        sql("select id, carrier, tracking_number, tracking_url, lines, location_id, time_ms \
           from order_fulfilment where order_id = $1 order by id limit $2")
        .bind(order.to_string())
        .bind(OF_ORDER_MAX)
        .all(on)
        .await?;
    let parcel = |row: ParcelRow| -> Result<Parcel> {
        Ok(Parcel {
            id: row.id.parse()?,
            units: read_json(&row.lines)?,
            carrier: row.carrier,
            tracking_number: row.tracking_number,
            tracking_url: row.tracking_url,
            location_id: row.location_id.unwrap_or_default(),
            at: Timestamp::from_millis(row.time_ms),
        })
    };
    rows.into_iter().map(parcel).collect()
}

const RETURN_COLUMNS: &str =
    "select id, state, reference, resolution, lines, words, time_ms from order_return where order_id = $1";

pub(super) async fn returns(on: &impl Executor, order: OrderId) -> Result<Vec<ReturnRow>> {
    let statement = sql(format!("{RETURN_COLUMNS} order by id limit $2"));
    statement.bind(order.to_string()).bind(OF_ORDER_MAX).all(on).await
}

impl ReturnRow {
    /// `kept` opens what was written of it.
    pub(super) fn open<F>(self, kept: F) -> Result<Return>
    where
        F: FnOnce(Option<&str>) -> Result<crate::domain::Words>,
    {
        let lines: Vec<ReturnedLine> = read_json(&self.lines)?;
        Ok(Return {
            id: self.id.parse()?,
            state: self.state.parse()?,
            reference: self.reference,
            resolution: self.resolution,
            lines,
            words: kept(self.words.as_deref())?,
            at: Timestamp::from_millis(self.time_ms),
        })
    }
}

/// What locations still have to send of an order: neither in a parcel nor put back there.
pub(crate) fn left_of(order: &Order, parcels: &[Parcel], steps: &[Step]) -> Vec<Origin> {
    // Stock that came back of goods that had been sent is not of the line's any more, and names none.
    let back = steps.iter().filter(|step| step.kind == StepKind::Restock && !step.line_id.is_empty());
    let back: Vec<(Option<&str>, [Units; 1])> = back
        .map(|step| {
            let units = Units { line: step.line_id.clone(), quantity: step.amount };
            (Some(step.location_id.as_str()).filter(|id| !id.is_empty()), [units])
        })
        .collect();
    let sent = parcels.iter().map(|parcel| {
        let location = Some(parcel.location_id.as_str()).filter(|id| !id.is_empty());
        (location, parcel.units.as_slice())
    });
    let back = back.iter().map(|(location, units)| (*location, units.as_slice()));
    let gone: Vec<(Option<&str>, &[Units])> = sent.chain(back).collect();
    left_at(&order.origins, &gone)
}

impl Work {
    pub(crate) async fn add_parcel(&self, parcel: &Parcel) -> Result<()> {
        sql("insert into order_fulfilment (id, order_id, carrier, tracking_number, tracking_url, lines, time_ms, location_id) \
             values ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(parcel.id.to_string())
        .bind(self.order.id.to_string())
        .bind(parcel.carrier.as_str())
        .bind(parcel.tracking_number.as_str())
        .bind(parcel.tracking_url.as_str())
        .bind(to_json(&parcel.units)?)
        .bind(parcel.at.as_millis())
        .bind(Some(&parcel.location_id).filter(|id| !id.is_empty()).cloned())
        .execute(&self.tx)
        .await
        .map(|_| ())
    }

    /// What locations still have to send.
    pub(crate) async fn left_at_origins(&self) -> Result<Vec<Origin>> {
        if self.order.origins.is_empty() {
            return Ok(Vec::new());
        }
        let (parcels, steps) = (parcels(&self.tx, self.order.id).await?, self.all_steps().await?);
        Ok(left_of(&self.order, &parcels, &steps))
    }

    /// When the last parcel left.
    pub(crate) async fn last_parcel(&self) -> Result<Option<Timestamp>> {
        Ok(parcels(&self.tx, self.order.id).await?.iter().map(|parcel| parcel.at).max())
    }

    /// Writes a return, new or changed.
    pub(crate) async fn put_return(&self, asked: &Return) -> Result<()> {
        sql("insert into order_return (id, order_id, state, reference, resolution, lines, words, time_ms) \
             values ($1, $2, $3, $4, $5, $6, $7, $8) \
             on conflict (id) do update set state = $3, resolution = $5, lines = $6, words = $7")
        .bind(asked.id.to_string())
        .bind(self.order.id.to_string())
        .bind(asked.state.as_str())
        .bind(asked.reference.as_str())
        .bind(asked.resolution.as_str())
        .bind(to_json(&asked.lines)?)
        .bind(self.keep(&asked.words)?)
        .bind(asked.at.as_millis())
        .execute(&self.tx)
        .await
        .map(|_| ())
    }

    /// A return of this order.
    ///
    /// # Errors
    /// `RETURN_NOT_FOUND`.
    pub(crate) async fn find_return(&self, id: &str) -> Result<Return> {
        let known: ReturnId = id.parse().map_err(|_| error::return_not_found(id))?;
        let row: Option<ReturnRow> = sql(format!("{RETURN_COLUMNS} and id = $2"))
            .bind(self.order.id.to_string())
            .bind(known.to_string())
            .optional(&self.tx)
            .await?;
        row.ok_or_else(|| error::return_not_found(id))?.open(|words| self.kept(words))
    }
}

fn read_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(argosy_kernel::Error::internal)
}
