//! Facts through NATS JetStream: one stream a shop, which every process reads and whose services write into it.
//!
//! Outboxes stay the truth: a relay copies each into the stream ([`relay`]), readers read the stream as they would an
//! outbox ([`log`]), from a position that they keep in the transaction of their effect. Durable consumers with
//! acknowledgements lost: an acknowledgement is a second write, which a crash can part from the effect.

mod event;
mod log;
pub(crate) mod relay;
mod settings;
mod stream;

use std::{sync::Arc, time::Duration};

use argosy_kernel::{Error, Result};
use async_nats::{
    Client, ConnectErrorKind, ConnectOptions, Event,
    connection::State,
    jetstream::{Context, ContextBuilder},
};

pub(crate) use self::log::NatsLog;
pub use self::settings::BusSettings;
use self::{settings::servers, stream::Epoch};
use crate::tls;

/// Facts on their way that the server has not yet said are kept.
const UNACKNOWLEDGED_MAX: usize = 256;
const RECONNECT_DELAY_MIN: Duration = Duration::from_millis(50);
const RECONNECT_DELAY_MAX: Duration = Duration::from_secs(2);

/// A NATS that carries facts. Cheap to clone.
#[derive(Clone)]
pub struct Nats {
    inner: Arc<Inner>,
}

struct Inner {
    settings: BusSettings,
    client: Client,
    context: Context,
}

impl Nats {
    /// Connects and makes the stream, or brings it up to date; `None` if the settings name no server.
    ///
    /// # Errors
    /// `INVALID_SETTING`, `BUS_UNAVAILABLE`, `BUS_NEWER` (a later release made the stream), naming the setting.
    pub async fn connect(settings: &BusSettings) -> Result<Option<Self>> {
        settings.check()?;
        let Some(url) = &settings.nats_url else { return Ok(None) };
        tls::choose_provider();
        let servers = servers(url.expose())?;
        let names: Vec<String> =
            servers.iter().map(|server| format!("{}:{}", server.host(), server.port())).collect();
        let options = options(settings).await?;
        let connected = tokio::time::timeout(settings.connect_timeout(), options.connect(servers)).await;
        let client = match connected {
            Ok(Ok(client)) => client,
            Ok(Err(error)) => return Err(unreachable(&names.join(", "), error.kind(), &error)),
            Err(late) => return Err(unreachable(&names.join(", "), ConnectErrorKind::TimedOut, &late)),
        };
        metrics::gauge!("argosy_bus_connected").set(1.0);
        let context = ContextBuilder::new()
            .timeout(settings.request_timeout())
            .ack_timeout(settings.request_timeout())
            .max_ack_inflight(UNACKNOWLEDGED_MAX * 4)
            .build(client.clone());
        let nats = Self { inner: Arc::new(Inner { settings: settings.clone(), client, context }) };
        nats.prepare().await?;
        Ok(Some(nats))
    }

    /// Makes the stream or brings it up to date; answers which one it is.
    async fn prepare(&self) -> Result<Epoch> {
        stream::prepare(&self.inner.context, &self.inner.settings).await
    }

    /// Whether the server answers and has the stream.
    ///
    /// # Errors
    /// `BUS_UNAVAILABLE`.
    pub async fn check(&self) -> Result<()> {
        if self.inner.client.connection_state() != State::Connected {
            return Err(away("not connected"));
        }
        self.inner.context.get_stream(&self.inner.settings.stream).await.map(|_| ()).map_err(away)
    }

    /// Sends what is still to be sent and closes the connection.
    pub async fn close(&self) {
        if let Err(error) = self.inner.client.drain().await {
            tracing::debug!(error = %error, "nats was left without a word");
        }
    }

    fn prefix(&self) -> String {
        self.inner.settings.prefix()
    }
}

async fn options(settings: &BusSettings) -> Result<ConnectOptions> {
    let mut options = ConnectOptions::new()
        .name("argosy")
        .connection_timeout(settings.connect_timeout())
        .request_timeout(Some(settings.request_timeout()))
        .ping_interval(Duration::from_secs(10))
        .reconnect_delay_callback(|attempts| {
            let doubled = u32::try_from(attempts.min(10)).unwrap_or(10);
            RECONNECT_DELAY_MIN.saturating_mul(1 << doubled).min(RECONNECT_DELAY_MAX)
        })
        .event_callback(tell);
    if let Some(file) = &settings.nats_ca_file {
        options = options.add_root_certificates(file.clone());
    }
    match &settings.nats_credentials_file {
        None => Ok(options),
        Some(file) => options.credentials_file(file).await.map_err(|error| {
            settings::invalid("nats_credentials_file", format!("{}: {error}", file.display()))
        }),
    }
}

async fn tell(event: Event) {
    match event {
        Event::Connected => {
            metrics::gauge!("argosy_bus_connected").set(1.0);
            tracing::info!("nats is connected");
        }
        Event::Disconnected => {
            metrics::gauge!("argosy_bus_connected").set(0.0);
            tracing::warn!("nats is away, facts wait in the outboxes");
        }
        other => tracing::debug!(event = %other, "nats"),
    }
}

fn unreachable(servers: &str, kind: ConnectErrorKind, error: &dyn std::error::Error) -> Error {
    let what = match kind {
        ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
            "refuses the user or the password".to_owned()
        }
        ConnectErrorKind::TimedOut => "does not answer".to_owned(),
        _ => format!("cannot be used: {error}"),
    };
    Error::unavailable("BUS_UNAVAILABLE", format!("bus.nats_url: {servers} {what}"))
        .with_source(error.to_string())
}

fn away(error: impl std::fmt::Display) -> Error {
    Error::unavailable("BUS_UNAVAILABLE", "facts cannot be passed on at the moment")
        .with_source(error.to_string())
}
