//! Coupon promotions by code.

use std::collections::{HashMap, HashSet};

use argosy_kernel::{Cursor, Error, Page, PageRequest, PromotionId, Rate, Result, Timestamp};
use argosy_platform::database::{Tx, Value, sql};
use sea_orm::FromQueryResult;

use super::{ROWS_MAX, Store, amounts, budgets};
use crate::{
    domain::{CouponCode, Promotion, PromotionKind},
    error,
};

const COLUMNS: &str = "code, id, title, kind, rate_ppm, amounts, minimums, uses_max, uses, starts_at_ms, ends_at_ms, active, \
     uses_per_customer, has_budget, is_pool, pool";

#[derive(FromQueryResult)]
struct PromotionRow {
    code: String,
    id: String,
    title: String,
    kind: String,
    rate_ppm: i64,
    amounts: String,
    minimums: String,
    uses_max: Option<i64>,
    uses: i64,
    starts_at_ms: Option<i64>,
    ends_at_ms: Option<i64>,
    active: bool,
    uses_per_customer: Option<i64>,
    has_budget: bool,
    is_pool: bool,
    pool: Option<String>,
}

#[derive(FromQueryResult)]
struct CodeRow {
    code: String,
}

#[derive(FromQueryResult)]
struct BuyerRow {
    code: String,
    uses: i64,
}

impl Store {
    /// The promotions behind codes, in no order; unknown codes are left out. One that was made of another takes off what
    /// that one says.
    pub(crate) async fn promotions(&self, codes: &[&CouponCode]) -> Result<Vec<Promotion>> {
        let mut found = self.rows_of(codes.iter().map(|code| code.as_str())).await?;
        let mut pools: Vec<&str> =
            found.iter().map(|one| one.pool.as_str()).filter(|pool| !pool.is_empty()).collect();
        pools.sort_unstable();
        pools.dedup();
        if pools.is_empty() {
            return Ok(found);
        }
        let pools = self.rows_of(pools).await?;
        for one in &mut found {
            if let Some(pool) = pools.iter().find(|pool| pool.code.as_str() == one.pool) {
                *one = one.clone().of_pool(pool);
            }
        }
        Ok(found)
    }

