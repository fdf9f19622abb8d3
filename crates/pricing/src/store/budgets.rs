//! What promotions may take off in all, by currency.

use argosy_kernel::{Currency, Error, Money, Result};
use argosy_platform::database::{Database, Tx, sql};
use sea_orm::FromQueryResult;

use crate::domain::{Budget, Promotion};

#[derive(FromQueryResult)]
struct BudgetRow {
    code: String,
    currency: String,
    amount: i64,
    spent: i64,
}

/// Reads the budgets of those that have some.
pub(super) async fn read(
    database: &Database,
    codes: Vec<String>,
    promotions: &mut [Promotion],
) -> Result<()> {
    if codes.is_empty() {
        return Ok(());
    }
    let rows: Vec<BudgetRow> =
        sql("select code, currency, amount, spent from promotion_budget where code in ")
            .list(codes)
            .then(" order by code, currency")
            .all(database)
            .await?;
    for row in rows {
        let currency: Currency = row.currency.parse()?;
        let (amount, spent) = (Money::new(row.amount, currency), Money::new(row.spent, currency));
        let of = promotions.iter_mut().filter(|promotion| promotion.code.as_str() == row.code);
        of.for_each(|promotion| promotion.budgets.push(Budget { amount, spent }));
    }
    Ok(())
}

/// Puts a promotion's budgets in place of those it has; what is spent stays. `index` is its place in the request.
pub(super) async fn put(tx: &Tx, promotion: &Promotion, index: usize) -> Result<()> {
    let code = promotion.code.as_str();
    let kept: Vec<&str> = promotion.budgets.iter().map(|budget| budget.amount.currency.code()).collect();
    let delete = sql("delete from promotion_budget where code = $1").bind(code);
    let delete = if kept.is_empty() { delete } else { delete.then(" and currency not in ").list(kept) };
    delete.execute(tx).await?;
    for (place, budget) in promotion.budgets.iter().enumerate() {
        let put = sql("insert into promotion_budget (code, currency, amount) values ($1, $2, $3) \
                                        on conflict (code, currency) do update set amount = excluded.amount \
                                         where promotion_budget.spent <= excluded.amount")
        .bind(code)
        .bind(budget.amount.currency.code())
        .bind(budget.amount.minor)
        .execute(tx)
        .await?;
        if put == 0 {
            let pointer = format!("/promotions/{index}/budgets/{place}/amount/minor");
            return Err(Error::invalid_field(pointer, "must not be below what is spent of it"));
        }
    }
    Ok(())
}

/// Spends an amount, in one conditional statement; false: there is not so much left.
pub(super) async fn spend(tx: &Tx, code: &str, amount: Money) -> Result<bool> {
    let spent = sql("update promotion_budget \
                        set spent = spent + $3 \
                      where code = $1 \
                        and currency = $2 \
                        and spent <= amount - $3")
    .bind(code)
    .bind(amount.currency.code())
    .bind(amount.minor)
    .execute(tx)
    .await?;
    Ok(spent == 1)
}

/// Gives an amount back to a budget that is still there.
pub(super) async fn give_back(tx: &Tx, code: &str, currency: &str, minor: i64) -> Result<()> {
    sql("update promotion_budget set spent = spent - $3 where code = $1 and currency = $2 and spent >= $3")
        .bind(code)
        .bind(currency)
        .bind(minor)
        .execute(tx)
        .await
        .map(drop)
}
