//! Posts what was told of disputes to the ledgers of their orders.
//!
//! In two steps: the fact is written down with its place in the log, and the ledger follows under the order's lock, by
//! whichever process looks. Both at once would need the order's lock within the transaction that applies facts, which may
//! hold fifty of them.

use argosy_kernel::{DisputeId, OrderId, Result};
use argosy_platform::crash;

use crate::{domain::Entry, events::Changed, store::Store};

/// Goes on with all whose ledger is behind.
pub(crate) async fn post_all(store: &Store) -> Result<()> {
    for (id, order_id) in store.disputes_to_post().await? {
        if let Err(error) = post(store, id, order_id).await {
            tracing::warn!(dispute.id = %id, order.id = %order_id, error = ?error, "a dispute cannot be posted yet");
        }
    }
    Ok(())
}

async fn post(store: &Store, id: DisputeId, order_id: OrderId) -> Result<()> {
    let mut work = store.work(order_id).await?;
    work.open().await?;
    let Some(dispute) = work.take_dispute(id).await? else { return work.leave().await };
    for entry in dispute.entries() {
        work.post_dispute(&entry).await?;
    }
    let lost = dispute.lost() - work.charged_back(id).await?;
    if lost != 0 {
        let reference = format!("dispute:{id}:decided:{}", dispute.version);
        work.post_dispute(&Entry::charged_back(reference, lost)).await?;
    }
    work.note_or_pass_over("dispute_changed", &format!("{id}:{}", dispute.state), &dispute.told()).await?;
    work.tell(Changed::Dispute, &id.to_string(), &dispute.state)?;
    crash::point("orders.before_dispute_posted");
    work.finish().await.map(|_| ())
}
