//! Taking and giving back uses of coupons: the stock primitive of law 2.
//!
//! The condition is in the statement that counts, a check constraint stands behind it, rows are touched in the
//! order of their keys so that two buyers never wait for each other in a circle, and the note of who took what
//! is written in the same transaction.

use argosy_kernel::{Error, Money, Result};
use argosy_platform::database::{Tx, sql};
use sea_orm::FromQueryResult;

use super::{CampaignUse, Store, budgets, campaign_limits};
use crate::{domain::CouponCode, error};

/// One use that a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Use {
    /// Of which code.
    pub(crate) code: CouponCode,
    /// Its place in the request, to name it when it cannot be had.
    pub(crate) position: usize,
    /// What it took off, for its budget.
    pub(crate) amount: Option<Money>,
}

#[derive(FromQueryResult)]
struct StateRow {
    state: String,
}

#[derive(FromQueryResult)]
struct CodeRow {
    code: String,
}

/// A promotion whose use was taken, and what limits it has beside the count of uses.
#[derive(FromQueryResult)]
struct LimitsRow {
    code: String,
    uses_per_customer: Option<i64>,
    has_budget: bool,
    pool: Option<String>,
}

/// A use with what else it counts in.
struct Taken<'a> {
    wanted: &'a Use,
    /// By what buyers' uses and budgets are counted.
    counted_by: String,
    uses_per_customer: Option<i64>,
    has_budget: bool,
}

#[derive(FromQueryResult)]
struct UseRow {
    code: String,
    counted_by: Option<String>,
    customer: Option<String>,
    currency: Option<String>,
    amount: Option<i64>,
}

impl Store {
    /// Takes the uses, of codes and then of campaigns, all or none; they are in key order, each once. Asked again with the same id and
    /// codes, it changes nothing. `customer` is who uses them; empty: not known.
    pub(crate) async fn redeem(
        &self,
        redemption_id: &str,
        customer: &str,
        (wanted, campaigns): (&[Use], &[CampaignUse]),
    ) -> Result<()> {
        let tx = self.database.begin().await?;
        let new = sql("insert into redemption (id, state, time_ms) values ($1, 'taken', $2) on conflict (id) do nothing")
            .bind(redemption_id)
            .bind(self.clock.now().as_millis())
            .execute(&tx)
            .await?;
        if new == 0 {
            taken_before(&tx, redemption_id, wanted, campaigns).await?;
            return tx.rollback().await;
        }
        // Table by table, each in the order of its keys: two buyers with codes of two pools wait for each other in line.
        let mut taken = Vec::with_capacity(wanted.len());
        for one in wanted {
            taken.push(take(&tx, one).await?);
        }
        taken.sort_by(|a, b| a.counted_by.cmp(&b.counted_by));
        for one in &taken {
            count_for_buyer(&tx, one, customer).await?;
        }
        for one in &taken {
            spend(&tx, one).await?;
        }
        campaign_limits::take(&tx, redemption_id, customer, campaigns).await?;
        if taken.is_empty() {
            return tx.commit().await;
        }
        sql("insert into redemption_use (redemption_id, code, counted_by, customer, currency, amount) values ")
            .rows(taken.iter().map(|one| {
                let customer = one.uses_per_customer.map(|_| customer.to_owned());
                let amount = one.wanted.amount.filter(|_| one.has_budget);
                [
                    redemption_id.into(),
                    one.wanted.code.as_str().into(),
                    one.counted_by.as_str().into(),
                    customer.into(),
                    amount.map(|amount| amount.currency.code().to_owned()).into(),
                    amount.map(|amount| amount.minor).into(),
                ]
            }))
            .execute(&tx)
            .await?;
        tx.commit().await
    }

    /// Gives a redemption's uses back and bars its id from being used.
    pub(crate) async fn release(&self, redemption_id: &str) -> Result<()> {
        let tx = self.database.begin().await?;
        let released = sql("insert into redemption (id, state, time_ms) values ($1, 'released', $2) \
                            on conflict (id) do update set state = 'released', time_ms = excluded.time_ms \
                            where redemption.state = 'taken'")
        .bind(redemption_id)
        .bind(self.clock.now().as_millis())
        .execute(&tx)
        .await?;
        if released == 0 {
            return tx.rollback().await;
        }
        let mut uses = uses(&tx, redemption_id).await?;
        for row in &uses {
            sql("update promotion set uses = uses - 1 where code = $1").bind(&*row.code).execute(&tx).await?;
        }
        uses.sort_by(|a, b| a.counted_by.cmp(&b.counted_by));
        for row in &uses {
            if let (Some(counted_by), Some(customer)) = (&row.counted_by, &row.customer) {
                sql("update customer_use set uses = uses - 1 where code = $1 and customer = $2 and uses > 0")
                    .bind(counted_by.as_str())
                    .bind(customer.as_str())
                    .execute(&tx)
                    .await?;
            }
        }
        for row in &uses {
            if let (Some(counted_by), Some(currency), Some(minor)) =
                (&row.counted_by, &row.currency, row.amount)
            {
                budgets::give_back(&tx, counted_by, currency, minor).await?;
            }
        }
        let campaigns = campaign_limits::taken(&tx, redemption_id).await?;
        campaign_limits::give_back(&tx, &campaigns).await?;
        tx.commit().await
    }
}

