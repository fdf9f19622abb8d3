//! A Redis that processes share: carts and the counters of rate limits, where the settings put them there.
//!
//! Whatever is changed here is changed by one script, so that nobody sees half of it. No command is sent twice: one
//! whose answer was lost may have done its work, and only who asked knows whether it may be asked again. When the
//! server is away a command fails at once, or after `redis.command_timeout_ms`, with `REDIS_UNAVAILABLE`.

mod settings;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use argosy_kernel::{Error, Result};
use fred::{
    clients::{Client, Pool},
    error::{Error as Failure, ErrorKind},
    interfaces::{ClientLike, EventInterface},
    types::{
        Builder, Value,
        config::{ReconnectPolicy, TcpConfig, UnresponsiveConfig},
        scripts::Script as Lua,
    },
};

pub use self::settings::RedisSettings;
use crate::tls;

/// Between attempts to reach a server that is away: from here, doubled,
const RECONNECT_DELAY_MS_MIN: u32 = 50;
/// to here.
const RECONNECT_DELAY_MS_MAX: u32 = 1_000;
/// How often a cluster may send a command on to another node.
const REDIRECTIONS_MAX: u32 = 5;
/// When one who found the server away may try again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Connections to a Redis. Cheap to clone.
#[derive(Clone)]
pub struct Redis {
    pool: Pool,
    prefix: Arc<str>,
    clustered: bool,
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// Work that the server does in one step.
#[derive(Clone)]
pub struct Script(Lua);

impl Script {
    /// Work told in Lua.
    pub fn new(lua: &'static str) -> Self {
        Self(Lua::from_lua(lua))
    }
}

impl Redis {
    /// Connects; `None` if the settings name no server.
    ///
    /// # Errors
    /// `INVALID_SETTING` or `REDIS_UNAVAILABLE`, naming the setting.
    pub async fn connect(settings: &RedisSettings) -> Result<Option<Self>> {
        settings.check()?;
        let Some(url) = &settings.url else { return Ok(None) };
        tls::choose_provider();
        let config = settings::parse(url.expose())?;
        let servers: Vec<String> = config.server.hosts().iter().map(ToString::to_string).collect();
        let clustered = config.server.is_clustered();
        let pool = Builder::from_config(config)
            .with_connection_config(|connection| {
                connection.connection_timeout = settings.connect_timeout();
                connection.internal_command_timeout = settings.connect_timeout();
                connection.max_command_attempts = 1;
                connection.max_redirections = REDIRECTIONS_MAX;
                connection.tcp = TcpConfig { nodelay: Some(true), ..TcpConfig::default() };
                let max_timeout = Some(settings.command_timeout() * 2);
                connection.unresponsive =
                    UnresponsiveConfig { max_timeout, interval: settings.command_timeout() };
            })
            .with_performance_config(|performance| {
                performance.default_command_timeout = settings.command_timeout();
            })
            .set_policy(ReconnectPolicy::new_exponential(
                0,
                RECONNECT_DELAY_MS_MIN,
                RECONNECT_DELAY_MS_MAX,
                2,
            ))
            .build_pool(settings.connections)
            .map_err(|error| settings::invalid("url", error.details()))?;
        pool.init().await.map_err(|error| unreachable(&servers.join(", "), error))?;
        tell_of_changes(&pool);
        let redis = Self { pool, prefix: settings.key_prefix.as_str().into(), clustered };
        redis.check().await?;
        Ok(Some(redis))
    }

    /// Whether the server answers.
    ///
    /// # Errors
    /// `REDIS_UNAVAILABLE`.
    pub async fn check(&self) -> Result<()> {
        let () = self.client()?.ping(None).await.map_err(away)?;
        Ok(())
    }

    /// Does a script's work on one key; it answers whole numbers.
    ///
    /// # Errors
    /// `REDIS_UNAVAILABLE`; then it may have been done or not.
    pub async fn run(&self, script: &Script, key: &str, arguments: Vec<String>) -> Result<Vec<i64>> {
        script.0.evalsha_with_reload(self.client()?, self.key(key), arguments).await.map_err(away)
    }

    /// Closes the connections.
    pub async fn close(&self) {
        if let Err(error) = self.pool.quit().await {
            tracing::debug!(error = %error, "redis was left without a word");
        }
    }

    pub(crate) fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// A connection that works, so that nobody waits for a server that is known to be away. A cluster has many
    /// servers, of which some may be away: there the command finds out.
    pub(crate) fn client(&self) -> Result<&Client> {
        let client = self.pool.next_connected();
        if client.is_connected() || self.clustered {
            Ok(client)
        } else {
            Err(away(Failure::new(ErrorKind::IO, "not connected")))
        }
    }

    /// What the server does when its memory is full.
    pub(crate) async fn forgets_under_pressure(&self) -> Result<Option<String>> {
        let info: Value = self.client()?.info(Some(fred::types::InfoKind::Memory)).await.map_err(away)?;
        let info = info.into_string().unwrap_or_default();
        let of = |name: &str| {
            let found = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            found.map_or("", str::trim)
        };
        let policy = of("maxmemory_policy");
        Ok((of("maxmemory") != "0" && policy != "noeviction").then(|| policy.to_owned()))
    }
}

/// One line when the server is lost, and one when it is back, however many connections there are.
fn tell_of_changes(pool: &Pool) {
    let lost = Arc::new(AtomicBool::new(false));
    for client in pool.clients() {
        let seen = Arc::clone(&lost);
        // These end with the connections.
        drop(client.on_error(move |(error, _server)| {
            if !seen.swap(true, Ordering::Relaxed) {
                tracing::warn!(error = %error, "redis is away");
            }
            metrics::gauge!("argosy_redis_connected").set(0.0);
            std::future::ready(Ok(()))
        }));
        let seen = Arc::clone(&lost);
        drop(client.on_reconnect(move |_server| {
            if seen.swap(false, Ordering::Relaxed) {
                tracing::info!("redis is back");
            }
            metrics::gauge!("argosy_redis_connected").set(1.0);
            std::future::ready(Ok(()))
        }));
    }
    metrics::gauge!("argosy_redis_connected").set(1.0);
}

fn unreachable(servers: &str, error: Failure) -> Error {
    let what = match error.kind() {
        ErrorKind::Auth => "refuses the user or the password".to_owned(),
        _ => format!("cannot be used: {}", error.details()),
    };
    Error::unavailable("REDIS_UNAVAILABLE", format!("redis.url: {servers} {what}")).with_source(error)
}

pub(crate) fn away(error: Failure) -> Error {
    Error::unavailable("REDIS_UNAVAILABLE", "this cannot be looked up or stored at the moment; try again")
        .with_retry_after(RETRY_AFTER)
        .with_source(error)
}
