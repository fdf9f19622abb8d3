//! Codes of groups of customers.

use std::collections::BTreeSet;

use argosy_kernel::{Cursor, Error, Page, PageRequest, Result, Timestamp};
use argosy_platform::database::{Value, sql};
use sea_orm::FromQueryResult;

use super::{ROWS_MAX, Store};
use crate::domain::{CouponCode, GroupCode};

#[derive(FromQueryResult)]
struct GroupCodeRow {
    code: String,
    customer_group: String,
    ends_at_ms: Option<i64>,
    active: bool,
}

impl GroupCodeRow {
    fn into_code(self) -> Result<GroupCode> {
        Ok(GroupCode {
            code: CouponCode::parse(&self.code).map_err(Error::internal)?,
            group: self.customer_group,
            ends_at: self.ends_at_ms.map(Timestamp::from_millis),
            active: self.active,
        })
    }
}

impl Store {
    /// Those of these codes that are of groups, whether they count or not.
    pub(crate) async fn group_codes(&self, codes: &[&CouponCode]) -> Result<Vec<GroupCode>> {
        let rows: Vec<GroupCodeRow> =
            sql("select code, customer_group, ends_at_ms, active from group_code where code in ")
                .list(codes.iter().map(|code| code.as_str().to_owned()))
                .all(&self.database)
                .await?;
        rows.into_iter().map(GroupCodeRow::into_code).collect()
    }

    /// Makes codes; those that are there stay as they are.
    pub(crate) async fn make_group_codes(&self, codes: &[GroupCode]) -> Result<()> {
        let tx = self.database.begin().await?;
        for codes in codes.chunks(ROWS_MAX) {
            sql("insert into group_code (code, customer_group, ends_at_ms, active) values ")
                .rows(codes.iter().map(|code| -> [Value; 4] {
                    [
                        code.code.as_str().into(),
                        code.group.as_str().into(),
                        code.ends_at.map(Timestamp::as_millis).into(),
                        code.active.into(),
                    ]
                }))
                .then(" on conflict (code) do nothing")
                .execute(&tx)
                .await?;
        }
        tx.commit().await
    }

    /// Switches codes, all or none. Answers the place of one that there is not.
    pub(crate) async fn switch_group_codes(
        &self,
        codes: &[CouponCode],
        active: bool,
    ) -> Result<Option<usize>> {
        let tx = self.database.begin().await?;
        // In the order of their keys, so that two requests wait for each other in line.
        let sorted: BTreeSet<&CouponCode> = codes.iter().collect();
        for code in sorted {
            let switched = sql("update group_code set active = $2 where code = $1")
                .bind(code.as_str())
                .bind(active)
                .execute(&tx)
                .await?;
            if switched == 0 {
                tx.rollback().await?;
                return Ok(codes.iter().position(|asked| asked == code));
            }
        }
        tx.commit().await?;
        Ok(None)
    }

    /// The codes of a group, or of all, by code.
    pub(crate) async fn group_code_page(&self, group: &str, page: PageRequest) -> Result<Page<GroupCode>> {
        let after = page.cursor.map_or(Ok(String::new()), |cursor| cursor.decode())?;
        let all = sql("select code, customer_group, ends_at_ms, active from group_code where code > $1")
            .bind(after);
        let of_group = if group.is_empty() { all } else { all.bind(group).then(" and customer_group = $2") };
        let limit = page.limit as usize;
        let last = if group.is_empty() { " order by code limit $2" } else { " order by code limit $3" };
        let rows: Vec<GroupCodeRow> =
            of_group.bind(i64::from(page.limit) + 1).then(last).all(&self.database).await?;
        let more = rows.len() > limit;
        let codes = rows.into_iter().take(limit).map(GroupCodeRow::into_code);
        let items: Vec<GroupCode> = codes.collect::<Result<_>>()?;
        let next = items.last().filter(|_| more).map(|last| Cursor::encode(last.code.as_str()));
        Ok(Page { items, next })
    }
}
