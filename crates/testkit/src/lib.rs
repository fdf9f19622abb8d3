//! What tests share: a host on either engine, a clock to move, and both call modes.

mod postgres;

pub mod servers;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use argosy_kernel::{ManualClock, Timestamp};
pub use argosy_platform::database::Engine;
use argosy_platform::{
    Host,
    bus::Fact,
    database::DatabaseSettings,
    http::{self, Listener, ServerLimits},
    rpc::{self, Channel, Routes},
};
use axum::Router;

pub use self::postgres::Schemas;
use self::servers::PgBouncer;

/// How a contract is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Directly, in this process.
    Local,
    /// Over gRPC on loopback.
    Remote,
}

/// What a story runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mode {
    /// What keeps the data.
    pub engine: Engine,
    /// How the contract is called.
    pub call: Call,
}

/// A host whose data lives as long as the test, and whose clock the test moves.
pub struct TestHost {
    /// The host.
    pub host: Host,
    /// Its clock; it starts at 2026-06-01T12:00:00Z.
    pub clock: Arc<ManualClock>,
    folder: tempfile::TempDir,
    _schemas: Option<Schemas>,
    _pooler: Option<PgBouncer>,
}

impl TestHost {
    /// A host in a new temporary folder, on SQLite.
    pub fn new() -> Self {
        Self::on(Engine::Sqlite)
    }

    /// A host whose databases are new, on either engine.
    pub fn on(engine: Engine) -> Self {
        let schemas = (engine == Engine::Postgres).then(Schemas::new);
        let settings = schemas.as_ref().map_or_else(DatabaseSettings::default, Schemas::settings);
        Self::with(settings, schemas, None)
    }

    /// A host whose databases are new, on PostgreSQL through a pooler.
    pub async fn pooled() -> Self {
        let schemas = Schemas::new();
        let pooler = PgBouncer::start(&schemas).await;
        Self::with(pooler.settings(&schemas), Some(schemas), Some(pooler))
    }

    fn with(settings: DatabaseSettings, schemas: Option<Schemas>, pooler: Option<PgBouncer>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_780_315_200_000)));
        let host = Host::new(folder.path(), settings, clock.clone()).expect("a host");
        Self { host, clock, folder, _schemas: schemas, _pooler: pooler }
    }

    /// Where its data is.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// All facts that a service has told, once no earlier transaction of the server can tell more before them.
    ///
    /// # Panics
    /// If they cannot be read.
    pub async fn facts(&self, source: &str) -> Vec<Fact> {
        let log = self.host.bus().log(source).expect("a service of this host");
        loop {
            let read = log.read(0, 1_000, Duration::from_millis(50)).await.expect("facts");
            if read.facts.last().map_or(0, |last| last.position) == read.head {
                return read.facts;
            }
        }
    }

    /// Serves a router on loopback until the host stops: a part of the world that the test pretends.
    ///
    /// # Panics
    /// If there is no free port.
    pub async fn serve_http(&self, router: Router) -> SocketAddr {
        let listener =
            Listener::bind(SocketAddr::from(([127, 0, 0, 1], 0)), "test").await.expect("a free port");
        let address = listener.address();
        let limits = ServerLimits {
            connections_max: 100,
            header_timeout: Duration::from_secs(5),
            drain_timeout: Duration::from_millis(10),
        };
        self.host.tasks().spawn(http::serve(listener, router, limits, self.host.tasks().shutdown()));
        address
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

/// Waits until a condition holds, at most twenty seconds: for what happens in the background.
///
/// # Panics
/// If it never holds; `what` says what was waited for.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    eventually_some(what, || {
        let held = holds();
        async move { held.await.then_some(()) }
    })
    .await;
}

/// Waits until there is something to be had, at most twenty seconds.
///
/// # Panics
/// If it never comes; `what` says what was waited for.
pub async fn eventually_some<T, F: Future<Output = Option<T>>>(what: &str, mut get: impl FnMut() -> F) -> T {
    let waited = tokio::time::timeout(PATIENCE, async {
        loop {
            match get().await {
                Some(had) => return had,
                None => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    });
    waited.await.unwrap_or_else(|_| panic!("never happened: {what}"))
}

/// How long something in the background may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs each story on SQLite and PostgreSQL, with the service called directly and over gRPC; those after
/// `without a database` only in both call modes, those after `called directly` only on both engines, and after
/// `called directly, also pooled` on PostgreSQL behind a pooler too.
///
/// A story is an `async fn story(subject: Subject)`; `Subject::start(mode)` makes what it needs, `Subject::pooled()` with a
/// pooler.
#[macro_export]
macro_rules! contract_stories {
    (without a database; $($story:ident),* $(,)?) => {
        $crate::contract_stories!(@call local, Sqlite, Local, $($story)*);
        $crate::contract_stories!(@call remote, Sqlite, Remote, $($story)*);
    };
    (called directly; $($story:ident),* $(,)?) => {
        $crate::contract_stories!(@call sqlite, Sqlite, Local, $($story)*);
        $crate::contract_stories!(@call postgres, Postgres, Local, $($story)*);
    };
    (called directly, also pooled; $($story:ident),* $(,)?) => {
        $crate::contract_stories!(called directly; $($story),*);
        mod pooled {
            $(#[tokio::test]
            async fn $story() {
                super::$story(super::Subject::pooled().await).await;
            })*
        }
    };
    (@call $name:ident, $engine:ident, $call:ident, $($story:ident)*) => {
        mod $name {
            $(#[tokio::test]
            async fn $story() {
                let mode = $crate::Mode { engine: $crate::Engine::$engine, call: $crate::Call::$call };
                super::$story(super::Subject::start(mode).await).await;
            })*
        }
    };
    ($($story:ident),* $(,)?) => {
        $crate::contract_stories!(@call sqlite_local, Sqlite, Local, $($story)*);
        $crate::contract_stories!(@call sqlite_remote, Sqlite, Remote, $($story)*);
        $crate::contract_stories!(@call postgres_local, Postgres, Local, $($story)*);
        $crate::contract_stories!(@call postgres_remote, Postgres, Remote, $($story)*);
    };
}

/// Methods of a contract that a test's stand-in is not asked: each answers `NOT_ASKED` with its name. They are written
/// as `async_trait` would write them, since it does not see into a macro.
///
/// ```text
/// #[async_trait]
/// impl CartApi for Fake {
///     async fn get_cart(&self, ctx: &Ctx, request: GetCartRequest) -> Result<CartView> { … }
///
///     not_asked! { merge_cart(MergeCartRequest) -> CartView; }
/// }
/// ```
#[macro_export]
macro_rules! not_asked {
    ($($method:ident($request:ty) -> $response:ty;)*) => {
        $(fn $method<'this, 'ctx, 'async_trait>(
            &'this self,
            _: &'ctx ::argosy_kernel::Ctx,
            _: $request,
        ) -> ::std::pin::Pin<
            ::std::boxed::Box<
                dyn ::std::future::Future<Output = ::argosy_kernel::Result<$response>> + Send + 'async_trait,
            >,
        >
        where
            'this: 'async_trait,
            'ctx: 'async_trait,
            Self: 'async_trait,
        {
            ::std::boxed::Box::pin(async {
                let code = ::argosy_kernel::Code::Unimplemented;
                Err(::argosy_kernel::Error::new(code, "NOT_ASKED", stringify!($method)))
            })
        })*
    };
}
