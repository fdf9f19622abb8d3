//! Gives back the stock of reservations whose time is over.

use std::time::Duration;

use argosy_platform::{Host, jobs};

use crate::{InventoryConfig, store::Store};

pub(crate) fn start(host: &Host, store: &Store, config: &InventoryConfig) {
    let interval = Duration::from_secs(config.sweep_interval_s.max(1).into());
    let swept = store.clone();
    jobs::every(host, store.database(), "expire reservations", interval, move || {
        let store = swept.clone();
        async move {
            let expired = store.expire_due().await?;
            if expired > 0 {
                tracing::info!(reservations = expired, "reservations expired");
                metrics::counter!("argosy_reservations_expired_total").increment(expired);
            }
            Ok(())
        }
    });
}
