//! Units and postings of an order.

use std::collections::BTreeMap;

use argosy_contracts::{orders::Posting, pricing::QuotedLine};
use argosy_kernel::{Error, OrderId, Result};
use argosy_platform::database::{Executor, Tx, Value, sql};
use sea_orm::FromQueryResult;

use super::{Store, checkouts::to_json, edits, work::Work};
use crate::{
    domain::{Delivery, Ledger, Line, Order, Units},
    error,
};

/// Where units of a line go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    /// Out of the order, before they are sent.
    Cancel,
    /// Into a parcel.
    Send,
    /// The buyer wants to send them back.
    AskBack,
    /// They stay with the buyer after all.
    Keep,
    /// They are here again.
    TakeBack,
    /// Out of what the order costs.
    Credit,
}

impl Move {
    /// What changes, and under which condition.
    const fn statement(self) -> &'static str {
        match self {
            Self::Cancel => {
                "update order_line set current = current - $3 \
                  where order_id = $1 and line_id = $2 and current - fulfilled >= $3"
            }
            Self::Send => {
                "update order_line set fulfilled = fulfilled + $3 \
                  where order_id = $1 and line_id = $2 and current - fulfilled >= $3"
            }
            Self::AskBack => {
                "update order_line set coming_back = coming_back + $3 \
                  where order_id = $1 and line_id = $2 and fulfilled - coming_back - returned >= $3"
            }
            Self::Keep => {
                "update order_line set coming_back = coming_back - $3 \
                  where order_id = $1 and line_id = $2 and coming_back >= $3"
            }
            Self::TakeBack => {
                "update order_line set coming_back = coming_back - $3, returned = returned + $3 \
                  where order_id = $1 and line_id = $2 and coming_back >= $3"
            }
            Self::Credit => {
                "update order_line set credited = credited + $3 \
                  where order_id = $1 and line_id = $2 and ordered - credited >= $3"
            }
        }
    }

    fn apply(self, line: &mut Line, quantity: i64) {
        match self {
            Self::Cancel => line.current -= quantity,
            Self::Send => line.fulfilled += quantity,
            Self::AskBack => line.coming_back += quantity,
            Self::Keep => line.coming_back -= quantity,
            Self::TakeBack => {
                line.coming_back -= quantity;
                line.returned += quantity;
            }
            Self::Credit => line.credited += quantity,
        }
    }
}

#[derive(FromQueryResult)]
struct LineRow {
    order_id: String,
    line_id: String,
    ordered: i64,
    current: i64,
    fulfilled: i64,
    coming_back: i64,
    returned: i64,
    credited: i64,
    document: Option<String>,
}

/// The lines of an order, and what is known of them and their delivery from changes after the sale.
#[derive(Default)]
pub(super) struct Lines {
    pub(super) units: Vec<Line>,
    pub(super) added: Vec<QuotedLine>,
    /// How the order is delivered, if that was changed.
    pub(super) delivery: Option<Box<Delivery>>,
}

impl Lines {
    /// Tells an order what was changed of it; answers its lines.
    pub(super) fn told_to(self, order: &mut Order) -> Vec<Line> {
        (order.added, order.delivery) = (self.added, self.delivery);
        self.units
    }
}

#[derive(FromQueryResult)]
struct BalanceRow {
    account: String,
    balance: i64,
}

#[derive(FromQueryResult)]
struct PostingRow {
    reference: String,
    account: String,
    amount: i64,
    time_ms: i64,
}

pub(super) async fn read(on: &impl Executor, order: OrderId) -> Result<Lines> {
    let id = order.to_string();
    Ok(of_orders(on, vec![id.clone()]).await?.remove(&id).unwrap_or_default())
}

/// The lines of several orders, by id; of those that are not open there are none.
pub(super) async fn of_orders(on: &impl Executor, orders: Vec<String>) -> Result<BTreeMap<String, Lines>> {
    let mut lines: BTreeMap<String, Lines> = BTreeMap::new();
    if orders.is_empty() {
        return Ok(lines);
    }
    let rows: Vec<LineRow> = sql(
        "select order_id, line_id, ordered, current, fulfilled, coming_back, returned, credited, document \
           from order_line where order_id in ",
    )
    .list(orders.clone())
    .then(" order by order_id, position")
    .all(on)
    .await?;
    if rows.is_empty() {
        return Ok(lines);
    }
    for (order, delivery) in edits::deliveries(on, orders).await? {
        lines.entry(order).or_default().delivery = Some(Box::new(delivery));
    }
    for row in rows {
        let LineRow {
            order_id,
            line_id: id,
            ordered,
            current,
            fulfilled,
            coming_back,
            returned,
            credited,
            document,
        } = row;
        let line = Line { id, ordered, current, fulfilled, coming_back, returned, credited };
        let of_order = lines.entry(order_id).or_default();
        of_order.units.push(line);
        if let Some(document) = document {
            of_order.added.push(serde_json::from_str(&document).map_err(Error::internal)?);
        }
    }
    Ok(lines)
}

