//! Orders of some time, in stretches, for exports. A stretch is read by a few statements whatever its length; an order that
//! is changed meanwhile is as one of them saw it.

use std::collections::BTreeMap;

use argosy_contracts::orders::{Sale, SaleTax as WireTax};
use argosy_kernel::{Error, Result};
use argosy_platform::database::{Executor, sql};
use sea_orm::FromQueryResult;

use super::{Store, lines, orders};
use crate::domain::{Account, Ledger, Line, Order, SaleTax, country_of, fulfilment_status, taxes_of};

#[derive(FromQueryResult)]
struct BalanceRow {
    order_id: String,
    account: String,
    balance: i64,
}

/// Where a stretch ended.
pub(crate) fn after(placed_at_ms: i64, id: &str) -> String {
    format!("{placed_at_ms}:{id}")
}

impl Store {
    /// Orders that were placed from one time to another, oldest first.
    pub(crate) async fn sales(
        &self,
        after: &str,
        (from_ms, to_ms): (i64, i64),
        limit: usize,
    ) -> Result<Vec<Sale>> {
        let (after_ms, after_id) = match after {
            "" => (from_ms, String::new()),
            after => {
                let parts = after.split_once(':').and_then(|(time, id)| Some((time.parse().ok()?, id)));
                let (time, id): (i64, &str) =
                    parts.ok_or_else(|| Error::invalid_field("/after", "is not what an answer said"))?;
                (time, id.to_owned())
            }
        };
        let rows: Vec<orders::OrderRow> = sql(format!(
            "{} where o.placed_at_ms >= $1 and (o.placed_at_ms > $1 or o.id > $2) and o.placed_at_ms < $3 \
              order by o.placed_at_ms, o.id limit $4",
            orders::COLUMNS
        ))
        .bind(after_ms)
        .bind(after_id)
        .bind(to_ms)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .all(&self.database)
        .await?;
        let mut read = Vec::with_capacity(rows.len());
        for row in &rows {
            read.push((orders::read(row)?, row.status.clone(), row.opened_at_ms.is_some()));
        }
        let opened = read.iter().filter(|(_, _, is_open)| *is_open);
        let opened: Vec<String> = opened.map(|(order, _, _)| order.id.to_string()).collect();
        let mut ledgers = ledgers(&self.database, opened.clone()).await?;
        let mut lines = lines::of_orders(&self.database, opened).await?;
        let sale = |(mut order, status, is_open): (Order, String, bool)| {
            let id = order.id.to_string();
            let (of_order, ledger) = if is_open {
                let of_order = lines.remove(&id).unwrap_or_default().told_to(&mut order);
                (of_order, ledgers.remove(&id).unwrap_or_default())
            } else {
                (crate::domain::lines_of(&order.quote), lines::as_placed(&order)?)
            };
            sale(&order, &status, &of_order, &ledger)
        };
        read.into_iter().map(sale).collect()
    }
}

/// What the ledgers of orders add up to.
async fn ledgers(on: &impl Executor, orders: Vec<String>) -> Result<BTreeMap<String, Ledger>> {
    let mut ledgers: BTreeMap<String, Ledger> = BTreeMap::new();
    if orders.is_empty() {
        return Ok(ledgers);
    }
    let rows: Vec<BalanceRow> = sql("select order_id, account, cast(sum(amount) as bigint) as balance \
           from order_posting where order_id in ")
    .list(orders)
    .then(" group by order_id, account")
    .all(on)
    .await?;
    for row in rows {
        ledgers.entry(row.order_id).or_default().add(row.account.parse()?, row.balance)?;
    }
    Ok(ledgers)
}

fn sale(order: &Order, status: &str, lines: &[Line], ledger: &Ledger) -> Result<Sale> {
    let sum = |kinds: &[&str]| -> i64 {
        let of_kind = order.quote.totals.iter().filter(|line| kinds.contains(&line.kind.as_str()));
        of_kind.map(|line| line.amount.as_ref().map_or(0, |amount| amount.minor)).sum()
    };
    let taxes = taxes_of(order, lines, ledger)?;
    let tax = order.quote.tax_lines.iter();
    let tax = tax.map(|line| line.amount.as_ref().map_or(0, |amount| amount.minor)).sum();
    let now = lines.iter().map(|line| line.current - line.returned).sum();
    Ok(Sale {
        id: order.id.to_string(),
        number: order.number.to_string(),
        placed_at_ms: order.placed_at.as_millis(),
        status: status.to_owned(),
        payment_status: order.payment_status.as_str().to_owned(),
        fulfilment_status: fulfilment_status(order, lines).to_owned(),
        currency: order.quote.currency.clone(),
        country: country_of(order),
        units: lines.iter().map(|line| line.ordered).sum(),
        units_now: now,
        goods: sum(&["subtotal"]),
        discount: sum(&["discount"]),
        shipping: sum(&["shipping"]),
        fees: sum(&["fee"]),
        tax: if order.quote.tax_lines.is_empty() { sum(&["tax", "tax_included"]) } else { tax },
        total: sum(&["total"]),
        tax_included: order.quote.tax_included,
        charged: ledger.charged(),
        paid: ledger.balance(Account::Paid),
        refunded: -ledger.balance(Account::Refunded),
        store_credit: -ledger.balance(Account::StoreCredit),
        due: ledger.due(),
        taxes: taxes.into_iter().map(WireTax::from).collect(),
    })
}

impl From<SaleTax> for WireTax {
    fn from(tax: SaleTax) -> Self {
        Self {
            label: tax.label,
            rate_ppm: tax.rate_ppm,
            base: tax.base,
            amount: tax.amount,
            base_out: tax.base_out,
            amount_out: tax.amount_out,
        }
    }
}
