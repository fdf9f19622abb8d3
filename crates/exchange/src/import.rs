//! Importing: a file is read in a thread of its own, batch by batch, and each batch goes in whole or is refused
//! product by product.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use argosy_contracts::{
    catalog::{
        Attribute, AttributeDefinition, CatalogClient, ListAttributesRequest, ProductInput,
        PutProductOutcome, PutProductsRequest, attribute,
    },
    inventory::{InventoryClient, SetLevelsRequest, StockLevel},
    media::{MediaClient, UploadRequest},
};
use argosy_kernel::{Ctx, Currency, Error, Result};
use tokio::sync::mpsc;

use crate::{
    draft::Draft,
    formats::{self, Format, Read1},
    problem::Problem,
    source,
};

const BATCH: usize = 500;
/// Batches read ahead of the one that goes in.
const BATCHES_AHEAD: usize = 2;
const LEVELS_PER_CALL: usize = 2_000;
/// Problems kept for the report; all are counted.
const PROBLEMS_KEPT: usize = 10_000;

/// How to import.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// `None`: told from the file.
    pub format: Option<Format>,
    /// The currency of prices that do not name one.
    pub currency: Currency,
    /// Say what would happen, change nothing.
    pub dry_run: bool,
    /// Whether stock is set to what the file says.
    pub with_stock: bool,
}

/// What came of an import.
#[derive(Debug, Clone, Default)]
pub struct ImportReport {
    /// New products.
    pub created: u64,
    /// Products that changed.
    pub updated: u64,
    /// Products that were so already.
    pub unchanged: u64,
    /// Rows and products that did not go in.
    pub refused: u64,
    /// Why, for the first ten thousand.
    pub problems: Vec<Problem>,
    /// Whether it was stopped before the end of the file.
    pub is_interrupted: bool,
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

impl Importer {
    /// Imports a file. `stop` ends it after the batch under way.
    ///
    /// # Errors
    /// `UNREADABLE_FILE`, `UNKNOWN_FORMAT`, `MISSING_COLUMNS`, or why a service cannot be reached; what went in
    /// before stays in.
    pub async fn import(
        &self,
        path: &Path,
        stop: &AtomicBool,
        mut tell: impl FnMut(Progress),
    ) -> Result<ImportReport> {
        let read = Arc::new(AtomicU64::new(0));
        let source = source::open(path, Arc::clone(&read))?;
        let drafts = formats::read(source, self.options.format, self.options.currency)?;
        let (sender, mut batches) = mpsc::channel::<Vec<Read1>>(BATCHES_AHEAD);
        let reading = tokio::task::spawn_blocking(move || read_all(drafts, &sender));
        let definitions = self.catalog.list_attributes(&self.ctx, ListAttributesRequest {}).await?.attributes;
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        let mut report = ImportReport::default();
        while let Some(batch) = batches.recv().await {
            self.put(batch, &definitions, &folder, &mut report).await?;
            let products = report.created + report.updated + report.unchanged + report.refused;
            tell(Progress { bytes: read.load(Ordering::Relaxed), products });
            if stop.load(Ordering::Relaxed) {
                report.is_interrupted = true;
                break;
            }
        }
        drop(batches);
        reading.await.map_err(Error::internal)?;
        report.problems.sort_by_key(|problem| problem.line);
        Ok(report)
    }

    async fn put(
        &self,
        batch: Vec<Read1>,
        definitions: &[AttributeDefinition],
        folder: &Path,
        report: &mut ImportReport,
    ) -> Result<()> {
        let mut drafts = Vec::with_capacity(batch.len());
        for read in batch {
            match read {
                Ok(mut draft) => {
                    type_attributes(&mut draft, definitions);
                    match self.take_pictures(&mut draft, folder).await? {
                        Ok(()) => drafts.push(draft),
                        Err(problem) => report.refuse(problem),
                    }
                }
                Err(problem) => report.refuse(problem),
            }
        }
        let products = drafts.iter().map(|draft| ProductInput {
            product: Some(draft.product.clone()),
            category_paths: draft.category_paths.clone(),
            declare_attributes: true,
        });
        let request = PutProductsRequest { products: products.collect(), dry_run: self.options.dry_run };
        if request.products.is_empty() {
            return Ok(());
        }
        let outcomes = self.catalog.put_products(&self.ctx, request).await?.outcomes;
        if self.options.with_stock && !self.options.dry_run {
            self.count_stock(&drafts, &outcomes, report).await?;
        }
        for (draft, outcome) in drafts.iter().zip(outcomes) {
            match outcome.result.as_str() {
                "created" => report.created += 1,
                "updated" => report.updated += 1,
                "unchanged" => report.unchanged += 1,
                _ => {
                    let message = format!("'{}': {}", outcome.handle, outcome.message);
                    report.refuse(Problem::new(draft.line, &outcome.reason, message));
                }
            }
        }
        Ok(())
    }

