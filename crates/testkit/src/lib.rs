//! What tests share: a host in a temporary folder, a clock to move, and both call modes.

pub mod servers;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use argosy_kernel::{ManualClock, Timestamp};
use argosy_platform::{
    Host,
    http::Listener,
    rpc::{self, Channel, Routes},
};

/// How a contract is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Directly, in this process.
    Local,
    /// Over gRPC on loopback.
    Remote,
}

/// A host whose data lives as long as the test, and whose clock the test moves.
pub struct TestHost {
    /// The host.
    pub host: Host,
    /// Its clock; it starts at 2026-06-01T12:00:00Z.
    pub clock: Arc<ManualClock>,
    folder: tempfile::TempDir,
}

impl TestHost {
    /// A host in a new temporary folder.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_780_315_200_000)));
        let host = Host::embedded_with_clock(folder.path(), clock.clone()).expect("a host");
        Self { host, clock, folder }
    }

    /// Where its data is.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// A channel to contracts that are served on loopback until the host stops; `add` adds them.
    pub async fn serve(&self, add: impl FnOnce(&mut Routes)) -> Channel {
        let listener =
            Listener::bind(SocketAddr::from(([127, 0, 0, 1], 0)), "test").await.expect("a free port");
        let address = listener.address();
        let mut routes = Routes::default();
        add(&mut routes);
        let shutdown = self.host.tasks().shutdown();
        self.host.tasks().spawn(async move {
            rpc::serve(listener, routes, shutdown).await.expect("the server ends well");
        });
        rpc::connect(&format!("http://{address}")).expect("a channel")
    }
}

impl Default for TestHost {
    fn default() -> Self {
        Self::new()
    }
}

/// Waits until a condition holds, at most ten seconds: for what happens in the background.
///
/// # Panics
/// If it never holds; `what` says what was waited for.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let patience = Duration::from_secs(10);
    let waited = tokio::time::timeout(patience, async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    assert!(waited.await.is_ok(), "never happened: {what}");
}

/// Runs each story twice: with the service called directly, and over gRPC.
///
/// A story is an `async fn story(subject: Subject)`; `Subject::start(mode)` makes what it needs.
#[macro_export]
macro_rules! contract_stories {
    ($($story:ident),* $(,)?) => {
        mod local {
            $(#[tokio::test]
            async fn $story() {
                super::$story(super::Subject::start($crate::Mode::Local).await).await;
            })*
        }
        mod remote {
            $(#[tokio::test]
            async fn $story() {
                super::$story(super::Subject::start($crate::Mode::Remote).await).await;
            })*
        }
    };
}