async fn take<'a>(tx: &Tx, wanted: &'a Use) -> Result<Taken<'a>> {
    let own: Option<LimitsRow> = sql("update promotion \
                                         set uses = uses + 1 \
                                       where code = $1 \
                                         and (uses_max is null or uses < uses_max) \
                                         and not is_pool \
                                      returning code, uses_per_customer, has_budget, pool")
    .bind(wanted.code.as_str())
    .optional(tx)
    .await?;
    let Some(own) = own else {
        let known: Option<CodeRow> = sql("select code from promotion where code = $1 and not is_pool")
            .bind(wanted.code.as_str())
            .optional(tx)
            .await?;
        let code = &wanted.code;
        let is_known = known.is_some_and(|row| row.code == code.as_str());
        let why = if is_known { error::code_exhausted(code) } else { error::code_not_found(code) };
        return Err(refusal(wanted, why));
    };
    let limits = match &own.pool {
        None => own,
        Some(pool) => {
            sql("select code, uses_per_customer, has_budget, pool from promotion where code = $1")
                .bind(pool.as_str())
                .one(tx)
                .await?
        }
    };
    Ok(Taken {
        wanted,
        counted_by: limits.code,
        uses_per_customer: limits.uses_per_customer,
        has_budget: limits.has_budget,
    })
}

/// Counts a use of one buyer, where each may have only so many.
async fn count_for_buyer(tx: &Tx, taken: &Taken<'_>, customer: &str) -> Result<()> {
    let Some(most) = taken.uses_per_customer else { return Ok(()) };
    if customer.is_empty() {
        return Err(refusal(taken.wanted, error::buyer_unknown(&taken.wanted.code)));
    }
    let counted = sql("insert into customer_use (code, customer, uses, uses_max) values ($1, $2, 1, $3) \
                       on conflict (code, customer) do update \
                          set uses = customer_use.uses + 1, uses_max = excluded.uses_max \
                        where customer_use.uses < excluded.uses_max")
    .bind(taken.counted_by.as_str())
    .bind(customer)
    .bind(most)
    .execute(tx)
    .await?;
    if counted == 0 {
        return Err(refusal(taken.wanted, error::code_exhausted_for_buyer(&taken.wanted.code)));
    }
    Ok(())
}

async fn spend(tx: &Tx, taken: &Taken<'_>) -> Result<()> {
    if !taken.has_budget {
        return Ok(());
    }
    let is_spent = match taken.wanted.amount {
        Some(amount) => budgets::spend(tx, &taken.counted_by, amount).await?,
        None => false,
    };
    if is_spent { Ok(()) } else { Err(refusal(taken.wanted, error::code_budget_spent(&taken.wanted.code))) }
}

fn refusal(wanted: &Use, error: Error) -> Error {
    let message = error.message().to_owned();
    error.with_field(format!("/codes/{}", wanted.position), message)
}

/// Whether an id that was seen before stands for the same uses.
async fn taken_before(tx: &Tx, redemption_id: &str, wanted: &[Use], campaigns: &[CampaignUse]) -> Result<()> {
    let row: StateRow = sql("select state from redemption where id = $1").bind(redemption_id).one(tx).await?;
    if row.state == "released" {
        return Err(error::redemption_released());
    }
    let taken = uses(tx, redemption_id).await?;
    let same = taken.iter().map(|row| row.code.as_str()).eq(wanted.iter().map(|one| one.code.as_str()));
    // One whose limits were taken away is not among those that were counted.
    let of_campaigns = campaign_limits::taken(tx, redemption_id).await?;
    let known = of_campaigns.iter().all(|row| campaigns.iter().any(|one| one.name == row.name));
    if same && known { Ok(()) } else { Err(error::redemption_differs()) }
}

async fn uses(tx: &Tx, redemption_id: &str) -> Result<Vec<UseRow>> {
    sql("select code, counted_by, customer, currency, amount \
           from redemption_use \
          where redemption_id = $1 \
          order by code")
    .bind(redemption_id)
    .all(tx)
    .await
}

#[cfg(test)]
mod tests {
    use argosy_kernel::{Currency, PromotionId, Rate};
    use argosy_testkit::TestHost;

    use super::*;
    use crate::domain::{Amounts, Budget, Promotion, PromotionKind};

    #[tokio::test]
    async fn law_2_the_table_itself_refuses_a_use_too_many() {
        let test = TestHost::new();
        let store = Store::open(&test.host).await.unwrap();
        let promotion = Promotion {
            id: PromotionId::new(),
            code: CouponCode::parse("LAST").unwrap(),
            title: String::new(),
            kind: PromotionKind::Percentage(Rate::WHOLE),
            minimums: Amounts::default(),
            uses_max: Some(1),
            uses: 0,
            uses_per_buyer: None,
            budgets: vec![Budget {
                amount: Money::new(10, Currency::EUR),
                spent: Money::new(0, Currency::EUR),
            }],
            is_pool: false,
            pool: String::new(),
            starts_at: None,
            ends_at: None,
            active: true,
        };
        store.put_promotions(&[promotion]).await.unwrap();
        for (uses, allowed) in [(1, true), (2, false), (-1, false)] {
            let tx = store.database.begin().await.unwrap();
            let done = sql("update promotion set uses = $1").bind(uses).execute(&tx).await;
            assert_eq!(done.is_ok(), allowed, "{uses} uses of 1");
        }
        for (spent, allowed) in [(10, true), (11, false), (-1, false)] {
            let tx = store.database.begin().await.unwrap();
            let done = sql("update promotion_budget set spent = $1").bind(spent).execute(&tx).await;
            assert_eq!(done.is_ok(), allowed, "{spent} of 10");
        }
        for (uses, allowed) in [(2, true), (3, false), (-1, false)] {
            let tx = store.database.begin().await.unwrap();
            let done =
                sql("insert into customer_use (code, customer, uses, uses_max) values ('LAST', 'a', $1, 2)")
                    .bind(uses)
                    .execute(&tx)
                    .await;
            assert_eq!(done.is_ok(), allowed, "{uses} uses of 2");
        }
    }
}
