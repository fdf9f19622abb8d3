//! Keeping the index up with the facts.
//!
//! One task owns the index for writing. It reads the facts of the catalogue and of the inventory, writes the
//! products they name, and commits the documents together with how far it has read: whatever kills the process,
//! the next one starts from a state in which both agree.

use std::{
    panic::{self, AssertUnwindSafe},
    path::Path,
    time::Duration,
};

use argosy_kernel::{Error, Result};
use argosy_platform::tasks::Tasks;
use tokio::{
    sync::{mpsc, oneshot},
    time::sleep,
};

use crate::{
    builder::{Builder, Shown},
    following::Following,
    index::{
        engine::Positions,
        live::{LiveIndex, Unusable},
        tables::{Reread, Tables},
    },
    work,
};

const RETRY_DELAY: Duration = Duration::from_secs(1);

/// Somebody who waits for a rebuild, told how many products there are then.
pub(crate) type Waiting = oneshot::Sender<Result<u64>>;

/// What the task needs between two tries.
pub(crate) struct Feed {
    pub(crate) builder: Builder,
    /// Two commits are at least so far apart.
    pub(crate) commit_interval: Duration,
    pub(crate) rebuilds: mpsc::Receiver<Waiting>,
    pub(crate) tasks: Tasks,
}

/// Whether what is indexed of an attribute is still right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Indexed {
    Rightly,
    Otherwise,
}

impl Feed {
    /// Runs until it is dropped, from an index that is open already or from what it finds.
    pub(crate) async fn run(mut self, opened: Option<LiveIndex>) {
        let mut opened = opened;
        loop {
            if let Err(error) = self.follow(opened.take()).await {
                tracing::warn!(error = ?error, "the index cannot be kept up, trying again");
                sleep(RETRY_DELAY).await;
            }
        }
    }

    async fn follow(&mut self, opened: Option<LiveIndex>) -> Result<()> {
        refresh_tables(&self.builder, Reread::All).await?;
        let opened = if opened.is_some() {
            opened
        } else {
            let builder = self.builder.clone();
            work::blocking(move || open(&builder)).await?
        };
        let live = match opened {
            Some(live) if facts_are_there(&self.builder, live.positions()).await? => live,
            Some(stale) => {
                tracing::warn!("facts that the index needs are gone, building it anew");
                drop(stale);
                build(&self.builder, Shown::WhenDone).await?
            }
            None => build(&self.builder, Shown::AsItGrows).await?,
        };
        Following::new(self, live).run().await
    }
}

/// Opens the index that is there and shows it; a damaged one is put aside with a warning.
pub(crate) fn open(builder: &Builder) -> Result<Option<LiveIndex>> {
    let Some(path) = builder.folder.current() else { return Ok(None) };
    // Tantivy panics when a file of an index is cut short.
    let opened = panic::catch_unwind(AssertUnwindSafe(|| open_and_show(builder, &path)));
    match opened.unwrap_or_else(|_| Err(Unusable::ForGood("a file of it is damaged".to_owned()))) {
        Ok(live) => Ok(Some(live)),
        Err(Unusable::ForNow(error)) => Err(error),
        Err(Unusable::ForGood(reason)) => {
            tracing::warn!(search.index = %path.display(), reason, "the index cannot be used, building it anew");
            builder.folder.condemn().map_err(Error::internal)?;
            Ok(None)
        }
    }
}

fn open_and_show(builder: &Builder, path: &Path) -> Result<LiveIndex, Unusable> {
    let live = LiveIndex::open(path, &builder.engine.fields)?;
    let searcher = live.searcher().map_err(|error| Unusable::ForGood(format!("{error:?}")))?;
    let shown = builder.engine.show(searcher, live.positions());
    shown.map_err(|error| Unusable::ForGood(error.to_string()))?;
    Ok(live)
}

/// Reads categories, collections and attributes anew, and the order of some collections' members.
pub(crate) async fn refresh_tables(builder: &Builder, reread: Reread) -> Result<Indexed> {
    let (source, engine) = (&builder.source, &builder.engine);
    let earlier = engine.tables();
    let tables = Tables::load(&source.catalog, &source.ctx, &earlier, reread).await?;
    let indexed = if tables.searches_otherwise(&earlier) { Indexed::Otherwise } else { Indexed::Rightly };
    engine.set_tables(tables);
    Ok(indexed)
}

/// Builds an index, names it the good one and shows it.
async fn build(builder: &Builder, shown: Shown) -> Result<LiveIndex> {
    let live = builder.build(shown).await?;
    let builder = builder.clone();
    work::blocking(move || {
        builder.folder.adopt(&live.path).map_err(Error::internal)?;
        builder.engine.show(live.searcher()?, live.positions()).map_err(Error::internal)?;
        Ok(live)
    })
    .await
}

/// Whether every fact after a position can still be read: none was pruned, and the log is the one it was.
async fn facts_are_there(builder: &Builder, positions: Positions) -> Result<bool> {
    let read = builder.bus.log("catalog")?.read(0, 1, Duration::ZERO).await?;
    let before_oldest = read.facts.first().map_or(read.head, |fact| fact.position - 1);
    Ok(before_oldest <= positions.catalog && positions.catalog <= read.head)
}