    async fn count_stock(
        &self,
        drafts: &[Draft],
        outcomes: &[PutProductOutcome],
        report: &mut ImportReport,
    ) -> Result<()> {
        let mut levels = Vec::new();
        for (draft, outcome) in drafts.iter().zip(outcomes) {
            for (variant, stock) in outcome.variants.iter().zip(&draft.stock) {
                let Some(stock) = stock else { continue };
                levels.push(StockLevel {
                    variant_id: variant.variant_id.clone(),
                    on_hand: stock.on_hand,
                    backorder: stock.backorder,
                    tracked: stock.tracked,
                    ..StockLevel::default()
                });
            }
        }
        for chunk in levels.chunks(LEVELS_PER_CALL) {
            let request = SetLevelsRequest { levels: chunk.to_vec() };
            if let Err(error) = self.inventory.set_levels(&self.ctx, request).await {
                self.count_one_by_one(chunk, &error, drafts, report).await?;
            }
        }
        Ok(())
    }

    /// One wrong level must not keep the others out.
    async fn count_one_by_one(
        &self,
        levels: &[StockLevel],
        error: &Error,
        drafts: &[Draft],
        report: &mut ImportReport,
    ) -> Result<()> {
        if error.is_transient() {
            return Err(error.clone());
        }
        let line = drafts.first().map_or(0, |draft| draft.line);
        for level in levels {
            let request = SetLevelsRequest { levels: vec![level.clone()] };
            match self.inventory.set_levels(&self.ctx, request).await {
                Ok(_) => {}
                Err(error) if error.is_transient() => return Err(error),
                Err(error) => {
                    let message = format!("stock of {}: {}", level.variant_id, error.message());
                    report.refuse(Problem::new(line, error.reason(), message));
                }
            }
        }
        Ok(())
    }

    /// Copies pictures that are files; addresses on the web stay as they are.
    async fn take_pictures(
        &self,
        draft: &mut Draft,
        folder: &Path,
    ) -> Result<std::result::Result<(), Problem>> {
        let line = draft.line;
        let mut copied: Vec<(String, String)> = Vec::new();
        let images = draft.product.images.iter_mut().map(|image| &mut image.url);
        let variants = draft.product.variants.iter_mut().map(|variant| &mut variant.image_url);
        for url in images.chain(variants) {
            if is_address(url) {
                continue;
            }
            if let Some((_, known)) = copied.iter().find(|(from, _)| from == url) {
                known.clone_into(url);
                continue;
            }
            let path = folder.join(url.trim_start_matches("file://"));
            match self.upload(&path).await {
                Ok(address) => {
                    copied.push((std::mem::replace(url, address.clone()), address));
                }
                Err(error) if error.is_transient() => return Err(error),
                Err(error) => {
                    let message = format!("picture {}: {}", path.display(), error.message());
                    return Ok(Err(Problem::new(line, "PICTURE_UNREADABLE", message)));
                }
            }
        }
        Ok(Ok(()))
    }

    async fn upload(&self, path: &Path) -> Result<String> {
        let file = path.to_owned();
        let content =
            tokio::task::spawn_blocking(move || std::fs::read(file)).await.map_err(Error::internal)?;
        let content = content.map_err(|error| Error::invalid("PICTURE_UNREADABLE", error.to_string()))?;
        if self.options.dry_run {
            return Ok(String::new());
        }
        let filename = path.file_name().map(PathBuf::from).unwrap_or_default().display().to_string();
        let uploaded = self.media.upload(&self.ctx, UploadRequest { filename, content }).await?;
        Ok(uploaded.url)
    }
}

impl ImportReport {
    fn refuse(&mut self, problem: Problem) {
        self.refused += 1;
        if self.problems.len() < PROBLEMS_KEPT {
            self.problems.push(problem);
        }
    }
}

fn is_address(url: &str) -> bool {
    url.is_empty() || url.starts_with("http://") || url.starts_with("https://") || url.starts_with("/media/")
}

fn read_all(drafts: Box<dyn Iterator<Item = Read1> + Send>, sender: &mpsc::Sender<Vec<Read1>>) {
    let mut batch = Vec::with_capacity(BATCH);
    for draft in drafts {
        batch.push(draft);
        if batch.len() == BATCH && sender.blocking_send(std::mem::take(&mut batch)).is_err() {
            return;
        }
    }
    // Whoever received may have stopped; then nothing is owed.
    let _ = sender.blocking_send(batch);
}

/// Attributes as the catalogue declares them; text that does not fit a declaration stays text and is refused there.
fn type_attributes(draft: &mut Draft, definitions: &[AttributeDefinition]) {
    let typed = draft.attributes.drain(..).map(|(name, text)| {
        let kind = definitions
            .iter()
            .find(|definition| definition.name == name)
            .map(|definition| definition.kind.as_str());
        let value = match kind {
            Some("number") => text.parse().map_or(attribute::Value::Text(text), attribute::Value::Number),
            Some("boolean") => match text.to_lowercase().as_str() {
                "true" | "yes" | "1" => attribute::Value::Boolean(true),
                "false" | "no" | "0" => attribute::Value::Boolean(false),
                _ => attribute::Value::Text(text),
            },
            Some("date") => attribute::Value::Date(text),
            _ => attribute::Value::Text(text),
        };
        Attribute { name, value: Some(value) }
    });
    draft.product.attributes.extend(typed);
}
