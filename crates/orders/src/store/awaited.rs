//! Units that orders wait for, and what inventory tells of when they come.

use std::collections::BTreeSet;

use argosy_kernel::{Day, Error, OrderId, Result};
use argosy_platform::database::{Executor, Sql, Tx, Value, sql};
use sea_orm::FromQueryResult;

use super::{Store, Work};
use crate::domain::{Awaited, Order};

/// Orders that are told at once.
const TO_TELL_MAX: i64 = 50;

/// What a fact tells of a variant.
pub(crate) struct ExpectedTold<'a> {
    pub(crate) variant: &'a str,
    pub(crate) expected_on: Option<Day>,
    pub(crate) preorder: bool,
    /// Nobody waits for it any more.
    pub(crate) arrived: bool,
    pub(crate) version: i64,
}

/// News for the buyer of a line.
pub(crate) struct Expected {
    /// As it is now; of what has arrived there is no day.
    pub(crate) awaited: Awaited,
    pub(crate) arrived: bool,
    pub(crate) is_new: bool,
}

#[derive(FromQueryResult)]
struct Row {
    line_id: String,
    variant_id: String,
    quantity: i64,
    expected_on: String,
    preorder: bool,
    seen_version: i64,
}

#[derive(FromQueryResult)]
struct BehindRow {
    line_id: String,
    variant_id: String,
    quantity: i64,
    told: String,
    expected_on: String,
    preorder: bool,
    arrived: bool,
    version: i64,
}

#[derive(FromQueryResult)]
struct PendingRow {
    variant_id: String,
    version: i64,
    touched: i64,
}

#[derive(FromQueryResult)]
struct OrderRow {
    order_id: String,
}

impl TryFrom<Row> for Awaited {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            line: row.line_id,
            variant: row.variant_id,
            quantity: row.quantity,
            expected_on: Day::optional(&row.expected_on)?,
            preorder: row.preorder,
            version: row.seen_version,
        })
    }
}

/// What an order waits for, written with it: nothing for most.
pub(super) fn insert(order: &Order) -> Vec<Sql> {
    if order.awaited.is_empty() {
        return Vec::new();
    }
    let rows = order.awaited.iter().map(|awaited| -> [Value; 7] {
        [
            order.id.to_string().into(),
            awaited.line.as_str().into(),
            awaited.variant.as_str().into(),
            awaited.quantity.into(),
            Day::text(awaited.expected_on).into(),
            awaited.preorder.into(),
            awaited.version.into(),
        ]
    });
    let variants: BTreeSet<&str> = order.awaited.iter().map(|awaited| awaited.variant.as_str()).collect();
    vec![
        sql("insert into order_awaited (order_id, line_id, variant_id, quantity, expected_on, preorder, \
             seen_version) values ")
        .rows(rows)
        .then(" on conflict do nothing"),
        // What was told between the sale and this is for this order, too.
        sql("update awaited_variant set pending = true, touched = touched + 1 where variant_id in ")
            .list(variants.into_iter().map(ToOwned::to_owned)),
    ]
}

/// What an order waits for, by the line.
pub(super) async fn of_order(on: &impl Executor, id: OrderId) -> Result<Vec<Awaited>> {
    let rows: Vec<Row> =
        sql("select line_id, variant_id, quantity, expected_on, preorder, seen_version from order_awaited \
          where order_id = $1 order by line_id")
        .bind(id.to_string())
        .all(on)
        .await?;
    rows.into_iter().map(Awaited::try_from).collect()
}

impl Store {
    /// Keeps what was told of a variant, unless later news are here.
    pub(crate) async fn note_expected(tx: &Tx, told: &ExpectedTold<'_>) -> Result<()> {
        sql("insert into awaited_variant (variant_id, expected_on, preorder, arrived, version, pending) \
             values ($1, $2, $3, $4, $5, true) \
             on conflict (variant_id) do update \
                set expected_on = excluded.expected_on, preorder = excluded.preorder, arrived = excluded.arrived, \
                    version = excluded.version, pending = true \
              where awaited_variant.version < excluded.version")
        .bind(told.variant)
        .bind(Day::text(told.expected_on))
        .bind(told.preorder)
        .bind(told.arrived)
        .bind(told.version)
        .execute(tx)
        .await
        .map(|_| ())
    }

    /// Orders that do not know what was told of what they wait for.
    pub(crate) async fn orders_to_tell(&self) -> Result<Vec<OrderId>> {
        let pending: Vec<PendingRow> =
            sql("select variant_id, version, touched from awaited_variant where pending order by variant_id limit $1")
                .bind(TO_TELL_MAX)
                .all(&self.database)
                .await?;
        let mut orders = BTreeSet::new();
        for variant in pending {
            let behind: Vec<OrderRow> = sql("select order_id from order_awaited \
                  where variant_id = $1 and seen_version < $2 order by order_id limit $3")
            .bind(variant.variant_id.as_str())
            .bind(variant.version)
            .bind(TO_TELL_MAX)
            .all(&self.database)
            .await?;
            if behind.is_empty() {
                self.all_are_told(&variant).await?;
            }
            orders.extend(behind.into_iter().map(|row| row.order_id));
        }
        orders.iter().map(|id| Ok(id.parse()?)).collect()
    }

    /// Nobody is left, unless an order has come or more was told meanwhile.
    async fn all_are_told(&self, variant: &PendingRow) -> Result<()> {
        sql("update awaited_variant set pending = false where variant_id = $1 and version = $2 and touched = $3")
            .bind(variant.variant_id.as_str())
            .bind(variant.version)
            .bind(variant.touched)
            .commit(&self.database)
            .await
            .map(|_| ())
    }
}

impl Work {
    /// What was told of what this order waits for and it does not know; it does from here on.
    pub(crate) async fn take_expected(&self) -> Result<Vec<Expected>> {
        let id = self.order.id.to_string();
        let behind: Vec<BehindRow> = sql(
            "select a.line_id, a.variant_id, a.quantity, a.expected_on as told, v.expected_on, v.preorder, v.arrived, v.version \
               from order_awaited a join awaited_variant v on v.variant_id = a.variant_id \
              where a.order_id = $1 and a.seen_version < v.version order by a.line_id",
        )
        .bind(id.as_str())
        .all(&self.tx)
        .await?;
        let mut expected = Vec::with_capacity(behind.len());
        for row in behind {
            let seen = if row.arrived {
                sql("delete from order_awaited where order_id = $1 and line_id = $2")
                    .bind(id.as_str())
                    .bind(row.line_id.as_str())
            } else {
                sql("update order_awaited set expected_on = $3, preorder = $4, seen_version = $5 \
                      where order_id = $1 and line_id = $2")
                .bind(id.as_str())
                .bind(row.line_id.as_str())
                .bind(row.expected_on.as_str())
                .bind(row.preorder)
                .bind(row.version)
            };
            seen.execute(&self.tx).await?;
            let awaited = Awaited {
                line: row.line_id,
                variant: row.variant_id,
                quantity: row.quantity,
                expected_on: Day::optional(&row.expected_on)?,
                preorder: row.preorder,
                version: row.version,
            };
            let is_new = row.told != row.expected_on;
            expected.push(Expected { awaited, arrived: row.arrived, is_new });
        }
        Ok(expected)
    }
}
