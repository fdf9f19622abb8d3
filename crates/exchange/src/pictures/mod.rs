//! Pictures of products: files are copied into the store, addresses on the web are fetched, and what is in the
//! store already is left where it is.
//!
//! Fetching is a matter of this door, because it is the one that hears of addresses; what was fetched from where is
//! known to media, which owns the bytes.

mod address;
mod fetch;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use argosy_contracts::{
    catalog::{Attribute, AttributeDefinition, CatalogClient, GetProductsRequest, attribute},
    media::{FindMediaRequest, MediaClient, MediaItem, UploadRequest},
};
use argosy_kernel::{Ctx, Error, Result};
use futures::{StreamExt, stream};

use self::fetch::Fetcher;
pub use self::{address::PrivateAddresses, fetch::FetchLimits};
use crate::{draft::Draft, import::Importer, problem::Problem};

/// Addresses that media is asked for at once.
const ADDRESSES_PER_CALL: usize = 500;
/// Products that the catalogue is asked for at once.
const HANDLES_PER_CALL: usize = 200;

/// In a dry run: where a picture would be.
const NOT_YET_TAKEN: &str = "/media/not-yet-taken";

/// What becomes of pictures.
#[derive(Debug, Clone)]
pub struct PictureOptions {
    /// Which of them are taken.
    pub mode: PictureMode,
    /// Where this shop is reached, without a slash at the end: pictures there are its own.
    pub public_url: Option<String>,
    /// What fetching may take.
    pub limits: FetchLimits,
}

/// Which pictures of a file are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PictureMode {
    /// Files are copied, addresses on the web are fetched.
    #[default]
    Take,
    /// Files are copied; addresses on the web stay addresses.
    KeepAddresses,
    /// Products keep the pictures that they have; new ones get none.
    Leave,
}

/// Whether a batch is ready.
pub(crate) enum Taken {
    All {
        fetched: u64,
    },
    /// Somebody stopped the import meanwhile.
    Stopped,
}

/// Takes the pictures of batches.
pub(crate) struct Pictures {
    catalog: CatalogClient,
    media: MediaClient,
    ctx: Ctx,
    options: PictureOptions,
    is_dry_run: bool,
    folder: PathBuf,
    definitions: Vec<AttributeDefinition>,
    fetcher: Fetcher,
    stop: Arc<AtomicBool>,
}

/// What an address of a file turned out to be.
enum Found {
    /// In the store; `None`: it would be, were this not a dry run.
    Item(Option<MediaItem>),
    /// It stays as it is, and why.
    Stays(Error),
    /// The product cannot go in.
    Wrong(Error),
}

impl Pictures {
    pub(crate) fn new(
        importer: &Importer,
        folder: PathBuf,
        definitions: Vec<AttributeDefinition>,
        stop: Arc<AtomicBool>,
    ) -> Result<Self> {
        Ok(Self {
            catalog: importer.catalog.clone(),
            media: importer.media.clone(),
            ctx: importer.ctx.clone(),
            options: importer.options.pictures.clone(),
            is_dry_run: importer.options.dry_run,
            folder,
            definitions,
            fetcher: Fetcher::new(importer.options.pictures.limits.clone())?,
            stop,
        })
    }

    /// Takes the pictures of a batch. A file that is no picture keeps its product out; an address that cannot be
    /// fetched stays as it is, and a note says so.
    pub(crate) async fn take(&self, drafts: &mut Vec<Draft>, problems: &mut Vec<Problem>) -> Result<Taken> {
        for draft in &mut *drafts {
            type_attributes(draft, &self.definitions);
            self.plain_addresses(draft);
        }
        if self.options.mode == PictureMode::Leave {
            self.leave(drafts).await?;
            return Ok(Taken::All { fetched: 0 });
        }
        let addresses = self.addresses(drafts);
        if addresses.is_empty() {
            return Ok(Taken::All { fetched: 0 });
        }
        let mut found = self.known(&addresses).await?;
        let missing: Vec<String> =
            addresses.into_iter().filter(|address| !found.contains_key(address)).collect();
        let mut taking = stream::iter(missing)
            .map(|address| async move {
                let taken = self.take_one(&address).await;
                (address, taken)
            })
            .buffer_unordered(self.options.limits.concurrent_max.max(1));
        let mut fetched = 0;
        while let Some((address, outcome)) = taking.next().await {
            if self.stop.load(Ordering::Relaxed) {
                return Ok(Taken::Stopped);
            }
            let outcome = outcome?;
            fetched += u64::from(is_on_web(&address) && matches!(outcome, Found::Item(Some(_))));
            found.insert(address, outcome);
        }
        drop(taking);
        drafts.retain_mut(|draft| match replace(draft, &found) {
            Ok(()) => true,
            Err(problem) => {
                problems.push(problem);
                false
            }
        });
        Ok(Taken::All { fetched })
    }

    /// A picture at this shop's own address is one of the store's; an address without a scheme has the web's.
    fn plain_addresses(&self, draft: &mut Draft) {
        for url in urls(draft) {
            if url.starts_with("//") {
                url.insert_str(0, "https:");
            }
            let Some(public_url) = &self.options.public_url else { continue };
            if let Some(path) =
                url.strip_prefix(public_url.as_str()).filter(|path| path.starts_with("/media/"))
            {
                *url = path.to_owned();
            }
        }
    }

