#![doc = include_str!("../README.md")]

mod domain;
mod error;
mod files;
mod renditions;
mod service;
mod store;

use argosy_contracts::media::MediaClient;
use argosy_kernel::Result;
use argosy_platform::{
    Host,
    database::{DatabaseSpec, Durability, Migration},
};
use serde::{Deserialize, Serialize};

/// Settings of the service.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MediaConfig {
    /// The widths in pixels that can be asked for.
    pub rendition_widths: Vec<u32>,
    /// Renditions made at once.
    pub rendition_threads_max: u32,
    /// From 1 to 100.
    pub jpeg_quality: u8,
    /// From 1 to 100; 80 looks like a JPEG of 82.
    pub webp_quality: u8,
    /// From 1 to 100; 70 looks like a JPEG of 82.
    pub avif_quality: u8,
    /// How fast AVIF is made, from 1 (smallest) to 10 (fastest); 0: none is made.
    pub avif_speed: u8,
    /// Renditions in WebP and AVIF that wait to be made; more are asked for again later.
    pub rendition_queue_max: usize,
}

impl Default for MediaConfig {
    fn default() -> Self {
        Self {
            rendition_widths: vec![160, 320, 480, 640, 960, 1_280, 1_920],
            rendition_threads_max: 2,
            jpeg_quality: 82,
            webp_quality: 80,
            avif_quality: 70,
            avif_speed: 8,
            rendition_queue_max: 1_000,
        }
    }
}

const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "media", sql: include_str!("../migrations/0001_media.sql") },
    Migration { version: 2, name: "source", sql: include_str!("../migrations/0002_source.sql") },
    Migration { version: 3, name: "sold files", sql: include_str!("../migrations/0003_sold_files.sql") },
];

/// Where the service keeps its data.
pub const DATABASE: DatabaseSpec =
    DatabaseSpec { name: "media", durability: Durability::Process, migrations: MIGRATIONS };

/// Opens the service's database and answers a client of it.
pub async fn start(host: &Host, config: MediaConfig) -> Result<MediaClient> {
    let store = store::Store::new(host.database(DATABASE).await?, host.blobs().clone(), host.clock());
    let renditions = renditions::Renditions::start(store.clone(), &config, host.tasks());
    Ok(MediaClient::local(service::MediaService::new(store, config, renditions)))
}
