//! Taking and giving back uses of coupons: the stock primitive of law 2.
//!
//! The condition is in the statement that counts, a check constraint stands behind it, rows are touched in the
//! order of their keys so that two buyers never wait for each other in a circle, and the note of who took what
//! is written in the same transaction.

use argosy_kernel::{Error, Result};
use argosy_platform::database::{Tx, sql};
use sea_orm::FromQueryResult;

use super::Store;
use crate::{domain::CouponCode, error};

/// One use that a request asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Use {
    /// Of which code.
    pub(crate) code: CouponCode,
    /// Its place in the request, to name it when it cannot be had.
    pub(crate) position: usize,
}

#[derive(FromQueryResult)]
struct StateRow {
    state: String,
}

#[derive(FromQueryResult)]
struct CodeRow {
    code: String,
}

impl Store {
    /// Takes the uses, all or none; they are in key order, each code once. Asked again with the same id and
    /// codes, it changes nothing.
    pub(crate) async fn redeem(&self, redemption_id: &str, wanted: &[Use]) -> Result<()> {
        let tx = self.database.begin().await?;
        let new = sql("insert into redemption (id, state, time_ms) values ($1, 'taken', $2) on conflict (id) do nothing")
            .bind(redemption_id)
            .bind(self.clock.now().as_millis())
            .execute(&tx)
            .await?;
        if new == 0 {
            taken_before(&tx, redemption_id, wanted).await?;
            return tx.rollback().await;
        }
        for one in wanted {
            take(&tx, one).await?;
        }
        sql("insert into redemption_use (redemption_id, code) values ")
            .rows(wanted.iter().map(|one| [redemption_id.into(), one.code.as_str().into()]))
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
        for row in uses(&tx, redemption_id).await? {
            sql("update promotion set uses = uses - 1 where code = $1").bind(row.code).execute(&tx).await?;
        }
        tx.commit().await
    }
}

async fn take(tx: &Tx, wanted: &Use) -> Result<()> {
    let taken: Option<CodeRow> = sql("update promotion \
                                         set uses = uses + 1 \
                                       where code = $1 \
                                         and (uses_max is null or uses < uses_max) \
                                      returning code")
    .bind(wanted.code.as_str())
    .optional(tx)
    .await?;
    if taken.is_some() {
        return Ok(());
    }
    let known: Option<CodeRow> =
        sql("select code from promotion where code = $1").bind(wanted.code.as_str()).optional(tx).await?;
    Err(refusal(wanted, known.is_some()))
}

fn refusal(wanted: &Use, known: bool) -> Error {
    let error = if known { error::code_exhausted(&wanted.code) } else { error::code_not_found(&wanted.code) };
    let message = error.message().to_owned();
    error.with_field(format!("/codes/{}", wanted.position), message)
}

/// Whether an id that was seen before stands for the same uses.
async fn taken_before(tx: &Tx, redemption_id: &str, wanted: &[Use]) -> Result<()> {
    let row: StateRow = sql("select state from redemption where id = $1").bind(redemption_id).one(tx).await?;
    if row.state == "released" {
        return Err(error::redemption_released());
    }
    let taken = uses(tx, redemption_id).await?;
    let same = taken.iter().map(|row| row.code.as_str()).eq(wanted.iter().map(|one| one.code.as_str()));
    if same { Ok(()) } else { Err(error::redemption_differs()) }
}

async fn uses(tx: &Tx, redemption_id: &str) -> Result<Vec<CodeRow>> {
    sql("select code from redemption_use where redemption_id = $1 order by code")
        .bind(redemption_id)
        .all(tx)
        .await
}

#[cfg(test)]
mod tests {
    use argosy_kernel::{PromotionId, Rate};
    use argosy_testkit::TestHost;

    use super::*;
    use crate::domain::{Amounts, Promotion, PromotionKind};

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
    }
}