pub(super) async fn ledger(on: &impl Executor, order: OrderId) -> Result<Ledger> {
    let rows: Vec<BalanceRow> = sql("select account, cast(sum(amount) as bigint) as balance from ( \
             select account, amount from order_posting where order_id = $1 \
             union all \
             select account, amount from order_dispute_posting where order_id = $1) postings \
          group by account")
    .bind(order.to_string())
    .all(on)
    .await?;
    let mut ledger = Ledger::default();
    for row in rows {
        ledger.add(row.account.parse()?, row.balance)?;
    }
    Ok(ledger)
}

pub(super) async fn insert(tx: &Tx, order: OrderId, lines: &[Line]) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let rows = lines.iter().enumerate().map(|(position, line)| -> [Value; 5] {
        [
            order.to_string().into(),
            line.id.as_str().into(),
            i64::try_from(position).unwrap_or(i64::MAX).into(),
            line.ordered.into(),
            line.current.into(),
        ]
    });
    sql("insert into order_line (order_id, line_id, position, ordered, current) values ")
        .rows(rows)
        .execute(tx)
        .await
        .map(|_| ())
}

impl Work {
    /// Adds a line after the sale.
    pub(crate) async fn add_line(&mut self, added: QuotedLine) -> Result<()> {
        let quantity = added.quantity;
        let (id, position) = (added.line_id.clone(), self.lines.len());
        sql("insert into order_line (order_id, line_id, position, ordered, current, document) \
             values ($1, $2, $3, $4, $4, $5)")
        .bind(self.order.id.to_string())
        .bind(id.as_str())
        .bind(i64::try_from(position).unwrap_or(i64::MAX))
        .bind(quantity)
        .bind(to_json(&added)?)
        .execute(&self.tx)
        .await?;
        self.lines.push(Line {
            id,
            ordered: quantity,
            current: quantity,
            fulfilled: 0,
            coming_back: 0,
            returned: 0,
            credited: 0,
        });
        self.order.added.push(added);
        Ok(())
    }

    /// Moves units of lines, all or none.
    ///
    /// # Errors
    /// `QUANTITY_TOO_LARGE` if there are fewer.
    pub(crate) async fn move_units(&mut self, to: Move, units: &[Units]) -> Result<()> {
        for (index, Units { line, quantity }) in units.iter().enumerate() {
            let moved = sql(to.statement())
                .bind(self.order.id.to_string())
                .bind(line.as_str())
                .bind(*quantity)
                .execute(&self.tx)
                .await?;
            if moved == 0 {
                return Err(error::quantity_too_large(format!("/lines/{index}/quantity"), 0));
            }
            if let Some(line) = self.lines.iter_mut().find(|known| known.id == *line) {
                to.apply(line, *quantity);
            }
        }
        Ok(())
    }
}

impl Store {
    /// All postings of an order, oldest first: as it was placed if nothing has changed it yet.
    pub(crate) async fn postings(&self, id: OrderId) -> Result<Vec<Posting>> {
        let found = self.order(id).await?.ok_or_else(|| error::order_not_found(id))?;
        let posting = |reference: &str, account: &str, minor: i64, time_ms: i64| -> Result<Posting> {
            let amount = Some(found.order.money(minor)?.into());
            Ok(Posting { reference: reference.to_owned(), account: account.to_owned(), amount, time_ms })
        };
        let rows: Vec<PostingRow> = sql("select reference, account, amount, time_ms from ( \
                 select reference, account, amount, time_ms, position from order_posting where order_id = $1 \
                 union all \
                 select reference, account, amount, time_ms, position from order_dispute_posting where order_id = $1) postings \
              order by time_ms, position limit 5000")
        .bind(id.to_string())
        .all(&self.database)
        .await?;
        if !rows.is_empty() {
            let told = |row: &PostingRow| posting(&row.reference, &row.account, row.amount, row.time_ms);
            return rows.iter().map(told).collect();
        }
        let mut postings = Vec::new();
        for entry in found.order.opening()? {
            for (account, amount) in &entry.postings {
                let time_ms = found.order.placed_at.as_millis();
                postings.push(posting(&entry.reference, account.as_str(), *amount, time_ms)?);
            }
        }
        Ok(postings)
    }
}

/// What the ledger of an order adds up to that nothing has changed yet.
pub(super) fn as_placed(order: &Order) -> Result<Ledger, Error> {
    let mut ledger = Ledger::default();
    order.opening()?.iter().try_for_each(|entry| ledger.post(entry))?;
    Ok(ledger)
}
