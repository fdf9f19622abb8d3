//! Invoices and credit notes, and the numbers of their series.

use argosy_kernel::{Error, OrderId, Result};
use argosy_platform::database::{Executor, sql};
use sea_orm::FromQueryResult;

use super::{Store, checkouts::to_json, orders, work::Work};
use crate::domain::{Addressee, Paper};

/// Papers of one order.
const OF_ORDER_MAX: i64 = 500;

#[derive(FromQueryResult)]
struct PlaceRow {
    last: i64,
}

/// A paper as it is stored; whom it is for is sealed.
#[derive(FromQueryResult)]
pub(super) struct PaperRow {
    document: String,
    addressee: Option<String>,
}

/// A paper that was issued.
pub(crate) struct Issued {
    pub(crate) paper: Paper,
    pub(crate) addressee: Addressee,
}

/// Oldest first.
pub(super) async fn of_order(on: &impl Executor, order: OrderId) -> Result<Vec<PaperRow>> {
    sql("select document, addressee from paper where order_id = $1 order by time_ms, kind desc, place limit $2")
        .bind(order.to_string())
        .bind(OF_ORDER_MAX)
        .all(on)
        .await
}

impl PaperRow {
    pub(super) fn open<F>(&self, kept: F) -> Result<Issued>
    where
        F: FnOnce(Option<&str>) -> Result<Addressee>,
    {
        let paper = serde_json::from_str(&self.document).map_err(Error::internal)?;
        Ok(Issued { paper, addressee: kept(self.addressee.as_deref())? })
    }
}

impl Work {
    pub(crate) async fn papers(&self) -> Result<Vec<Issued>> {
        let rows = of_order(&self.tx, self.order.id).await?;
        rows.iter().map(|row| row.open(|text| self.kept(text))).collect()
    }

    /// The next place of a series. Nobody else gets one until this change lasts; if it does not, the place is free.
    pub(crate) async fn next_place(&self, series: &str) -> Result<i64> {
        let row: PlaceRow = sql("insert into paper_series (name, last) values ($1, 1) \
              on conflict (name) do update set last = paper_series.last + 1 returning last")
        .bind(series)
        .one(&self.tx)
        .await?;
        Ok(row.last)
    }

    pub(crate) async fn issue(
        &self,
        (series, place): (&str, i64),
        paper: &Paper,
        addressee: &Addressee,
    ) -> Result<()> {
        sql("insert into paper (series, place, number, order_id, kind, total, document, addressee, time_ms) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(series)
        .bind(place)
        .bind(paper.number.as_str())
        .bind(self.order.id.to_string())
        .bind(paper.kind.as_str())
        .bind(paper.total())
        .bind(to_json(paper)?)
        .bind(self.keep(addressee)?)
        .bind(paper.issued_at.as_millis())
        .execute(&self.tx)
        .await
        .map(|_| ())
    }
}

/// The head of a paper, for whoever sees the order.
#[derive(FromQueryResult)]
pub(crate) struct Head {
    pub(crate) number: String,
    pub(crate) kind: String,
    pub(crate) total: i64,
    pub(crate) time_ms: i64,
}

pub(super) async fn heads(on: &impl Executor, order: OrderId) -> Result<Vec<Head>> {
    sql("select number, kind, total, time_ms from paper where order_id = $1 order by time_ms, kind desc, place limit $2")
        .bind(order.to_string())
        .bind(OF_ORDER_MAX)
        .all(on)
        .await
}

impl Store {
    /// The papers of an order, oldest first.
    pub(crate) async fn papers(&self, id: OrderId) -> Result<Vec<Issued>> {
        let found: orders::OrderRow = orders::select(id).one(&self.database).await?;
        let rows = of_order(&self.database, id).await?;
        rows.iter().map(|row| row.open(|text| found.kept(text))).collect()
    }
}
