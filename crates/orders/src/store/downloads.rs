//! How often files were taken that came with orders (law 2's primitive).

use std::time::Duration;

use argosy_kernel::{FileId, OrderId, Result};
use argosy_platform::database::sql;
use sea_orm::FromQueryResult;

use super::Store;

/// A download within so long after one that counted is that one, resumed.
const RESUMED_WITHIN: Duration = Duration::from_hours(1);

#[derive(FromQueryResult)]
struct TakenRow {
    taken: i64,
}

impl Store {
    /// Counts a download, if there may be one; answers how many there were. `None`: there were as many as there may be.
    pub(crate) async fn take_download(
        &self,
        order: OrderId,
        file: FileId,
        most: Option<u32>,
    ) -> Result<Option<i64>> {
        let now = self.now();
        let tx = self.database.begin().await?;
        let row: Option<TakenRow> = sql(
            "insert into order_download (order_id, file_id, taken, taken_at_ms) values ($1, $2, 1, $3) \
             on conflict (order_id, file_id) do update set \
                taken = order_download.taken + case when order_download.taken_at_ms > $4 then 0 else 1 end, \
                taken_at_ms = case when order_download.taken_at_ms > $4 then order_download.taken_at_ms else $3 end \
              where order_download.taken_at_ms > $4 or order_download.taken < $5 \
             returning taken",
        )
        .bind(order.to_string())
        .bind(file.to_string())
        .bind(now.as_millis())
        .bind(now.minus(RESUMED_WITHIN).as_millis())
        .bind(most.map_or(i64::MAX, i64::from))
        .optional(&tx)
        .await?;
        tx.commit().await?;
        Ok(row.map(|row| row.taken))
    }
}
