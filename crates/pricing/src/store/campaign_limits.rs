//! What campaigns may be used for in all: the primitive of the uses of codes, with tables of its own.

use std::collections::HashMap;

use argosy_contracts::pricing::{Campaign as Document, PromotionBudget};
use argosy_kernel::{Currency, Error, Money, Result};
use argosy_platform::database::{Tx, sql};
use sea_orm::FromQueryResult;

use super::Store;
use crate::{
    domain::{Used, UsedByCampaign},
    error,
};

/// What a purchase took of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CampaignUse {
    /// Its name.
    pub(crate) name: String,
    /// Its place in the request, to name it when it cannot be had.
    pub(crate) position: usize,
    /// What it took off.
    pub(crate) amount: Option<Money>,
}

#[derive(FromQueryResult)]
struct UsedRow {
    name: String,
    uses: i64,
    spent: i64,
}

#[derive(FromQueryResult)]
struct BuyerRow {
    name: String,
    uses: i64,
}

#[derive(FromQueryResult)]
struct BudgetRow {
    name: String,
    currency: String,
    spent: i64,
}

#[derive(FromQueryResult)]
struct LimitRow {
    document: String,
}

#[derive(FromQueryResult)]
pub(super) struct TakenRow {
    pub(super) name: String,
    customer: Option<String>,
    currency: Option<String>,
    amount: Option<i64>,
}

impl Store {
    /// What is used up of these campaigns, in a currency and by a buyer, if it is known who that is. One statement, and a
    /// second if one of them counts buyers.
    pub(crate) async fn used(
        &self,
        limited: Vec<String>,
        by_buyer: Vec<String>,
        (currency, customer): (Currency, &str),
    ) -> Result<UsedByCampaign> {
        let mut used = UsedByCampaign::new();
        if limited.is_empty() {
            return Ok(used);
        }
        let rows: Vec<UsedRow> = sql("select l.name, l.uses, coalesce(b.spent, 0) as spent \
               from campaign_limit l \
               left join campaign_budget b on b.name = l.name and b.currency = $1 \
              where l.name in ")
        .bind(currency.code())
        .list(limited)
        .all(&self.database)
        .await?;
        for UsedRow { name, uses, spent } in rows {
            used.insert(name, Used { uses, spent, uses_of_buyer: 0 });
        }
        if !customer.is_empty() && !by_buyer.is_empty() {
            let rows: Vec<BuyerRow> =
                sql("select name, uses from campaign_customer_use where customer = $1 and name in ")
                    .bind(customer)
                    .list(by_buyer)
                    .all(&self.database)
                    .await?;
            for BuyerRow { name, uses } in rows {
                used.entry(name).or_default().uses_of_buyer = uses;
            }
        }
        Ok(used)
    }

    /// Says in documents what is used up.
    pub(super) async fn with_used(&self, documents: &mut [Document]) -> Result<()> {
        let uses: Vec<BuyerRow> = sql("select name, uses from campaign_limit").all(&self.database).await?;
        let spent: Vec<BudgetRow> =
            sql("select name, currency, spent from campaign_budget").all(&self.database).await?;
        let uses: HashMap<String, i64> = uses.into_iter().map(|row| (row.name, row.uses)).collect();
        let spent: HashMap<(String, String), i64> =
            spent.into_iter().map(|row| ((row.name, row.currency), row.spent)).collect();
        for document in documents {
            document.uses = uses.get(&document.name).copied().unwrap_or_default();
            for budget in &mut document.budgets {
                let Some(amount) = budget.amount.clone() else { continue };
                let of = (document.name.clone(), amount.currency.clone());
                let minor = spent.get(&of).copied().unwrap_or_default();
                budget.spent = Some(argosy_contracts::common::Money { minor, ..amount });
            }
        }
        Ok(())
    }
}

/// Puts a campaign's limits in place of those it has; what is used stays. `index` is its place in the request.
pub(super) async fn put(tx: &Tx, campaign: &Document, index: usize) -> Result<()> {
    let name = campaign.name.as_str();
    let put = sql("insert into campaign_limit (name, uses_max) values ($1, $2) \
                   on conflict (name) do update set uses_max = excluded.uses_max \
                    where excluded.uses_max is null or campaign_limit.uses <= excluded.uses_max")
    .bind(name)
    .bind(campaign.uses_max)
    .execute(tx)
    .await?;
    if put == 0 {
        let pointer = format!("/campaigns/{index}/uses_max");
        return Err(Error::invalid_field(pointer, "must not be below how often it was used"));
    }
    let amounts = || campaign.budgets.iter().filter_map(|budget: &PromotionBudget| budget.amount.as_ref());
    let kept: Vec<&str> = amounts().map(|amount| amount.currency.as_str()).collect();
    let delete = sql("delete from campaign_budget where name = $1").bind(name);
    let delete = if kept.is_empty() { delete } else { delete.then(" and currency not in ").list(kept) };
    delete.execute(tx).await?;
    for (place, amount) in amounts().enumerate() {
        let put = sql("insert into campaign_budget (name, currency, amount) values ($1, $2, $3) \
                       on conflict (name, currency) do update set amount = excluded.amount \
                        where campaign_budget.spent <= excluded.amount")
        .bind(name)
        .bind(amount.currency.as_str())
        .bind(amount.minor)
        .execute(tx)
        .await?;
        if put == 0 {
            let pointer = format!("/campaigns/{index}/budgets/{place}/amount/minor");
            return Err(Error::invalid_field(pointer, "must not be below what is spent of it"));
        }
    }
    Ok(())
}