    async fn rows_of<'a>(&self, codes: impl IntoIterator<Item = &'a str>) -> Result<Vec<Promotion>> {
        let rows: Vec<PromotionRow> = sql(format!("select {COLUMNS} from promotion where code in "))
            .list(codes)
            .all(&self.database)
            .await?;
        self.with_budgets(rows).await
    }

    async fn with_budgets(&self, rows: Vec<PromotionRow>) -> Result<Vec<Promotion>> {
        let with: Vec<String> =
            rows.iter().filter(|row| row.has_budget).map(|row| row.code.clone()).collect();
        let mut promotions = rows.into_iter().map(Promotion::try_from).collect::<Result<Vec<_>>>()?;
        budgets::read(&self.database, with, &mut promotions).await?;
        Ok(promotions)
    }

    /// How often a buyer has used each code that one may use only so often.
    pub(crate) async fn uses_of_buyer(
        &self,
        customer: &str,
        promotions: &[Promotion],
    ) -> Result<HashMap<String, i64>> {
        let limited = promotions.iter().filter(|promotion| promotion.uses_per_buyer.is_some());
        let limited: Vec<&str> = limited.map(Promotion::counted_by).collect();
        if customer.is_empty() || limited.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<BuyerRow> = sql("select code, uses from customer_use where customer = $1 and code in ")
            .bind(customer)
            .list(limited)
            .all(&self.database)
            .await?;
        Ok(rows.into_iter().map(|row| (row.code, row.uses)).collect())
    }

    /// All promotions by code: the codes of a pool, or all but those of pools.
    pub(crate) async fn promotion_page(&self, pool: &str, page: PageRequest) -> Result<Page<Promotion>> {
        let after = page.cursor.map_or(Ok(String::new()), |cursor| cursor.decode())?;
        let rows: Vec<PromotionRow> = sql(format!(
            "select {COLUMNS} from promotion where code > $1 and coalesce(pool, '') = $2 order by code limit $3"
        ))
        .bind(after)
        .bind(pool)
        .bind(i64::from(page.limit) + 1)
        .all(&self.database)
        .await?;
        let mut items = self.with_budgets(rows).await?;
        let limit = page.limit as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|last| Cursor::encode(last.code.as_str()));
        Ok(Page { items, next })
    }

    /// Makes codes of a promotion, each for one use; those that are there stay as they are.
    ///
    /// # Errors
    /// `CODE_NOT_FOUND`, `POOL_USED`, or `INVALID_FIELD` if the promotion was made of another itself.
    pub(crate) async fn generate(&self, pool: &CouponCode, codes: &[CouponCode]) -> Result<()> {
        let tx = self.database.begin().await?;
        let made: Option<PromotionRow> = sql(format!(
            "update promotion set is_pool = true \
              where code = $1 and pool is null and (is_pool or uses = 0) returning {COLUMNS}"
        ))
        .bind(pool.as_str())
        .optional(&tx)
        .await?;
        let Some(made) = made else {
            let known: Option<PromotionRow> = sql(format!("select {COLUMNS} from promotion where code = $1"))
                .bind(pool.as_str())
                .optional(&tx)
                .await?;
            return Err(match known {
                None => error::code_not_found(pool),
                Some(row) if row.pool.is_some() => {
                    Error::invalid_field("/code", "was made of another promotion itself")
                }
                Some(_) => error::pool_used(pool),
            });
        };
        let made = Promotion::try_from(made)?;
        for codes in codes.chunks(ROWS_MAX / 2) {
            let rows = codes.iter().map(|code| pool_row(&made, code)).collect::<Result<Vec<_>>>()?;
            sql("insert into promotion (code, id, title, kind, rate_ppm, amounts, minimums, uses_max, starts_at_ms, ends_at_ms, active, uses_per_customer, has_budget, pool) values ")
                .rows(rows)
                .then(" on conflict (code) do nothing")
                .execute(&tx)
                .await?;
        }
        tx.commit().await
    }

    /// Creates or updates promotions by code, all or none; ids and uses stay what they were. Answers them as
    /// they are now, in the same order.
    ///
    /// # Errors
    /// `INVALID_FIELD` when a promotion would allow fewer uses than there have been.
    pub(crate) async fn put_promotions(&self, promotions: &[Promotion]) -> Result<Vec<Promotion>> {
        if promotions.is_empty() {
            return Ok(Vec::new());
        }
        let rows = promotions.iter().map(row).collect::<Result<Vec<_>>>()?;
        let tx = self.database.begin().await?;
        refuse_made(&tx, promotions).await?;
        let kept: Vec<PromotionRow> = sql("insert into promotion (code, id, title, kind, rate_ppm, amounts, minimums, uses_max, starts_at_ms, ends_at_ms, active, uses_per_customer, has_budget) values ")
            .rows(rows)
            .then(
                " on conflict (code) do update \
                     set title = excluded.title, kind = excluded.kind, rate_ppm = excluded.rate_ppm, \
                         amounts = excluded.amounts, minimums = excluded.minimums, uses_max = excluded.uses_max, \
                         starts_at_ms = excluded.starts_at_ms, ends_at_ms = excluded.ends_at_ms, \
                         active = excluded.active, uses_per_customer = excluded.uses_per_customer, \
                         has_budget = excluded.has_budget \
                   where excluded.uses_max is null or excluded.uses_max >= promotion.uses \
                 returning ",
            )
            .then(COLUMNS)
            .all(&tx)
            .await?;
        let codes: HashSet<&str> = kept.iter().map(|row| row.code.as_str()).collect();
        if let Some(index) = promotions.iter().position(|promotion| !codes.contains(promotion.code.as_str()))
        {
            let pointer = format!("/promotions/{index}/uses_max");
            return Err(Error::invalid_field(pointer, "must not be below the uses there have been"));
        }
        for (index, promotion) in promotions.iter().enumerate() {
            budgets::put(&tx, promotion, index).await?;
        }
        tx.commit().await?;
        let mut kept = self.with_budgets(kept).await?;
        kept.sort_by_key(|promotion| promotions.iter().position(|asked| asked.code == promotion.code));
        Ok(kept)
    }
}