    /// The addresses of a batch that have to do with the store, each once.
    fn addresses(&self, drafts: &mut [Draft]) -> Vec<String> {
        let is_taken =
            |url: &String| !url.is_empty() && (self.options.mode == PictureMode::Take || !is_on_web(url));
        let mut addresses: Vec<String> =
            drafts.iter_mut().flat_map(urls).map(|url| url.clone()).filter(is_taken).collect();
        addresses.sort_unstable();
        addresses.dedup();
        addresses
    }

    /// Those that are in the store already.
    async fn known(&self, addresses: &[String]) -> Result<HashMap<String, Found>> {
        let asked: Vec<String> =
            addresses.iter().filter(|url| is_on_web(url) || is_own(url)).cloned().collect();
        let mut known = HashMap::new();
        for chunk in asked.chunks(ADDRESSES_PER_CALL) {
            let request = FindMediaRequest { addresses: chunk.to_vec() };
            for found in self.media.find_media(&self.ctx, request).await?.found {
                known.insert(found.address, Found::Item(found.item));
            }
        }
        Ok(known)
    }

    async fn take_one(&self, address: &str) -> Result<Found> {
        if is_own(address) {
            let message =
                "is not in this store: export it with http.public_url set, so that it can be fetched";
            return Ok(Found::Stays(Error::not_found("PICTURE_MISSING", message)));
        }
        // Whoever only asks what would happen fetches nothing.
        if is_on_web(address) && self.is_dry_run {
            return Ok(match self.fetcher.check(address) {
                Ok(_) => Found::Item(None),
                Err(error) => Found::Stays(error),
            });
        }
        if self.stop.load(Ordering::Relaxed) {
            return Ok(Found::Item(None));
        }
        let fails: fn(Error) -> Found = if is_on_web(address) { Found::Stays } else { Found::Wrong };
        let content =
            if is_on_web(address) { self.fetcher.fetch(address).await } else { self.read(address).await };
        let content = match content {
            Ok(content) => content,
            Err(error) => return Ok(fails(error)),
        };
        if self.is_dry_run {
            return Ok(Found::Item(None));
        }
        let source_url = if is_on_web(address) { address.to_owned() } else { String::new() };
        let request = UploadRequest { filename: filename(address), content, source_url };
        match self.media.upload(&self.ctx, request).await {
            Ok(item) => Ok(Found::Item(Some(item))),
            Err(error) if error.is_transient() => Err(error),
            Err(error) => Ok(fails(error)),
        }
    }

    async fn read(&self, address: &str) -> Result<Vec<u8>> {
        let path = self.folder.join(address.trim_start_matches("file://"));
        let read = tokio::task::spawn_blocking(move || std::fs::read(path)).await.map_err(Error::internal)?;
        read.map_err(|error| Error::invalid("PICTURE_UNREADABLE", error.to_string()))
    }

    /// Gives products the pictures that the catalogue has of them.
    async fn leave(&self, drafts: &mut [Draft]) -> Result<()> {
        for chunk in drafts.chunks_mut(HANDLES_PER_CALL) {
            let handles = chunk.iter().map(|draft| draft.product.handle.clone()).collect();
            let request = GetProductsRequest { handles, include_unpublished: true, ..Default::default() };
            let products = self.catalog.get_products(&self.ctx, request).await?.products;
            for draft in chunk {
                urls(draft).for_each(String::clear);
                draft.product.images.clear();
                let Some(old) = products.iter().find(|old| old.handle == draft.product.handle) else {
                    continue;
                };
                draft.product.images.clone_from(&old.images);
                for variant in &mut draft.product.variants {
                    let is_same = |old: &&argosy_contracts::catalog::Variant| {
                        (!variant.sku.is_empty() && old.sku == variant.sku)
                            || (variant.sku.is_empty() && old.option_values == variant.option_values)
                    };
                    let old = old.variants.iter().find(is_same);
                    variant.image_url = old.map(|old| old.image_url.clone()).unwrap_or_default();
                }
            }
        }
        Ok(())
    }
}

/// Every address of a product's pictures.
fn urls(draft: &mut Draft) -> impl Iterator<Item = &mut String> {
    let images = draft.product.images.iter_mut().map(|image| &mut image.url);
    images.chain(draft.product.variants.iter_mut().map(|variant| &mut variant.image_url))
}

fn is_on_web(url: &str) -> bool {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_lowercase());
    scheme.is_some_and(|scheme| scheme != "file")
}

fn is_own(url: &str) -> bool {
    url.starts_with("/media/")
}

fn filename(address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Puts what was found where the addresses stood.
fn replace(draft: &mut Draft, found: &HashMap<String, Found>) -> std::result::Result<(), Problem> {
    let line = draft.line;
    let mut notes: Vec<Problem> = Vec::new();
    for image in &mut draft.product.images {
        if let Some(Found::Item(Some(item))) = found.get(&image.url) {
            (image.width, image.height) = (item.width, item.height);
        }
    }
    for url in urls(draft) {
        match found.get(url.as_str()) {
            None => {}
            Some(Found::Item(None)) => NOT_YET_TAKEN.clone_into(url),
            Some(Found::Item(Some(item))) => url.clone_from(&item.url),
            Some(Found::Stays(error)) => {
                let message = format!("picture {}: {}", short(url), error.message());
                if !notes.iter().any(|note| note.message == message) {
                    notes.push(Problem::new(line, error.reason(), message));
                }
            }
            Some(Found::Wrong(error)) => {
                let message = format!("picture {}: {}", short(url), error.message());
                return Err(Problem::new(line, "PICTURE_UNREADABLE", message));
            }
        }
    }
    draft.notes.extend(notes);
    Ok(())
}

fn short(url: &str) -> String {
    url.chars().take(200).collect()
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
