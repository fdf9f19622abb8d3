//! Building an index from the whole catalogue.

use std::sync::Arc;

use argosy_kernel::{Clock, Result};
use argosy_platform::bus::Bus;

use crate::{
    index::{
        document,
        engine::{Engine, Positions},
        folder::Folder,
        live::LiveIndex,
    },
    source::{Source, Stocked},
    work,
};

/// Products between two commits of an index that nobody waits for.
const COMMIT_EVERY: usize = 20_000;

/// What building needs.
#[derive(Clone)]
pub(crate) struct Builder {
    pub(crate) engine: Arc<Engine>,
    pub(crate) source: Source,
    pub(crate) folder: Folder,
    pub(crate) bus: Bus,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Whether queries may see an index while it is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// There is no other.
    AsItGrows,
    /// The old one answers.
    WhenDone,
}

impl Builder {
    /// Builds an index in a folder of its own. It holds at least all facts up to the positions that it is
    /// committed with, which are taken first: what changes meanwhile is read again from the facts.
    pub(crate) async fn build(&self, shown: Shown) -> Result<LiveIndex> {
        let positions = self.heads().await;
        let folder = self.folder.clone();
        let path = work::blocking(move || folder.next().map_err(argosy_kernel::Error::internal)).await?;
        let mut live = LiveIndex::create(&path, &self.engine.fields)?;
        let (mut after, mut uncommitted, mut written) = (String::new(), 0, 0_usize);
        loop {
            let page = self.source.page(&after).await?;
            let Some((last, _)) = page.last() else { break };
            after.clone_from(&last.id);
            uncommitted += page.len();
            written += page.len();
            live = self.write(live, page, Vec::new()).await?;
            if shown == Shown::AsItGrows && uncommitted >= COMMIT_EVERY {
                live = self.commit(live, Positions::default(), shown).await?;
                uncommitted = 0;
            }
        }
        tracing::info!(search.products = written, "built the index from the catalogue");
        self.commit(live, positions, shown).await
    }

    /// Where the facts are now; 0 for a service whose facts cannot be read here.
    async fn heads(&self) -> Positions {
        let (catalog, inventory) = (self.head("catalog").await, self.head("inventory").await);
        Positions::new(catalog.unwrap_or_default(), inventory.unwrap_or_default())
    }

    /// The newest position of a service's facts.
    pub(crate) async fn head(&self, source: &str) -> Result<i64> {
        Ok(self.bus.log(source)?.read(i64::MAX - 1, 1, std::time::Duration::ZERO).await?.head)
    }

    /// Writes products anew: those that are shown are put in, the others and `gone` taken out.
    pub(crate) async fn write(
        &self,
        live: LiveIndex,
        products: Vec<Stocked>,
        gone: Vec<String>,
    ) -> Result<LiveIndex> {
        let (engine, now) = (Arc::clone(&self.engine), self.clock.now());
        work::blocking(move || {
            let tables = engine.tables();
            for id in &gone {
                live.remove(id);
            }
            metrics::counter!("argosy_search_documents_written").increment(products.len() as u64);
            for (product, stock) in &products {
                live.remove(&product.id);
                if document::is_shown(product, now) {
                    live.put(document::document(product, *stock, &tables, &engine)?)?;
                }
            }
            Ok(live)
        })
        .await
    }

    /// Commits, and shows the index if it may be seen.
    pub(crate) async fn commit(
        &self,
        mut live: LiveIndex,
        positions: Positions,
        shown: Shown,
    ) -> Result<LiveIndex> {
        let engine = Arc::clone(&self.engine);
        work::blocking(move || {
            let searcher = live.commit(positions)?;
            if shown == Shown::AsItGrows {
                engine.show(searcher, positions).map_err(argosy_kernel::Error::internal)?;
            }
            Ok(live)
        })
        .await
    }
}
