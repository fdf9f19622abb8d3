//! What checkouts, attempts and orders say of each other, one statement a stretch: each is of one moment.

use std::{collections::BTreeMap, time::Duration};

use argosy_contracts::orders::{
    AttemptInBooks, BalanceInBooks, CheckoutInBooks, LedgerInBooks, OrderInBooks, PartInBooks,
};
use argosy_kernel::{Error, Result};
use argosy_platform::database::sql;
use sea_orm::FromQueryResult;

use super::Store;
use crate::domain::{Attempt, Checkout, Order, Part};

/// After this long without anybody at work a step counts as forgotten.
const FORGOTTEN: Duration = Duration::from_mins(1);

#[derive(FromQueryResult)]
struct CheckoutRow {
    id: String,
    status: String,
    order_id: Option<String>,
    attempts_open: i64,
}

#[derive(FromQueryResult)]
struct AttemptRow {
    state: String,
    lease_until_ms: i64,
    document: String,
    order_id: Option<String>,
    payment_status: Option<String>,
    is_opened: Option<bool>,
    paid: Option<i64>,
    refunding: Option<i64>,
    refunded: Option<i64>,
    dispute_loss: Option<i64>,
}

#[derive(FromQueryResult)]
struct BalanceRow {
    id: String,
    order_id: String,
    state: String,
    amount: i64,
    document: String,
    taken: i64,
    refunding: i64,
    refunded: i64,
    dispute_loss: i64,
}

#[derive(FromQueryResult)]
struct PartRow {
    order_id: String,
    what: String,
    amount: i64,
}

#[derive(FromQueryResult)]
struct OrderRow {
    document: String,
    payment_status: String,
    checkout: Option<String>,
    attempts: i64,
    placed_events: i64,
    captured_events: i64,
    is_opened: bool,
    posted: i64,
    unbalanced: i64,
    opened: i64,
    steps_forgotten: i64,
}

impl Store {
    pub(crate) async fn checkouts_in_books(&self, after: &str, limit: usize) -> Result<Vec<CheckoutInBooks>> {
        let rows: Vec<CheckoutRow> = sql("select c.id, c.status, o.id as order_id, \
                    (select count(*) from attempt a where a.checkout_id = c.id \
                       and a.state in ('running', 'parked', 'releasing')) as attempts_open \
               from checkout c \
               left join orders o on o.checkout_id = c.id \
              where c.id > $1 \
              order by c.id \
              limit $2")
        .bind(after)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .all(&self.database)
        .await?;
        let checkout = |row: CheckoutRow| CheckoutInBooks {
            id: row.id,
            status: row.status,
            order_id: row.order_id.unwrap_or_default(),
            attempts_open: row.attempts_open,
        };
        Ok(rows.into_iter().map(checkout).collect())
    }

    pub(crate) async fn attempts_in_books(&self, after: &str, limit: usize) -> Result<Vec<AttemptInBooks>> {
        let rows: Vec<AttemptRow> =
            sql("select case when a.split_parked = 1 then 'parked' else a.state end as state, \
                    coalesce(a.split_lease_ms, a.lease_until_ms) as lease_until_ms, a.document, o.id as order_id, o.payment_status, \
                    o.opened_at_ms is not null as is_opened, \
                    (select cast(coalesce(sum(p.amount), 0) as bigint) from order_posting p \
                      where p.order_id = o.id and p.account = 'paid' and p.reference not like 'balance:%') as paid, \
                    (select cast(coalesce(-sum(p.amount), 0) as bigint) from order_posting p \
                      where p.order_id = o.id and p.account = 'refunding') \
                    - (select cast(coalesce(sum(s.amount), 0) as bigint) from order_step s \
                        join order_balance b on b.id = s.intent_id \
                       where s.order_id = o.id and s.kind = 'refund' and s.state = 'open') as refunding, \
                    (select cast(coalesce(-sum(p.amount), 0) as bigint) from order_posting p \
                      where p.order_id = o.id and p.account = 'refunded') \
                    - (select cast(coalesce(sum(s.amount), 0) as bigint) from order_step s \
                        join order_balance b on b.id = s.intent_id \
                       where s.order_id = o.id and s.kind = 'refund' and s.state = 'done') as refunded, \
                    (select cast(coalesce(-sum(p.amount), 0) as bigint) from order_dispute_posting p \
                      where p.order_id = o.id and p.account = 'withdrawn' \
                        and not exists (select 1 from order_dispute d join order_balance b on b.id = d.intent_id \
                             where d.order_id = o.id and p.reference like 'dispute:' || d.dispute_id || ':%')) as dispute_loss \
               from attempt a \
               left join orders o on o.checkout_id = a.checkout_id \
              where a.id > $1 \
              order by a.id \
              limit $2")
            .bind(after)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .all(&self.database)
            .await?;
        let mut attempts = Vec::with_capacity(rows.len());
        let mut split = Vec::new();
        for row in rows {
            let (attempt, payments) = in_books(row)?;
            if payments.len() > 1 {
                split.push((attempts.len(), payments));
            }
            attempts.push(attempt);
        }
        if !split.is_empty() {
            let orders = split.iter().map(|(index, _)| attempts[*index].order_id.clone()).collect();
            let moved = self.parts_in_books(orders).await?;
            for (index, payments) in split {
                let attempt = &mut attempts[index];
                attempt.parts =
                    payments.iter().map(|part| part_in_books(part, &attempt.order_id, &moved)).collect();
            }
        }
        Ok(attempts)
    }

