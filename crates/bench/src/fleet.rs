//! A shop in processes of its own, and servers that it shares, all on loopback for as long as they are measured.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tokio::process::{Child, Command};

use crate::store::{Folder, START_TIMEOUT, free_address, wait_until_ready};

/// What runs together in one process; the last one is the door.
const ROLES: &[&str] = &[
    "catalog,media",
    "inventory",
    "pricing,cart",
    "orders,notifications",
    "payments",
    "search,storefront,store-api",
];

/// Six processes on the data of one shop.
pub(crate) struct Fleet {
    /// Each with what runs in it.
    processes: Vec<(&'static str, Child)>,
    /// Its door.
    pub(crate) address: SocketAddr,
}

impl Fleet {
    /// Starts them all, and waits for the door.
    pub(crate) async fn start(folder: &Folder) -> Result<Self> {
        let mut listens = Vec::new();
        let mut addresses = Vec::new();
        for services in ROLES {
            let address = free_address()?;
            listens.push(address);
            for service in services.split(',').filter(|service| !service.starts_with("store")) {
                addresses.push((
                    format!("ARGOSY_ADDRESSES__{}", service.to_uppercase()),
                    format!("http://{address}"),
                ));
            }
        }
        let door = free_address()?;
        let mut processes = Vec::new();
        for (services, rpc) in ROLES.iter().zip(listens) {
            let http = if services.contains("store") { door } else { free_address()? };
            let data = folder.path.with_extension(services.replace(',', "-"));
            let mut command: Command = folder.command_in(&data);
            command
                .args(["serve", "--services", services])
                .envs(addresses.iter().map(|(name, value)| (name, value)))
                .env("ARGOSY_RPC__LISTEN", rpc.to_string())
                .env("ARGOSY_HTTP__LISTEN", http.to_string())
                .env("ARGOSY_DATA__DEMO", "false")
                .stdout(Stdio::null())
                .kill_on_drop(true);
            processes.push((*services, command.spawn()?));
        }
        if !wait_until_ready(door).await {
            bail!("six processes were not ready in {START_TIMEOUT:?}");
        }
        Ok(Self { processes, address: door })
    }

    /// What runs where.
    pub(crate) fn roles(&self) -> Result<Vec<(&'static str, u32)>> {
        let id = |(role, process): &(&'static str, Child)| {
            Ok((*role, process.id().with_context(|| format!("the process of {role} has ended"))?))
        };
        self.processes.iter().map(id).collect()
    }
}

/// How long a server may take to listen.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(10);

/// A Redis or a NATS of this run.
pub(crate) struct Server {
    _process: Child,
    pub(crate) url: String,
}

impl Server {
    pub(crate) async fn redis(beside: &Path) -> Result<Self> {
        let port = free_address()?.port().to_string();
        let arguments = ["--port", &port, "--bind", "127.0.0.1", "--save", ""];
        Self::start("redis", "redis-server", &arguments, beside.with_extension("redis-server"), &port).await
    }

    pub(crate) async fn nats(beside: &Path) -> Result<Self> {
        let port = free_address()?.port().to_string();
        let folder = beside.with_extension("nats-server");
        let store = folder.to_string_lossy().into_owned();
        let arguments = ["--js", "--addr", "127.0.0.1", "--port", &port, "--store_dir", &store];
        Self::start("nats", "nats-server", &arguments, folder, &port).await
    }

    async fn start(
        scheme: &str,
        program: &str,
        arguments: &[&str],
        folder: PathBuf,
        port: &str,
    ) -> Result<Self> {
        std::fs::create_dir_all(&folder)?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(&folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let process = command.spawn().with_context(|| format!("{program} does not run"))?;
        let place = format!("127.0.0.1:{port}");
        let started = Instant::now();
        while tokio::net::TcpStream::connect(&place).await.is_err() {
            if started.elapsed() > LISTEN_TIMEOUT {
                bail!("{program} does not listen at {place}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Self { _process: process, url: format!("{scheme}://{place}") })
    }
}
