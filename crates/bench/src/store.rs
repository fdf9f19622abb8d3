//! The shop under test: the release binary, in a data folder of its own.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use argosy_contracts::{catalog::CatalogClient, inventory::InventoryClient};
use argosy_platform::rpc;
use tokio::process::{Child, Command};

use crate::{
    client::{Connection, get},
    usage,
};

/// How long a start or an index of all products may take.
pub(crate) const START_TIMEOUT: Duration = Duration::from_mins(10);
const POLL: Duration = Duration::from_millis(5);
/// The settings that differ from the defaults: one client is everybody here, and a log is another thing to measure.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("ARGOSY_EDGE__RATE_LIMIT_PER_MINUTE", "0"),
    ("ARGOSY_EDGE__ACCESS_LOG", "off"),
    ("ARGOSY_LOG__FILTER", "error"),
];

/// A data folder and the binary that works in it.
pub(crate) struct Folder {
    binary: PathBuf,
    pub(crate) path: PathBuf,
    /// Settings besides the common ones, as the environment says them.
    settings: Vec<(&'static str, String)>,
}

/// A running shop.
pub(crate) struct Store {
    process: Child,
    pub(crate) address: SocketAddr,
    pub(crate) catalog: CatalogClient,
    pub(crate) inventory: InventoryClient,
    /// From the start of the process to its first good answer to `/readyz`.
    pub(crate) start: Duration,
}

impl Folder {
    pub(crate) fn new(binary: &Path, path: PathBuf) -> Self {
        Self { binary: binary.to_owned(), path, settings: Vec::new() }
    }

    /// The same with its data in PostgreSQL.
    pub(crate) fn in_postgres(mut self, url: &str, prefix: &str) -> Self {
        self.settings = vec![
            ("ARGOSY_DATABASE__URL", url.to_owned()),
            ("ARGOSY_DATABASE__SCHEMA_PREFIX", prefix.to_owned()),
            // Two shops are measured beside each other, and a server has a hundred connections by default.
            ("ARGOSY_DATABASE__CONNECTIONS_MAX", "4".to_owned()),
        ];
        self
    }

    /// Another process of the same shop, which keeps what is its own beside this one's.
    pub(crate) fn beside(&self, name: &str) -> Self {
        let Self { binary, path, settings } = self;
        Self { binary: binary.clone(), path: path.with_extension(name), settings: settings.clone() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.settings.push((name, value.to_owned()));
        self
    }

    fn command(&self) -> Command {
        self.command_in(&self.path)
    }

    /// The binary with these settings, for a process that keeps its files elsewhere.
    pub(crate) fn command_in(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg("--data").arg(folder).envs(ENVIRONMENT.iter().copied()).stdin(Stdio::null());
        command.envs(self.settings.iter().map(|(name, value)| (*name, value.as_str())));
        command
    }

    /// Imports a file with the command that everybody uses.
    pub(crate) async fn import(&self, file: &Path) -> Result<Duration> {
        let started = Instant::now();
        let output = self.command().args(["import", "products"]).arg(file).output().await?;
        let time = started.elapsed();
        let told = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() || !told.contains(" 0 refused") {
            bail!("the import failed: {told}");
        }
        Ok(time)
    }

    /// Starts the shop and waits until it is ready.
    pub(crate) async fn start(&self) -> Result<Store> {
        let address = free_address()?;
        let started = Instant::now();
        let mut process = self
            .command()
            .args(["serve", "--no-demo", "--listen", &address.to_string()])
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        while !is_ready(address).await {
            if let Some(status) = process.try_wait()? {
                bail!("the shop did not start: {status}");
            }
            if started.elapsed() > START_TIMEOUT {
                bail!("the shop was not ready in {START_TIMEOUT:?}");
            }
            tokio::time::sleep(POLL).await;
        }
        let start = started.elapsed();
        let channel = rpc::connect_socket(&self.path.join("argosy.sock"));
        Ok(Store {
            process,
            address,
            catalog: CatalogClient::remote(channel.clone()),
            inventory: InventoryClient::remote(channel),
            start,
        })
    }

    /// Bytes of all files, and of those whose path contains `part`.
    pub(crate) fn bytes(&self, part: &str) -> Result<u64> {
        let mut folders = vec![self.path.clone()];
        let mut bytes = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let (path, kind) = (
                    entry.as_ref().map(std::fs::DirEntry::path),
                    entry.as_ref().map(std::fs::DirEntry::file_type),
                );
                let (Ok(path), Ok(kind)) = (path, kind) else { bail!("the data folder cannot be read") };
                let kind = kind?;
                if kind.is_dir() {
                    folders.push(path);
                } else if kind.is_file() && path.to_string_lossy().contains(part) {
                    bytes += path.metadata()?.len();
                }
            }
        }
        Ok(bytes)
    }
}

impl Store {
    /// Waits until search knows so many products.
    pub(crate) async fn indexed(&self, products: usize) -> Result<Duration> {
        let started = Instant::now();
        let request = get("/store/products?include=facets&limit=1", &[]);
        let mut connection = Connection::open(self.address).await?;
        while started.elapsed() < START_TIMEOUT {
            let answer = connection.exchange(&request).await?;
            let list: serde_json::Value = serde_json::from_slice(answer.body)?;
            if list["matches"].as_u64() == Some(products as u64) {
                return Ok(started.elapsed());
            }
            tokio::time::sleep(POLL).await;
        }
        bail!("search does not have {products} products after {START_TIMEOUT:?}")
    }

    /// Memory that the process has in use.
    pub(crate) fn resident_mb(&self) -> Result<f64> {
        usage::resident_mb(self.id()?)
    }

    /// The process.
    pub(crate) fn id(&self) -> Result<u32> {
        self.process.id().context("the shop has ended")
    }

    /// Ends the process as an operator would, and waits for it.
    pub(crate) async fn stop(mut self) -> Result<()> {
        let id = self.process.id().context("the shop has ended")?;
        Command::new("kill").args(["-TERM", &id.to_string()]).status().await?;
        let status = self.process.wait().await?;
        if !status.success() {
            bail!("the shop ended with {status}");
        }
        Ok(())
    }
}

/// False if it is not in time.
pub(crate) async fn wait_until_ready(address: SocketAddr) -> bool {
    let started = Instant::now();
    while !is_ready(address).await {
        if started.elapsed() > START_TIMEOUT {
            return false;
        }
        tokio::time::sleep(POLL).await;
    }
    true
}

async fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut connection) = Connection::open(address).await else { return false };
    connection.exchange(&get("/readyz", &[])).await.is_ok_and(|answer| answer.status == 200)
}

#[expect(clippy::disallowed_types, reason = "asks for a free port, and serves nothing")]
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}