    /// What was moved by each payment of orders that several pay: by order, what it is and which payment.
    async fn parts_in_books(&self, orders: Vec<String>) -> Result<BTreeMap<(String, String), i64>> {
        let rows: Vec<PartRow> = sql("select order_id, reference as what, amount from order_posting \
              where account = 'paid' and order_id in ")
        .list(orders.clone())
        .all(&self.database)
        .await?;
        let steps: Vec<PartRow> =
            sql("select order_id, 'refund_' || state || ':' || intent_id as what, amount from order_step \
              where kind = 'refund' and intent_id is not null and order_id in ")
            .list(orders.clone())
            .all(&self.database)
            .await?;
        let by_hand: Vec<PartRow> =
            sql("select order_id, 'capture:' || intent_id as what, amount from order_step \
              where kind = 'capture' and state = 'done' and intent_id is not null and order_id in ")
            .list(orders)
            .all(&self.database)
            .await?;
        let mut moved = BTreeMap::new();
        for PartRow { order_id, what, amount } in rows.into_iter().chain(steps).chain(by_hand) {
            *moved.entry((order_id, what)).or_default() += amount;
        }
        Ok(moved)
    }

    pub(crate) async fn balances_in_books(&self, after: &str, limit: usize) -> Result<Vec<BalanceInBooks>> {
        let rows: Vec<BalanceRow> = sql("select b.id, b.order_id, b.state, b.amount, o.document, \
                    (select cast(coalesce(sum(p.amount), 0) as bigint) from order_posting p \
                      where p.order_id = o.id and p.account = 'paid' and p.reference = 'balance:' || b.id) as taken, \
                    (select cast(coalesce(sum(s.amount), 0) as bigint) from order_step s \
                      where s.order_id = o.id and s.kind = 'refund' and s.state = 'open' \
                        and s.intent_id = b.id) as refunding, \
                    (select cast(coalesce(sum(s.amount), 0) as bigint) from order_step s \
                      where s.order_id = o.id and s.kind = 'refund' and s.state = 'done' \
                        and s.intent_id = b.id) as refunded, \
                    (select cast(coalesce(-sum(p.amount), 0) as bigint) from order_dispute d \
                       join order_dispute_posting p on p.order_id = d.order_id and p.account = 'withdrawn' \
                        and p.reference like 'dispute:' || d.dispute_id || ':%' \
                      where d.order_id = o.id and d.intent_id = b.id) as dispute_loss \
               from order_balance b \
               join orders o on o.id = b.order_id \
              where b.id > $1 \
              order by b.id \
              limit $2")
        .bind(after)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .all(&self.database)
        .await?;
        let balance = |row: BalanceRow| {
            let order: Order = serde_json::from_str(&row.document).map_err(Error::internal)?;
            Ok(BalanceInBooks {
                amount: Some(order.money(row.amount)?.into()),
                id: row.id,
                order_id: row.order_id,
                state: row.state,
                taken: row.taken,
                refunding: row.refunding,
                refunded: row.refunded,
                dispute_loss: row.dispute_loss,
            })
        };
        rows.into_iter().map(balance).collect()
    }

