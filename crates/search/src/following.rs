//! Facts being followed into an open index.

use std::{collections::BTreeSet, path::PathBuf, time::Duration};

use argosy_kernel::{Error, ProductId, Result};
use argosy_platform::{
    bus::{Bus, Facts},
    tasks::Tasks,
};
use tantivy::{DocSet, Searcher, TERMINATED, Term, schema::IndexRecordOption};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep, sleep_until},
};

use crate::{
    builder::{Builder, Shown},
    error,
    events::{self, Change},
    feed::{Feed, Indexed, Waiting, refresh_tables},
    index::{
        engine::Positions,
        live::LiveIndex,
        schema::{Fields, ID_HALVES},
        tables::Reread,
    },
    work,
};

/// Facts that one read gives.
const FACTS_MAX: u32 = 500;
const READ_WAIT: Duration = Duration::from_secs(20);
const RETRY_DELAY: Duration = Duration::from_secs(1);

pub(crate) struct Following<'a> {
    builder: Builder,
    rebuilds: &'a mut mpsc::Receiver<Waiting>,
    tasks: Tasks,
    commit_interval: Duration,
    /// `None` only while it is lent to another thread.
    live: Option<LiveIndex>,
    /// How far the facts are read; what is committed may be behind.
    read: Positions,
    commit_due: Option<Instant>,
    committed: Option<Instant>,
    rebuild: Option<Rebuild>,
    catching_up: Option<CatchingUp>,
}

/// An index that is built beside the one that answers.
struct Rebuild {
    built: oneshot::Receiver<Result<LiveIndex>>,
    waiting: Option<Waiting>,
}

/// A new index must have read what the old one had before it is seen.
struct CatchingUp {
    until: Positions,
    old: PathBuf,
    waiting: Option<Waiting>,
}

impl<'a> Following<'a> {
    pub(crate) fn new(feed: &'a mut Feed, live: LiveIndex) -> Self {
        Self {
            builder: feed.builder.clone(),
            rebuilds: &mut feed.rebuilds,
            tasks: feed.tasks.clone(),
            commit_interval: feed.commit_interval,
            read: live.positions(),
            live: Some(live),
            commit_due: None,
            committed: None,
            rebuild: None,
            catching_up: None,
        }
    }

    /// Follows until something fails. Then what is not committed is forgotten and read again.
    pub(crate) async fn run(&mut self) -> Result<()> {
        let bus = self.builder.bus.clone();
        loop {
            tokio::select! {
                facts = read(&bus, "catalog", self.read.catalog) => self.follow_catalog(facts).await?,
                facts = read(&bus, "inventory", self.read.inventory) => self.follow_inventory(facts).await?,
                () = at(self.commit_due) => self.commit().await?,
                Some(waiting) = self.rebuilds.recv() => self.start_rebuild(Some(waiting)),
                built = finished(&mut self.rebuild) => self.take_over(built),
            }
        }
    }

    async fn follow_catalog(&mut self, facts: Facts) -> Result<()> {
        let Some(last) = facts.facts.last() else { return Ok(()) };
        let mut products = BTreeSet::new();
        let (mut tables, mut reordered) = (false, BTreeSet::new());
        for change in facts.facts.iter().map(events::change) {
            match change {
                Change::Product(id) => _ = products.insert(id),
                Change::Tables(collections) => {
                    tables = true;
                    reordered.extend(collections);
                }
                Change::Variant(_) | Change::Unconcerned => {}
            }
        }
        if tables && refresh_tables(&self.builder, Reread::These(reordered)).await? == Indexed::Otherwise {
            self.start_rebuild(None);
        }
        self.write(products.into_iter().collect()).await?;
        self.read.catalog = last.position;
        Ok(())
    }

    async fn follow_inventory(&mut self, facts: Facts) -> Result<()> {
        let Some(last) = facts.facts.last() else { return Ok(()) };
        let variants: BTreeSet<String> = facts
            .facts
            .iter()
            .filter_map(|fact| match events::change(fact) {
                Change::Variant(id) => Some(id),
                Change::Product(_) | Change::Tables(_) | Change::Unconcerned => None,
            })
            .collect();
        if self.commit_due.is_some() {
            self.commit().await?; // so that the products written last are found by their variants
        }
        let Some(live) = self.live.take() else { return Err(lent()) };
        let fields = self.builder.engine.fields.clone();
        let (live, products) = work::blocking(move || {
            let found = products_of(&live.searcher()?, &fields, &variants).map_err(Error::internal)?;
            Ok((live, found))
        })
        .await?;
        self.live = Some(live);
        self.write(products.into_iter().collect()).await?;
        self.read.inventory = last.position;
        Ok(())
    }

