//! Importing: a file goes through four stages, each of which works on a batch while the next works on the one
//! before: it is read, its pictures are taken, its products are put in, its stock is counted.
//!
//! Only a few batches are between two stages, and none overtakes another. Whoever is interrupted or fails ends the
//! stages before, and waits for those after: what was put in is counted.

mod put;
mod report;
mod stock;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use argosy_contracts::{
    catalog::{CatalogClient, ListAttributesRequest},
    inventory::InventoryClient,
    media::MediaClient,
};
use argosy_kernel::{Ctx, Currency, Error, Result, Timestamp};
use tokio::{sync::mpsc, task::JoinSet};

pub use self::report::ImportReport;
use crate::{
    draft::Draft,
    formats::{self, Format, Read1, Reading},
    pictures::{PictureOptions, Pictures, Taken},
    problem::Problem,
    source,
};

const BATCH: usize = 500;
/// Batches between two stages.
const BATCHES_AHEAD: usize = 2;

/// How to import.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// `None`: told from the file.
    pub format: Option<Format>,
    /// The currency of prices that do not name one.
    pub currency: Currency,
    /// The present: whether a sale has begun or is over.
    pub now: Timestamp,
    /// Say what would happen, change nothing.
    pub dry_run: bool,
    /// Whether stock is set to what the file says.
    pub with_stock: bool,
    /// What becomes of pictures.
    pub pictures: PictureOptions,
}

/// How far an import is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Bytes of the file that were read.
    pub bytes: u64,
    /// Products and rows that were dealt with.
    pub products: u64,
}

/// Puts files into a store.
#[derive(Clone)]
pub struct Importer {
    /// Where products go.
    pub catalog: CatalogClient,
    /// Where stock goes.
    pub inventory: InventoryClient,
    /// Where pictures go.
    pub media: MediaClient,
    /// On whose behalf.
    pub ctx: Ctx,
    /// How.
    pub options: ImportOptions,
}

/// Products whose pictures are taken, and rows that are none.
struct Batch {
    drafts: Vec<Draft>,
    problems: Vec<Problem>,
    fetched: u64,
}

impl Importer {
    /// Imports a file. `stop` ends it after the batch that is being put in.
    ///
    /// # Errors
    /// `UNREADABLE_FILE`, `UNKNOWN_FORMAT`, `MISSING_COLUMNS`, or why a service cannot be reached; what went in
    /// before stays in.
    pub async fn import(
        &self,
        path: &Path,
        stop: &Arc<AtomicBool>,
        mut tell: impl FnMut(Progress),
    ) -> Result<ImportReport> {
        let read = Arc::new(AtomicU64::new(0));
        let source = source::open(path, Arc::clone(&read))?;
        let reading = Reading { currency: self.options.currency, now: self.options.now };
        let drafts = formats::read(source, self.options.format, reading)?;
        let definitions = self.catalog.list_attributes(&self.ctx, ListAttributesRequest {}).await?.attributes;
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        let pictures = Pictures::new(self, folder, definitions, Arc::clone(stop))?;

        let mut stages: JoinSet<Result<Vec<Problem>>> = JoinSet::new();
        let (to_pictures, batches) = mpsc::channel(BATCHES_AHEAD);
        let (to_put, mut batches_with_pictures) = mpsc::channel(BATCHES_AHEAD);
        let (to_count, counted) = mpsc::channel(BATCHES_AHEAD);
        stages.spawn_blocking(move || {
            read_all(drafts, &to_pictures);
            Ok(Vec::new())
        });
        stages.spawn(take_pictures(pictures, batches, to_put));
        stages.spawn(self.clone().count_stock(counted));

        let mut report = ImportReport::default();
        let mut outcome = Ok(());
        while let Some(batch) = batches_with_pictures.recv().await {
            let levels = match self.put(batch, &mut report).await {
                Ok(levels) => levels,
                Err(error) => {
                    outcome = Err(error);
                    break;
                }
            };
            if to_count.send(levels).await.is_err() {
                // Whoever counts has failed, and says why below.
                break;
            }
            tell(Progress { bytes: read.load(Ordering::Relaxed), products: report.products() });
            if stop.load(Ordering::Relaxed) {
                break;
            }
        }
        report.is_interrupted = stop.load(Ordering::Relaxed);
        drop((batches_with_pictures, to_count));
        while let Some(stage) = stages.join_next().await {
            match stage.map_err(Error::internal)? {
                Ok(problems) => problems.into_iter().for_each(|problem| report.refuse(problem)),
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        report.sort();
        outcome.map(|()| report)
    }
}

/// The first stage. Whoever receives may have stopped; then nothing is owed.
fn read_all(drafts: Box<dyn Iterator<Item = Read1> + Send>, sender: &mpsc::Sender<Vec<Read1>>) {
    let mut batch = Vec::with_capacity(BATCH);
    for draft in drafts {
        batch.push(draft);
        if batch.len() == BATCH && sender.blocking_send(std::mem::take(&mut batch)).is_err() {
            return;
        }
    }
    let _ = sender.blocking_send(batch);
}

/// The second stage.
async fn take_pictures(
    pictures: Pictures,
    mut batches: mpsc::Receiver<Vec<Read1>>,
    sender: mpsc::Sender<Batch>,
) -> Result<Vec<Problem>> {
    while let Some(reads) = batches.recv().await {
        let (mut drafts, mut problems) = (Vec::with_capacity(reads.len()), Vec::new());
        for read in reads {
            match read {
                Ok(draft) => drafts.push(draft),
                Err(problem) => problems.push(problem),
            }
        }
        let fetched = match pictures.take(&mut drafts, &mut problems).await? {
            Taken::All { fetched } => fetched,
            Taken::Stopped => break,
        };
        if sender.send(Batch { drafts, problems, fetched }).await.is_err() {
            break;
        }
    }
    Ok(Vec::new())
}
