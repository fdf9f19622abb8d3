//! Keeps what is cached in step with the facts that the services tell.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use argosy_contracts::search::StatusRequest;
use argosy_kernel::Ctx;
use argosy_platform::Host;
use tokio::sync::Notify;

use crate::{
    page_cache::{LISTING, STRUCTURE},
    shop::{SharedShop, Shop},
};

const SEARCH_POLL: Duration = Duration::from_millis(50);
/// How often the search is asked before one stops waiting for it: pages expire on their own, too.
const SEARCH_POLLS_MAX: u32 = 200;

/// Follows the catalogue, the stock and the zones.
pub(crate) fn keep(shop: &SharedShop, host: &Host) {
    let behind = Arc::new(Behind::default());
    wait_for_search(shop, host, &behind);
    let (catalog, catalog_missed) = (Arc::clone(shop), Arc::clone(shop));
    host.bus().follow(
        host.tasks(),
        "catalog",
        move |fact| {
            if fact.kind == "catalog.product_changed" {
                catalog.pages.drop_tag(&fact.subject);
            } else {
                forget_all(&catalog);
            }
            behind.tell(fact.position);
        },
        move || forget_all(&catalog_missed),
    );
    let (stock, stock_missed) = (Arc::clone(shop), Arc::clone(shop));
    host.bus().follow(
        host.tasks(),
        "inventory",
        move |fact| stock.pages.drop_tag(&fact.subject),
        move || forget_all(&stock_missed),
    );
    let (zones, zones_missed) = (Arc::clone(shop), Arc::clone(shop));
    host.bus().follow(
        host.tasks(),
        "pricing",
        move |_| forget_all(&zones),
        move || forget_all(&zones_missed),
    );
}

fn forget_all(shop: &Shop) {
    shop.structure.forget();
    shop.pages.drop_tag(STRUCTURE);
}

/// How far the listings must be.
#[derive(Default)]
struct Behind {
    position: AtomicI64,
    changed: Notify,
}

impl Behind {
    fn tell(&self, position: i64) {
        self.position.fetch_max(position, Ordering::AcqRel);
        self.changed.notify_one();
    }
}

/// Listings come from the search, which hears of a change a moment later: they are dropped at once for what
/// they show, and again when the search has caught up for what they should show.
fn wait_for_search(shop: &SharedShop, host: &Host, behind: &Arc<Behind>) {
    let (shop, behind) = (Arc::clone(shop), Arc::clone(behind));
    host.tasks().spawn_loop(async move {
        loop {
            behind.changed.notified().await;
            shop.pages.drop_tag(LISTING);
            for _ in 0..SEARCH_POLLS_MAX {
                let wanted = behind.position.load(Ordering::Acquire);
                let ctx = Ctx::system("storefront").with_timeout(Duration::from_secs(2));
                match shop.clients.search.status(&ctx, StatusRequest {}).await {
                    Ok(status) if status.position >= wanted => break,
                    Ok(_) => {}
                    Err(error) => tracing::debug!(error = ?error, "cannot ask how far the search is"),
                }
                tokio::time::sleep(SEARCH_POLL).await;
            }
            shop.pages.drop_tag(LISTING);
        }
    });
}
