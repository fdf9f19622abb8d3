//! A NATS with JetStream: the one that tests share, or one of a test's own.

use std::{
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use argosy_kernel::Secret;
use argosy_platform::bus::BusSettings;

use super::Server;

/// Where tests find the one they share, if not on this machine.
const SHARED: &str = "ARGOSY_TEST_NATS_URL";
const DEFAULT_URL: &str = "nats://127.0.0.1:4222";

/// A NATS that keeps what it was told in a temporary folder, so that it is all there when it is started again.
pub struct NatsServer {
    server: Server,
    folder: tempfile::TempDir,
    jetstream: bool,
}

impl NatsServer {
    /// A running server.
    pub async fn start() -> Self {
        Self::start_with(true).await
    }

    /// A running server that keeps nothing.
    pub async fn without_jetstream() -> Self {
        Self::start_with(false).await
    }

    async fn start_with(jetstream: bool) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut started = Self { server: Server::on_a_free_port(), folder, jetstream };
        started.start_again().await;
        started
    }

    /// Starts it where it was before.
    pub async fn start_again(&mut self) {
        let mut command = Command::new("nats-server");
        command.args(["--addr", "127.0.0.1", "--port", &self.server.port.to_string()]);
        if self.jetstream {
            command.arg("--jetstream").arg("--store_dir").arg(self.folder.path());
        }
        self.server.run(&mut command, "on Debian: apt-get install nats-server").await;
    }

    /// Kills it, as a crash would.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    /// The settings that name it and a stream of the test's own.
    pub fn settings(&self) -> BusSettings {
        settings(format!("nats://127.0.0.1:{}", self.server.port))
    }
}

/// A stream of a test's own at the server that tests share; it is removed when the test ends.
pub struct NatsStream {
    /// The settings that name it.
    pub settings: BusSettings,
}

impl NatsStream {
    /// A name that no other test has.
    #[expect(clippy::disallowed_methods, reason = "tests take the servers' addresses from the environment")]
    pub fn new() -> Self {
        Self { settings: settings(std::env::var(SHARED).unwrap_or_else(|_| DEFAULT_URL.to_owned())) }
    }
}

impl Default for NatsStream {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for NatsStream {
    fn drop(&mut self) {
        let settings = self.settings.clone();
        let removed = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| {
                runtime.block_on(jetstream(&settings, async |jetstream| {
                    // Nobody may have made it.
                    drop(jetstream.delete_stream(&settings.stream).await);
                }));
            })
        });
        // A stream that stays is small, and a later run takes another name.
        drop(removed.join());
    }
}

/// Does something at a server that Argosy itself would not.
pub async fn jetstream<T>(
    settings: &BusSettings,
    work: impl AsyncFnOnce(async_nats::jetstream::Context) -> T,
) -> T {
    let url = settings.nats_url.as_ref().expect("a server is named");
    let client = async_nats::connect(url.expose()).await.expect("a connection");
    work(async_nats::jetstream::new(client)).await
}

fn settings(url: String) -> BusSettings {
    static STREAMS: AtomicU32 = AtomicU32::new(0);
    let number = STREAMS.fetch_add(1, Ordering::Relaxed);
    BusSettings {
        nats_url: Some(Secret::new(url)),
        stream: format!("TEST_{}_{number}", std::process::id()),
        stream_bytes_max: 16 * 1024 * 1024,
        ..BusSettings::default()
    }
}