/// Takes a use of each campaign, in the order of their names, table by table, and notes it. One that has no limits any more is
/// not counted.
pub(super) async fn take(tx: &Tx, redemption_id: &str, customer: &str, wanted: &[CampaignUse]) -> Result<()> {
    let mut taken = Vec::with_capacity(wanted.len());
    for one in wanted {
        if let Some(document) = count(tx, one).await? {
            taken.push((one, document));
        }
    }
    for (one, document) in &taken {
        if let Some(most) = document.uses_per_customer {
            count_for_buyer(tx, one, customer, most).await?;
        }
    }
    for (one, document) in &taken {
        if !document.budgets.is_empty() {
            spend(tx, one).await?;
        }
    }
    if taken.is_empty() {
        return Ok(());
    }
    sql("insert into campaign_redemption_use (redemption_id, name, customer, currency, amount) values ")
        .rows(taken.iter().map(|(one, document)| {
            let customer = document.uses_per_customer.map(|_| customer.to_owned());
            let amount = one.amount.filter(|_| !document.budgets.is_empty());
            [
                redemption_id.into(),
                one.name.as_str().into(),
                customer.into(),
                amount.map(|amount| amount.currency.code().to_owned()).into(),
                amount.map(|amount| amount.minor).into(),
            ]
        }))
        .execute(tx)
        .await
        .map(drop)
}

/// Counts a use, in one conditional statement; answers the limits. `None`: there are none.
async fn count(tx: &Tx, wanted: &CampaignUse) -> Result<Option<Document>> {
    let counted = sql("update campaign_limit \
                          set uses = uses + 1 \
                        where name = $1 \
                          and (uses_max is null or uses < uses_max)")
    .bind(wanted.name.as_str())
    .execute(tx)
    .await?;
    let known: Option<LimitRow> = sql("select c.document from campaign c \
          join campaign_limit l on l.name = c.name \
         where c.name = $1")
    .bind(wanted.name.as_str())
    .optional(tx)
    .await?;
    match (counted, known) {
        (_, None) => Ok(None),
        (0, Some(_)) => Err(refusal(wanted, error::campaign_exhausted(&wanted.name))),
        (_, Some(row)) => serde_json::from_str(&row.document).map(Some).map_err(Error::internal),
    }
}

async fn count_for_buyer(tx: &Tx, wanted: &CampaignUse, customer: &str, most: i64) -> Result<()> {
    if customer.is_empty() {
        return Err(refusal(wanted, error::campaign_buyer_unknown(&wanted.name)));
    }
    let counted =
        sql("insert into campaign_customer_use (name, customer, uses, uses_max) values ($1, $2, 1, $3) \
                       on conflict (name, customer) do update \
                          set uses = campaign_customer_use.uses + 1, uses_max = excluded.uses_max \
                        where campaign_customer_use.uses < excluded.uses_max")
        .bind(wanted.name.as_str())
        .bind(customer)
        .bind(most)
        .execute(tx)
        .await?;
    if counted == 0 {
        return Err(refusal(wanted, error::campaign_exhausted_for_buyer(&wanted.name)));
    }
    Ok(())
}

/// Spends what was taken off, in one conditional statement.
async fn spend(tx: &Tx, wanted: &CampaignUse) -> Result<()> {
    let spent = match wanted.amount {
        None => 0,
        Some(amount) => {
            sql("update campaign_budget \
                    set spent = spent + $3 \
                  where name = $1 \
                    and currency = $2 \
                    and spent <= amount - $3")
            .bind(wanted.name.as_str())
            .bind(amount.currency.code())
            .bind(amount.minor)
            .execute(tx)
            .await?
        }
    };
    if spent == 1 { Ok(()) } else { Err(refusal(wanted, error::campaign_budget_spent(&wanted.name))) }
}

fn refusal(wanted: &CampaignUse, error: Error) -> Error {
    let message = error.message().to_owned();
    error.with_field(format!("/campaigns/{}", wanted.position), message)
}

/// What a redemption took.
pub(super) async fn taken(tx: &Tx, redemption_id: &str) -> Result<Vec<TakenRow>> {
    sql("select name, customer, currency, amount \
           from campaign_redemption_use \
          where redemption_id = $1 \
          order by name")
    .bind(redemption_id)
    .all(tx)
    .await
}

/// Gives back what a redemption took, table by table in the order of the names.
pub(super) async fn give_back(tx: &Tx, taken: &[TakenRow]) -> Result<()> {
    for row in taken {
        sql("update campaign_limit set uses = uses - 1 where name = $1 and uses > 0")
            .bind(row.name.as_str())
            .execute(tx)
            .await?;
    }
    for row in taken {
        if let Some(customer) = &row.customer {
            sql("update campaign_customer_use set uses = uses - 1 where name = $1 and customer = $2 and uses > 0")
                .bind(row.name.as_str())
                .bind(customer.as_str())
                .execute(tx)
                .await?;
        }
    }
    for row in taken {
        if let (Some(currency), Some(minor)) = (&row.currency, row.amount) {
            sql("update campaign_budget set spent = spent - $3 where name = $1 and currency = $2 and spent >= $3")
                .bind(row.name.as_str())
                .bind(currency.as_str())
                .bind(minor)
                .execute(tx)
                .await?;
        }
    }
    Ok(())
}
