//! Coupon promotions by code.

use std::collections::HashSet;

use argosy_kernel::{Cursor, Error, Page, PageRequest, Rate, Result, Timestamp};
use argosy_platform::database::{Value, sql};
use sea_orm::FromQueryResult;

use super::{Store, amounts};
use crate::domain::{CouponCode, Promotion, PromotionKind};

const COLUMNS: &str =
    "code, id, title, kind, rate_ppm, amounts, minimums, uses_max, uses, starts_at_ms, ends_at_ms, active";

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
}

impl Store {
    /// The promotions behind codes, in no order; unknown codes are left out.
    pub(crate) async fn promotions(&self, codes: &[&CouponCode]) -> Result<Vec<Promotion>> {
        let rows: Vec<PromotionRow> = sql(format!("select {COLUMNS} from promotion where code in "))
            .list(codes.iter().map(|code| code.as_str()))
            .all(&self.database)
            .await?;
        rows.into_iter().map(Promotion::try_from).collect()
    }

    /// All promotions by code.
    pub(crate) async fn promotion_page(&self, page: PageRequest) -> Result<Page<Promotion>> {
        let after = page.cursor.map_or(Ok(String::new()), |cursor| cursor.decode())?;
        let rows: Vec<PromotionRow> =
            sql(format!("select {COLUMNS} from promotion where code > $1 order by code limit $2"))
                .bind(after)
                .bind(i64::from(page.limit) + 1)
                .all(&self.database)
                .await?;
        let mut items = rows.into_iter().map(Promotion::try_from).collect::<Result<Vec<_>>>()?;
        let limit = page.limit as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|last| Cursor::encode(last.code.as_str()));
        Ok(Page { items, next })
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
        let kept: Vec<PromotionRow> = sql("insert into promotion (code, id, title, kind, rate_ppm, amounts, minimums, uses_max, starts_at_ms, ends_at_ms, active) values ")
            .rows(rows)
            .then(
                " on conflict (code) do update \
                     set title = excluded.title, kind = excluded.kind, rate_ppm = excluded.rate_ppm, \
                         amounts = excluded.amounts, minimums = excluded.minimums, uses_max = excluded.uses_max, \
                         starts_at_ms = excluded.starts_at_ms, ends_at_ms = excluded.ends_at_ms, \
                         active = excluded.active \
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
        tx.commit().await?;
        let mut kept = kept.into_iter().map(Promotion::try_from).collect::<Result<Vec<_>>>()?;
        kept.sort_by_key(|promotion| promotions.iter().position(|asked| asked.code == promotion.code));
        Ok(kept)
    }
}

fn row(promotion: &Promotion) -> Result<[Value; 11]> {
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
            starts_at: row.starts_at_ms.map(Timestamp::from_millis),
            ends_at: row.ends_at_ms.map(Timestamp::from_millis),
            active: row.active,
        })
    }
}
