//! What happens in the background: products that become due, and the pass over memberships by rule.

use argosy_kernel::{ProductId, Result};
use argosy_platform::database::sql;

use super::{
    Store,
    rows::{PassRow, PublishedRow},
};
use crate::events;

pub(super) const DUE: &str = "due_at_ms <= $1 order by due_at_ms";
/// Products that one statement publishes.
const PUBLISH_MAX: i64 = 500;

impl Store {
    /// Tells of products whose time has come, at most a few hundred; answers which. A new version makes sure
    /// that whoever keeps a copy takes it.
    pub(crate) async fn publish_due(&self) -> Result<Vec<ProductId>> {
        let now = self.clock.now().as_millis();
        let due: Vec<PublishedRow> =
            sql(format!("select id, handle, version, status from product where {DUE} limit 1"))
                .bind(now)
                .all(&self.database)
                .await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let tx = self.database.begin().await?;
        let published: Vec<PublishedRow> = sql("update product \
                set due_at_ms = null, version = version + 1, updated_at_ms = $1 \
              where id in (select id from product where due_at_ms <= $1 order by due_at_ms limit $2) \
             returning id, handle, version, status")
        .bind(now)
        .bind(PUBLISH_MAX)
        .all(&tx)
        .await?;
        let mut ids = Vec::with_capacity(published.len());
        let mut facts = Vec::with_capacity(published.len());
        for row in &published {
            let id: ProductId = row.id.parse()?;
            facts.push(events::product_changed(id, &row.handle, row.version, row.status.parse()?)?);
            ids.push(id);
        }
        tx.publish(&*self.clock, facts).await?;
        tx.commit().await?;
        Ok(ids)
    }

    /// The last product that the pass over memberships by rule has seen; `None` when no pass is needed.
    pub(crate) async fn pass_position(&self) -> Result<Option<String>> {
        let row: Option<PassRow> =
            sql("select after_id from collection_pass where name = 'rules'").optional(&self.database).await?;
        Ok(row.map(|row| row.after_id))
    }
}
