//! When the demo shop is loaded: on the first start with an empty data folder and an empty catalogue, and after a load
//! that was cut off.

use std::path::PathBuf;

use argosy_contracts::catalog::ScanProductsRequest;
use argosy_demo::DemoClients;
use argosy_kernel::{Ctx, Error, Result};
use argosy_platform::Host;

use crate::{settings::Settings, targets::select, wiring::Wiring};

/// The services that the demo shop goes into. It is loaded only where all of them run.
const TARGETS: [&str; 4] = ["catalog", "inventory", "pricing", "media"];
/// In the data folder from before a load until after it.
const MARKER: &str = "demo.loading";

/// A demo shop that is to be loaded.
pub(crate) struct Demo {
    marker: PathBuf,
    /// An earlier load did not come to its end.
    cut_off: bool,
}

impl Demo {
    /// Looks at the settings and the data folder, and leaves the marker if a load is due. To be asked before the
    /// services start, for they fill the folder.
    ///
    /// # Errors
    /// INTERNAL if the marker cannot be written.
    pub(crate) fn due(settings: &Settings) -> Result<Option<Self>> {
        let here = select(&settings.services)?;
        if !settings.data.demo || !TARGETS.iter().all(|name| here.iter().any(|target| target.name == *name)) {
            return Ok(None);
        }
        let folder = &settings.data.folder;
        let marker = folder.join(MARKER);
        let cut_off = marker.exists();
        if !cut_off {
            if folder.join("catalog.db").exists() {
                return Ok(None);
            }
            std::fs::write(&marker, "").map_err(Error::internal)?;
        }
        Ok(Some(Self { marker, cut_off }))
    }

    /// Loads it in the background; the shop serves meanwhile.
    ///
    /// # Errors
    /// `ADDRESS_MISSING` if a service is not here after all.
    pub(crate) fn load(self, wiring: &Wiring, host: &Host) -> Result<()> {
        let clients = DemoClients {
            catalog: wiring.catalog()?,
            inventory: wiring.inventory()?,
            pricing: wiring.pricing()?,
            media: wiring.media()?,
        };
        let shutdown = host.tasks().shutdown();
        host.tasks().spawn(async move {
            tokio::select! {
                () = shutdown.cancelled_owned() => tracing::info!("the demo shop is finished at the next start"),
                () = self.run(clients) => {}
            }
        });
        Ok(())
    }

    async fn run(self, clients: DemoClients) {
        if let Err(error) = self.load_if_empty(clients).await {
            tracing::error!(error = ?error, "the demo shop could not be loaded");
        }
    }

    /// An empty folder says nothing of a catalogue in a database that other processes share.
    async fn load_if_empty(&self, clients: DemoClients) -> Result<()> {
        let ctx = Ctx::system("demo");
        let any = ScanProductsRequest { limit: 1, ..ScanProductsRequest::default() };
        let is_empty = clients.catalog.scan_products(&ctx, any).await?.products.is_empty();
        if is_empty || self.cut_off {
            tracing::info!("loading the demo shop; --no-demo starts with an empty one");
            let loaded = argosy_demo::load(clients, ctx).await?;
            let products = loaded.created + loaded.updated + loaded.unchanged;
            tracing::info!(products, "the demo shop is open");
        }
        std::fs::remove_file(&self.marker).map_err(Error::internal)
    }
}
