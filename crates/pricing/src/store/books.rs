//! What promotions and redemptions say of each other, one statement a stretch: each is of one moment.

use argosy_contracts::pricing::{RedemptionInBooks, UsesInBooks};
use argosy_kernel::Result;
use argosy_platform::database::{Database, sql};
use sea_orm::FromQueryResult;

/// The tables, read only.
#[derive(Clone)]
pub(crate) struct Books {
    database: Database,
}

#[derive(FromQueryResult)]
struct UsesRow {
    code: String,
    uses: i64,
    taken: i64,
}

#[derive(FromQueryResult)]
struct RedemptionRow {
    id: String,
    state: String,
    code: Option<String>,
}

impl Books {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    pub(crate) async fn uses(&self, after: &str, limit: usize) -> Result<Vec<UsesInBooks>> {
        let rows: Vec<UsesRow> = sql("with taken as ( \
               select u.code, cast(count(*) as bigint) as uses \
                 from redemption_use u \
                 join redemption r on r.id = u.redemption_id \
                where r.state = 'taken' and u.code > $1 \
                group by u.code) \
             select p.code, p.uses, coalesce(t.uses, 0) as taken \
               from promotion p \
               left join taken t on t.code = p.code \
              where p.code > $1 \
              order by p.code \
              limit $2")
        .bind(after)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .all(&self.database)
        .await?;
        let uses = |row: UsesRow| UsesInBooks { code: row.code, uses: row.uses, taken: row.taken };
        Ok(rows.into_iter().map(uses).collect())
    }

    pub(crate) async fn redemptions(&self, after: &str, limit: usize) -> Result<Vec<RedemptionInBooks>> {
        let rows: Vec<RedemptionRow> = sql("select r.id, r.state, u.code \
               from (select id, state from redemption where id > $1 order by id limit $2) r \
               left join redemption_use u on u.redemption_id = r.id \
              order by r.id, u.code")
        .bind(after)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .all(&self.database)
        .await?;
        let mut redemptions: Vec<RedemptionInBooks> = Vec::new();
        for row in rows {
            match redemptions.last_mut().filter(|last| last.id == row.id) {
                Some(last) => last.codes.extend(row.code),
                None => redemptions.push(RedemptionInBooks {
                    id: row.id,
                    state: row.state,
                    codes: row.code.into_iter().collect(),
                }),
            }
        }
        Ok(redemptions)
    }
}