/// What a code of a pool takes off is its pool's to say.
async fn refuse_made(tx: &Tx, promotions: &[Promotion]) -> Result<()> {
    let made: Vec<CodeRow> = sql("select code from promotion where pool is not null and code in ")
        .list(promotions.iter().map(|promotion| promotion.code.as_str()))
        .all(tx)
        .await?;
    let is_made = |promotion: &Promotion| made.iter().any(|row| row.code == promotion.code.as_str());
    match promotions.iter().position(is_made) {
        None => Ok(()),
        Some(index) => {
            let pointer = format!("/promotions/{index}/code");
            Err(Error::invalid_field(pointer, "was made of another promotion, which says what it takes off"))
        }
    }
}

/// A code of a pool: what it takes off stands here for a release that knows no pools.
fn pool_row(pool: &Promotion, code: &CouponCode) -> Result<[Value; 14]> {
    let one = Promotion { id: PromotionId::new(), code: code.clone(), uses_max: Some(1), ..pool.clone() };
    let [code, id, title, kind, rate, fixed, minimums, uses_max, starts_at, ends_at, active, ..] = row(&one)?;
    let (none, pool) = (Value::from(None::<i64>), pool.code.as_str().into());
    Ok([
        code,
        id,
        title,
        kind,
        rate,
        fixed,
        minimums,
        uses_max,
        starts_at,
        ends_at,
        active,
        none,
        false.into(),
        pool,
    ])
}

fn row(promotion: &Promotion) -> Result<[Value; 13]> {
    let (kind, rate, fixed) = match &promotion.kind {
        PromotionKind::Percentage(rate) => ("percentage", *rate, "[]".to_owned()),
        PromotionKind::Fixed(fixed) => ("fixed", Rate::ZERO, amounts::write(fixed)?),
        PromotionKind::FreeShipping => ("free_shipping", Rate::ZERO, "[]".to_owned()),
    };
    Ok([
        promotion.code.as_str().into(),
        promotion.id.to_string().into(),
        promotion.title.as_str().into(),
        kind.into(),
        rate.ppm().into(),
        fixed.into(),
        amounts::write(&promotion.minimums)?.into(),
        promotion.uses_max.into(),
        promotion.starts_at.map(Timestamp::as_millis).into(),
        promotion.ends_at.map(Timestamp::as_millis).into(),
        promotion.active.into(),
        promotion.uses_per_buyer.into(),
        (!promotion.budgets.is_empty()).into(),
    ])
}

impl TryFrom<PromotionRow> for Promotion {
    type Error = Error;

    fn try_from(row: PromotionRow) -> Result<Self> {
        let kind = match row.kind.as_str() {
            "percentage" => PromotionKind::Percentage(Rate::from_ppm(row.rate_ppm)),
            "fixed" => PromotionKind::Fixed(amounts::read(&row.amounts)?),
            "free_shipping" => PromotionKind::FreeShipping,
            other => return Err(Error::internal(format!("unknown kind of promotion '{other}'"))),
        };
        Ok(Self {
            id: row.id.parse()?,
            code: CouponCode::parse(&row.code).map_err(Error::internal)?,
            title: row.title,
            kind,
            minimums: amounts::read(&row.minimums)?,
            uses_max: row.uses_max,
            uses: row.uses,
            uses_per_buyer: row.uses_per_customer,
            budgets: Vec::new(),
            is_pool: row.is_pool,
            pool: row.pool.unwrap_or_default(),
            starts_at: row.starts_at_ms.map(Timestamp::from_millis),
            ends_at: row.ends_at_ms.map(Timestamp::from_millis),
            active: row.active,
        })
    }
}
