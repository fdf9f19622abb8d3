//! What the catalogue does by itself: products whose time has come, and memberships by rule.

use std::time::Duration;

use argosy_kernel::Result;
use argosy_platform::{Host, jobs};

use crate::{
    CatalogConfig,
    domain::{
        product::Document,
        revise::{Revision, Stored, regrouped},
        structure::Structure,
    },
    service::CatalogService,
    store::{Changes, PassStep},
};

/// Products that one step of the pass looks at.
const STEP_PRODUCTS: u32 = 200;

/// Starts the periodic job. It also ends a pass that another process began.
pub(crate) fn start(host: &Host, service: &CatalogService, config: &CatalogConfig) {
    let interval = Duration::from_secs(config.publish_interval_s.max(1).into());
    let kept = service.clone();
    jobs::every(host, service.store.database(), "publish products", interval, move || {
        let service = kept.clone();
        async move {
            service.publish_due().await?;
            service.run_pass().await
        }
    });
}

/// Runs the pass at once, as well as may be; what is left of it the periodic job does.
pub(crate) fn start_pass(service: CatalogService) {
    let tasks = service.tasks.clone();
    tasks.spawn_loop(async move {
        if let Err(error) = service.run_pass().await {
            tracing::warn!(error = ?error, "memberships by rule are not up to date yet, the periodic job goes on");
        }
    });
}

impl CatalogService {
    /// Tells of every product that is shown from now on.
    async fn publish_due(&self) -> Result<()> {
        loop {
            let published = self.store.publish_due().await?;
            if published.is_empty() {
                return Ok(());
            }
            tracing::info!(products = published.len(), "scheduled products are published");
            self.products.written(published);
        }
    }

    /// Brings the memberships by rule of all products up to date, in steps. Where it is stands in the database,
    /// and each step moves it on in the transaction of its effect, so it may stop anywhere and two may run it.
    async fn run_pass(&self) -> Result<()> {
        while let Some(from) = self.store.pass_position().await? {
            let structure = self.store.structure().await?;
            let page = self.store.scan(&from, STEP_PRODUCTS).await?;
            let pass = match page.last() {
                Some(last) => PassStep::Advance { from, to: last.product.id.to_string() },
                None => PassStep::End { from },
            };
            let revisions =
                page.iter().filter_map(|stored| self.regroup_by_rule(&structure, stored).transpose());
            let revisions = revisions.collect::<Result<_>>()?;
            // Outdated or done: either way the position says where to go on.
            self.save(Changes { structure, revisions, pass, ..Changes::default() }).await?;
        }
        Ok(())
    }

    fn regroup_by_rule(&self, structure: &Structure, stored: &Stored) -> Result<Option<Revision>> {
        let Document { content, variants, collection_ids } = &stored.product.document;
        let now =
            structure.memberships(collection_ids, content, variants.iter().map(|variant| &variant.content));
        if now == *collection_ids {
            return Ok(None);
        }
        let document = Document { collection_ids: now, ..stored.product.document.clone() };
        regrouped(stored, document, structure, self.store.now()).map(Some)
    }
}