    /// Reads products and writes them; those that are gone are taken out.
    async fn write(&mut self, ids: Vec<String>) -> Result<()> {
        let products = self.builder.source.products(&ids).await?;
        let found: BTreeSet<&str> = products.iter().map(|(product, _)| product.id.as_str()).collect();
        let gone = ids.iter().filter(|id| !found.contains(id.as_str())).cloned().collect();
        let Some(live) = self.live.take() else { return Err(lent()) };
        self.live = Some(self.builder.write(live, products, gone).await?);
        let now = Instant::now();
        let due = self.committed.map_or(now, |committed| now.max(committed + self.commit_interval));
        self.commit_due.get_or_insert(due);
        Ok(())
    }

    async fn commit(&mut self) -> Result<()> {
        let Some(live) = self.live.take() else { return Err(lent()) };
        let caught_up = self.catching_up.take_if(|catching_up| {
            self.read.catalog >= catching_up.until.catalog
                && self.read.inventory >= catching_up.until.inventory
        });
        let shown = if self.catching_up.is_some() { Shown::WhenDone } else { Shown::AsItGrows };
        let mut live = self.builder.commit(live, self.read, shown).await?;
        if let Some(caught_up) = caught_up {
            live = self.adopt(live, caught_up).await?;
        }
        self.live = Some(live);
        self.commit_due = None;
        self.committed = Some(Instant::now());
        Ok(())
    }

    fn start_rebuild(&mut self, waiting: Option<Waiting>) {
        if self.rebuild.is_some() || self.catching_up.is_some() {
            if let Some(waiting) = waiting {
                let _ = waiting.send(Err(error::rebuild_running())); // who asked may have gone
            }
            return;
        }
        let (done, built) = oneshot::channel();
        let builder = self.builder.clone();
        self.tasks.spawn_loop(async move {
            let _ = done.send(builder.build(Shown::WhenDone).await); // the feed may have begun anew
        });
        self.rebuild = Some(Rebuild { built, waiting });
    }

    /// Goes on with the index that was built; it is shown when it has read as much as the old one.
    fn take_over(&mut self, (built, waiting): (Result<LiveIndex>, Option<Waiting>)) {
        let live = match built {
            Ok(live) => live,
            Err(error) => {
                tracing::warn!(error = ?error, "the index could not be built anew, the old one goes on");
                if let Some(waiting) = waiting {
                    let _ = waiting.send(Err(error::rebuild_failed())); // who asked may have gone
                }
                return;
            }
        };
        let until = std::mem::replace(&mut self.read, live.positions());
        let Some(old) = self.live.replace(live) else { return };
        self.catching_up = Some(CatchingUp { until, old: old.path.clone(), waiting });
        self.commit_due = Some(Instant::now());
    }

    /// Names the new index the good one.
    async fn adopt(&self, live: LiveIndex, CatchingUp { old, waiting, .. }: CatchingUp) -> Result<LiveIndex> {
        let folder = self.builder.folder.clone();
        let (live, products) = work::blocking(move || {
            folder.adopt(&live.path).map_err(Error::internal)?;
            std::fs::remove_dir_all(old).map_err(Error::internal)?;
            let products = live.searcher()?.num_docs();
            Ok((live, products))
        })
        .await?;
        if let Some(waiting) = waiting {
            let _ = waiting.send(Ok(products)); // who asked may have gone
        }
        Ok(live)
    }
}

fn lent() -> Error {
    Error::internal("the index was lost with a task that failed")
}

/// Facts after a position. An error is a wait, because the other service's facts must go on.
async fn read(bus: &Bus, source: &str, after: i64) -> Facts {
    let read = async { bus.log(source)?.read(after, FACTS_MAX, READ_WAIT).await };
    match read.await {
        Ok(facts) => facts,
        Err(error) => {
            tracing::debug!(bus.source = source, error = ?error, "cannot read facts, trying again");
            sleep(RETRY_DELAY).await;
            Facts::default()
        }
    }
}

async fn at(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}

async fn finished(rebuild: &mut Option<Rebuild>) -> (Result<LiveIndex>, Option<Waiting>) {
    let Some(running) = rebuild else { return std::future::pending().await };
    let built = (&mut running.built).await.unwrap_or_else(|_| Err(lent()));
    (built, rebuild.take().and_then(|rebuild| rebuild.waiting))
}

/// The products that have any of some variants.
fn products_of(
    searcher: &Searcher,
    fields: &Fields,
    variants: &BTreeSet<String>,
) -> tantivy::Result<BTreeSet<String>> {
    let mut products = BTreeSet::new();
    for reader in searcher.segment_readers() {
        let index = reader.inverted_index(fields.variants)?;
        let (high, low) = (reader.fast_fields().u64(ID_HALVES[0])?, reader.fast_fields().u64(ID_HALVES[1])?);
        for variant in variants {
            let term = Term::from_field_text(fields.variants, variant);
            let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic)? else { continue };
            let mut document = postings.doc();
            while document != TERMINATED {
                if !reader.is_deleted(document) {
                    let halves = [high.first(document), low.first(document)].map(Option::unwrap_or_default);
                    let bits = u128::from(halves[0]) << 64 | u128::from(halves[1]);
                    products.insert(ProductId::from_bytes(bits.to_be_bytes()).to_string());
                }
                document = postings.advance();
            }
        }
    }
    Ok(products)
}
