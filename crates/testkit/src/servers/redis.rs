//! A Redis of a test's own.

use std::process::Command;

use argosy_kernel::Secret;
use argosy_platform::redis::{Redis, RedisSettings};

use super::Server;

/// A Redis that keeps what it was told in a temporary folder, so that it is all there when it is started again.
pub struct RedisServer {
    server: Server,
    folder: tempfile::TempDir,
}

impl RedisServer {
    /// A running server.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut started = Self { server: Server::on_a_free_port(), folder };
        started.start_again().await;
        started
    }

    /// Starts it where it was before.
    pub async fn start_again(&mut self) {
        let mut command = Command::new("redis-server");
        command
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "always"])
            .args(["--port", &self.server.port.to_string()])
            .arg("--dir")
            .arg(self.folder.path());
        self.server.run(&mut command, "on Debian: apt-get install redis-server").await;
    }

    /// Kills it, as a crash would.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.server.port)
    }

    /// The settings that name it.
    pub fn settings(&self) -> RedisSettings {
        settings(self.url())
    }

    /// Connections to it.
    pub async fn connect(&self) -> Redis {
        Redis::connect(&self.settings()).await.expect("a connection").expect("a server is named")
    }
}

/// With patience for a machine that has much else to do.
pub(super) fn settings(url: String) -> RedisSettings {
    let url = Some(Secret::new(url));
    RedisSettings { url, connections: 2, command_timeout_ms: 5_000, ..RedisSettings::default() }
}
