#![doc = include_str!("../README.md")]

mod builder;
mod domain;
mod error;
mod events;
mod feed;
mod following;
mod index;
mod query;
mod service;
mod source;
mod work;

use std::{sync::Arc, time::Duration};

use argosy_contracts::{catalog::CatalogClient, inventory::InventoryClient, search::SearchClient};
use argosy_kernel::{Ctx, Result};
use argosy_platform::Host;
use serde::{Deserialize, Serialize};

use crate::domain::{stems::Stems, synonyms::Synonyms};

/// Settings of the service.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SearchConfig {
    /// Two commits of the index are at least so far apart: how long a change may wait to be visible.
    pub commit_interval_ms: u32,
    /// Memory for the documents that pass filters.
    pub filter_cache_mb: u32,
    /// Queries that run at once; 0: one a core. Others wait, at most a second.
    pub queries_max: u32,
    /// Words that mean the same, a group each: `sofa, couch, settee`.
    pub synonyms: Vec<String>,
    /// Languages (ISO 639-1) whose forms of a word find each other, as `knitted` and `knitting`; another list has the
    /// index built anew.
    pub languages: Vec<String>,
}

impl Default for SearchConfig {
    fn default() -> Self {
        Self {
            commit_interval_ms: 300,
            filter_cache_mb: 64,
            queries_max: 0,
            synonyms: Vec::new(),
            languages: vec!["en".to_owned(), "de".to_owned()],
        }
    }
}

/// The services that the index is made from.
#[derive(Clone)]
pub struct SearchClients {
    /// Products, categories, collections, attributes.
    pub catalog: CatalogClient,
    /// What can be bought.
    pub inventory: InventoryClient,
}

/// How long a start waits for the catalogue, which may start at the same time in another process.
const TABLES_WAIT: Duration = Duration::from_secs(2);

/// Opens the index that is there, begins to keep it up with the facts, and answers a client. An index that is
/// missing or damaged is built in the background.
pub async fn start(host: &Host, config: SearchConfig, clients: SearchClients) -> Result<SearchClient> {
    let engine = Arc::new(index::engine::Engine::new(
        u64::from(config.filter_cache_mb) * 1024 * 1024,
        Synonyms::read(&config.synonyms)?,
        Stems::of_languages(&config.languages)?,
    )?);
    let builder = builder::Builder {
        engine: Arc::clone(&engine),
        source: source::Source {
            catalog: clients.catalog,
            inventory: clients.inventory,
            ctx: Ctx::system("search"),
        },
        folder: index::folder::Folder::new(host.folder("search")?),
        bus: host.bus().clone(),
        clock: host.clock(),
    };
    let opening = builder.clone();
    let opened = work::blocking(move || feed::open(&opening)).await.unwrap_or_else(|error| {
        tracing::warn!(error = ?error, "the index cannot be opened now, trying again");
        None
    });
    let tables =
        tokio::time::timeout(TABLES_WAIT, feed::refresh_tables(&builder, index::tables::Reread::All)).await;
    if !matches!(tables, Ok(Ok(_))) {
        tracing::warn!("the catalogue does not answer yet; until it does, categories list nothing");
    }
    let (rebuild, rebuilds) = tokio::sync::mpsc::channel(1);
    let commit_interval = Duration::from_millis(config.commit_interval_ms.into());
    let feed = feed::Feed { builder, commit_interval, rebuilds, tasks: host.tasks().clone() };
    host.tasks().spawn_loop(feed.run(opened));
    Ok(SearchClient::local(service::SearchService::new(engine, rebuild, &config)))
}