    pub(crate) async fn orders_in_books(&self, after: &str, limit: usize) -> Result<Vec<OrderInBooks>> {
        let rows: Vec<OrderRow> = sql("select o.document, o.payment_status, c.document as checkout, \
                    (select count(*) from attempt a where a.checkout_id = o.checkout_id \
                       and a.state in ('placed', 'done')) as attempts, \
                    (select count(*) from order_event e where e.order_id = o.id \
                       and e.kind = 'placed') as placed_events, \
                    (select count(*) from order_event e where e.order_id = o.id \
                       and e.kind = 'payment_captured') as captured_events, \
                    o.opened_at_ms is not null as is_opened, \
                    (select cast(coalesce(sum(p.amount), 0) as bigint) from ( \
                      select amount from order_posting where order_id = o.id union all \
                      select amount from order_dispute_posting where order_id = o.id) p) as posted, \
                    (select count(*) from (select 1 as one from ( \
                      select reference, amount from order_posting where order_id = o.id union all \
                      select reference, amount from order_dispute_posting where order_id = o.id) p \
                      group by p.reference having sum(p.amount) <> 0) unbalanced) as unbalanced, \
                    (select cast(coalesce(sum(p.amount), 0) as bigint) from order_posting p \
                      where p.order_id = o.id and p.reference = 'opening' and p.account = 'receivable') as opened, \
                    (select count(*) from order_step s where s.order_id = o.id and s.state = 'open' \
                       and coalesce(s.split_lease_ms, s.lease_until_ms) < $3) as steps_forgotten \
               from orders o \
               left join checkout c on c.id = o.checkout_id \
              where o.id > $1 \
              order by o.id \
              limit $2")
        .bind(after)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .bind(self.now().minus(FORGOTTEN).as_millis())
        .all(&self.database)
        .await?;
        rows.into_iter().map(OrderInBooks::try_from).collect()
    }
}

fn part_in_books(part: &Part, order: &str, moved: &BTreeMap<(String, String), i64>) -> PartInBooks {
    let of = |what: &str| {
        let key = (order.to_owned(), format!("{what}:{}", part.intent_id));
        moved.get(&key).copied().unwrap_or_default()
    };
    PartInBooks {
        intent_id: part.intent_id.to_string(),
        amount: part.amount,
        taken: of("capture"),
        refunding: of("refund_open"),
        refunded: of("refund_done"),
    }
}

/// An attempt, and its payments.
fn in_books(row: AttemptRow) -> Result<(AttemptInBooks, Vec<Part>)> {
    let attempt: Attempt = serde_json::from_str(&row.document).map_err(Error::internal)?;
    let mut codes = attempt.codes();
    codes.sort_unstable();
    let order_id = attempt.order_id.to_string();
    let payments = attempt.payments()?;
    let is_of_this = row.order_id.as_ref() == Some(&order_id);
    let ledger = LedgerInBooks {
        paid: row.paid.unwrap_or_default(),
        refunding: row.refunding.unwrap_or_default(),
        refunded: row.refunded.unwrap_or_default(),
        dispute_loss: row.dispute_loss.unwrap_or_default(),
        ..LedgerInBooks::default()
    };
    let in_books = AttemptInBooks {
        total: Some(attempt.total()?.into()),
        units: attempt.quote.lines.iter().map(|line| line.quantity).sum(),
        id: attempt.id.to_string(),
        checkout_id: attempt.checkout_id.to_string(),
        state: row.state,
        lease_until_ms: row.lease_until_ms,
        intent_id: attempt.intent_id.to_string(),
        reservation_ids: vec![attempt.reservation_id.to_string(), attempt.second_reservation_id.to_string()],
        codes,
        order_id,
        payment_status: row.payment_status.filter(|_| is_of_this).unwrap_or_default(),
        ledger: (is_of_this && row.is_opened == Some(true)).then_some(ledger),
        parts: Vec::new(),
    };
    Ok((in_books, payments))
}

impl TryFrom<OrderRow> for OrderInBooks {
    type Error = Error;

    fn try_from(row: OrderRow) -> Result<Self> {
        let order: Order = serde_json::from_str(&row.document).map_err(Error::internal)?;
        let checkout: Option<Checkout> = match row.checkout {
            Some(document) => Some(serde_json::from_str(&document).map_err(Error::internal)?),
            None => None,
        };
        let named = checkout.and_then(|checkout| checkout.order).map(|(id, _)| id.to_string());
        Ok(Self {
            id: order.id.to_string(),
            number: order.number.to_string(),
            checkout_id: order.checkout_id.to_string(),
            checkout_order_id: named.unwrap_or_default(),
            attempts: row.attempts,
            payment_status: row.payment_status,
            totals: order.quote.totals,
            total: order.quote.total,
            placed_events: row.placed_events,
            captured_events: row.captured_events,
            ledger: row.is_opened.then_some(LedgerInBooks {
                sum: row.posted,
                entries_unbalanced: row.unbalanced,
                opened: row.opened,
                ..LedgerInBooks::default()
            }),
            steps_forgotten: row.steps_forgotten,
        })
    }
}
